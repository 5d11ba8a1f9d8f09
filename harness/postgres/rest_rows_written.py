"""Rows that came through REST as JSON, put where a table's rows are staged; no value becomes a number on the way."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg import sql

from harness.core.projection import TableProjection
from harness.postgres.connect import Connection
from harness.postgres.copy import STAGING
from harness.postgres.projected import described, expression, target_rows

_JSON = ("json", "jsonb")


def json_columns(connection: Connection, projection: TableProjection) -> frozenset[str]:
    """The target's columns of the types json and jsonb, and of domains over them."""
    types = described(connection, target_rows(projection))
    return frozenset(column.name for column, each in zip(projection.columns, types, strict=True) if each.name in _JSON)


def stage_page(connection: Connection, projection: TableProjection, text: str, as_json: frozenset[str]) -> None:
    """Stage a page: a JSON array of objects whose members c0, c1 … are the loaded columns in their order, as texts.

    A member that is a JSON string is read by the input function of its column's type, arrays and composite types too,
    with the type's modifier: what is too long is an error, where a cast would cut it off (PostgreSQL's manual, "JSON
    Functions and Operators", json_populate_record). For json alone a string is a value as it stands, so its text is
    cast.
    """
    names = projection.loaded
    items = [_item(number, column.target_type, column.name in as_json) for number, column in enumerate(names)]
    members = [
        sql.SQL("{} {}").format(
            _member(number), sql.SQL("text") if column.name in as_json else expression(column.target_type)
        )
        for number, column in enumerate(names)
    ]
    statement = sql.SQL(
        "INSERT INTO {staging} ({names}) SELECT {items}"
        " FROM pg_catalog.json_to_recordset({page}::json) AS r ({members})"
    ).format(
        staging=STAGING,
        names=_joined([sql.Identifier(column.name) for column in names]),
        items=_joined(items),
        page=sql.Placeholder(),
        members=_joined(members),
    )
    connection.execute(statement, (text,))


def _item(number: int, type_name: str, as_json: bool) -> sql.Composable:
    value = sql.SQL("r.{}").format(_member(number))
    return sql.SQL("{}::{}").format(value, expression(type_name)) if as_json else value


def _member(number: int) -> sql.Identifier:
    return sql.Identifier(f"c{number}")


def _joined(parts: Sequence[sql.Composable]) -> sql.Composed:
    return sql.SQL(", ").join(parts)
