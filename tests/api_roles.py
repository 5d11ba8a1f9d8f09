"""The roles of a Supabase project, which schemas grant to: made once a server, alike for every test that shares it."""

from __future__ import annotations

import psycopg

from harness.embedded.server import Server

API_ROLES = """
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['anon', 'authenticated', 'service_role'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
        END IF;
    END LOOP;
    ALTER ROLE service_role BYPASSRLS;
END
$$;
"""

SERVICE_ROLE_GRANTS = (
    "GRANT USAGE ON SCHEMA public TO service_role",
    "GRANT ALL ON ALL TABLES IN SCHEMA public TO service_role",
    "GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO service_role",
)
"""What a data layer that asks as service_role needs in public"""


def create_api_roles(*servers: Server) -> None:
    """Make anon, authenticated and service_role (which row-level security does not bind) where they are missing."""
    for server in servers:
        with psycopg.connect(server.dsn(), autocommit=True) as admin:
            admin.execute(API_ROLES)
