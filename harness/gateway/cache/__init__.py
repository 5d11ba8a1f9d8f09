"""What the gateway knows of the database: relations, relationships, functions, representations."""
