"""SQL: one statement a request."""
