"""Usage: which names of a database one statement or request uses, and what it does with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ColumnRole = Literal["select", "filter", "order", "insert", "update", "returning", "conflict"]
"""select: read for a value, wherever that is; filter: WHERE, ON, USING, HAVING; order: ORDER BY; insert and update:
given a value; returning: in a RETURNING list; conflict: in the inference clause of ON CONFLICT."""

RelationRole = Literal["read", "write", "row type", "embedded"]
"""row type: the relation's name stands for its row type, as in NULL::clients; embedded: it names an embedded resource
of a request, which may also be the name of a foreign key or of a column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationUse:
    """A table, view or row type, by its identity (schema.name)."""

    relation: str
    role: RelationRole


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnUse:
    """A column that is named, and the relations that it can belong to.

    Which one that is depends on their columns, so it is left to whoever has a catalog: PostgreSQL looks in the query's
    own FROM clause first, then in that of the query around it, and so on.
    """

    name: str
    role: ColumnRole
    levels: tuple[tuple[str, ...], ...]
    """Identities of relations, the innermost query's first"""
    elsewhere: bool = False
    """It can also come from something with unknown columns: a function that returns rows"""

    @property
    def relations(self) -> tuple[str, ...]:
        """The relations of all levels."""
        return tuple(dict.fromkeys(relation for level in self.levels for relation in level))


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictUse:
    """An ON CONFLICT target: columns and expressions to infer an index from, a constraint, or the primary key."""

    relation: str
    columns: tuple[str, ...] = ()
    expressions: tuple[str, ...] = ()
    """As sqlglot writes them; harness.core.arbiter compares them with those of indexes"""
    predicate: str | None = None
    constraint: str | None = None
    primary_key: bool = False
    """Nothing was said: PostgREST infers the primary key"""
    operators: bool = False
    """A collation or an operator class is demanded of the index"""
    updates: bool = True
    """DO UPDATE rather than DO NOTHING"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionUse:
    """A function that is called: without a schema it may be a built-in one."""

    name: str
    schema: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """The names that one statement uses. All of them empty: the statement is not about the schema."""

    relations: tuple[RelationUse, ...] = ()
    columns: tuple[ColumnUse, ...] = ()
    conflicts: tuple[ConflictUse, ...] = ()
    functions: tuple[FunctionUse, ...] = ()
    creates: tuple[str, ...] = ()
    """Temporary tables that it makes, by name"""
    writes_unseen: tuple[str, ...] = ()
    """Identities of relations that it writes columns of which it does not show: they stand in a request's body"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotUnderstood:
    """A statement about which nothing is claimed, and why; the reason repeats no value of it."""

    reason: str
