"""Opened comparisons: both sides in their snapshots, and what the comparison of each table needs, for who writes."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from harness.core.configuration import Configuration
from harness.core.model.catalog import Catalog
from harness.postgres.connect import Endpoint, session, snapshot
from harness.stages.rows_prepared import SessionPair, prepared_comparisons, tables_to_compare
from harness.stages.rows_result import MissingTable
from harness.stages.rows_table import TableComparison


@contextlib.contextmanager
def opened_comparisons(
    source: Endpoint,
    target: Endpoint,
    catalogs: tuple[Catalog, Catalog],
    tables: tuple[str, ...],
    configuration: Configuration,
) -> Iterator[tuple[list[TableComparison], list[MissingTable]]]:
    """The comparisons of `tables` (identities on the source) while their snapshots are open, and what is on one side.

    Raises what rows_stage raises.
    """
    asked = tables_to_compare(tables, catalogs, configuration)
    with (
        session(source, purpose="repair") as left,
        snapshot(left),
        session(target, purpose="repair") as right,
        snapshot(right),
    ):
        pair = SessionPair(
            source=left, source_endpoint=source, target=right, target_endpoint=target, snapshots_at=time.monotonic()
        )
        yield prepared_comparisons(pair, asked, configuration), list(asked.missing)
