"""What differences do at a cutover, a module per family of objects: dicts of kinds and their judges."""
