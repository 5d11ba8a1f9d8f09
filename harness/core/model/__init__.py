"""The catalog of a database as frozen facts, a module per family of objects."""
