"""Chunk sums: the rows of a chunk and the sum of their hashes, as the source has them and as they are on the target."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from psycopg import sql

from harness.core.ledger import ChunkRange
from harness.core.projection import TableProjection
from harness.core.record import Side
from harness.postgres.connect import Connection
from harness.postgres.copy import KeyOrder, chunk_condition
from harness.postgres.failures import blaming
from harness.postgres.projected import expression, piece_rows, relation
from harness.postgres.row_hash import HashedTable
from harness.postgres.table_pieces import cut

Sum = tuple[int, int]
"""Rows, and the sum of their hashes"""


def source_sum(
    table: HashedTable, connection: Connection, projection: TableProjection, order: KeyOrder | None, chunk: ChunkRange
) -> Sum:
    """Of a chunk's rows on the source, in the snapshot that the session is in."""
    held = relation(projection.source) if chunk.part is None else sql.SQL("ONLY {}").format(sql.Identifier(*chunk.part))
    rows = piece_rows(projection, Side.SOURCE, held, chunk_condition(order, chunk))
    statement = sql.SQL("SELECT pg_catalog.count(*), COALESCE(pg_catalog.sum({}), 0) FROM ({}) AS p").format(
        expression(table.row_hash), rows
    )
    with blaming(table.endpoint, connection):
        row = connection.execute(statement).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def target_parts(table: HashedTable, projection: TableProjection, piece_bytes: int) -> list[tuple[sql.Composed, int]]:
    """SELECTs of all rows of the target's table, in pieces that several sessions can read; each with its bytes."""
    target = projection.target
    found = cut(table.connection, table.endpoint, target, piece_bytes)
    if not found.pieces:
        whole = piece_rows(projection, Side.TARGET, relation(target), sql.SQL("true"), system=("xmin",))
        return [(whole, found.bytes)]
    return [(piece.rows(projection, Side.TARGET, system=("xmin",)), piece.bytes) for piece in found.pieces]


def target_sums(table: HashedTable, connection: Connection, rows: sql.Composed) -> dict[int, Sum]:
    """Of rows of the target, by the transaction that wrote them (32 bits of it, as xmin has)."""
    statement = sql.SQL(
        "SELECT x::text::bigint, n, s FROM (SELECT p.pgparity_xmin AS x, pg_catalog.count(*) AS n,"
        " pg_catalog.sum({}) AS s FROM ({}) AS p GROUP BY 1) AS summed"
    ).format(expression(table.row_hash), rows)
    with blaming(table.endpoint, connection), _hashed_groups(connection):
        return {int(xmin): (int(count), int(total)) for xmin, count, total in connection.execute(statement)}


@contextlib.contextmanager
def _hashed_groups(connection: Connection) -> Iterator[None]:
    """There are few groups: the planner, which knows nothing of xmin, would sort wide rows."""
    connection.execute("SELECT pg_catalog.set_config('enable_sort', 'off', true)")
    yield
    connection.execute("SELECT pg_catalog.set_config('enable_sort', 'on', true)")
