"""The rows stage: every row of every table in scope is compared on both sides, in one snapshot a side."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.core.configuration import Configuration
from harness.core.deltas import RowDelta, TableRows
from harness.core.model.catalog import Catalog
from harness.errors import PgparityError
from harness.postgres.connect import Connection, Endpoint, session, snapshot
from harness.postgres.failures import StatementFailed, blaming
from harness.stages import rows_result as result
from harness.stages.events import Events, Silent
from harness.stages.result import StageResult
from harness.stages.rows_prepared import SessionPair, TablesToCompare, prepared_comparisons, tables_to_compare
from harness.stages.rows_reading import reading, telling
from harness.stages.rows_scan import Reading
from harness.stages.rows_table import ComparedTable, TableComparison, compare_table, summed_before

if TYPE_CHECKING:
    from harness.stages.large_objects_compared import ComparedObjects
    from harness.stages.rows_checks import ComparedChecks

_SILENT = Silent()


@dataclass(frozen=True, slots=True)
class Summed:
    """A table whose rows agreed when they were summed on both sides in another way."""

    rows: int
    told: str
    """How, in words"""


def rows_stage(
    source: Endpoint,
    target: Endpoint,
    source_catalog: Catalog,
    target_catalog: Catalog,
    tables: tuple[str, ...],
    configuration: Configuration,
    events: Events = _SILENT,
    *,
    heard: Callable[[RowDelta], None] | None = None,
    summed: Mapping[str, Summed] | None = None,
    large_objects: bool = False,
    seen: Callable[[Connection], None] | None = None,
) -> StageResult[tuple[TableRows, ...]]:
    """Compare the rows of `tables` (identities on the source) through the mapping.

    A table that is missing on one side, or that a statement fails on, is incomplete (ROW005), never identical; so is
    the stage when every table of the source is empty (COV002). Raises TableMissing where a table is on neither side,
    ConfigurationError (the mapping), ConnectionFailed, and PrivilegeMissing: also where row-level security would hide
    rows from the role. `heard` is told of every difference as it is found; what it raises ends the stage. `summed`
    tables (by identity on the source) are not read: their rows were hashed on both sides a moment ago, and agreed.
    `large_objects`: those of the source are compared too, as `migrate.large_objects` chooses them. `seen` is given the
    source's session in its snapshot, before anything is read; what it raises ends the stage.
    """
    asked = tables_to_compare(tables, (source_catalog, target_catalog), configuration)
    if configuration.rows.checks:
        # What reads SQL and compares answers is loaded where there are checks.
        from harness.core.row_checks import check_row_checks

        check_row_checks(configuration.rows.checks)
    try:
        compared, checks, objects = _compare_all(
            source, target, asked, configuration, events, heard, summed or {}, large_objects=large_objects, seen=seen
        )
    except StatementFailed as failure:
        raise PgparityError(
            f"the rows cannot be compared: on the {failure.side}: {failure.reason}",
            hint="Has a table changed since its structure was read? Run again.",
        ) from None
    stage = result.done(
        compared, asked.missing, list(asked.projections.values()), configuration, partitions=asked.partitions
    )
    if checks is not None:
        from harness.stages.rows_checks import with_checks

        stage = with_checks(stage, checks)
    if objects is not None:
        from harness.stages.large_objects_compared import with_large_objects

        stage = with_large_objects(stage, objects)
    return stage


def whole(configuration: Configuration) -> Configuration:
    """The configuration without what ends a comparison early: what is to be equal has to be compared whole."""
    update = {"stop_after": None, "sample": None, "state": None}
    return configuration.model_copy(update={"rows": configuration.rows.model_copy(update=update)})


def _compare_all(
    source: Endpoint,
    target: Endpoint,
    asked: TablesToCompare,
    configuration: Configuration,
    events: Events,
    heard: Callable[[RowDelta], None] | None,
    summed: Mapping[str, Summed],
    *,
    large_objects: bool,
    seen: Callable[[Connection], None] | None,
) -> tuple[list[ComparedTable], ComparedChecks | None, ComparedObjects | None]:
    compared: list[ComparedTable] = []
    objects: ComparedObjects | None = None
    with (
        session(source, purpose="rows") as left,
        snapshot(left) as left_snapshot,
        session(target, purpose="rows") as right,
        snapshot(right) as right_snapshot,
        reading((left, source, left_snapshot), (right, target, right_snapshot), configuration) as how,
    ):
        pair = SessionPair(
            source=left, source_endpoint=source, target=right, target_endpoint=target, snapshots_at=time.monotonic()
        )
        if seen is not None:
            seen(left)
        # Before the tables: what is wrong with a check is said at once, not after hours of comparing rows.
        checks = _checks((left, source), (right, target), configuration)
        comparisons = prepared_comparisons(pair, asked, configuration)
        for number, comparison in enumerate(comparisons):
            table = comparison.projection.source.identity
            events.progress("rows", number, len(comparisons), table)
            if table in summed and comparison.sample is None:
                compared.append(summed_before(comparison, summed[table].rows, summed[table].told))
                continue
            how.told = telling(events, number, len(comparisons), table)
            compared.append(_compared(pair, dataclasses.replace(comparison, heard=heard), how))
        if large_objects:
            objects = _large_objects((left, source), (right, target), asked, configuration, since=pair.snapshots_at)
        events.progress("rows", len(comparisons), len(comparisons), "")
    return compared, checks, objects


def _large_objects(
    source: tuple[Connection, Endpoint],
    target: tuple[Connection, Endpoint],
    asked: TablesToCompare,
    configuration: Configuration,
    *,
    since: float,
) -> ComparedObjects | None:
    """What came of the large objects; None where the source has none: what compares them is not loaded for that."""
    with blaming(source[1], source[0]):
        row = source[0].execute("SELECT EXISTS (SELECT FROM pg_catalog.pg_largeobject_metadata)").fetchone()
    if not row or not row[0]:
        return None
    from harness.stages.large_objects_compared import compare_large_objects

    return compare_large_objects(source, target, asked.projections.values(), configuration, since=since)


def _checks(
    source: tuple[Connection, Endpoint], target: tuple[Connection, Endpoint], configuration: Configuration
) -> ComparedChecks | None:
    if not configuration.rows.checks:
        return None
    from harness.stages.rows_checks import compare_checks

    return compare_checks(source, target, configuration.rows.checks, configuration)


def _compared(pair: SessionPair, comparison: TableComparison, how: Reading) -> ComparedTable:
    try:
        # Savepoints: a statement that fails on one table must not cost the others the snapshots.
        with pair.source.transaction(), pair.target.transaction():
            return compare_table(comparison, how)
    except StatementFailed as failure:
        for side in how.sides:
            # A failed statement ends the transaction that it ran in, and with it what that session could see.
            side.snapshot.leave()
        return result.failed(comparison, f"on the {failure.side}: {failure.reason}")
