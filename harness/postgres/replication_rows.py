"""Rows of publications and subscriptions: what is published becomes clauses, and a connection loses its passwords."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from psycopg.rows import dict_row

from harness.core.conninfo import without_passwords
from harness.core.names import qualified, quote
from harness.postgres.connect import Connection
from harness.postgres.queries import query

Row = dict[str, Any]


def publications(rows: list[Row]) -> Iterator[Row]:
    """Tables, their columns and their filters, each as a list of its own."""
    for row in rows:
        tables: list[str] = []
        columns: list[str] = []
        filters: list[str] = []
        for schema, table, names, condition in row.pop("members") or ():
            identity = qualified(schema, table)
            tables.append(identity)
            if names is not None:
                columns.append(f"{identity} ({', '.join(quote(name) for name in names)})")
            if condition is not None:
                filters.append(f"{identity} WHERE {_enclosed(condition)}")
        yield row | {"tables": tuple(tables), "columns": tuple(columns), "row_filter": tuple(filters)}


def _enclosed(condition: str) -> str:
    """In parentheses, which the clause wants and a call of a function has not."""
    return condition if condition.startswith("(") and condition.endswith(")") else f"({condition})"


def subscriptions(connection: Connection, rows: list[Row]) -> Iterator[Row]:
    """All of them where the role may read all, else what everybody may read."""
    if rows and may_read_subscriptions(connection):
        cursor = connection.cursor(row_factory=dict_row)
        rows = [dict(row) for row in cursor.execute(query("subscriptions_whole"))]
    for row in rows:
        told = row | {"publication": tuple(row["publication"])}
        if "connection" in row:
            told["connection"] = without_passwords(row["connection"])
        yield told


def may_read_subscriptions(connection: Connection) -> bool:
    """Whether the role may read connections of subscriptions."""
    row = connection.execute(
        "SELECT pg_catalog.has_column_privilege('pg_catalog.pg_subscription', 'subconninfo', 'SELECT')"
    ).fetchone()
    return bool(row and row[0])
