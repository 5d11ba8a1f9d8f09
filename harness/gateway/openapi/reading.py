"""Reads what the description of a schema needs, in one transaction as the role of the request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

from psycopg import AsyncConnection

from harness.core.postgrest.model import JSON, Request
from harness.gateway.cache.schema_cache import Name, SchemaCache, Table
from harness.gateway.execution.transactions import Context, Transactions
from harness.gateway.openapi.description import (
    DescribedColumn,
    DescribedFunction,
    DescribedParameter,
    DescribedTable,
    Description,
)
from harness.gateway.planning.plan import Plan
from harness.gateway.queries.statements import Statement

Row = tuple[Any, ...]

_NAMES_WITH_SCHEMA = Statement(b"SELECT set_config('search_path', '', true)", ())


@cache
def _query(name: str) -> bytes:
    return resources.files("harness.gateway").joinpath("sql", f"{name}.sql").read_bytes()


def _foreign_keys(schema_cache: SchemaCache, table: Name) -> dict[str, tuple[str, str]]:
    """By column the table and column that it refers to, tables before views."""

    def of_view(foreign: Name) -> bool:
        found = schema_cache.tables.get(foreign)
        return found is not None and found.is_view

    keys: dict[str, tuple[str, str]] = {}
    relationships = schema_cache.relationships.get(table, ())
    for one in sorted(relationships, key=lambda relationship: of_view(relationship.foreign)):
        refers = one.function is None and one.to_one and not one.is_parent and len(one.pairs) == 1
        if refers and one.foreign.schema == table.schema:
            column, foreign_column = one.pairs[0]
            keys.setdefault(column, (one.foreign.name, foreign_column))
    return keys


def _columns(schema_cache: SchemaCache, table: Table, rows: Sequence[Row]) -> tuple[DescribedColumn, ...]:
    foreign_keys = _foreign_keys(schema_cache, table.name)
    return tuple(
        DescribedColumn(
            name,
            comment,
            nullable,
            type_,
            max_length,
            table.columns[name].default,
            tuple(labels),
            name in table.primary_key,
            foreign_keys.get(name),
        )
        for _, name, comment, nullable, type_, max_length, labels in rows
        if name in table.columns
    )


def _function(row: Row) -> DescribedFunction:
    name, comment, volatile, names, types, required, variadic = row
    parameters = zip(names, types, required, variadic, strict=True)
    return DescribedFunction(name, comment, volatile, tuple(DescribedParameter(*one) for one in parameters))


async def read_description(
    connection: AsyncConnection[Row],
    transactions: Transactions,
    schema_cache: SchemaCache,
    request: Request,
    context: Context,
    *,
    follow_privileges: bool,
) -> Description:
    """The description of the request's schema.

    What is not in the schema cache is not described: it could not be asked for either. Types are written without
    their schema where a function of the request would find them, with it in the columns of relations.

    :param follow_privileges: describe only what the role has a right on.
    :raises psycopg.Error: what PostgreSQL finds wrong, the role for example.
    """
    schema = request.schema
    comment = Statement(_query("schema_comment"), (schema,))
    functions = Statement(_query("described_functions"), (schema, follow_privileges))
    relations = Statement(_query("described_relations"), (schema, follow_privileges))
    columns = Statement(_query("described_columns"), (schema,))
    plan = Plan(request, JSON, comment, read_only=True)
    in_order = [functions, _NAMES_WITH_SCHEMA] if follow_privileges else [_NAMES_WITH_SCHEMA, functions]
    rows = await transactions.rows(connection, plan, context, *in_order, relations, columns)
    said, found_functions, found_relations, found_columns = rows[0], rows[1 + in_order.index(functions)], *rows[3:]
    by_relation: dict[str, list[Row]] = defaultdict(list)
    for row in found_columns:
        by_relation[row[0]].append(row)
    tables: list[DescribedTable] = []
    for name, about in found_relations:
        table = schema_cache.tables.get(Name(schema, name))
        if table is not None:
            writable = table.insertable or table.updatable or table.deletable
            tables.append(DescribedTable(name, about, writable, _columns(schema_cache, table, by_relation[name])))
    known = {row[0]: _function(row) for row in found_functions if Name(schema, row[0]) in schema_cache.functions}
    return Description(said[0][0] if said else None, tuple(tables), known)
