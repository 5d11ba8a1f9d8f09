"""The data layer on Supabase, through supabase-py."""
