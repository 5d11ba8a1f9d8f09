"""The cutover, pure: its steps and checks, its journal, and what may follow what."""
