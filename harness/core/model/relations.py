"""Schemas, tables, columns, views and sequences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.core.model.objects import RELATION, Address, CatalogObject, TablePart, measured
from harness.core.names import qualified, split


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema(CatalogObject):
    """A schema in scope."""

    kind: ClassVar[str] = "schema"
    name: str
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(CatalogObject):
    """A table: plain, partitioned, or a partition."""

    kind: ClassVar[str] = "table"
    namespace: ClassVar[str] = RELATION
    key_fields: ClassVar[tuple[str, ...]] = ("schema", "name")
    schema: str
    name: str
    persistence: str = "permanent"
    """permanent, unlogged or temporary"""
    partition_key: str | None = None
    partition_of: str | None = None
    """Identity of the parent and bound, as pg_get_expr deparses it"""
    inherits: tuple[str, ...] = ()
    row_security: bool = False
    force_row_security: bool = False
    replica_identity: str = "default"
    options: tuple[str, ...] = ()
    """Storage parameters, name=value, sorted"""
    comment: str | None = None
    owner: str = measured("")
    estimated_rows: int = measured(-1)
    """pg_class.reltuples, or a count where the table is small and was never analysed; -1: not known"""
    bytes: int = measured(0)
    exposed_to: tuple[str, ...] = measured(())
    """Roles of a managed platform that row-level security binds and that hold a privilege on the table"""

    @property
    def table_identity(self) -> str | None:
        """Itself."""
        return self.identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Column(TablePart):
    """A column of a table."""

    kind: ClassVar[str] = "column"
    type: str
    """As format_type gives it: numeric(10,2), character varying(50), public.mood"""
    not_null: bool = False
    default: str | None = None
    """As pg_get_expr deparses it with an empty search_path; None for a generated column"""
    generated: str | None = None
    """Expression of a generated column"""
    generated_kind: str | None = None
    """stored, virtual (PostgreSQL 18), or None"""
    identity_kind: str | None = None
    """always, by default, or None"""
    collation: str | None = None
    """None: the type's default collation"""
    comment: str | None = None
    position: int = measured(0)
    """1, 2, 3, … without the gaps of dropped columns"""
    sequence: str | None = measured(None)
    """Identity of the sequence that the column owns"""
    type_oid: int = measured(0)
    inherited: bool = measured(False)
    """It is there because a parent table has it"""


@dataclass(frozen=True, slots=True, kw_only=True)
class View(CatalogObject):
    """A view or a materialised view."""

    kind: ClassVar[str] = "view"
    namespace: ClassVar[str] = RELATION
    key_fields: ClassVar[tuple[str, ...]] = ("schema", "name")
    schema: str
    name: str
    materialized: bool = False
    definition: str = ""
    """As pg_get_viewdef deparses it"""
    columns: tuple[str, ...] = ()
    """'name type' of each column, in order"""
    options: tuple[str, ...] = ()
    comment: str | None = None
    owner: str = measured("")
    depends_on: tuple[str, ...] = measured(())
    """Identities of the relations that it reads"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence(CatalogObject):
    """A sequence."""

    kind: ClassVar[str] = "sequence"
    namespace: ClassVar[str] = RELATION
    key_fields: ClassVar[tuple[str, ...]] = ("schema", "name")
    schema: str
    name: str
    type: str = "bigint"
    start: int = 1
    increment: int = 1
    minimum: int = 1
    maximum: int = 2**63 - 1
    cycle: bool = False
    cache: int = 1
    owned_by: str | None = None
    """Identity of the column that owns it"""
    identity_sequence: bool = False
    """It exists because of an identity column"""
    comment: str | None = None
    next_value: int | None = measured(None)
    column_maximum: int | None = measured(None)
    """Maximum of the owning column at the time of introspection; None: no rows, or not asked"""
    asked: bool = measured(False)
    """The owning column's maximum was asked for"""

    @property
    def table_identity(self) -> str | None:
        """The table of the owning column."""
        if self.owned_by is None:
            return None
        return qualified(*split(self.owned_by)[:2])

    @property
    def part_of(self) -> tuple[Address, ...]:
        """The owning column and its table."""
        if self.owned_by is None:
            return ()
        return ((RELATION, qualified(*split(self.owned_by)[:2])), (Column.kind, self.owned_by))

    @property
    def signature(self) -> str | None:
        """A column has one sequence, whatever its name."""
        return None if self.owned_by is None else f"sequence of {self.owned_by}"
