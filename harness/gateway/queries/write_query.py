"""INSERT, UPDATE and DELETE, with the request's body as one parameter that PostgreSQL takes apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from psycopg.sql import SQL, Composable

from harness.core.postgrest.model import Condition, Payload
from harness.gateway.cache.representations import called
from harness.gateway.cache.schema_cache import Column, Table
from harness.gateway.execution.bodies import Untyped
from harness.gateway.queries.fragments import Parameters, Scope, commas, identifier, spaced

_COUNT_UP = SQL(
    "set_config('pgrst.inserted',"
    " (coalesce(nullif(current_setting('pgrst.inserted', true), '')::int, 0) + 1)::text, true) <> '0'"
)
_COUNT_DOWN = SQL(
    "set_config('pgrst.inserted',"
    " (coalesce(nullif(current_setting('pgrst.inserted', true), '')::int, 0) - 1)::text, true) <> '-1'"
)
BODY = ("pgrst_body",)


@dataclass(frozen=True, slots=True)
class BodyColumn:
    """A name in the body, the type it is read as, and what stands in for it where it is missing.

    `parse` is the function that takes it as JSON (a domain representation).
    """

    name: str
    type: str
    default: str | None = None
    parse: str | None = None


def body_columns(columns: Sequence[Column]) -> list[BodyColumn]:
    """The columns of a table as they are read from a body."""
    return [
        BodyColumn(column.name, column.type if parse is None else "json", column.default, parse)
        for column in columns
        for parse in (column.representations.from_json,)
    ]


def _definitions(columns: Sequence[BodyColumn]) -> Composable:
    # types come from the catalog, as PostgreSQL itself writes them
    return commas([SQL("{} {}").format(identifier(column.name), SQL(column.type)) for column in columns])


def _parsed(column: BodyColumn) -> Composable:
    name = identifier(column.name)
    return name if column.parse is None else SQL("{} AS {}").format(called(column.parse, name), name)


def _with_defaults(columns: Sequence[BodyColumn], payload: Payload, parameters: Parameters) -> Composable:
    pairs: list[Composable] = []
    for column in columns:
        if column.default is not None:
            # defaults come from the catalog, as PostgreSQL itself writes them
            pairs += [SQL("{}::text").format(parameters.add(column.name)), SQL(column.default)]
    defaults = SQL("jsonb_build_object({})").format(commas(pairs))
    if payload.is_object:
        return SQL("LATERAL (SELECT {} || pgrst_payload.json_data AS val) pgrst_json_defs").format(defaults)
    return SQL(
        "LATERAL (SELECT jsonb_agg({} || elem) AS val"
        " FROM jsonb_array_elements(pgrst_payload.json_data) elem) pgrst_json_defs"
    ).format(defaults)


def from_body(
    payload: Payload,
    columns: Sequence[BodyColumn],
    parameters: Parameters,
    *,
    defaults: bool = False,
    one_row: bool = False,
) -> Composable:
    """FROM the body, as rows of `pgrst_body`.

    :param defaults: missing=default: what a row lacks is the column's default, not NULL.
    """
    prefix = SQL("jsonb" if defaults else "json")
    raw = parameters.add(Untyped(payload.raw))
    sources: list[Composable] = [SQL("(SELECT {}::{} AS json_data) pgrst_payload").format(raw, prefix)]
    document = SQL("pgrst_payload.json_data")
    if defaults:
        sources.append(_with_defaults(columns, payload, parameters))
        document = SQL("pgrst_json_defs.val")
    rows: Composable
    if columns:
        many = SQL("_to_record") if payload.is_object else SQL("_to_recordset")
        limit = SQL(" LIMIT 1") if one_row else SQL("")
        definitions = _definitions(columns)
        rows = SQL("{}{}({}) AS _({}){}").format(prefix, many, document, definitions, limit)
    elif payload.is_object:
        rows = SQL("(VALUES (1)) _")
    else:
        rows = SQL("{}_array_elements({}) _").format(prefix, document)
    names = commas([_parsed(column) for column in columns])
    sources.append(SQL("LATERAL (SELECT {} FROM {}) pgrst_body").format(names, rows))
    return SQL("FROM {}").format(commas(sources))


@dataclass(frozen=True, slots=True)
class Conflict:
    """ON CONFLICT: the columns of the arbiter and what happens."""

    columns: tuple[str, ...]
    resolution: Literal["merge-duplicates", "ignore-duplicates"]


def _relation(table: Table) -> Composable:
    return identifier(table.name.schema, table.name.name)


def _returning(table: Table, columns: Sequence[str]) -> Composable:
    if not columns:
        return SQL("RETURNING 1")
    scope = Scope((table.name.schema, table.name.name), table, Parameters())
    return SQL("RETURNING {}").format(commas([scope.column(name) for name in columns]))


def _on_conflict(conflict: Conflict | None, names: Sequence[Composable]) -> Composable | None:
    if conflict is None or not conflict.columns:
        return None
    arbiter = commas([identifier(name) for name in conflict.columns])
    if conflict.resolution == "ignore-duplicates" or not names:
        return SQL("ON CONFLICT({}) DO NOTHING").format(arbiter)
    sets = commas([SQL("{name} = EXCLUDED.{name}").format(name=name) for name in names])
    return SQL("ON CONFLICT({}) DO UPDATE SET {} WHERE {}").format(arbiter, sets, _COUNT_DOWN)


def insert(
    table: Table,
    columns: Sequence[Column],
    payload: Payload,
    parameters: Parameters,
    *,
    conflict: Conflict | None,
    defaults: bool,
    returning: Sequence[str],
    conditions: Sequence[Condition] = (),
) -> Composable:
    """INSERT of the body's rows. `conditions` (PUT) must hold for a row of the body to be taken at all."""
    names = [identifier(column.name) for column in columns]
    merges = conflict is not None and conflict.resolution == "merge-duplicates"
    from_rows = from_body(payload, body_columns(columns), parameters, defaults=defaults)
    counted = [_COUNT_UP] if merges else []
    where = Scope(BODY, table, parameters).where(conditions, counted)
    return spaced(
        SQL("INSERT INTO"),
        _relation(table),
        SQL("({})").format(commas(names)) if names else None,
        SQL("SELECT"),
        commas([identifier(*BODY, column.name) for column in columns]),
        from_rows,
        where,
        _on_conflict(conflict, names),
        _returning(table, returning),
    )


def update(
    table: Table,
    columns: Sequence[Column],
    payload: Payload,
    parameters: Parameters,
    *,
    conditions: Sequence[Condition],
    defaults: bool,
    returning: Sequence[str],
) -> Composable:
    """UPDATE of the rows that the conditions choose; an empty body changes nothing, and answers no rows."""
    scope = Scope((table.name.schema, table.name.name), table, parameters)
    if not columns:
        names = commas([scope.column(name) for name in returning]) if returning else SQL("NULL")
        return SQL("SELECT {} FROM {} WHERE false").format(names, _relation(table))
    sets = [SQL("{} = {}").format(identifier(one.name), identifier(*BODY, one.name)) for one in columns]
    return spaced(
        SQL("UPDATE"),
        _relation(table),
        SQL("SET"),
        commas(sets),
        from_body(payload, body_columns(columns), parameters, defaults=defaults),
        scope.where(conditions),
        _returning(table, returning),
    )


def delete(
    table: Table, parameters: Parameters, *, conditions: Sequence[Condition], returning: Sequence[str]
) -> Composable:
    """DELETE of the rows that the conditions choose."""
    scope = Scope((table.name.schema, table.name.name), table, parameters)
    return spaced(SQL("DELETE FROM"), _relation(table), scope.where(conditions), _returning(table, returning))
