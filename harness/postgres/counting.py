"""Counting rows, all of them or bounded where only 'some or none' matters; and what there is to count."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg import sql

from harness.core.model.relations import Table
from harness.postgres.connect import Connection, Endpoint
from harness.postgres.failures import blaming
from harness.postgres.projected import expression, relation
from harness.postgres.queries import query


def count_up_to(connection: Connection, table: sql.Composable, limit: int) -> int:
    """The number of rows of a table, at most `limit`: a large table is not scanned for a figure nobody decides on."""
    statement = sql.SQL("SELECT count(*) FROM (SELECT FROM {} LIMIT {}) AS bounded").format(table, sql.Literal(limit))
    row = connection.execute(statement).fetchone()
    return int(row[0]) if row else 0


def count_rows(connection: Connection, endpoint: Endpoint, table: Table, where: str | None = None) -> int:
    """The rows of a table that a condition chooses; only the figure leaves the server.

    StatementFailed, and the session's transaction goes on; PgparityError: the session is lost, or has not the right.
    """
    counted = sql.SQL("SELECT pg_catalog.count(*) FROM {}").format(relation(table))
    # A line of its own: a condition may end in a comment.
    statement = counted if where is None else sql.SQL("{} WHERE ({}\n)").format(counted, expression(where))
    with blaming(endpoint, connection), connection.transaction():
        row = connection.execute(statement).fetchone()
    return int(row[0]) if row else 0


def relation_names(connection: Connection, schemas: Sequence[str]) -> frozenset[tuple[str, str]]:
    """Schema and name of everything that holds rows, or shows some."""
    rows = connection.execute(query("table_names"), {"schemas": list(schemas)}).fetchall()
    return frozenset((str(schema), str(name)) for schema, name in rows)
