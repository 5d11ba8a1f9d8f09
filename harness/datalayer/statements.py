"""Composes the statements of a repository: identifiers through psycopg.sql, values as parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql

from harness.datalayer.filters import Comparison, Filter, Membership, Nullness, OrderBy, Pattern

_COMPARISONS = {
    "=": sql.SQL("{} = %s"),
    "<>": sql.SQL("{} <> %s"),
    ">": sql.SQL("{} > %s"),
    ">=": sql.SQL("{} >= %s"),
    "<": sql.SQL("{} < %s"),
    "<=": sql.SQL("{} <= %s"),
}


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement and the values of its placeholders."""

    text: sql.Composed
    parameters: tuple[object, ...]


def select(
    table: str,
    where: Sequence[Filter],
    *,
    order_by: Sequence[OrderBy] = (),
    limit: int | None = None,
    offset: int = 0,
) -> Statement:
    """Whole rows of a table."""
    condition = _where(where)
    parts: list[sql.Composable] = [sql.SQL("SELECT * FROM {}").format(sql.Identifier(table)), condition.text]
    parameters = list(condition.parameters)
    if order_by:
        parts.append(sql.SQL(" ORDER BY ") + sql.SQL(", ").join(map(_order, order_by)))
    if limit is not None:
        parts.append(sql.SQL(" LIMIT %s"))
        parameters.append(limit)
    if offset:
        parts.append(sql.SQL(" OFFSET %s"))
        parameters.append(offset)
    return Statement(sql.Composed(parts), tuple(parameters))


def count(table: str, where: Sequence[Filter]) -> Statement:
    """How many rows of a table match."""
    condition = _where(where)
    text = sql.SQL("SELECT count(*) AS count FROM {}").format(sql.Identifier(table)) + condition.text
    return Statement(text, condition.parameters)


def upsert(table: str, columns: Sequence[str], rows: Sequence[Sequence[object]], conflict: Sequence[str]) -> Statement:
    """One INSERT of all rows; a row whose `conflict` columns exist already is updated in every given column.

    A unique index on exactly the `conflict` columns has to exist (42P10 where none does).
    https://www.postgresql.org/docs/current/sql-insert.html#SQL-ON-CONFLICT
    """
    row = sql.SQL("({})").format(sql.SQL(", ").join([sql.Placeholder()] * len(columns)))
    text = sql.SQL(
        "INSERT INTO {table} ({columns}) VALUES {rows} ON CONFLICT ({conflict}) DO UPDATE SET {updates} RETURNING *"
    ).format(
        table=sql.Identifier(table),
        columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
        rows=sql.SQL(", ").join([row] * len(rows)),
        conflict=sql.SQL(", ").join(map(sql.Identifier, conflict)),
        updates=sql.SQL(", ").join(sql.SQL("{0} = EXCLUDED.{0}").format(sql.Identifier(column)) for column in columns),
    )
    return Statement(text, tuple(value for values in rows for value in values))


def _where(filters: Sequence[Filter]) -> Statement:
    if not filters:
        return Statement(sql.Composed([]), ())
    conditions = [_condition(one) for one in filters]
    text = sql.SQL(" WHERE ") + sql.SQL(" AND ").join(one.text for one in conditions)
    return Statement(text, tuple(value for one in conditions for value in one.parameters))


def _condition(one: Filter) -> Statement:
    column = sql.Identifier(one.column)
    match one:
        case Comparison(operator=operator, value=value):
            return Statement(_COMPARISONS[operator].format(column), (value,))
        case Pattern(pattern=pattern, ignore_case=ignore_case):
            text = sql.SQL("{} ILIKE %s") if ignore_case else sql.SQL("{} LIKE %s")
            return Statement(text.format(column), (pattern,))
        case Membership(values=values):
            return Statement(sql.SQL("{} = ANY (%s)").format(column), (list(values),))
        case Nullness(is_null=is_null):
            text = sql.SQL("{} IS NULL") if is_null else sql.SQL("{} IS NOT NULL")
            return Statement(text.format(column), ())


def _order(one: OrderBy) -> sql.Composable:
    direction = sql.SQL(" DESC") if one.descending else sql.SQL(" ASC")
    nulls = {None: sql.SQL(""), True: sql.SQL(" NULLS FIRST"), False: sql.SQL(" NULLS LAST")}[one.nulls_first]
    return sql.Identifier(one.column) + direction + nulls
