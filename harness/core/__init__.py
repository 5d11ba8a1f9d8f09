"""The pure core: facts about two databases and what follows from them; no input or output."""
