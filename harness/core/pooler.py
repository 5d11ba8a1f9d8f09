"""Poolers: where one listens that keeps no session, which nothing of pgparity can work through."""

from __future__ import annotations

from typing import Final

POOLER_PORT: Final = "6543"
"""Where Supabase's transaction pooler listens"""
