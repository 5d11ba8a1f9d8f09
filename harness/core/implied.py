"""Implied: what another line of a comparison brings about by itself is not told beside it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from harness.core.differences import Difference
from harness.core.model.relations import Column, Table, View
from harness.core.model.rules import Constraint, Index

_CAST = re.compile(
    r'\(((?:\w+|"(?:[^"]|"")+")(?:\.(?:\w+|"(?:[^"]|"")+"))*)\)::(?:text|character varying(?:\(\d+\))?)(?!\w)'
)
"""A column that is read as text, which a column of text needs not be"""
_STRINGS = ("text", "character varying")


def without_implied(found: Iterable[Difference]) -> list[Difference]:
    """The differences without those that follow from another one of them.

    An index is attached or on its own as the table is that gets out of its parent; that of a partitioned table is said
    to be ON ONLY it; and texts read a column of another string type with a cast or without one.
    """
    found = list(found)
    moved: set[str | None] = set()
    divided: set[str | None] = set()
    retyped: set[str | None] = set()
    for each in found:
        table = each.object.table_identity
        if isinstance(each.object, Table) and each.attribute == "partition_of":
            moved.add(table)
        if isinstance(each.object, Table) and each.attribute == "partition_key":
            divided.add(table)
        if isinstance(each.object, Column) and each.attribute == "type" and _strings(each):
            retyped.add(table)
    return [
        each
        for each in found
        if not (
            (_is_rule(each, "attached") and each.object.table_identity in moved)
            or (_is_rule(each, "definition") and each.object.table_identity in divided and _alike(each, _without_only))
            or (_read(each) & retyped and _alike(each, _without_casts))
        )
    ]


def _strings(each: Difference) -> bool:
    return all(str(value).startswith(_STRINGS) for value in (each.source_value, each.target_value))


def _is_rule(each: Difference, attribute: str) -> bool:
    return isinstance(each.object, Constraint | Index) and each.attribute == attribute


def _read(each: Difference) -> set[str | None]:
    """The tables whose columns the text of an attribute reads."""
    if each.attribute not in ("definition", "generated"):
        return set()
    return set(each.object.depends_on) if isinstance(each.object, View) else {each.object.table_identity}


def _alike(each: Difference, rewritten: Callable[[str], str]) -> bool:
    one, other = each.source_value, each.target_value
    return isinstance(one, str) and isinstance(other, str) and rewritten(one) == rewritten(other)


def _without_only(text: str) -> str:
    return text.replace(" ON ONLY ", " ON ", 1)


def _without_casts(text: str) -> str:
    return _CAST.sub(r"\1", text)
