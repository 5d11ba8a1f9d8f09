"""PostgREST's interface over a PostgreSQL database."""
