"""What the gateway knows of the database: relations, relationships, functions and role settings, as of the last load.

Like PostgREST's, the cache is stale until it is reloaded
(https://docs.postgrest.org/en/v16/references/schema_cache.html).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.core.postgrest.errors import RequestError
from harness.gateway.cache.relationships import Relationship
from harness.gateway.cache.representations import NONE, Representations
from harness.gateway.cache.suggestions import nearest

if TYPE_CHECKING:
    from harness.gateway.cache.media_handlers import MediaHandlers


# where a schema has so many relations, PostgREST suggests none
_TOO_MANY_TO_SUGGEST = 500


@dataclass(frozen=True, slots=True)
class Name:
    """A name in a schema."""

    schema: str
    name: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its type as PostgreSQL writes it, the type below all domains, its default as an expression."""

    name: str
    type: str
    base_type: str
    default: str | None
    representations: Representations = NONE

    @property
    def represented(self) -> bool:
        """Whether a cast of its domain changes how it is answered."""
        return self.representations.to_json is not None


@dataclass(frozen=True, slots=True)
class Table:
    """A table, view or foreign table."""

    name: Name
    is_view: bool
    insertable: bool
    updatable: bool
    deletable: bool
    primary_key: tuple[str, ...]
    columns: Mapping[str, Column]

    @property
    def represented(self) -> bool:
        """Whether casts of a domain change how some column is answered."""
        return any(column.represented for column in self.columns.values())


@dataclass(frozen=True, slots=True)
class Parameter:
    """An argument of a function; the empty name is the one unnamed argument that a function may have.

    `type` takes values of any length, where `declared_type` (what the function was made with) would cut or refuse them.
    """

    name: str
    type: str
    declared_type: str
    required: bool
    variadic: bool


@dataclass(frozen=True, slots=True)
class Function:
    """A function and what it returns; `row_type` is the relation or composite type whose rows it returns."""

    name: Name
    parameters: tuple[Parameter, ...]
    returns_set: bool
    returns_composite: bool
    return_type: str
    row_type: str | None
    volatility: str
    settings: tuple[tuple[str, str], ...]

    @property
    def returns_scalar(self) -> bool:
        """One value, no row."""
        return not self.returns_set and not self.returns_composite

    @property
    def returns_set_of_scalars(self) -> bool:
        """Values, no rows."""
        return self.returns_set and not self.returns_composite

    @property
    def returns_void(self) -> bool:
        """Nothing at all."""
        return self.return_type == "void" and not self.returns_set

    @property
    def read_only(self) -> bool:
        """Whether it runs in a read-only transaction, also with POST."""
        return self.volatility in ("i", "s")


@dataclass(frozen=True, slots=True)
class SchemaCache:
    """Everything that was read, at one moment.

    `relationship_origins` are the relations that relationships start from with the schema that these lead to, also
    where nothing is left of them because a junction is not exposed.
    """

    tables: Mapping[Name, Table] = field(default_factory=dict)
    relationships: Mapping[Name, tuple[Relationship, ...]] = field(default_factory=dict)
    relationship_origins: frozenset[tuple[Name, str]] = frozenset()
    functions: Mapping[Name, tuple[Function, ...]] = field(default_factory=dict)
    media_handlers: MediaHandlers = field(default_factory=dict)
    role_settings: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)

    def is_view(self, name: Name) -> bool:
        """Whether that is a view or materialized view."""
        found = self.tables.get(name)
        return found is not None and found.is_view

    def table(self, name: Name) -> Table:
        """The relation of that name.

        :raises RequestError: PGRST205 where the cache has none.
        """
        found = self.tables.get(name)
        if found is None:
            known = [one.name for one in self.tables if one.schema == name.schema]
            close = nearest(name.name, known) if len(known) < _TOO_MANY_TO_SUGGEST else None
            raise RequestError(
                404,
                "PGRST205",
                f"Could not find the table '{name.schema}.{name.name}' in the schema cache",
                hint=f"Perhaps you meant the table '{name.schema}.{close}'" if close else None,
            )
        return found
