"""How many rows of a table hold given values: whether an element of an answer is a row of the other side too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg import sql

from harness.core.effects import WatchedTable
from harness.postgres.connect import Connection, table_name


def rows_like(
    connection: Connection, tables: Sequence[WatchedTable], identity: str, values: Mapping[str, Any]
) -> int | None:
    """0, 1 or 2 for more; None where that cannot be told: another table, or values that its columns cannot take."""
    table = next((each for each in tables if each.identity == identity), None)
    if table is None:
        return None
    given = {name: _text(value) for name, value in values.items() if name in table.columns and _is_plain(value)}
    if not given:
        return None
    conditions = sql.SQL(" AND ").join(_condition(name, table.columns[name], value) for name, value in given.items())
    statement = sql.SQL("SELECT count(*) FROM (SELECT FROM {} WHERE {} LIMIT 2) AS found").format(
        table_name(table.schema, table.name), conditions
    )
    try:
        row = connection.execute(statement, [value for value in given.values() if value is not None]).fetchone()
    except psycopg.Error:
        return None
    return int(row[0]) if row else None


def _is_plain(value: Any) -> bool:
    return not isinstance(value, dict | list | tuple | set | bytes | bytearray | memoryview)


def _text(value: Any) -> str | None:
    return None if value is None else str(getattr(value, "value", value))


def _condition(name: str, kind: str, value: str | None) -> sql.Composed:
    if value is None:
        return sql.SQL("{} IS NULL").format(sql.Identifier(name))
    # A number that came through JSON has lost its scale, which equality does not mind; char(n) is padded by the cast.
    return sql.SQL("{} = %s::text::{}").format(sql.Identifier(name), sql.SQL(kind))
