"""Replay: what PostgreSQL has to be asked to learn whether two deparsed texts are the same."""
