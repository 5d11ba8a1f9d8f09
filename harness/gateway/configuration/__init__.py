"""Settings from a file in PostgREST's format, the environment, flags and the database itself."""
