"""SQL statements as text, and the names that they use: usage_of_sql in statement.py is the way in."""
