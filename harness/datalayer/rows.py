"""Rows, the tables that they are of, and one page of them."""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Generic

from harness.datalayer.envelope import InvalidInput
from harness.datalayer.filters import column_name

Row = dict[str, Any]
"""A row by column, its values in the forms that JSON has for them."""

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    R = TypeVar("R", default=Row)
else:
    # Only a type checker needs the default, which typing itself has from Python 3.13 on.
    R = typing.TypeVar("R")

MOST_ROWS_READ: Final = 1000
MOST_ROWS_WRITTEN: Final = 500


@dataclass(frozen=True, slots=True)
class Table:
    """What a repository knows of its table: its name, the key that upserts conflict on, its jsonb columns.

    `unique` names further unique keys, which an order of pages may hold in place of `key`. `has_updated_at` False is
    for a table without that column, which every write sets otherwise.
    """

    name: str
    key: tuple[str, ...]
    json_columns: frozenset[str] = frozenset()
    unique: tuple[tuple[str, ...], ...] = ()
    has_updated_at: bool = True


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """Rows in the order asked for, and where the next page starts: None when this is the last one.

    `after` holds the value of each column of the order in the last row, in the form that the row has it in; a value
    whose form is not exact (a numeric of more digits than a float has, an array) is PostgreSQL's text of it.
    """

    rows: list[R]
    after: tuple[object, ...] | None


def as_written(table: Table, row: Mapping[str, object]) -> dict[str, object]:
    """The row as it is written to the table. InvalidInput where it is no object, or has no column, or one with no name.

    A list in a row's place would be written as several rows over REST.
    """
    if not isinstance(row, Mapping):
        raise InvalidInput("row: has to be an object.")
    written = stamped(row) if table.has_updated_at else dict(row)
    if not written:
        raise InvalidInput("row: has no column.")
    for name in written:
        column_name(name)
    return written


def stamped(row: Mapping[str, object]) -> dict[str, object]:
    """The row as it is written: with updated_at, now."""
    return {**row, "updated_at": datetime.now(UTC).isoformat()}


def in_order_of(key: Sequence[str], rows: Sequence[Row]) -> list[Row]:
    """The rows sorted by their key, NULLs last: a statement returns what it wrote in no order that anybody promises."""

    def place(row: Row) -> tuple[tuple[bool, bool, Any], ...]:
        """What JSON has no number for, NaN, is a text among numbers."""
        return tuple((row[name] is None, isinstance(row[name], str), row[name]) for name in key)

    return sorted(rows, key=place)
