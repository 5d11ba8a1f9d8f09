"""Row sample: the rows whose key's hash is below a bound, the same rows on both sides."""

from __future__ import annotations

import dataclasses
from typing import Final

from psycopg import sql

from harness.postgres.failures import blaming
from harness.postgres.projected import expression
from harness.postgres.row_hash import HashedTable

_PARTS: Final = 1 << 32


def counted_rows(table: HashedTable) -> int:
    """All rows of one side."""
    with blaming(table.endpoint, table.connection):
        row = table.connection.execute(
            sql.SQL("SELECT pg_catalog.count(*) FROM ({}) AS p").format(table.rows)
        ).fetchone()
    return int(row[0]) if row else 0


def sampled(table: HashedTable, share: float) -> HashedTable:
    """About such a share of the rows, 0 to 1: each row is in or out by its key, whatever its other columns hold.

    Of a table with no key the whole row decides, in the form that is the same for equal values. The upper half of the
    hash is taken: its lower bits number the segments.
    """
    return dataclasses.replace(table, rows=sampled_rows(table, table.rows, share))


def sampled_rows(table: HashedTable, rows: sql.Composed, share: float) -> sql.Composed:
    """The same of some of the table's rows."""
    return sql.SQL("SELECT p.* FROM ({}) AS p WHERE (({}) >> 32) & {} < {}").format(
        rows, expression(table.key_hash), sql.Literal(_PARTS - 1), sql.Literal(round(share * _PARTS))
    )
