"""The reference application: a salon-booking assistant that moves from Supabase to PostgreSQL."""

from __future__ import annotations

from typing import Final

VOLATILE_FIELDS: Final = ("created_at", "updated_at")
"""Columns that hold the time of writing: two calls of one method never agree on them, and need not."""
