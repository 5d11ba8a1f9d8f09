"""From the catalog's rows to relationships, and to the primary keys that views have from their base tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.gateway.cache.relationship_detection import detect, exposed, origins, primary_keys_of_views
from harness.gateway.cache.relationships import ForeignKey, Relationship
from harness.gateway.cache.schema_cache import Name
from harness.gateway.cache.view_columns import View, follow
from harness.gateway.cache.view_definitions import column_origins

Row = tuple[Any, ...]
KeyColumns = dict[tuple[int, int], tuple[Name, str]]


@dataclass(frozen=True, slots=True)
class Related:
    """What follows from keys, views and functions: see the fields of that name of the schema cache."""

    relationships: Mapping[Name, tuple[Relationship, ...]]
    relationship_origins: frozenset[tuple[Name, str]]
    keys_of_views: Mapping[Name, tuple[str, ...]]


def _foreign_keys(rows: Iterable[Row], key_columns: KeyColumns) -> list[ForeignKey]:
    """The foreign keys of foreign_keys.sql; their columns are added to `key_columns`."""
    found: list[ForeignKey] = []
    for schema, name, foreign_schema, foreign, constraint, columns, referenced, unique, *numbers in rows:
        oid, column_numbers, foreign_oid, referenced_numbers = numbers
        here, there = Name(schema, name), Name(foreign_schema, foreign)
        pairs = tuple(zip(columns, referenced, strict=True))
        found.append(ForeignKey(here, there, constraint, pairs, unique))
        for number, column in zip(column_numbers, columns, strict=True):
            key_columns[oid, number] = here, column
        for number, column in zip(referenced_numbers, referenced, strict=True):
            key_columns[foreign_oid, number] = there, column
    return found


def _computed(rows: Iterable[Row]) -> list[Relationship]:
    return [
        Relationship(
            Name(schema, relation),
            Name(foreign_schema, foreign),
            "many-to-one" if to_one else "one-to-many",
            "",
            (),
            function=Name(function_schema, function),
        )
        for function_schema, function, schema, relation, foreign_schema, foreign, to_one in rows
    ]


def related(
    foreign_keys: Iterable[Row],
    primary_keys: Iterable[Row],
    view_definitions: Iterable[Row],
    computed: Iterable[Row],
    schemas: Collection[str],
) -> Related:
    """Everything that the rows of the queries of those names tell.

    :param schemas: the exposed ones. Views elsewhere are followed only, and base tables may be anywhere.
    """
    key_columns: KeyColumns = {}
    keys = _foreign_keys(foreign_keys, key_columns)
    of_tables: dict[Name, Sequence[str]] = {}
    partitions: set[Name] = set()
    for schema, name, is_partition, columns, oid, numbers in primary_keys:
        table = Name(schema, name)
        of_tables[table] = columns
        if is_partition:
            partitions.add(table)
        for number, column in zip(numbers, columns, strict=True):
            key_columns[oid, number] = table, column
    views = [
        View(oid, Name(schema, name), columns or (), column_origins(definition))
        for oid, schema, name, columns, definition in view_definitions
    ]
    shown = [one for one in follow(views, key_columns) if one.view.schema in schemas]
    of_views = primary_keys_of_views(of_tables, shown)
    # a partition is no relation of the API, so it is no junction either
    junctions = {name: key for name, key in of_tables.items() if name not in partitions}
    detected = detect(keys, {**junctions, **of_views}, shown, _computed(computed))
    return Related(exposed(detected, schemas), origins(detected, schemas), of_views)
