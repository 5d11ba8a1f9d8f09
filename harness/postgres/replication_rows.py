"""Rows of publications and subscriptions: what is published becomes clauses, and a connection loses its passwords."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from psycopg.rows import dict_row

from harness.core.names import qualified, quote
from harness.postgres.connect import Connection
from harness.postgres.queries import query

Row = dict[str, Any]

_SETTING = re.compile(r"\s*(\w+)\s*=\s*('(?:[^'\\]|\\.)*'|(?:[^\s'\\]|\\.)*)\s*", re.DOTALL)
_SECRET = re.compile(r"passw|secret|scram_\w+_key|token", re.IGNORECASE)


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
            told["connection"] = without_secrets(row["connection"])
        yield told


def may_read_subscriptions(connection: Connection) -> bool:
    """Whether the role may read connections of subscriptions."""
    row = connection.execute(
        "SELECT pg_catalog.has_column_privilege('pg_catalog.pg_subscription', 'subconninfo', 'SELECT')"
    ).fetchone()
    return bool(row and row[0])


def without_secrets(conninfo: str) -> str:
    """A connection string or URI without its passwords; one that has none stays as it is."""
    if "://" in conninfo[:16]:
        bare = re.sub(r"\A(\w+://[^:@/?]*):[^@/?]*@", r"\1@", conninfo)
        head, mark, settings = bare.partition("?")
        kept = [each for each in settings.split("&") if not _SECRET.search(each.partition("=")[0])]
        return head + (mark + "&".join(kept) if kept and mark else "")
    kept = []
    position = 0
    secrets = False
    while position < len(conninfo) and (match := _SETTING.match(conninfo, position)):
        position = match.end()
        if _SECRET.search(match[1]):
            secrets = True
        else:
            kept.append(f"{match[1]}={match[2]}")
    if position < len(conninfo):
        # Nothing that is not understood is shown.
        return " ".join(kept)
    return " ".join(kept) if secrets else conninfo
