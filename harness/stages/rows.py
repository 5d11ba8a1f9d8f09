"""The rows stage: every row of every table in scope is compared on both sides, in one snapshot a side."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from harness.core.configuration import Configuration
from harness.core.deltas import TableRows
from harness.core.keys import match_key
from harness.core.model.catalog import Catalog
from harness.core.names import qualified
from harness.core.projection import ProjectedColumn, TableProjection, check_mapping, project, without_partitions
from harness.core.row_forms import DescribedType, cell_form
from harness.errors import PgparityError, TableMissing
from harness.postgres.connect import Connection, Endpoint, session, snapshot
from harness.postgres.failures import StatementFailed, blaming
from harness.postgres.projected import described, described_source, source_rows, target_rows
from harness.postgres.row_hash import Calibration, HashedTable, calibrate
from harness.stages import rows_result as result
from harness.stages.events import Events, Silent
from harness.stages.result import StageResult
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
) -> StageResult[tuple[TableRows, ...]]:
    """Compare the rows of `tables` (identities on the source) through the mapping.

    A table that is missing on one side, or that a statement fails on, is incomplete (ROW005), never identical; so is
    the stage when every table of the source is empty (COV002). Raises TableMissing where a table is on neither side,
    ConfigurationError (the mapping), ConnectionFailed, and PrivilegeMissing: also where row-level security would hide
    rows from the role.
    """
    check_mapping(configuration.mapping, source_catalog, target_catalog)
    catalogs = (source_catalog, target_catalog)
    projections: dict[str, TableProjection] = {}
    missing: list[result.MissingTable] = []
    alone = without_partitions(tables, source_catalog)
    for table in alone:
        absent = _absent(table, catalogs, configuration)
        if absent is not None:
            missing.append(absent)
        else:
            projections[table] = project(table, configuration.mapping, source_catalog, target_catalog)
    try:
        compared = _compare_all(source, target, catalogs, projections, configuration, events)
    except StatementFailed as failure:
        raise PgparityError(
            f"the rows cannot be compared: on the {failure.side}: {failure.reason}",
            hint="Has a table changed since its structure was read? Run again.",
        ) from None
    partitions = tuple(table for table in tables if table not in alone)
    return result.done(compared, missing, list(projections.values()), configuration, partitions=partitions)


def _compare_all(
    source: Endpoint,
    target: Endpoint,
    catalogs: tuple[Catalog, Catalog],
    projections: dict[str, TableProjection],
    configuration: Configuration,
    events: Events,
) -> list[ComparedTable]:
    compared: list[ComparedTable] = []
    with (
        session(source, purpose="rows") as left,
        snapshot(left),
        session(target, purpose="rows") as right,
        snapshot(right),
    ):
        pair = SessionPair(source=left, source_endpoint=source, target=right, target_endpoint=target)
        types = {table: _described(pair, projection) for table, projection in projections.items()}
        calibration = calibrate(
            (left, source), (right, target), [each for of_table in types.values() for each in of_table.values()]
        )
        for number, (table, projection) in enumerate(projections.items()):
            events.progress("rows", number, len(projections), table)
            prepared = _prepared(pair, projection, types[table], calibration, catalogs, configuration)
            compared.append(_compared(pair, prepared))
        events.progress("rows", len(projections), len(projections), "")
    return compared


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPair:
    """Both sessions, each in its snapshot."""

    source: Connection
    source_endpoint: Endpoint
    target: Connection
    target_endpoint: Endpoint


def _absent(table: str, catalogs: tuple[Catalog, Catalog], configuration: Configuration) -> result.MissingTable | None:
    target = configuration.mapping.target_of(table)
    on_source, on_target = table in catalogs[0].table_by_identity, target in catalogs[1].table_by_identity
    if on_source and on_target:
        return None
    if not on_source and not on_target:
        raise TableMissing(f"table {table} exists on neither side", hint="Check [scope], --table and the schemas.")
    return result.MissingTable(table=table, target=target, on_source=on_source)


def _described(pair: SessionPair, projection: TableProjection) -> dict[str, tuple[DescribedType, DescribedType]]:
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
    key = match_key(projection, *catalogs)
    forms = {name: cell_form(one, other, portable=calibration.portable) for name, (one, other) in types.items()}
    compared = {
        name: dataclasses.replace(form, type_drift=form.type_drift or projection.by_name[name].converted)
        for name, form in forms.items()
        if name not in ignored
    }
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
        )
        for index, connection, endpoint, rows in (
            (0, pair.source, pair.source_endpoint, source_rows(projection)),
            (1, pair.target, pair.target_endpoint, target_rows(projection)),
        )
    }
    return TableComparison(
        projection=projection,
        forms=compared,
        key=key,
        source=sides[0],
        target=sides[1],
        personal=frozenset(name for name in names if _is_personal(projection, name, configuration)),
        uncompared=tuple(name for name in projection.missing if name not in ignored),
        estimated_rows=max(projection.source.estimated_rows, projection.target.estimated_rows, 0),
        limit=configuration.rows.limit,
    )


def _compared(pair: SessionPair, comparison: TableComparison) -> ComparedTable:
    try:
        # Savepoints: a statement that fails on one table must not cost the others the snapshots.
        with pair.source.transaction(), pair.target.transaction():
            return compare_table(comparison)
    except StatementFailed as failure:
        return result.failed(comparison, f"on the {failure.side}: {failure.reason}")


def _is_personal(projection: TableProjection, name: str, configuration: Configuration) -> bool:
    """Whether a column is declared personal, by its name on either side."""
    column: ProjectedColumn = projection.by_name[name]
    target, source = projection.target, projection.source
    names = {qualified(target.schema, target.name, name), qualified(source.schema, source.name, name)}
    if column.source is not None:
        names.add(qualified(source.schema, source.name, column.source))
    return not names.isdisjoint(configuration.personal.columns)
