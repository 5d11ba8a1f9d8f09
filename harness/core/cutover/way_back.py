"""The way back: which tables and columns can be carried from the target to the source through the mapping; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from harness.core.configuration import Configuration, TableRowsSection
from harness.core.mapping import ColumnMapping, Mapping, TableMapping
from harness.core.model.catalog import Catalog
from harness.core.model.relations import Column
from harness.core.names import qualified
from harness.core.projection import TableProjection, project
from harness.core.row_keys import personal_among

CHOSEN: Final = "only rows that a condition chooses were moved or compared: which of the others are new cannot be told"
SHARED: Final = "several tables of the source were merged in it: which of them a row belongs to cannot be told"
ABSENT: Final = "the other side has no such table"
LEFT_TO_DEFAULT: Final = "new rows get the source's default there"


@dataclass(frozen=True, slots=True, kw_only=True)
class WayBack:
    """What is carried from the target to the source, and what cannot be."""

    configuration: Configuration
    """Of a comparison whose source is the target; its tables are those that are carried"""
    carried: dict[str, str] = field(default_factory=dict)
    """The source's table to the target's"""
    tables: dict[str, str] = field(default_factory=dict)
    """The source's table to why it cannot be carried"""
    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    """Of tables that are carried: column of the source to why it is not"""
    lost: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Of tables that are carried: columns of the target that the source has no place for"""
    uncompared: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Of tables that are carried: columns of the source that the configuration leaves out of the comparison"""


def way_back(configuration: Configuration, catalogs: tuple[Catalog, Catalog], tables: Sequence[str]) -> WayBack:
    """The mapping turned round, for tables in scope by identity on the source.

    A rename goes back; a cast, an expression, a constant and a dropped column do not: what an expression made of a
    value does not say what the value was.
    """
    mapping, (source, target) = configuration.mapping, catalogs
    shared = Counter(mapping.target_of(table) for table in tables)
    carried: dict[str, str] = {}
    refused: dict[str, str] = {}
    columns: dict[str, dict[str, str]] = {}
    lost: dict[str, tuple[str, ...]] = {}
    rules: dict[str, TableMapping] = {}
    projections: dict[str, TableProjection] = {}
    for table in tables:
        other = mapping.target_of(table)
        if table not in source.table_by_identity or other not in target.table_by_identity:
            refused[table] = ABSENT
            continue
        if shared[other] > 1:
            refused[table] = SHARED
            continue
        projection = project(table, mapping, source, target)
        left = dict(_not_carried(projection, source, mapping.table(table)))
        reason = _table_reason(configuration, projection, source, left)
        if reason is not None:
            refused[table] = reason
            continue
        projections[table] = projection
        carried[table], rules[other] = other, _turned(projection, source, left)
        if left:
            columns[table] = left
        if rules[other].drop:
            lost[table] = tuple(rules[other].drop)
    return WayBack(
        configuration=_configuration(configuration, Mapping(tables=rules), projections),
        carried=carried,
        tables=refused,
        columns=columns,
        lost=lost,
        uncompared={table: names for table, each in projections.items() if (names := _uncompared(configuration, each))},
    )


def _not_carried(projection: TableProjection, source: Catalog, rules: TableMapping) -> Iterator[tuple[str, str]]:
    """Columns of the source that get no value from the target."""
    back = projection.by_source
    for name in _columns(source, projection.source.identity):
        if name in back:
            continue
        if name in rules.drop:
            yield name, f"it was dropped ({rules.drop[name]})"
        elif any(rule.source == name and rule.cast is not None for rule in rules.columns.values()):
            yield name, "it was cast on the way"
        elif name in projection.missing:
            yield name, "it has no place on the target"
        else:
            yield name, "its value went into an expression, or was replaced"


def _columns(catalog: Catalog, table: str) -> dict[str, Column]:
    return {column.name: column for column in catalog.columns_by_table.get(table, ())}


def _table_reason(
    configuration: Configuration, projection: TableProjection, source: Catalog, left: dict[str, str]
) -> str | None:
    table = projection.source.identity
    section = configuration.rows.tables.get(table, TableRowsSection())
    if table in configuration.migrate.tables or section.where or section.source_where or section.target_where:
        return CHOSEN
    columns = _columns(source, table)
    for name, why in left.items():
        column = columns[name]
        if column.not_null and column.default is None and column.generated is None and column.identity_kind is None:
            return f"column {name} takes no NULL, has no default, and gets no value: {why}"
    keys = [each.columns for each in source.constraints_by_table.get(table, ()) if each.type == "primary key"]
    lacking = [name for key in keys for name in key if name in left]
    if lacking:
        return f"column {lacking[0]} of its primary key gets no value: {left[lacking[0]]}"
    return None


def _turned(projection: TableProjection, source: Catalog, left: dict[str, str]) -> TableMapping:
    """The mapping of the target's table to the source's."""
    table = projection.source.identity
    generated = {name for name, column in _columns(source, table).items() if column.generated is not None}
    columns = {
        origin: ColumnMapping(source=each.name)
        for origin, each in projection.by_source.items()
        if origin != each.name and origin not in generated
    }
    columns |= {
        origin: ColumnMapping(default=True)
        for origin in (*left, *(name for name in projection.by_source if name in generated))
        if origin not in columns and (origin in left or projection.by_source[origin].name != origin)
    }
    taken = {each.name for each in projection.by_source.values()}
    unplaced = (each.name for each in projection.columns if each.name not in taken)
    drop = dict.fromkeys((*unplaced, *projection.defaulted, *projection.target_only), "the source has no place for it")
    return TableMapping(
        target=table if table != projection.target.identity else None,
        columns=columns,
        drop=drop,
    )


def _configuration(
    configuration: Configuration, mapping: Mapping, projections: dict[str, TableProjection]
) -> Configuration:
    rows: dict[str, TableRowsSection] = {}
    personal = dict.fromkeys(configuration.personal.columns)
    for table, projection in projections.items():
        section = configuration.rows.tables.get(table)
        if section is not None:
            rows[projection.target.identity] = _section(section, projection)
        hidden = personal_among(projection.by_name, projection, configuration.personal.columns)
        for origin, each in projection.by_source.items():
            if each.name in hidden:
                personal[qualified(projection.source.schema, projection.source.name, origin)] = None
    scope = configuration.scope.model_copy(
        update={"tables": tuple(each.target.identity for each in projections.values()), "exclude": {}}
    )
    update = {
        "mapping": mapping,
        "scope": scope,
        "rows": configuration.rows.model_copy(update={"tables": rows, "checks": ()}),
        "personal": configuration.personal.model_copy(update={"columns": tuple(personal)}),
        "migrate": configuration.migrate.model_copy(update={"tables": {}}),
    }
    return configuration.model_copy(update=update)


def _uncompared(configuration: Configuration, projection: TableProjection) -> tuple[str, ...]:
    section = configuration.rows.tables.get(projection.source.identity, TableRowsSection())
    wanted = {*section.columns, *section.key}
    source, target = projection.source, projection.target
    return tuple(
        origin
        for origin, each in projection.by_source.items()
        if (section.columns and each.name not in wanted)
        or qualified(source.schema, source.name, origin) in configuration.rows.ignore_columns
        or qualified(target.schema, target.name, each.name) in configuration.rows.ignore_columns
    )


def _section(section: TableRowsSection, projection: TableProjection) -> TableRowsSection:
    """What was said of the target's columns, said of the source's."""
    origin = {each.name: each.source or each.name for each in projection.columns}
    known = set(projection.by_source)

    def back(names: Sequence[str]) -> tuple[str, ...]:
        return tuple(name for name in (origin.get(each, each) for each in names) if name in known)

    # No tolerances: what the application wrote is carried exactly, however small the change.
    return TableRowsSection(key=back(section.key), columns=back(section.columns))
