"""Slices beside a recorded side: the side that is a database tells what the rows that differ have in common."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from harness.core.deltas import Slice
from harness.core.keys import MatchKey
from harness.core.projection import TableProjection
from harness.core.row_merge import HashedRow
from harness.stages.digest_pair import DigestPair
from harness.stages.rows_slices import slices_of
from harness.stages.table_comparison import TableComparison


def slices_of_live(pair: DigestPair, rows: Sequence[HashedRow], estimated_rows: int) -> tuple[Slice, ...]:
    """Where `rows`, those of the live side that differ, concentrate, by its statistics; none where both are recorded.

    Rows that the live side lacks are not among them: nothing but their hashes, or their values, is at hand.
    """
    live = pair.live
    if live is None or not rows:
        return ()
    projection = live.projection if live is pair.source else of_itself(live.projection)
    comparison = TableComparison(
        projection=projection,
        forms=dict(pair.rules.forms),
        key=MatchKey(columns=pair.key, unique=True) if pair.key else None,
        source=live.table,
        target=live.table,
        personal=pair.personal,
        uncompared=(),
        estimated_rows=estimated_rows,
        limit=pair.limit,
    )
    return slices_of(comparison, rows, personal=pair.hidden)


def of_itself(projection: TableProjection) -> TableProjection:
    """The projection of the target's table to itself, under its names."""
    columns = tuple(dataclasses.replace(each, source=each.name) for each in projection.columns)
    return dataclasses.replace(
        projection, source=projection.target, columns=columns, source_where=projection.target_where
    )
