"""Tables whose row-level security binds a role: it sees, and may write, what policies let it."""

from __future__ import annotations

import psycopg
from psycopg import sql

from harness.postgres.connect import Connection


def secured_tables(connection: Connection, role: str) -> frozenset[str]:
    """Identities of the tables; none where the role is not there. `connection` is a superuser's session.

    https://www.postgresql.org/docs/current/functions-info.html (row_security_active)
    """
    try:
        with connection.transaction():
            connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))
            rows = connection.execute(
                "SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class c"
                " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                " WHERE c.relrowsecurity AND pg_catalog.row_security_active(c.oid)"
            ).fetchall()
    except psycopg.Error:
        return frozenset()
    return frozenset(str(row[0]) for row in rows)
