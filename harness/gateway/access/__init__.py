"""Who asks: API keys, JSON web tokens and the role they name."""
