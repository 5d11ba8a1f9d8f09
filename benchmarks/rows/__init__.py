"""Comparing rows, measured beside other tools: how long it takes, how much memory, and what each of them misses."""
