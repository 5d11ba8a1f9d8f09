"""All that talks to PostgreSQL through psycopg."""
