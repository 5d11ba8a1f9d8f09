"""The repositories of the reference application, one a table, over any backend of the data layer library."""
