"""Counting rows, bounded where only 'some or none' matters."""

from __future__ import annotations

from psycopg import sql

from harness.postgres.connect import Connection


def count_up_to(connection: Connection, table: sql.Composable, limit: int) -> int:
    """The number of rows of a table, at most `limit`: a large table is not scanned for a figure nobody decides on."""
    statement = sql.SQL("SELECT count(*) FROM (SELECT FROM {} LIMIT {}) AS bounded").format(table, sql.Literal(limit))
    row = connection.execute(statement).fetchone()
    return int(row[0]) if row else 0
