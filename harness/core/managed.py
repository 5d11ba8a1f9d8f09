"""What a Supabase project manages by itself: the roles that stand between its API and the tables."""

from __future__ import annotations

PLATFORM_ROLES = (
    "anon",
    "authenticated",
    "service_role",
    "authenticator",
    "dashboard_user",
    "supabase_admin",
    "supabase_auth_admin",
    "supabase_storage_admin",
    "supabase_realtime_admin",
    "supabase_read_only_user",
    "supabase_replication_admin",
)
"""Roles that exist because of the platform. A server without them has nobody whom rules for them could bind."""
