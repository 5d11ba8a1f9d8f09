"""The scan of a side that is hashed for a record, or beside one: by several sessions on its snapshot, as any is."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from harness.core.configuration import Configuration
from harness.core.digest import Sums
from harness.core.record import Side
from harness.core.segments import Segments
from harness.postgres import table_pieces
from harness.postgres.connect import Connection, Endpoint
from harness.postgres.digested import DigestedSide
from harness.postgres.shared_snapshot import SharedSnapshot
from harness.stages.rows_scan import Piece, Reading, SideReading, scanned


@contextlib.contextmanager
def side_reading(
    session: tuple[Connection, Endpoint], snapshot: str, configuration: Configuration
) -> Iterator[SideReading]:
    """How one side is read: its lead session, the name of its exported snapshot, what the configuration allows.

    The sessions that join the lead end here.
    """
    shared = SharedSnapshot(session[1], session[0], snapshot, configuration.run.max_connections)
    try:
        yield SideReading(
            number=0,
            snapshot=shared,
            max_latency=configuration.rows.max_latency,
            max_active=configuration.rows.max_active,
        )
    finally:
        shared.leave()


def digested_sums(side: DigestedSide, buckets: int, reading: SideReading) -> Sums:
    """Rows and the sum of their hashes for each segment that has any; each row is read once. StatementFailed."""
    relation = side.projection.source if side.side is Side.SOURCE else side.projection.target
    table = side.table
    found = table_pieces.cut(table.connection, table.endpoint, relation, table_pieces.PIECE_BYTES)
    pieces = [Piece(each.rows(side.projection, side.side), each.bytes) for each in found.pieces]
    # The other side is a file, or is read by itself: there is nothing of it to scan.
    nobody = SideReading(number=1, snapshot=SharedSnapshot(table.endpoint, table.connection, "", 1))
    both = Reading(sides=(reading, nobody))
    sums, _ = scanned(both, (table, table), (pieces or [Piece(table.rows, found.bytes)], []), Segments(count=buckets))
    return sums
