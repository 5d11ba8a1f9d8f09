"""The command line: a module a command; parse, call, exit."""
