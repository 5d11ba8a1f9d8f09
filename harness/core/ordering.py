"""Ordering: what one query says of the order of its rows, and what its table tells them apart by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from harness.core.model.catalog import Catalog


@dataclass(frozen=True, slots=True, kw_only=True)
class SortKey:
    """One term of ORDER BY."""

    column: str
    """An expression begins with a parenthesis"""
    descending: bool = False
    nulls_first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordering:
    """What is known of the rows that one query gives."""

    relation: str = ""
    """Identity of the one table that it reads; '': of several, or of none"""
    keys: tuple[SortKey, ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    """Column and the name that it has in the answer"""
    every: bool = False
    """All columns are in the answer, and which those are is not known"""
    equal: frozenset[str] = frozenset()
    """Columns that a condition makes equal to one value"""
    conditions_known: bool = False
    """There are no conditions but those of `equal`"""
    limited: bool = False
    """LIMIT, OFFSET or DISTINCT ON leave rows out"""
    skipped: bool = False
    """OFFSET leaves out the first ones"""
    grouped: bool = False
    """Its rows are no rows of a table: GROUP BY, DISTINCT, a set operation"""
    total: bool = False
    """It tells every two rows apart, whatever they hold"""
    identifying: tuple[tuple[str, ...], ...] = ()
    """Keys of the table: columns that are unique and never NULL"""
    place: str = ""
    """Field of the answer in which its rows are embedded; '': they are the answer"""

    def name_in_answer(self, column: str) -> str | None:
        """What a column is called in the answer; None where it is not in it."""
        named = dict(self.names)
        return named.get(column) or (column if self.every else None)

    def fits(self, fields: Iterable[str]) -> bool:
        """Whether an element with these fields can be one of its rows: most of them are named in it."""
        wanted = set(fields)
        known = {name for _, name in self.names}
        return self.every or not wanted or len(wanted & known) * 2 > len(wanted)


def same_terms(one: Ordering, other: Ordering) -> bool:
    """Whether two queries ask for the same order, as far as can be told: two expressions may always be one."""
    return len(one.keys) == len(other.keys) and all(
        (a.descending, a.nulls_first) == (b.descending, b.nulls_first)
        and (a.column == b.column or (a.column[:1] == b.column[:1] == "("))
        for a, b in zip(one.keys, other.keys, strict=True)
    )


def unsorted(relation: str, catalog: Catalog | None) -> Ordering:
    """The rows that an UPDATE or a DELETE returns."""
    names, every = all_columns({}, relation, catalog)
    return Ordering(
        relation=relation, names=tuple(names.items()), every=every, identifying=table_keys(relation, catalog)
    )


def all_columns(names: dict[str, str], relation: str, catalog: Catalog | None) -> tuple[dict[str, str], bool]:
    """The names with those of all columns of a relation; and whether these are not known."""
    columns = catalog.columns_by_table.get(relation, ()) if catalog is not None else ()
    return {column.name: column.name for column in columns} | names, not columns


def table_keys(relation: str, catalog: Catalog | None) -> tuple[tuple[str, ...], ...]:
    """Columns that tell the rows of a table apart: its primary key, and unique ones that are never NULL."""
    if catalog is None or relation not in catalog.table_by_identity:
        return ()
    never_null = {column.name for column in catalog.columns_by_table.get(relation, ()) if column.not_null}
    found = [
        each.columns
        for each in catalog.constraints_by_table.get(relation, ())
        if each.type == "primary key" or (each.type == "unique" and set(each.columns) <= never_null)
    ]
    found += [
        index.columns
        for index in catalog.indexes_by_table.get(relation, ())
        if index.unique and index.valid and index.predicate is None and set(index.columns) <= never_null
    ]
    return tuple(dict.fromkeys(key for key in found if key))
