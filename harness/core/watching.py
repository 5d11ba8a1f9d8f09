"""Chooses the tables whose rows are looked at after a call, and the keys by which their rows are matched."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from harness.core.effects import WatchedTable
from harness.core.mapping import Mapping
from harness.core.model.catalog import Catalog
from harness.core.model.relations import Column, Table


def watched_tables(
    source: Catalog, target: Catalog, mapping: Mapping, excluded: Collection[str] = ()
) -> tuple[tuple[WatchedTable, ...], tuple[WatchedTable, ...]]:
    """All tables of each side, those of both matched through the mapping.

    Of `excluded` ones only whether they were written to is looked at.
    """
    of_source = {each.identity: each for each in _watched(source)}
    of_target = {each.identity: each for each in _watched(target)}
    pairs = {
        identity: mapping.target_of(identity)
        for identity in of_source
        if mapping.target_of(identity) in of_target and identity not in excluded
    }
    counterparts = {target_identity: identity for identity, target_identity in pairs.items()}
    return (
        tuple(
            replace(table, common=identity if identity in pairs else "", silent=identity in excluded)
            for identity, table in of_source.items()
        ),
        tuple(
            replace(
                _mapped(table, counterparts.get(identity, ""), mapping, of_source),
                silent=identity in excluded and identity not in counterparts,
            )
            for identity, table in of_target.items()
        ),
    )


def _mapped(table: WatchedTable, common: str, mapping: Mapping, of_source: dict[str, WatchedTable]) -> WatchedTable:
    """A table of the target with the source's names: computed columns have no counterpart, and are not compared."""
    if not common:
        return table
    rules = mapping.table(common).columns
    renamed = {name: rule.source for name, rule in rules.items() if rule.source and rule.source != name}
    computed = {name for name, rule in rules.items() if rule.source is None}
    columns = {name: kind for name, kind in table.columns.items() if name not in computed}
    names = {renamed.get(name, name): name for name in columns}
    key = of_source[common].key
    usable = key and all(name in names for name in key)
    return replace(
        table,
        common=common,
        renamed=renamed,
        columns=columns,
        key=tuple(names[name] for name in key) if usable else tuple(n for n in table.key if n in columns),
    )


def _watched(catalog: Catalog) -> list[WatchedTable]:
    return [
        WatchedTable(
            identity=table.identity,
            schema=table.schema,
            name=table.name,
            columns={column.name: column.type for column in catalog.columns_by_table.get(table.identity, ())},
            key=_key(catalog, table),
            partitioned=table.partition_key is not None,
        )
        for table in catalog.tables
        if table.partition_of is None and table.persistence != "temporary"
    ]


def _key(catalog: Catalog, table: Table) -> tuple[str, ...]:
    """The columns that tell rows apart: those that the application gives rather than those that the server makes up."""
    columns = {column.name: column for column in catalog.columns_by_table.get(table.identity, ())}
    candidates = [
        constraint.columns
        for kind in ("primary key", "unique")
        for constraint in catalog.constraints_by_table.get(table.identity, ())
        if constraint.type == kind
    ]
    candidates += [
        index.columns
        for index in catalog.indexes_by_table.get(table.identity, ())
        if index.unique and index.valid and index.predicate is None and set(index.columns) <= set(columns)
    ]
    strict = [
        key
        for key in candidates
        if key and all(name in columns and (columns[name].not_null or _primary(catalog, table, key)) for name in key)
    ]
    given = [key for key in strict if not any(_made_up(columns[name]) for name in key)]
    return next(iter(given or strict), ())


def _primary(catalog: Catalog, table: Table, key: tuple[str, ...]) -> bool:
    return any(
        constraint.type == "primary key" and constraint.columns == key
        for constraint in catalog.constraints_by_table.get(table.identity, ())
    )


def _made_up(column: Column) -> bool:
    return column.identity_kind is not None or column.default is not None or column.generated is not None
