"""Plans: the steps that make a target equal to its source, a module per strategy or kind."""
