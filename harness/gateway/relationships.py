"""How relations hang together by foreign keys, and which relationship an embedded resource means.

The rules are those of https://docs.postgrest.org/en/v16/references/api/resource_embedding.html: many-to-one and
one-to-one from a foreign key, their inverses, and many-to-many through a table whose primary key holds both keys.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from harness.core.postgrest.errors import RequestError, not_implemented
from harness.gateway.suggestions import nearest

if TYPE_CHECKING:
    from harness.gateway.schema_cache import Name, SchemaCache

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
class Junction:
    """The table in the middle of a many-to-many relationship; pairs are (outer column, junction column)."""

    table: Name
    constraints: tuple[str, str]
    source_pairs: Pairs
    target_pairs: Pairs


@dataclass(frozen=True, slots=True)
class Relationship:
    """A way from one relation to another; pairs are (column here, column there).

    A computed relationship has no pairs: its rows are what `function` returns for a row of `table`.
    """

    table: Name
    foreign: Name
    kind: Literal["many-to-one", "one-to-many", "one-to-one", "many-to-many"]
    constraint: str
    pairs: Pairs
    junction: Junction | None = None
    function: Name | None = None

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
        """The columns on this side that the join needs."""
        pairs = self.junction.source_pairs if self.junction is not None else self.pairs
        return tuple(column for column, _ in pairs)


def _swapped(pairs: Pairs) -> Pairs:
    return tuple((there, here) for here, there in pairs)


def _directs(keys: Iterable[ForeignKey]) -> list[Relationship]:
    found: list[Relationship] = []
    for key in keys:
        there: Literal["one-to-one", "many-to-one"] = "one-to-one" if key.unique else "many-to-one"
        back: Literal["one-to-one", "one-to-many"] = "one-to-one" if key.unique else "one-to-many"
        found.append(Relationship(key.table, key.foreign, there, key.constraint, key.pairs))
        found.append(Relationship(key.foreign, key.table, back, key.constraint, _swapped(key.pairs)))
    return found


def _through_junctions(keys: Sequence[ForeignKey], primary_keys: Mapping[Name, Collection[str]]) -> list[Relationship]:
    by_table: dict[Name, list[ForeignKey]] = defaultdict(list)
    for key in keys:
        if not key.unique:
            by_table[key.table].append(key)
    found: list[Relationship] = []
    for table, here in by_table.items():
        primary_key = set(primary_keys.get(table, ()))
        for one in here:
            for other in here:
                columns = {column for column, _ in one.pairs + other.pairs}
                if one.constraint != other.constraint and columns <= primary_key:
                    constraints = (one.constraint, other.constraint)
                    junction = Junction(table, constraints, _swapped(one.pairs), _swapped(other.pairs))
                    found.append(Relationship(one.foreign, other.foreign, "many-to-many", "", (), junction))
    return found


def all_relationships(
    keys: Sequence[ForeignKey], primary_keys: Mapping[Name, Collection[str]], exposed: Collection[str]
) -> dict[Name, tuple[Relationship, ...]]:
    """Every relationship between relations of the exposed schemas, by the relation it starts from."""
    by_origin: dict[Name, list[Relationship]] = defaultdict(list)
    for one in _directs(keys) + _through_junctions(keys, primary_keys):
        names = [one.table, one.foreign] + ([one.junction.table] if one.junction is not None else [])
        if all(name.schema in exposed for name in names):
            by_origin[one.table].append(one)
    return {origin: tuple(found) for origin, found in by_origin.items()}


def _single(pairs: Pairs, side: int) -> str | None:
    return pairs[0][side] if len(pairs) == 1 else None


def _matches_self(one: Relationship, target: str, hint: str | None) -> bool:
    """Self-relationships: by the table for the children, by the column for the parent."""
    children = target == one.foreign.name and one.kind == "one-to-many"
    if hint is None:
        return children or (_single(one.pairs, 0) == target and one.kind == "many-to-one")
    return children and _single(one.pairs, 1) == hint


def _matches(one: Relationship, target: str, hint: str | None) -> bool:
    if one.is_self:
        return _matches_self(one, target, hint)
    direct = one.junction is None
    if hint is None:
        by_key = direct and target in (one.constraint, _single(one.pairs, 0))
        return target == one.foreign.name or by_key
    hints = (one.constraint, _single(one.pairs, 0), _single(one.pairs, 1))
    meant = hint in hints if one.junction is None else hint == one.junction.table.name
    return target == one.foreign.name and meant


def find(cache: SchemaCache, origin: Name, target: str, hint: str | None) -> Relationship:
    """The one relationship from `origin` that the name and hint of an embedded resource mean.

    :raises RequestError: PGRST200 where there is none, PGRST201 where there are several, 501 where PostgREST would
        look further than foreign keys between tables (computed relationships, views).
    """
    if (target, origin) in cache.computed_relationships:
        raise not_implemented(f"the computed relationship '{target}' is not implemented")
    known = cache.relationships.get(origin, ())
    found = [one for one in known if _matches(one, target, hint)]
    if len(found) == 1:
        return found[0]
    if found:
        raise _ambiguous(origin.name, target, found)
    ends = (cache.tables.get(origin), *(table for name, table in cache.tables.items() if name.name == target))
    if any(table is not None and table.is_view for table in ends):
        raise not_implemented("embedding from or to a view is not implemented")
    raise _unknown(cache, origin, target, hint, [one.foreign.name for one in known])


def _unknown(cache: SchemaCache, origin: Name, target: str, hint: str | None, children: list[str]) -> RequestError:
    suggestion = None
    if not children:
        starts = [name.name for name in cache.relationships if name.schema == origin.schema]
        suggestion = nearest(origin.name, starts, likeness=0.33), origin.name
    elif target not in children:
        suggestion = nearest(target, children, likeness=0.33), target
    using = f" using the hint '{hint}'" if hint is not None else ""
    return RequestError(
        400,
        "PGRST200",
        f"Could not find a relationship between '{origin.name}' and '{target}' in the schema cache",
        details=(
            f"Searched for a foreign key relationship between '{origin.name}' and '{target}'{using}"
            f" in the schema '{origin.schema}', but no matches were found."
        ),
        hint=(
            f"Perhaps you meant '{suggestion[0]}' instead of '{suggestion[1]}'."
            if suggestion is not None and suggestion[0] is not None
            else None
        ),
    )


def _columns(pairs: Pairs, side: int) -> str:
    return f"({', '.join(pair[side] for pair in pairs)})"


def _description(one: Relationship) -> dict[str, str]:
    if one.junction is not None:
        first, second = one.junction.constraints
        relationship = (
            f"{one.junction.table.name} using {first}{_columns(one.junction.source_pairs, 1)}"
            f" and {second}{_columns(one.junction.target_pairs, 1)}"
        )
    else:
        here = f"{one.table.name}{_columns(one.pairs, 0)}"
        there = f"{one.foreign.name}{_columns(one.pairs, 1)}"
        relationship = f"{one.constraint} using {here} and {there}"
    return {
        "cardinality": one.kind,
        "embedding": f"{one.table.name} with {one.foreign.name}",
        "relationship": relationship,
    }


def _ambiguous(origin: str, target: str, found: Sequence[Relationship]) -> RequestError:
    hints = (one.junction.table.name if one.junction is not None else one.constraint for one in found)
    named = ", ".join(f"'{one.foreign.name}!{hint}'" for one, hint in zip(found, hints, strict=True))
    return RequestError(
        300,
        "PGRST201",
        f"Could not embed because more than one relationship was found for '{origin}' and '{target}'",
        details=[_description(one) for one in found],
        hint=(
            f"Try changing '{target}' to one of the following: {named}."
            " Find the desired relationship in the 'details' key."
        ),
    )
