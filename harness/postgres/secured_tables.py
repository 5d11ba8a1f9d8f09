"""Tables whose row-level security binds a role: it sees, and may write, what policies let it."""

from __future__ import annotations

import json

import psycopg
from psycopg import sql

from harness.core.names import split
from harness.postgres.connect import Connection, table_name


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


def rows_seen_by(connection: Connection, role: str, identity: str) -> tuple[int, int] | None:
    """Rows of a table that a role sees, and all of them; None where it may not ask, or a policy fails.

    Policies find the claims of a key of that role, as a REST interface sets them. `connection` is a superuser's.
    """
    counting = sql.SQL("SELECT pg_catalog.count(*) FROM {}").format(table_name(*split(identity)))
    try:
        with connection.transaction():
            there = connection.execute(counting).fetchone()
            connection.execute(
                "SELECT pg_catalog.set_config('request.jwt.claims', %s, true)", (json.dumps({"role": role}),)
            )
            connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))
            seen = connection.execute(counting).fetchone()
    except psycopg.Error:
        return None
    return (int(seen[0]), int(there[0])) if seen and there else None
