"""Reads the schema cache from the database's catalog."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import Any

from psycopg import AsyncConnection, AsyncRawCursor

from harness.gateway.cache import media_handlers, representations
from harness.gateway.cache.relationship_reading import Related, related
from harness.gateway.cache.representations import Representations
from harness.gateway.cache.schema_cache import Column, Function, Name, Parameter, SchemaCache, Table

Row = tuple[Any, ...]


@cache
def _query(name: str) -> bytes:
    return resources.files("harness.gateway").joinpath("sql", f"{name}.sql").read_bytes()


async def _rows(connection: AsyncConnection[Row], name: str, *parameters: object) -> list[Row]:
    cursor = AsyncRawCursor(connection)
    await cursor.execute(_query(name), parameters or None, prepare=False)
    return await cursor.fetchall()


def _tables(
    relations: Sequence[Row], columns: Sequence[Row], by_type: Mapping[str, Representations]
) -> dict[Name, Table]:
    by_table: dict[Name, dict[str, Column]] = defaultdict(dict)
    for schema, relation, name, type_, base_type, default in columns:
        represented = by_type.get(type_, representations.NONE)
        by_table[Name(schema, relation)][name] = Column(name, type_, base_type, default, represented)
    return {
        Name(schema, relation): Table(
            Name(schema, relation),
            is_view,
            insertable,
            updatable,
            deletable,
            tuple(primary_key),
            by_table[Name(schema, relation)],
        )
        for schema, relation, is_view, insertable, updatable, deletable, primary_key in relations
    }


def _settings(configuration: Sequence[str]) -> tuple[tuple[str, str], ...]:
    pairs = (setting.partition("=") for setting in configuration)
    return tuple((key, value) for key, _, value in pairs)


def _function(row: Row) -> Function:
    schema, name, names, types, declared, required, variadic, returns_set, composite, type_, *more = row
    row_type, volatility, configuration = more
    last = len(names) - 1
    parameters = tuple(
        Parameter(names[i], types[i], declared[i], required[i], variadic=variadic and i == last)
        for i in range(len(names))
    )
    return Function(
        Name(schema, name),
        parameters,
        returns_set=returns_set,
        returns_composite=composite,
        return_type=type_,
        row_type=row_type,
        volatility=volatility,
        settings=_settings(configuration),
    )


async def _related(connection: AsyncConnection[Row], exposed: list[str], extra_search_path: list[str]) -> Related:
    return related(
        await _rows(connection, "foreign_keys"),
        await _rows(connection, "primary_keys"),
        await _rows(connection, "view_definitions", exposed, extra_search_path),
        await _rows(connection, "computed_relationships"),
        frozenset(exposed),
    )


def _with_keys_of_views(tables: dict[Name, Table], keys: Related) -> dict[Name, Table]:
    views = {name: replace(tables[name], primary_key=key) for name, key in keys.keys_of_views.items() if name in tables}
    return {**tables, **views}


async def read_role_settings(connection: AsyncConnection[Row]) -> dict[str, tuple[tuple[str, str], ...]]:
    """The settings of the roles that the connection may become, by role."""
    # PostgreSQL 15 has GRANT SET ON PARAMETER
    name = "role_settings" if connection.info.server_version >= 150000 else "role_settings_before_15"
    settings: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for role, key, value in await _rows(connection, name):
        settings[role].append((key, value))
    return {role: tuple(found) for role, found in settings.items()}


async def read_schema_cache(
    connection: AsyncConnection[Row], schemas: Sequence[str], extra_search_path: Sequence[str] = ()
) -> SchemaCache:
    """The schema cache of the connection's database, read in one snapshot with an empty search path.

    The connection has to be in autocommit mode. An empty search path makes PostgreSQL write every name with its
    schema.

    :param schemas: the exposed ones.
    :param extra_search_path: schemas whose views are followed to their base tables, as those of exposed schemas are.
    """
    exposed = list(schemas)
    await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    try:
        await connection.execute("SET LOCAL search_path = ''")
        await _rows(connection, "named_schemas", [*exposed, *extra_search_path])
        tables = _tables(
            await _rows(connection, "relations", exposed),
            await _rows(connection, "columns", exposed),
            representations.from_rows(await _rows(connection, "representations")),
        )
        keys = await _related(connection, exposed, list(extra_search_path))
        functions: dict[Name, list[Function]] = defaultdict(list)
        for row in await _rows(connection, "functions", exposed):
            function = _function(row)
            functions[function.name].append(function)
        handlers = await _rows(connection, "media_handlers", exposed)
        role_settings = await read_role_settings(connection)
    finally:
        await connection.rollback()
    return SchemaCache(
        tables=_with_keys_of_views(tables, keys),
        relationships=keys.relationships,
        relationship_origins=keys.relationship_origins,
        functions={name: tuple(found) for name, found in functions.items()},
        media_handlers=media_handlers.from_rows(handlers),
        role_settings=role_settings,
    )
