"""From the request model to one transaction."""
