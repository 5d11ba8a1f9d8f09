"""Reads the schema cache from the database's catalog."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

from psycopg import AsyncConnection, AsyncRawCursor

from harness.gateway.relationships import ForeignKey, all_relationships
from harness.gateway.schema_cache import Column, Function, Name, Parameter, SchemaCache, Table

Row = tuple[Any, ...]

# settings of a function that its transaction takes on before it is called (db-hoisted-tx-settings)
_HOISTED = frozenset({"statement_timeout", "plan_filter.statement_cost_limit", "default_transaction_isolation"})


@cache
def _query(name: str) -> bytes:
    return resources.files("harness.gateway").joinpath("sql", f"{name}.sql").read_bytes()


async def _rows(connection: AsyncConnection[Row], name: str, *parameters: object) -> list[Row]:
    cursor = AsyncRawCursor(connection)
    await cursor.execute(_query(name), parameters or None, prepare=False)
    return await cursor.fetchall()


def _tables(relations: Sequence[Row], columns: Sequence[Row]) -> dict[Name, Table]:
    by_table: dict[Name, dict[str, Column]] = defaultdict(dict)
    for schema, relation, name, type_, base_type, default, represented in columns:
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
    return tuple((key, value) for key, _, value in pairs if key.lower() in _HOISTED)


def _function(row: Row) -> Function:
    schema, name, names, types, required, variadic, returns_set, composite, type_, *more = row
    table, volatility, configuration, media = more
    last = len(names) - 1
    parameters = tuple(
        Parameter(names[i], types[i], required[i], variadic=variadic and i == last) for i in range(len(names))
    )
    return Function(
        Name(schema, name),
        parameters,
        returns_set=returns_set,
        returns_composite=composite,
        return_type=type_,
        table=table,
        volatility=volatility,
        settings=_settings(configuration),
        returns_media=media,
    )


async def read_schema_cache(connection: AsyncConnection[Row], schemas: Sequence[str]) -> SchemaCache:
    """The schema cache of the connection's database, read in one snapshot with an empty search path.

    The connection has to be in autocommit mode. An empty search path makes PostgreSQL write every name with its
    schema.
    """
    exposed = list(schemas)
    await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    try:
        await connection.execute("SET LOCAL search_path = ''")
        tables = _tables(await _rows(connection, "relations", exposed), await _rows(connection, "columns", exposed))
        keys = [
            ForeignKey(
                Name(schema, name),
                Name(foreign_schema, foreign),
                constraint,
                tuple(zip(columns, referenced, strict=True)),
                unique,
            )
            for schema, name, foreign_schema, foreign, constraint, columns, referenced, unique in await _rows(
                connection, "foreign_keys"
            )
        ]
        functions: dict[Name, list[Function]] = defaultdict(list)
        for row in await _rows(connection, "functions", exposed):
            function = _function(row)
            functions[function.name].append(function)
        computed = await _rows(connection, "computed_relationships")
        handlers = await _rows(connection, "media_handlers", exposed)
        settings: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for role, key, value in await _rows(connection, "role_settings"):
            settings[role].append((key, value))
    finally:
        await connection.rollback()
    return SchemaCache(
        tables=tables,
        relationships=all_relationships(
            keys, {name: table.primary_key for name, table in tables.items()}, frozenset(exposed)
        ),
        computed_relationships=frozenset((name, Name(schema, table)) for _, name, schema, table in computed),
        functions={name: tuple(found) for name, found in functions.items()},
        media_handlers=frozenset(name for (name,) in handlers),
        role_settings={role: tuple(found) for role, found in settings.items()},
    )
