"""The conditions and orders that a repository understands, as facts with no SQL in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from harness.datalayer.envelope import InvalidInput

ComparisonOperator = Literal["=", "<>", ">", ">=", "<", "<="]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A column against one value that is not NULL."""

    column: str
    operator: ComparisonOperator
    value: object


@dataclass(frozen=True, slots=True)
class Pattern:
    """A column against a LIKE or, ignoring case, an ILIKE pattern."""

    column: str
    pattern: str
    ignore_case: bool


@dataclass(frozen=True, slots=True)
class Membership:
    """A column against a list of values; no value matches an empty list."""

    column: str
    values: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Nullness:
    """A column that is, or is not, NULL."""

    column: str
    is_null: bool


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of the filters holds."""

    filters: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every one of the filters holds."""

    filters: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The filter is false: a row for which it is unknown, because a value is NULL, does not match either."""

    filter: Filter


Filter: TypeAlias = Comparison | Pattern | Membership | Nullness | AnyOf | AllOf | Not


@dataclass(frozen=True, slots=True)
class OrderBy:
    """One column of an order. `nulls_first` None leaves PostgreSQL's default: last ascending, first descending."""

    column: str
    descending: bool = False
    nulls_first: bool | None = None

    def __post_init__(self) -> None:
        column_name(self.column)


def eq(column: str, value: object) -> Filter:
    """column = value"""
    return _comparison(column, "=", value)


def neq(column: str, value: object) -> Filter:
    """column <> value"""
    return _comparison(column, "<>", value)


def gt(column: str, value: object) -> Filter:
    """column > value"""
    return _comparison(column, ">", value)


def gte(column: str, value: object) -> Filter:
    """column >= value"""
    return _comparison(column, ">=", value)


def lt(column: str, value: object) -> Filter:
    """column < value"""
    return _comparison(column, "<", value)


def lte(column: str, value: object) -> Filter:
    """column <= value"""
    return _comparison(column, "<=", value)


def like(column: str, pattern: str) -> Filter:
    """column LIKE pattern; text from outside goes through `validation.escaped_like` first"""
    return Pattern(column_name(column), pattern, ignore_case=False)


def ilike(column: str, pattern: str) -> Filter:
    """column ILIKE pattern; text from outside goes through `validation.escaped_like` first"""
    return Pattern(column_name(column), pattern, ignore_case=True)


def in_(column: str, values: Iterable[object]) -> Filter:
    """column is one of the values"""
    wanted = listed(column, values)
    if any(value is None for value in wanted):
        raise InvalidInput(f"{column}: NULL is in no list; use is_null.")
    return Membership(column_name(column), wanted)


def listed(column: str, values: object) -> tuple[object, ...]:
    """The values, read once: they may come from a generator. InvalidInput for a text, whose letters are no values."""
    if not isinstance(values, Iterable) or isinstance(values, str | bytes):
        raise InvalidInput(f"{column}: the values have to be a list.")
    return tuple(values)


def is_null(column: str) -> Nullness:
    """column IS NULL"""
    return Nullness(column_name(column), is_null=True)


def not_null(column: str) -> Nullness:
    """column IS NOT NULL"""
    return Nullness(column_name(column), is_null=False)


def column_name(name: object) -> str:
    """The name, where it can be a column's; else InvalidInput."""
    if not isinstance(name, str) or not name or not name.isprintable():
        raise InvalidInput("A column has to be named by a text of printable characters.")
    return name


def or_(*filters: Filter) -> Filter:
    """at least one of the filters holds"""
    return AnyOf(_some("or_", filters))


def and_(*filters: Filter) -> Filter:
    """every one of the filters holds"""
    return AllOf(_some("and_", filters))


def not_(one: Filter) -> Filter:
    """NOT filter; as in SQL, a row with NULL in the column matches neither a comparison nor its `not_`"""
    return Not(one)


def _some(name: str, filters: tuple[Filter, ...]) -> tuple[Filter, ...]:
    if not filters:
        raise InvalidInput(f"{name}: has to be given a filter.")
    return filters


def _comparison(column: str, operator: ComparisonOperator, value: object) -> Filter:
    if value is None:
        raise InvalidInput(f"{column}: a comparison with NULL matches nothing; use is_null or not_null.")
    return Comparison(column_name(column), operator, value)
