"""Measurements beside the structure: rows of small tables, next values of sequences, maxima of what they feed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg import sql

from harness.core.names import split
from harness.postgres.connect import Connection

Row = dict[str, Any]

_COUNT = sql.SQL("SELECT {}::bigint, pg_catalog.count(*) FROM ONLY {}")
_NEXT = sql.SQL("SELECT {}::bigint, last_value + CASE WHEN is_called THEN {} ELSE 0 END FROM {}")
_MAXIMUM = sql.SQL("SELECT {}::bigint, pg_catalog.max({})::bigint FROM {}")

SMALL_TABLE_BYTES = 16 * 2**20
"""A table of up to this size that was never analysed is counted"""
_BATCH = 200
"""Branches of one UNION ALL: enough to save round trips, few enough to plan quickly"""


def small_table_counts(connection: Connection, tables: Sequence[Row]) -> dict[int, int]:
    """Exact row counts, by oid, of small tables that have rows and were never analysed."""
    wanted = [
        _COUNT.format(row["oid"], sql.Identifier(row["schema"], row["name"]))
        for row in tables
        if row["estimated_rows"] < 0 and row["readable"] and row["relkind"] == "r" and row["bytes"] <= SMALL_TABLE_BYTES
    ]
    return {int(oid): int(count) for oid, count in _together(connection, wanted)}


def with_values(connection: Connection, sequences: Sequence[Row]) -> list[Row]:
    """The rows of sequences.sql with next_value and, where it may be asked cheaply, column_maximum.

    The next value is read from the sequence itself: pg_sequence_last_value says nothing of one that was restarted and
    not used since. The maximum is not asked of a descending sequence, nor of a large column without an index; a table
    without a page has none.
    """
    states = [
        _NEXT.format(row["oid"], row["increment"], sql.Identifier(row["schema"], row["name"]))
        for row in sequences
        if row["readable"] and row["start"] is not None
    ]
    next_values = dict(_together(connection, states))
    asked = {row["oid"] for row in sequences if row["askable"] and row["increment"] > 0}
    maxima = dict(
        _together(
            connection,
            [
                _maximum(row["oid"], *split(row["owned_by"]))
                for row in sequences
                if row["oid"] in asked and not row["vacant"]
            ],
        )
    )
    return [
        row
        | {
            "next_value": next_values.get(row["oid"]),
            "column_maximum": maxima.get(row["oid"]),
            "asked": row["oid"] in asked,
        }
        for row in sequences
    ]


def _maximum(oid: int, schema: str, table: str, column: str) -> sql.Composed:
    return _MAXIMUM.format(oid, sql.Identifier(column), sql.Identifier(schema, table))


def _together(connection: Connection, selects: Sequence[sql.Composed]) -> list[tuple[Any, ...]]:
    """The rows of many small queries in few statements."""
    rows: list[tuple[Any, ...]] = []
    for start in range(0, len(selects), _BATCH):
        rows += connection.execute(sql.SQL(" UNION ALL ").join(selects[start : start + _BATCH])).fetchall()
    return rows
