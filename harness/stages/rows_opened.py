"""Opened comparisons: both sides in their snapshots, and what the comparison of each table needs, for who writes."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from harness.core.configuration import Configuration
from harness.core.declared_tables import check_declared, declared, declared_views, with_asked_views
from harness.core.model.catalog import Catalog
from harness.core.projection import TableProjection, check_mapping, project, without_partitions
from harness.postgres.connect import Endpoint, session, snapshot
from harness.postgres.row_hash import calibrate
from harness.stages import rows as stage
from harness.stages import rows_result as result
from harness.stages.rows_table import TableComparison


@contextlib.contextmanager
def opened_comparisons(
    source: Endpoint,
    target: Endpoint,
    catalogs: tuple[Catalog, Catalog],
    tables: tuple[str, ...],
    configuration: Configuration,
) -> Iterator[tuple[list[TableComparison], list[result.MissingTable]]]:
    """The comparisons of `tables` (identities on the source) while their snapshots are open, and what is on one side.

    Raises what rows_stage raises.
    """
    tables = tuple(dict.fromkeys((*tables, *declared_views(catalogs, configuration))))
    catalogs = with_asked_views(catalogs, configuration)
    check_mapping(configuration.mapping, *catalogs)
    check_declared(configuration.rows, configuration.mapping, *catalogs)
    projections: dict[str, TableProjection] = {}
    missing: list[result.MissingTable] = []
    for table in without_partitions(tables, catalogs[0]):
        absent = stage._absent(table, catalogs, configuration)  # noqa: SLF001
        if absent is not None:
            missing.append(absent)
        else:
            projection = project(table, configuration.mapping, *catalogs)
            ignored = result.ignored_columns(projection, configuration)
            projections[table] = declared(projection, configuration.rows, ignored)
    with (
        session(source, purpose="repair") as left,
        snapshot(left),
        session(target, purpose="repair") as right,
        snapshot(right),
    ):
        pair = stage.SessionPair(
            source=left, source_endpoint=source, target=right, target_endpoint=target, snapshots_at=time.monotonic()
        )
        types = {table: stage._described(pair, each) for table, each in projections.items()}  # noqa: SLF001
        every = [each for of_table in types.values() for each in of_table.values()]
        calibration = calibrate((left, source), (right, target), every)
        yield (
            [
                stage._prepared(pair, projection, types[table], calibration, catalogs, configuration)  # noqa: SLF001
                for table, projection in projections.items()
            ],
            missing,
        )
