"""The rows stage: every row of every table in scope is compared on both sides, in one snapshot a side."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from dataclasses import dataclass

from harness.core.configuration import Configuration, TableRowsSection
from harness.core.declared_tables import check_declared, declared, declared_views, view_identities, with_asked_views
from harness.core.deltas import RowDelta, TableRows
from harness.core.keys import match_key
from harness.core.model.catalog import Catalog
from harness.core.names import qualified
from harness.core.projection import ProjectedColumn, TableProjection, check_mapping, project, without_partitions
from harness.core.row_checks import check_row_checks
from harness.core.row_forms import DescribedType, cell_form
from harness.core.tolerance import check_tolerances
from harness.errors import PgparityError, TableMissing
from harness.postgres.connect import Connection, Endpoint, session, snapshot
from harness.postgres.failures import StatementFailed, blaming
from harness.postgres.projected import check_filters, described, described_source, source_rows, target_rows
from harness.postgres.row_hash import Calibration, HashedTable, calibrate
from harness.stages import rows_result as result
from harness.stages.events import Events, Silent
from harness.stages.result import StageResult
from harness.stages.rows_checks import ComparedChecks, compare_checks, with_checks
from harness.stages.rows_reading import reading, telling
from harness.stages.rows_scan import Reading
from harness.stages.rows_table import ComparedTable, TableComparison, compare_table

_SILENT = Silent()


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
) -> StageResult[tuple[TableRows, ...]]:
    """Compare the rows of `tables` (identities on the source) through the mapping.

    A table that is missing on one side, or that a statement fails on, is incomplete (ROW005), never identical; so is
    the stage when every table of the source is empty (COV002). Raises TableMissing where a table is on neither side,
    ConfigurationError (the mapping), ConnectionFailed, and PrivilegeMissing: also where row-level security would hide
    rows from the role. `heard` is told of every difference as it is found; what it raises ends the stage.
    """
    tables = (*tables, *declared_views((source_catalog, target_catalog), configuration))
    tables = tuple(dict.fromkeys(tables))
    catalogs = with_asked_views((source_catalog, target_catalog), configuration)
    check_mapping(configuration.mapping, *catalogs)
    check_declared(configuration.rows, configuration.mapping, *catalogs)
    check_row_checks(configuration.rows.checks)
    projections: dict[str, TableProjection] = {}
    missing: list[result.MissingTable] = []
    alone = without_partitions(tables, catalogs[0])
    for table in alone:
        absent = _absent(table, catalogs, configuration)
        if absent is not None:
            missing.append(absent)
        else:
            projection = project(table, configuration.mapping, *catalogs)
            ignored = result.ignored_columns(projection, configuration)
            projections[table] = declared(projection, configuration.rows, ignored)
    try:
        compared, checks = _compare_all(source, target, catalogs, projections, configuration, events, heard)
    except StatementFailed as failure:
        raise PgparityError(
            f"the rows cannot be compared: on the {failure.side}: {failure.reason}",
            hint="Has a table changed since its structure was read? Run again.",
        ) from None
    partitions = tuple(table for table in tables if table not in alone)
    stage = result.done(compared, missing, list(projections.values()), configuration, partitions=partitions)
    return with_checks(stage, checks)


def _compare_all(
    source: Endpoint,
    target: Endpoint,
    catalogs: tuple[Catalog, Catalog],
    projections: dict[str, TableProjection],
    configuration: Configuration,
    events: Events,
    heard: Callable[[RowDelta], None] | None,
) -> tuple[list[ComparedTable], ComparedChecks]:
    compared: list[ComparedTable] = []
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
        # Before the tables: what is wrong with a check is said at once, not after hours of comparing rows.
        checks = compare_checks((left, source), (right, target), configuration.rows.checks, configuration)
        types = {table: _described(pair, projection) for table, projection in projections.items()}
        calibration = calibrate(
            (left, source), (right, target), [each for of_table in types.values() for each in of_table.values()]
        )
        # All of them first: what the configuration has wrong is said before anything is read.
        comparisons = [
            dataclasses.replace(
                _prepared(pair, projection, types[table], calibration, catalogs, configuration), heard=heard
            )
            for table, projection in projections.items()
        ]
        for number, comparison in enumerate(comparisons):
            table = comparison.projection.source.identity
            events.progress("rows", number, len(projections), table)
            how.told = telling(events, number, len(projections), table)
            compared.append(_compared(pair, comparison, how))
        events.progress("rows", len(projections), len(projections), "")
    return compared, checks


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPair:
    """Both sessions, each in its snapshot."""

    source: Connection
    source_endpoint: Endpoint
    target: Connection
    target_endpoint: Endpoint
    snapshots_at: float
    """When the later of the snapshots was taken, by time.monotonic"""


def _absent(table: str, catalogs: tuple[Catalog, Catalog], configuration: Configuration) -> result.MissingTable | None:
    target = configuration.mapping.target_of(table)
    on_source, on_target = table in catalogs[0].table_by_identity, target in catalogs[1].table_by_identity
    if on_source and on_target:
        return None
    if not on_source and not on_target:
        raise TableMissing(f"table {table} exists on neither side", hint="Check [scope], --table and the schemas.")
    return result.MissingTable(table=table, target=target, on_source=on_source)


def _described(pair: SessionPair, projection: TableProjection) -> dict[str, tuple[DescribedType, DescribedType]]:
    check_filters((pair.source, pair.source_endpoint), (pair.target, pair.target_endpoint), projection)
    left = described_source(pair.source, pair.source_endpoint, projection)
    with blaming(pair.target_endpoint, pair.target):
        right = described(pair.target, target_rows(projection))
    names = (column.name for column in projection.columns)
    return {name: (one, other) for name, one, other in zip(names, left, right, strict=True)}


def _prepared(
    pair: SessionPair,
    projection: TableProjection,
    types: dict[str, tuple[DescribedType, DescribedType]],
    calibration: Calibration,
    catalogs: tuple[Catalog, Catalog],
    configuration: Configuration,
) -> TableComparison:
    """Everything that the comparison of one table needs to know."""
    ignored = result.ignored_columns(projection, configuration)
    rules = configuration.rows.tables.get(projection.source.identity, TableRowsSection())
    key = match_key(projection, *catalogs, declared=rules.key, ignored=ignored)
    ignored |= result.left_out(projection, configuration, key.columns if key else ())
    forms = {name: cell_form(one, other, portable=calibration.portable) for name, (one, other) in types.items()}
    compared = {
        name: dataclasses.replace(form, type_drift=form.type_drift or projection.by_name[name].converted)
        for name, form in forms.items()
        if name not in ignored
    }
    check_tolerances(f"rows.tables.{projection.source.identity!r}", rules.tolerances, compared)
    names = key.columns if key else ()
    sides = {
        index: HashedTable(
            connection=connection,
            endpoint=endpoint,
            rows=rows,
            forms={name: (form.source, form.target)[index] for name, form in compared.items()},
            key=names,
            key_forms={name: (forms[name].source, forms[name].target)[index] for name in names},
            types={name: pair_of_types[index] for name, pair_of_types in types.items()},
            digest=calibration.digest,
            native=calibration.native,
        )
        for index, connection, endpoint, rows in (
            (0, pair.source, pair.source_endpoint, source_rows(projection)),
            (1, pair.target, pair.target_endpoint, target_rows(projection)),
        )
    }
    relations = (projection.source.identity, projection.target.identity)
    return TableComparison(
        projection=projection,
        stored=not any(each in view_identities(catalog) for each, catalog in zip(relations, catalogs, strict=True)),
        forms=compared,
        key=key,
        source=sides[0],
        target=sides[1],
        personal=frozenset(name for name in names if _is_personal(projection, name, configuration)),
        uncompared=tuple(name for name in projection.missing if name not in ignored),
        estimated_rows=max(projection.source.estimated_rows, projection.target.estimated_rows, 0),
        limit=configuration.rows.limit,
        stop_after=configuration.rows.stop_after,
        hidden=frozenset(name for name in compared if _is_personal(projection, name, configuration)),
        tolerances=rules.tolerances,
        show_values=configuration.rows.show_values,
        sample=configuration.rows.sample,
        settle_seconds=configuration.rows.settle_seconds,
        snapshots_at=pair.snapshots_at,
    )


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


def _is_personal(projection: TableProjection, name: str, configuration: Configuration) -> bool:
    """Whether a column is declared personal, by its name on either side."""
    column: ProjectedColumn = projection.by_name[name]
    target, source = projection.target, projection.source
    names = {qualified(target.schema, target.name, name), qualified(source.schema, source.name, name)}
    if column.source is not None:
        names.add(qualified(source.schema, source.name, column.source))
    return not names.isdisjoint(configuration.personal.columns)
