"""The data layer on PostgreSQL, through psycopg."""
