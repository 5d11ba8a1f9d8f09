"""Chunks: how a table is cut, by ranges of its key where rows lie in its order, else by its blocks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from psycopg import sql

from harness.core.ledger import ChunkRange
from harness.core.model.relations import Table
from harness.postgres.connect import Connection, Endpoint
from harness.postgres.copy import Bound, KeyOrder, upper_bounds
from harness.postgres.failures import blaming
from harness.postgres.projected import relation
from harness.postgres.table_pieces import cut

ROWS_AFTER_A_PLAN: Final = 100_000
"""A chunk of what an interrupted run had not planned yet, where chunks are not counted in rows now"""
CHUNKS_AT_ONCE: int = 200
"""That are planned at a time where chunks are counted in rows"""
_MOST_CHUNKS: Final = 2_000
"""Of one table: they are planned all at once, and their bounds read from as many blocks and more"""
_OFFSETS: Final = 8
"""Lines of a block that are tried: the first ones may be dead"""
_SAMPLES_A_CHUNK: Final = 4
_FEWEST_SAMPLES: Final = 32


def cut_by_bytes(
    connection: Connection, endpoint: Endpoint, table: Table, order: KeyOrder | None, *, wanted: int
) -> list[ChunkRange]:
    """The chunks of a table of about `wanted` bytes each, larger ones of a very large table; one that covers all of it
    where it cannot be cut.

    By ranges of the key, which name the same rows in every snapshot, where a table's rows lie in the order of its key;
    else a range would be read from all over the table, and blocks are.
    """
    found = cut(connection, endpoint, table, wanted)
    if len(found.pieces) > _MOST_CHUNKS:
        found = cut(connection, endpoint, table, found.bytes // _MOST_CHUNKS)
    if not found.pieces:
        return [ChunkRange(bytes=found.bytes)]
    count = len(found.pieces)
    if order is not None and order.by_itself and table.partition_key is None:
        bounds = _bounds(connection, endpoint, table, order, blocks=found.pieces[-1].first, chunks=count)
        if bounds:
            ends: list[Bound | None] = [*bounds, None]
            return [
                ChunkRange(ordinal=number, lower=lower, upper=upper, bytes=found.bytes // len(ends))
                for number, (lower, upper) in enumerate(zip([None, *bounds], ends, strict=True))
            ]
    return [
        ChunkRange(ordinal=number, part=(each.schema, each.name), first=each.first, end=each.end, bytes=each.bytes)
        for number, each in enumerate(found.pieces)
    ]


def cut_by_rows(
    connection: Connection,
    endpoint: Endpoint,
    table: Table,
    order: KeyOrder | None,
    *,
    rows: int,
    after: ChunkRange | None,
) -> Iterator[list[ChunkRange]]:
    """Chunks of exactly `rows` rows each but for the last, after a chunk that was planned before; some at a time."""
    lower = after.upper if after is not None else None
    ordinal = after.ordinal + 1 if after is not None else 0
    if order is None:
        yield [ChunkRange()]
        return
    while True:
        with blaming(endpoint, connection):
            bounds = upper_bounds(connection, table, order, lower, rows=rows, chunks=CHUNKS_AT_ONCE)
        ends: list[Bound | None] = [*bounds] if len(bounds) == CHUNKS_AT_ONCE else [*bounds, None]
        found = []
        for upper in ends:
            found.append(ChunkRange(ordinal=ordinal, lower=lower, upper=upper))
            lower, ordinal = upper, ordinal + 1
        yield found
        if lower is None:
            return


def _bounds(
    connection: Connection, endpoint: Endpoint, table: Table, order: KeyOrder, *, blocks: int, chunks: int
) -> list[Bound]:
    """Keys that cut a table into that many ranges; none where its rows do not lie in the order of the key.

    The keys are those of rows of blocks at equal distances: no scan, and no statistics are needed.
    """
    samples = max(_SAMPLES_A_CHUNK * chunks, _FEWEST_SAMPLES)
    wanted = sorted({blocks * number // samples for number in range(samples)})
    lines = [f"({block},{line})" for block in wanted for line in range(1, _OFFSETS + 1)]
    statement = sql.SQL(
        "SELECT place, {texts} FROM (SELECT {names}, ctid AS place, row_number() OVER (ORDER BY {items}) AS by_key"
        " FROM {table} WHERE ctid = ANY ({lines}::tid[])) AS sampled"
        " ORDER BY by_key"
    ).format(
        texts=order.texts,
        names=order.names,
        items=order.items,
        table=relation(table),
        lines=sql.Literal(lines),
    )
    with blaming(endpoint, connection):
        found = connection.execute(statement).fetchall()
    keys: list[Bound] = []
    last = -1
    out_of_place = 0
    for place, *key in found:
        block = int(str(place).strip("()").split(",")[0])
        out_of_place += block < last
        if block > last:
            keys.append(tuple(str(value) for value in key))
            last = block
    if len(keys) < chunks or out_of_place * 20 > len(found):
        return []
    step = len(keys) / chunks
    return [keys[round(step * number)] for number in range(1, chunks)]
