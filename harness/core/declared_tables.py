"""Declared tables: what [rows.tables] says of a table or a view, checked against both catalogs and applied to it."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator

from harness.core.configuration import Configuration, RowsSection
from harness.core.mapping import Mapping
from harness.core.model.catalog import Catalog
from harness.core.model.relations import Column, Table
from harness.core.names import qualified, split
from harness.core.projection import TableProjection, unknown_name
from harness.errors import ConfigurationError


def view_identities(catalog: Catalog) -> frozenset[str]:
    """Views, materialised views and foreign tables: they hold rows, and are compared only where somebody asks."""
    return frozenset(each.identity for each in (*catalog.views, *catalog.foreign_tables))


def with_views(catalog: Catalog, asked: Collection[str]) -> Catalog:
    """The catalog with the views and foreign tables that are `asked` for (by identity) as tables without a key."""
    tables: list[Table] = []
    columns: list[Column] = []
    names: dict[str, list[str]] = {}
    for part in catalog.view_columns:
        names.setdefault(part.table_identity or "", []).append(part.name)
    for view in catalog.views:
        if view.identity in asked:
            tables.append(Table(schema=view.schema, name=view.name, owner=view.owner))
            columns += [
                Column(schema=view.schema, table=view.name, name=name, type=kind, position=place)
                for place, (name, kind) in enumerate(_parted(view.columns, names.get(view.identity, ())), start=1)
            ]
    for foreign in catalog.foreign_tables:
        if foreign.identity in asked:
            tables.append(Table(schema=foreign.schema, name=foreign.name, owner=foreign.owner))
    if not tables:
        return catalog
    return dataclasses.replace(catalog, tables=(*catalog.tables, *tables), columns=(*catalog.columns, *columns))


def with_asked_views(catalogs: tuple[Catalog, Catalog], configuration: Configuration) -> tuple[Catalog, Catalog]:
    """Both catalogs with the views that [rows.tables] or [scope] names, each under its name on that side."""
    source = {*configuration.rows.tables, *(_identity(name) for name in configuration.scope.tables)}
    target = {configuration.mapping.target_of(each) for each in source}
    # A view of one side may stand for a table of the other: what a table of the source is mapped to is asked for too.
    target |= {configuration.mapping.target_of(each) for each in catalogs[0].table_by_identity}
    source |= {each for each in catalogs[1].table_by_identity if each in view_identities(catalogs[0])}
    return with_views(catalogs[0], source), with_views(catalogs[1], target)


def declared_views(catalogs: tuple[Catalog, Catalog], configuration: Configuration) -> tuple[str, ...]:
    """Views of the source that [rows.tables] or [scope] asks for by name; of catalogs as they were read."""
    listed = tuple(_identity(name) for name in configuration.scope.tables)
    excluded = {_identity(name) for name in configuration.scope.exclude}
    known = view_identities(catalogs[0])
    asked = listed or tuple(configuration.rows.tables)
    return tuple(each for each in asked if each in known and each not in excluded)


def check_declared(section: RowsSection, mapping: Mapping, source: Catalog, target: Catalog) -> None:
    """ConfigurationError where [rows.tables] or ignore_columns names what neither catalog has, with the nearest name.

    The catalogs are those of with_asked_views.
    """
    for identity in section.tables:
        if identity not in source.table_by_identity and mapping.target_of(identity) not in target.table_by_identity:
            raise unknown_name("table or view of the source", identity, _known(source), f"rows.tables.{identity!r}")
    columns = {
        column: table
        for catalog in (source, target)
        for table, of_table in catalog.columns_by_table.items()
        for column in (each.identity for each in of_table)
    }
    for identity in section.ignore_columns:
        if identity not in columns:
            raise unknown_name("column", identity, columns, "rows.ignore_columns")


def declared(projection: TableProjection, section: RowsSection, ignored: Collection[str]) -> TableProjection:
    """The projection with the filters of its table. ConfigurationError: it names a column that is not compared."""
    rules = section.tables.get(projection.source.identity)
    if rules is None:
        return projection
    where = f"rows.tables.{projection.source.identity!r}"
    known = projection.by_name
    for name in (*rules.key, *rules.columns):
        if name not in known:
            place = f"{where}.key" if name in rules.key else f"{where}.columns"
            raise unknown_name("compared column", name, known, place)
    for name in rules.key:
        if name in ignored:
            raise ConfigurationError(
                f"{where}.key: rows cannot be matched by {name}, which is ignored",
                hint="Take it out of rows.ignore_columns, or out of the key.",
            )
    return dataclasses.replace(
        projection,
        source_where=_both(rules.where, rules.source_where),
        target_where=_both(rules.where, rules.target_where),
    )


def _both(*conditions: str | None) -> str | None:
    # A line of its own for each: a condition may end in a comment.
    given = [f"({each}\n)" for each in conditions if each]
    return " AND ".join(given) or None


def _known(catalog: Catalog) -> frozenset[str]:
    return frozenset(catalog.table_by_identity) | view_identities(catalog)


def _parted(described: tuple[str, ...], names: Collection[str]) -> Iterator[tuple[str, str]]:
    """Name and type of each column from 'name type', where either may hold blanks."""
    for each in described:
        name = max((name for name in names if each.startswith(f"{name} ")), key=len, default=each.split(" ")[0])
        yield name, each.removeprefix(f"{name} ")


def _identity(name: str) -> str:
    try:
        parts = split(name)
    except ValueError:
        return name  # the scope refuses it, and says why
    return qualified("public", *parts) if len(parts) == 1 else qualified(*parts)
