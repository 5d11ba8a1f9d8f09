"""What the comparison of each table needs before a row is read: its projection, its key, how its columns are hashed."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from harness.core.configuration import Configuration, TableRowsSection
from harness.core.declared_tables import check_declared, declared, declared_views, view_identities, with_asked_views
from harness.core.keys import match_key
from harness.core.model.catalog import Catalog
from harness.core.projection import TableProjection, check_mapping, project, without_partitions
from harness.core.row_forms import DescribedType, cell_form
from harness.core.row_keys import personal_among
from harness.core.row_types import unwrapped
from harness.core.tolerance import check_tolerances
from harness.errors import TableMissing
from harness.postgres.connect import Connection, Endpoint
from harness.postgres.failures import blaming
from harness.postgres.projected import check_filters, described, described_source, source_rows, target_rows
from harness.postgres.row_hash import Calibration, HashedTable, calibrate
from harness.stages import rows_result as result
from harness.stages.rows_table import TableComparison

TypePairs = dict[str, tuple[DescribedType, DescribedType]]
"""Of the columns of one table, by their name on the target: the source's type and the target's"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPair:
    """Both sessions, each in its snapshot."""

    source: Connection
    source_endpoint: Endpoint
    target: Connection
    target_endpoint: Endpoint
    snapshots_at: float
    """When the later of the snapshots was taken, by time.monotonic"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TablesToCompare:
    """The tables that were asked for, as the catalogs and the configuration have them."""

    catalogs: tuple[Catalog, Catalog]
    """With the views that were asked for among their tables"""
    projections: dict[str, TableProjection]
    """Of the tables that both sides have, by identity on the source"""
    missing: tuple[result.MissingTable, ...]
    """Of those that one side has"""
    partitions: tuple[str, ...]
    """Tables asked for whose rows are compared with those of the table that they are part of"""


def tables_to_compare(
    tables: tuple[str, ...], catalogs: tuple[Catalog, Catalog], configuration: Configuration
) -> TablesToCompare:
    """`tables` (identities on the source) and the views that the configuration declares, in that order.

    `catalogs` as they were read. TableMissing where a table is on neither side; ConfigurationError where the mapping or
    [rows.tables] names what is not there.
    """
    tables = tuple(dict.fromkeys((*tables, *declared_views(catalogs, configuration))))
    catalogs = with_asked_views(catalogs, configuration)
    check_mapping(configuration.mapping, *catalogs)
    check_declared(configuration.rows, configuration.mapping, *catalogs)
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
    return TablesToCompare(
        catalogs=catalogs,
        projections=projections,
        missing=tuple(missing),
        partitions=tuple(table for table in tables if table not in alone),
    )


def prepared_comparisons(
    pair: SessionPair, asked: TablesToCompare, configuration: Configuration
) -> list[TableComparison]:
    """The comparison of each table: all of them, so that what the configuration has wrong is said before a row is read.

    The servers are asked for the types of every column, and shown to hash their values alike. Raises
    ConfigurationError (a filter, an expression, a key, a tolerance) and StatementFailed.
    """
    types = {table: _described(pair, projection) for table, projection in asked.projections.items()}
    every = [(unwrapped(one), unwrapped(other)) for of_table in types.values() for one, other in of_table.values()]
    calibration = calibrate((pair.source, pair.source_endpoint), (pair.target, pair.target_endpoint), every)
    return [
        _prepared(pair, projection, types[table], calibration, asked.catalogs, configuration)
        for table, projection in asked.projections.items()
    ]


def _absent(table: str, catalogs: tuple[Catalog, Catalog], configuration: Configuration) -> result.MissingTable | None:
    target = configuration.mapping.target_of(table)
    on_source, on_target = table in catalogs[0].table_by_identity, target in catalogs[1].table_by_identity
    if on_source and on_target:
        return None
    if not on_source and not on_target:
        raise TableMissing(f"table {table} exists on neither side", hint="Check [scope], --table and the schemas.")
    return result.MissingTable(table=table, target=target, on_source=on_source)


def _described(pair: SessionPair, projection: TableProjection) -> TypePairs:
    sides = (pair.source, pair.source_endpoint), (pair.target, pair.target_endpoint)
    check_filters(*sides, projection)
    if projection.source_where is not None or projection.target_where is not None:
        # What reads SQL is loaded where there is some.
        from harness.postgres.volatility import refuse_volatile_filters

        refuse_volatile_filters(*sides, projection)
    left = described_source(pair.source, pair.source_endpoint, projection)
    with blaming(pair.target_endpoint, pair.target):
        right = described(pair.target, target_rows(projection))
    names = (column.name for column in projection.columns)
    return {name: (one, other) for name, one, other in zip(names, left, right, strict=True)}


def _prepared(
    pair: SessionPair,
    projection: TableProjection,
    types: TypePairs,
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
        personal=personal_among(names, projection, configuration.personal.columns),
        uncompared=tuple(name for name in projection.missing if name not in ignored),
        estimated_rows=max(projection.source.estimated_rows, projection.target.estimated_rows, 0),
        limit=configuration.rows.limit,
        stop_after=configuration.rows.stop_after,
        hidden=personal_among(compared, projection, configuration.personal.columns),
        tolerances=rules.tolerances,
        show_values=configuration.rows.show_values,
        sample=configuration.rows.sample,
        settle_seconds=configuration.rows.settle_seconds,
        snapshots_at=pair.snapshots_at,
    )
