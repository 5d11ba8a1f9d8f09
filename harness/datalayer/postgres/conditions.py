"""Composes the WHERE clause of filters: what is the same for all values (the shape) apart from the values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from psycopg import sql

from harness.datalayer.envelope import InvalidInput
from harness.datalayer.filters import (
    AllOf,
    AnyOf,
    Comparison,
    Filter,
    Membership,
    Not,
    Nullness,
    Pattern,
    column_name,
)
from harness.datalayer.parameters import as_parameter

Shape: TypeAlias = tuple[Any, ...]
"""A nested tuple: the operator, then its column or the shapes that it joins. Equal shapes have one SQL text."""

_OF_COLUMN: Final = {
    "=": sql.SQL("{} = %s"),
    "<>": sql.SQL("{} <> %s"),
    ">": sql.SQL("{} > %s"),
    ">=": sql.SQL("{} >= %s"),
    "<": sql.SQL("{} < %s"),
    "<=": sql.SQL("{} <= %s"),
    "LIKE": sql.SQL("{} LIKE %s"),
    "ILIKE": sql.SQL("{} ILIKE %s"),
    "ANY": sql.SQL("{} = ANY (%s)"),
    "IS NULL": sql.SQL("{} IS NULL"),
    "IS NOT NULL": sql.SQL("{} IS NOT NULL"),
}
_MOST_LEVELS: Final = 100


def shape(filters: Sequence[Filter], parameters: list[object]) -> Shape:
    """The shape of filters that all have to hold; appends their values to `parameters`, in the order of the text."""
    return tuple([_shape(one, parameters, 0) for one in filters])


def composed(shapes: Shape) -> sql.Composed:
    """The WHERE clause of a shape, empty where there is no filter."""
    if not shapes:
        return sql.Composed([])
    return sql.SQL(" WHERE ") + sql.SQL(" AND ").join(map(_composed, shapes))


def identifier(name: str) -> sql.Identifier:
    """A name as psycopg.sql quotes it; `%` is doubled because a text with placeholders is read for them."""
    return sql.Identifier(column_name(name).replace("%", "%%"))


def _shape(one: Filter, parameters: list[object], level: int) -> Shape:
    if level > _MOST_LEVELS:
        raise InvalidInput(f"where: filters are nested more than {_MOST_LEVELS} levels deep.")
    match one:
        case Comparison():
            parameters.append(as_parameter(one.value))
            return (one.operator, one.column)
        case Membership():
            parameters.append([as_parameter(value) for value in one.values])
            return ("ANY", one.column)
        case Nullness():
            return ("IS NULL" if one.is_null else "IS NOT NULL", one.column)
        case Pattern():
            parameters.append(one.pattern)
            return ("ILIKE" if one.ignore_case else "LIKE", one.column)
        case AnyOf():
            return ("OR", *[_shape(part, parameters, level + 1) for part in one.filters])
        case AllOf():
            return ("AND", *[_shape(part, parameters, level + 1) for part in one.filters])
        case Not():
            return ("NOT", _shape(one.filter, parameters, level + 1))


def _composed(one: Shape) -> sql.Composable:
    operator = one[0]
    if operator == "NOT":
        return sql.SQL("NOT ({})").format(_composed(one[1]))
    if operator in ("OR", "AND"):
        joint = sql.SQL(" OR ") if operator == "OR" else sql.SQL(" AND ")
        return sql.SQL("({})").format(joint.join(map(_composed, one[1:])))
    return _OF_COLUMN[operator].format(identifier(one[1]))
