"""Sums of what was moved: the target's rows by the transaction that wrote them, beside what each chunk was."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from psycopg import sql

from harness.core.ledger import Chunk
from harness.postgres import copy, ledger
from harness.postgres.chunk_sums import Sum, target_parts, target_sums
from harness.postgres.failures import blaming
from harness.postgres.table_pieces import PIECE_BYTES
from harness.stages.crew import Pair
from harness.stages.load_state import Loaded, TableLoad, Transfer


@dataclass(frozen=True, slots=True)
class TargetSums:
    """What the target's table came to."""

    rows: int
    """All that it holds"""
    agree: bool
    """Every chunk of it is, row for row, what the source had in this run's snapshot, and neither side has other rows"""
    source_rows: int
    """All that the source's table holds in this run's snapshot"""


def summed(transfer: Transfer, load: TableLoad, loaded: Loaded) -> TargetSums:
    """Read the target's table once, and compare the sum of each chunk's rows. StatementFailed, ConnectionFailed.

    Rows belong to the chunk whose transactions are their xmin: the scan needs no index and no order. Where rows were
    there before, or a trigger wrote them again, the sums do not agree, and the rows have to be compared. Meanwhile the
    source's rows are counted: that the chunks cover all of them is not taken from how they were cut. And the target's
    statistics are gathered, for which they would have to wait once indexes are built.
    """
    comparison = load.comparison
    found: dict[int, Sum] = {}
    lock = threading.Lock()

    def read(pair: Pair, part: tuple[sql.Composed, int]) -> None:
        sums = target_sums(comparison.target, pair.target, part[0])
        with blaming(transfer.target_endpoint, pair.target):
            pair.target.commit()
        with lock:
            for xmin, (rows, total) in sums.items():
                known = found.get(xmin, (0, 0))
                found[xmin] = (known[0] + rows, known[1] + total)

    parts = target_parts(comparison.target, comparison.projection, PIECE_BYTES)
    transfer.target.commit()
    counted: list[int] = []

    def count(pair: Pair) -> None:
        with blaming(transfer.target_endpoint, pair.target):
            copy.gather_statistics(pair.target, load.projection.target)
            pair.target.commit()
        with blaming(transfer.source_endpoint, pair.source), pair.source.transaction():
            counted.append(copy.count_rows(pair.source, load.projection.source, load.projection.source_where))

    transfer.crew.each(parts, read, first=count)
    (source_rows,) = counted
    chunks = [_with_sum(chunk, found) for chunk in loaded.chunks]
    with blaming(transfer.target_endpoint, transfer.target):
        ledger.note_checksums(transfer.target, transfer.migration, (chunk for chunk, _ in chunks))
        transfer.target.commit()
    for chunk, _ in chunks:
        loaded.add(chunk, loaded.moved[chunk.ordinal][1])
    whole = comparison.projection.source_where is None and comparison.projection.target_where is None
    agree = all(
        chunk.checksum_source == chunk.checksum_target and (rows == chunk.rows or not whole) for chunk, rows in chunks
    )
    rows = sum(count for count, _ in found.values())
    agree = agree and sum(count for _, count in chunks) == rows
    return TargetSums(rows, agree and sum(chunk.rows for chunk, _ in chunks) == source_rows, source_rows)


def _with_sum(chunk: Chunk, found: dict[int, Sum]) -> tuple[Chunk, int]:
    """The chunk with the sum of its rows on the target, and how many they are."""
    own = [found[xmin] for each in chunk.transactions if (xmin := int(each) % 2**32) in found]
    return chunk.model_copy(update={"checksum_target": str(sum(total for _, total in own))}), sum(n for n, _ in own)
