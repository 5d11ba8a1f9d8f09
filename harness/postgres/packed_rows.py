"""Packed rows of a side: each unequal segment as one value, of its rows' names and hashes; and some rows by name."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Generator
from typing import Final

from psycopg import sql

from harness.core.packed_rows import Segment
from harness.core.segments import Segments
from harness.postgres.failures import blaming
from harness.postgres.projected import expression
from harness.postgres.row_hash import HashedTable, column, segment_number

ROWS_AT_ONCE: Final = 50_000
"""That are fetched at once, as 16 bytes each"""


def packed_rows(
    table: HashedTable, segments: Segments, wanted: Collection[int], rows: int
) -> Generator[Segment, None, None]:
    """The wanted segments with rows, in order; `rows`: how many those have together, as far as is known.

    A row's name is the number in the column that the segments are ranges of, else the hash of its key. The server sorts
    by segment, which takes disk where there is no memory for it, instead of keeping all of them at once.
    """
    statement = sql.SQL(
        "SELECT n,"
        " pg_catalog.string_agg(pg_catalog.int8send(f) OPERATOR(pg_catalog.||) pg_catalog.int8send(r), ''::bytea) FROM"
        " (SELECT {number} AS n, {name} AS f, {row} AS r FROM ({rows}) AS p"
        " WHERE {number} = ANY ({wanted}::bigint[])) AS hashed GROUP BY n ORDER BY n"
    ).format(
        number=segment_number(table, segments),
        name=expression(f"{column(segments.column)}::bigint" if segments.column is not None else table.key_hash),
        row=expression(table.row_hash),
        rows=table.rows,
        wanted=sql.Literal(sorted(wanted)),
    )
    connection = table.connection
    with blaming(table.endpoint, connection):
        connection.execute("SELECT pg_catalog.set_config('enable_hashagg', 'off', true)")
        # Planned for all segments, not for the first ones.
        connection.execute("SELECT pg_catalog.set_config('cursor_tuple_fraction', '1', true)")
        with connection.cursor(name="pgparity_packed", binary=True) as cursor:
            cursor.itersize = max(1, ROWS_AT_ONCE * len(wanted) // max(rows, 1))
            cursor.execute(statement)
            # The plan is made: what comes next may use hash tables again.
            connection.execute("SELECT pg_catalog.set_config('enable_hashagg', 'on', true)")
            yield from cursor


def named(table: HashedTable, segments: Segments, names: Collection[int]) -> HashedTable:
    """The table's rows of these names alone; an index finds numbers, for the hashes of keys the table is scanned."""
    of_row = column(segments.column) if segments.column is not None else table.key_hash
    rows = sql.SQL("SELECT p.* FROM ({}) AS p WHERE {} = ANY ({}::bigint[])").format(
        table.rows, expression(of_row), sql.Literal(sorted(names))
    )
    return dataclasses.replace(table, rows=rows)
