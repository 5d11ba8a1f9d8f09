"""The ways from one relation to another, and which of them an embedded resource means.

The rules are those of https://docs.postgrest.org/en/v16/references/api/resource_embedding.html: an embedded resource is
named by the other relation, by the foreign key, by its column or by a function, and a hint chooses among several.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from harness.gateway.cache import relationship_errors

if TYPE_CHECKING:
    from harness.gateway.cache.schema_cache import Name, SchemaCache

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key: (column, referenced column) pairs, and whether the columns are unique on their own table."""

    table: Name
    foreign: Name
    constraint: str
    pairs: Pairs
    unique: bool


@dataclass(frozen=True, slots=True)
class ViewOfTable:
    """What a view shows of one base table: for each column of the table those of the view, in the view's order."""

    view: Name
    table: Name
    columns: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Junction:
    """The relation in the middle of a many-to-many relationship; pairs are (outer column, junction column)."""

    table: Name
    constraints: tuple[str, str]
    source_pairs: Pairs
    target_pairs: Pairs


@dataclass(frozen=True, slots=True)
class Relationship:
    """A way from one relation to another; pairs are (column here, column there).

    A computed relationship has no pairs: its rows are what `function` returns for a row of `table`.
    `is_parent` tells that the foreign key is on the other side.
    """

    table: Name
    foreign: Name
    kind: Literal["many-to-one", "one-to-many", "one-to-one", "many-to-many"]
    constraint: str
    pairs: Pairs
    junction: Junction | None = None
    function: Name | None = None
    is_parent: bool = False

    @property
    def to_one(self) -> bool:
        """Whether there is at most one row on the other side."""
        return self.kind in ("many-to-one", "one-to-one")

    @property
    def is_self(self) -> bool:
        """Whether both sides are the same relation."""
        return self.table == self.foreign

    @property
    def source_columns(self) -> tuple[str, ...]:
        """The columns on this side that the join needs; a function needs the whole row."""
        if self.function is not None:
            return ("*",)
        pairs = self.junction.source_pairs if self.junction is not None else self.pairs
        return tuple(column for column, _ in pairs)

    @property
    def leads_to(self) -> str:
        """The schema in which a request finds it: the function's, or the other relation's."""
        return self.function.schema if self.function is not None else self.foreign.schema


def _single(pairs: Pairs, side: int) -> str | None:
    return pairs[0][side] if len(pairs) == 1 else None


def _matches_self(one: Relationship, target: str, hint: str | None) -> bool:
    """Self-relationships: by the relation for the children, by the column for the parent.

    One-to-one and many-to-many ones cannot be told apart; they need computed relationships.
    """
    children = target == one.foreign.name and one.kind == "one-to-many"
    if hint is None:
        return children or (_single(one.pairs, 0) == target and one.kind == "many-to-one")
    return children and _single(one.pairs, 1) == hint


def _matches(one: Relationship, target: str, hint: str | None, *, to_view: bool) -> bool:
    if one.function is not None:
        return target == one.function.name
    if one.is_self:
        return _matches_self(one, target, hint)
    if hint is None:
        # what a constraint or column leads to is its table: every view of that would be meant as well
        by_key = one.junction is None and not to_view and target in (one.constraint, _single(one.pairs, 0))
        return target == one.foreign.name or by_key
    hints = (one.constraint, _single(one.pairs, 0), _single(one.pairs, 1))
    meant = hint in hints if one.junction is None else hint == one.junction.table.name
    return target == one.foreign.name and meant


def find(cache: SchemaCache, origin: Name, target: str, hint: str | None) -> Relationship:
    """The one relationship from `origin` that the name and hint of an embedded resource mean.

    :raises RequestError: PGRST200 where there is none, PGRST201 where there are several.
    """
    known = [one for one in cache.relationships.get(origin, ()) if one.leads_to == origin.schema]
    found = [one for one in known if _matches(one, target, hint, to_view=cache.is_view(one.foreign))]
    if len(found) == 1:
        return found[0]
    if found:
        raise relationship_errors.ambiguous(origin.name, target, found)
    raise relationship_errors.unknown(cache, origin, target, hint, [one.foreign.name for one in known])
