"""The pieces that one table's rows are read in, what reading some again costs, and how it was done, in words."""

from __future__ import annotations

from collections.abc import Sequence

from harness.core.record import Side
from harness.core.segments import Segments
from harness.postgres import table_pieces
from harness.postgres.row_hash import SHA_DIGEST
from harness.postgres.row_sample import sampled_rows
from harness.postgres.table_pieces import cut
from harness.stages.rows_scan import Piece, Reading
from harness.stages.rows_state import Sums
from harness.stages.rows_tally import Tally
from harness.stages.table_comparison import TableComparison


def pieces_of(comparison: TableComparison, side: int, share: float | None) -> list[Piece]:
    """What the statements of one side (0: the source) scan; `share`: of the rows that are drawn as a sample."""
    table = (comparison.source, comparison.target)[side]
    relation = (comparison.projection.source, comparison.projection.target)[side]
    found = cut(table.connection, table.endpoint, relation, table_pieces.PIECE_BYTES)
    if not found.pieces:
        return [Piece(table.rows, found.bytes)]
    of_side = (Side.SOURCE, Side.TARGET)[side]
    rows = [(piece.rows(comparison.projection, of_side), piece.bytes) for piece in found.pieces]
    return [Piece(sampled_rows(table, each, share) if share is not None else each, size) for each, size in rows]


def bytes_again(segments: Segments, unequal: set[int], sums: Sums, pieces: Sequence[Piece]) -> int:
    """Bytes that reading the rows of the unequal segments takes: an index finds ranges, buckets need another scan."""
    size = sum(piece.bytes for piece in pieces)
    rows = sum(count for count, _ in sums.values())
    if segments.column is None or not rows:
        return size
    return size * sum(sums[number][0] for number in unequal if number in sums) // rows


def method(comparison: TableComparison, segments: Segments, unequal: int, tally: Tally, reading: Reading) -> str:
    """How a table was compared, in words."""
    text = f"64-bit hashes of whole rows, summed in {segments.words}; {_matched(comparison)}"
    if comparison.source.digest == SHA_DIGEST:
        text += "; rows hashed by sha256, for the servers' own hash functions differ"
    elif not comparison.source.native:
        text += "; rows hashed by their bytes, for not both servers hash single values alike"
    source, target = reading.sides
    if max(source.sessions, target.sessions) > 1:
        text += f"; read by {source.sessions} sessions of the source and {target.sessions} of the target"
    if unequal:
        segment = "buckets" if segments.column is None else "ranges"
        text += f"; {unequal:,} {segment} were unequal, and their rows compared one by one"
    if tally.unclassed:
        text += f"; the cells of the first {tally.looked_at:,} rows that differ were looked at, hashes told of the rest"
    if tally.rechecked.again:
        text += f"; {tally.rechecked.again:,} rows that differed were read again, for a side was written meanwhile"
    for side, name in zip(reading.sides, ("source", "target"), strict=True):
        if side.paused:
            text += f"; waited {side.paused:g} s in all while the {name} was busy"
    if reading.state is not None and reading.state.refused:
        text += f"; nothing of the interrupted comparison is taken over: {' and '.join(reading.state.refused)}"
    if comparison.projection.target_only:
        text += f"; on the target only, not compared: {', '.join(comparison.projection.target_only)}"
    return text


def _matched(comparison: TableComparison) -> str:
    if comparison.key is None:
        buckets = comparison.source.bucket
        return "no key: compared as multisets" + (f", in buckets by {', '.join(buckets)}" if buckets else "")
    text = f"matched by {', '.join(comparison.key.columns)}"
    if comparison.key.unique:
        return text
    return f"{text} (not unique on both sides: rows of one key are compared as multisets)"
