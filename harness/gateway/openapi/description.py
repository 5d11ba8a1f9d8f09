"""What a description is made from: relations and functions with their comments, as the catalog has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DescribedColumn:
    """A column; `type` is the one below its domains where that is a type of PostgreSQL's own.

    `foreign_key` is the table and column that it refers to with a foreign key of this one column.
    """

    name: str
    comment: str | None
    nullable: bool
    type: str
    max_length: int | None
    default: str | None
    labels: tuple[str, ...]
    primary_key: bool
    foreign_key: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class DescribedTable:
    """A table, view or foreign table; `writable` where rows can be inserted, updated or deleted."""

    name: str
    comment: str | None
    writable: bool
    columns: tuple[DescribedColumn, ...]


@dataclass(frozen=True, slots=True)
class DescribedParameter:
    """An argument of a function."""

    name: str
    type: str
    required: bool
    variadic: bool


@dataclass(frozen=True, slots=True)
class DescribedFunction:
    """A function; a volatile one is called with POST alone."""

    name: str
    comment: str | None
    volatile: bool
    parameters: tuple[DescribedParameter, ...]


@dataclass(frozen=True, slots=True)
class Description:
    """One schema, as far as one role sees it; of several functions with one name the last."""

    comment: str | None
    tables: tuple[DescribedTable, ...]
    functions: Mapping[str, DescribedFunction]


def first_line_and_rest(comment: str) -> tuple[str, str]:
    """A comment as its summary and what follows it; the line breaks between them belong to neither."""
    summary, _, rest = comment.partition("\n")
    return summary, rest.lstrip("\n")
