"""Supabase's own lite server is asked what the gateway is asked; see README.md. `make second-opinion` runs it."""
