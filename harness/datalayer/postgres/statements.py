"""Composes the statements of a repository: identifiers through psycopg.sql, values as parameters.

A text is composed once for each shape (table, columns, operators) and kept; the values travel beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from psycopg import sql

from harness.datalayer.envelope import InvalidInput
from harness.datalayer.filters import Filter, OrderBy
from harness.datalayer.observation.observing import CallKind
from harness.datalayer.parameters import rows_as_json
from harness.datalayer.postgres import conditions
from harness.datalayer.postgres.conditions import Shape, identifier

_TEXTS_KEPT: Final = 1024
_EXACT: Final = "text of {}"


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement, the values of its placeholders, and what an observer is told that it does."""

    text: sql.SQL | sql.Composed | bytes
    parameters: tuple[object, ...]
    kind: CallKind = "other"
    table: str = ""


def select(
    table: str,
    where: Sequence[Filter],
    *,
    order_by: Sequence[OrderBy] = (),
    limit: int | None = None,
    offset: int = 0,
    texts: bool = False,
) -> Statement:
    """Whole rows of a table; with `texts` also PostgreSQL's text of each column of the order, named by `text_of`."""
    parameters: list[object] = []
    shape = conditions.shape(where, parameters)
    text = _select(table, shape, tuple(order_by), limit is not None, offset != 0, texts)
    if limit is not None:
        parameters.append(limit)
    if offset:
        parameters.append(offset)
    return Statement(text, tuple(parameters), "select", table)


def text_of(column: str) -> str:
    """The name under which `select` gives the text of a column."""
    return _EXACT.format(column)


def count(table: str, where: Sequence[Filter]) -> Statement:
    """How many rows of a table match."""
    parameters: list[object] = []
    shape = conditions.shape(where, parameters)
    return Statement(_count(table, shape), tuple(parameters), "count", table)


def delete(table: str, where: Sequence[Filter]) -> Statement:
    """Delete the rows that match, and return them; InvalidInput without a condition."""
    if not where:
        raise InvalidInput("where: a delete has to be given a filter.")
    parameters: list[object] = []
    shape = conditions.shape(where, parameters)
    return Statement(_delete(table, shape), tuple(parameters), "delete", table)


def upsert(
    table: str,
    columns: Sequence[str],
    rows: Sequence[Mapping[str, object]],
    conflict: Sequence[str],
    json_columns: frozenset[str] = frozenset(),
) -> Statement:
    """One INSERT of all rows; a row whose `conflict` columns exist already is updated in every given column.

    The rows travel as one JSON document, which PostgreSQL reads as rows of the table: each value by the input function
    of its column's own type, however many there are (parameters end at 65,535). Where a row lacks a column, and where
    it has None, NULL is written. A unique index on exactly the `conflict` columns has to exist (42P10 where none
    does). A column whose type is a domain that is NOT NULL has to be given.
    https://www.postgresql.org/docs/current/functions-json.html, json_populate_recordset
    https://www.postgresql.org/docs/current/sql-insert.html#SQL-ON-CONFLICT
    """
    if not columns:
        raise InvalidInput("row: has no column.")
    text = _upsert(table, tuple(columns), tuple(conflict))
    return Statement(text, (rows_as_json(rows, json_columns),), "upsert", table)


@lru_cache(_TEXTS_KEPT)
def _select(table: str, where: Shape, order_by: tuple[OrderBy, ...], limit: bool, offset: bool, texts: bool) -> bytes:
    parts: list[sql.Composable] = [sql.SQL("SELECT *")]
    if texts:
        exact = sql.SQL(", {}::text AS {}")
        parts += [exact.format(identifier(one.column), identifier(text_of(one.column))) for one in order_by]
    parts += [sql.SQL(" FROM {}").format(identifier(table)), conditions.composed(where)]
    if order_by:
        parts.append(sql.SQL(" ORDER BY ") + sql.SQL(", ").join(map(_order, order_by)))
    if limit:
        parts.append(sql.SQL(" LIMIT %s"))
    if offset:
        parts.append(sql.SQL(" OFFSET %s"))
    return sql.Composed(parts).as_bytes()


@lru_cache(_TEXTS_KEPT)
def _count(table: str, where: Shape) -> bytes:
    text = sql.SQL("SELECT count(*) AS count FROM {}").format(identifier(table)) + conditions.composed(where)
    return text.as_bytes()


@lru_cache(_TEXTS_KEPT)
def _delete(table: str, where: Shape) -> bytes:
    text = sql.SQL("DELETE FROM {}").format(identifier(table)) + conditions.composed(where)
    return (text + sql.SQL(" RETURNING *")).as_bytes()


@lru_cache(_TEXTS_KEPT)
def _upsert(table: str, columns: tuple[str, ...], conflict: tuple[str, ...]) -> bytes:
    return (
        sql.SQL(
            "INSERT INTO {table} ({columns}) SELECT {columns}"
            " FROM json_populate_recordset((SELECT one FROM {table} AS one LIMIT 0), %s::json)"
            " ON CONFLICT ({conflict}) DO UPDATE SET {updates} RETURNING *"
        )
        .format(
            table=identifier(table),
            columns=sql.SQL(", ").join(map(identifier, columns)),
            conflict=sql.SQL(", ").join(map(identifier, conflict)),
            updates=sql.SQL(", ").join(sql.SQL("{0} = EXCLUDED.{0}").format(identifier(one)) for one in columns),
        )
        .as_bytes()
    )


def _order(one: OrderBy) -> sql.Composable:
    direction = sql.SQL(" DESC") if one.descending else sql.SQL(" ASC")
    nulls = {None: sql.SQL(""), True: sql.SQL(" NULLS FIRST"), False: sql.SQL(" NULLS LAST")}[one.nulls_first]
    return identifier(one.column) + direction + nulls
