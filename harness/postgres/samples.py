"""Samples: rows of the tables that cases are made for, read as JSON from a clone; small tables whole."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import sql

from harness.core.generation.sampled import Sampled, SampledTable, described
from harness.core.model.catalog import Catalog
from harness.core.names import split
from harness.postgres.connect import Connection, table_name

WHOLE = 2_000
"""Rows up to which a table is read whole"""
SOME = 400
"""Rows that are read of a larger one, by chance of the seed"""
ENDS = 50
"""Rows that are read of either end of its key, beside"""
ALIKE = 40
"""Rows that share a value with another one, for each column of its keys"""
SECONDS = 5


def sample_tables(connection: Connection, catalog: Catalog, tables: Sequence[str], *, seed: int = 0) -> Sampled:
    """Rows of each table, in an order that does not depend on where they lie; none where they cannot be read."""
    found: dict[str, SampledTable] = {}
    for identity in tables:
        if identity in catalog.table_by_identity:
            found[identity] = described(catalog, identity)
            rows = _rows(connection, found[identity], seed)
            found[identity] = described(catalog, identity, rows)
    return Sampled(found)


def _rows(connection: Connection, table: SampledTable, seed: int) -> list[dict[str, Any]]:
    name = table_name(*split(table.identity))
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(
                "SELECT pg_catalog.set_config('TimeZone', 'UTC', true),"
                " pg_catalog.set_config('statement_timeout', %s, true)",
                (f"{SECONDS}s",),
            )
            first = _read(connection, sql.SQL("SELECT t FROM {} AS t LIMIT {}").format(name, WHOLE + 1))
            texts = set(first) if len(first) <= WHOLE else _some(connection, table, name, seed)
    except psycopg.Error:
        return []
    rows = [json.loads(text, parse_float=Decimal) for text in sorted(texts)]
    keys = table.keys[0] if table.keys else ()
    return sorted(rows, key=lambda row: [(isinstance(row.get(key), str), row.get(key)) for key in keys])


def _read(connection: Connection, rows: sql.Composed) -> list[str]:
    statement = sql.SQL("SELECT pg_catalog.to_jsonb(s.t)::text FROM ({}) AS s").format(rows)
    return [text for (text,) in connection.execute(statement)]


def _some(connection: Connection, table: SampledTable, name: sql.Composable, seed: int) -> set[str]:
    """Rows of a large table: by chance, both ends of its key, and rows that share a value of a key's column."""
    chance = sql.SQL("SELECT t FROM {} AS t ORDER BY pg_catalog.md5(t::text || {}) LIMIT {}").format(
        name, str(seed), SOME
    )
    found = set(_read(connection, chance))
    key = [sql.Identifier(each) for each in (table.keys[0] if table.keys else ())]
    for direction in (sql.SQL("ASC"), sql.SQL("DESC")) if key else ():
        order = sql.SQL(", ").join(sql.SQL("t.{} {}").format(each, direction) for each in key)
        found |= set(_read(connection, sql.SQL("SELECT t FROM {} AS t ORDER BY {} LIMIT {}").format(name, order, ENDS)))
    for column in table.columns:
        if column.name in table.key_columns or (column.family == "text" and column.references is None):
            found |= set(_read(connection, _alike(name, sql.Identifier(column.name))))
    return found


def _alike(name: sql.Composable, column: sql.Identifier) -> sql.Composed:
    """Rows whose value of a column few other rows have."""
    return sql.SQL(
        "SELECT t FROM {name} AS t WHERE t.{column} IN (SELECT s.{column} FROM {name} AS s WHERE s.{column} IS NOT NULL"
        " GROUP BY s.{column} HAVING count(*) BETWEEN 2 AND 20 ORDER BY s.{column} LIMIT 5) LIMIT {many}"
    ).format(name=name, column=column, many=ALIKE)
