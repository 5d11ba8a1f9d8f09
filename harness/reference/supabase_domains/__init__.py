"""The data access of the reference application through supabase-py, a module for each table."""
