"""Catch-up: what a finished migration is behind by, and how that is parted into transactions."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from harness.core.model.catalog import Catalog
from harness.core.names import qualified

_STORED_ALIKE: Final = frozenset(
    {"int2", "int4", "int8", "oid", "uuid", "bool", "bytea", "date", "timestamp", "timestamptz"}
)
_TEXTS: Final = frozenset({"text", "varchar"})
_ACTION: Final = re.compile(r"\bON (?:DELETE|UPDATE) (?:CASCADE|SET NULL|SET DEFAULT)\b")


def exact_key(type_name: str, collation: str | None) -> bool:
    """Whether values of a type (as pg_type names it) that are equal by = are stored alike.

    A text's are but for collations that are not deterministic, which a database's own never is before PostgreSQL 18
    and a column's own may be: https://www.postgresql.org/docs/current/collation.html.
    """
    return type_name in _STORED_ALIKE or (type_name in _TEXTS and collation is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointing:
    """A foreign key of the target, as the rows that it points to see it."""

    schema: str
    name: str
    """Of the table whose rows point"""
    columns: tuple[str, ...]
    references: tuple[str, ...]
    """The columns that they point to, in the same order"""

    @property
    def identity(self) -> str:
        """Of the table whose rows point."""
        return qualified(self.schema, self.name)


def parted(rows: Mapping[int, int], at_most: int) -> list[list[int]]:
    """Segments (by number, with the rows of each) in groups of about `at_most` rows, in their order; each has one at
    the least.
    """
    found: list[list[int]] = []
    filled = 0
    for number in sorted(rows):
        if not found or filled + rows[number] > at_most:
            found.append([])
            filled = 0
        found[-1].append(number)
        filled += rows[number]
    return found


def reached(written: Collection[str], target: Catalog) -> frozenset[str] | None:
    """The tables of the target whose rows may change when rows of `written` ones do: these, and those whose foreign
    keys carry changes on. None where that cannot be told: triggers or rules may write anything, and partitions have
    theirs.
    """
    tables = [target.table_by_identity[each] for each in written if each in target.table_by_identity]
    if any(each.partition_key is not None or each.partition_of for each in tables):
        return None
    found = set(written)
    carrying = [each for each in target.constraints if each.references and _ACTION.search(each.definition)]
    while more := {qualified(each.schema, each.table) for each in carrying if each.references in found} - found:
        found |= more
    if any(each.table_identity in found and each.enabled != "disabled" for each in target.triggers):
        return None
    if any(each.table_identity in found for each in target.rules):
        return None
    return frozenset(found)
