"""The repositories of the reference application, one a table, on psycopg."""
