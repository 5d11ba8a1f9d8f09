"""Sources: what the FROM clause of a query offers, and which columns a name can mean inside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

SYSTEM_COLUMNS = frozenset({"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid", "oid"})
KEY_WORD_VALUES = frozenset(
    {
        "user",
        "current_user",
        "session_user",
        "system_user",
        "current_role",
        "current_catalog",
        "current_schema",
        "current_date",
        "current_time",
        "current_timestamp",
        "localtime",
        "localtimestamp",
        "default",
    }
)
"""Unquoted, these are no columns (https://www.postgresql.org/docs/current/functions-info.html)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Something in a FROM clause: a table, a subquery, a CTE, a function."""

    name: str = ""
    """The alias, or the name where there is none"""
    schema: str | None = None
    """Of a table without alias: the schema that may stand before it"""
    columns: frozenset[str] = frozenset()
    """Columns that it is known to have by itself, of no table"""
    relations: tuple[str, ...] = ()
    """Identities of relations all of whose columns it has"""
    opaque: bool = False
    """It may have other columns, which are not known"""

    def called(self, name: str, columns: frozenset[str] = frozenset()) -> Source:
        """The same under an alias, with names for its first columns."""
        return replace(self, name=name, schema=None, columns=self.columns | columns)


@dataclass(slots=True)
class Scope:
    """The sources of one query, inside the query that is around it, and the CTEs that it can read."""

    around: Scope | None = None
    ctes: Mapping[str, Source] = field(default_factory=dict)
    sources: list[Source] = field(default_factory=list)

    def inner(self, ctes: Mapping[str, Source] | None = None) -> Scope:
        """The scope of a query that stands inside this one and may name its columns."""
        return Scope(self, self.ctes if ctes is None else ctes)

    def outwards(self) -> Iterator[Scope]:
        """This scope, the one around it, and so on."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.around

    def source(self, name: str, schema: str | None = None) -> Source | None:
        """The source of that name, the nearest one."""
        for scope in self.outwards():
            for source in scope.sources:
                if source.name == name and (schema is None or source.schema == schema):
                    return source
        return None


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a column's name can mean. `settled`: it is no column of a relation, or an unknown one, for certain."""

    levels: tuple[tuple[str, ...], ...] = ()
    elsewhere: bool = False
    settled: bool = False


SETTLED = Meaning(settled=True)


def meaning_of_qualified(source: Source, name: str) -> Meaning:
    """`source.name`."""
    if name in source.columns or name in SYSTEM_COLUMNS or not source.relations:
        return SETTLED
    return Meaning((source.relations,), source.opaque)


def meaning_of(scope: Scope, name: str) -> Meaning | None:
    """A name without qualifier; None where nothing can have such a column."""
    if name in SYSTEM_COLUMNS:
        return SETTLED
    levels: list[tuple[str, ...]] = []
    elsewhere = False
    for each in scope.outwards():
        if any(name in source.columns for source in each.sources):
            # Inner tables come first in PostgreSQL too; whether one has the name decides nothing that can fail.
            return SETTLED
        relations = tuple(dict.fromkeys(relation for source in each.sources for relation in source.relations))
        if relations:
            levels.append(relations)
        elsewhere = elsewhere or any(source.opaque for source in each.sources)
    if scope.source(name) is not None:
        return SETTLED  # a whole row: SELECT clients FROM clients
    if not levels:
        return SETTLED if elsewhere else None
    return Meaning(tuple(levels), elsewhere)
