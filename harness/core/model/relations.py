"""Schemas, tables, columns, views and sequences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from harness.core.model.objects import RELATION, Address, CatalogObject, TablePart, measured
from harness.core.names import qualified, split


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema(CatalogObject):
    """A schema in scope."""

    kind: ClassVar[str] = "schema"
    name: str
    comment: str | None = None
    owner: str = ""


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
    access_method: str | None = None
    """None: heap; of a partitioned table, that of its partitions to come, None: the default one"""
    tablespace: str | None = None
    """None: the database's"""
    of: str | None = None
    """Identity of the composite type that a typed table follows"""
    partition_key: str | None = None
    partition_of: str | None = None
    """Identity of the parent and bound, as pg_get_expr deparses it"""
    inherits: tuple[str, ...] = ()
    """Identities of the parents, in order"""
    row_security: bool = False
    force_row_security: bool = False
    replica_identity: str = "default"
    options: tuple[str, ...] = ()
    """Storage parameters, name=value, sorted; those of its TOAST table as toast.name=value"""
    comment: str | None = None
    owner: str = ""
    estimated_rows: int = measured(-1)
    """pg_class.reltuples, or a count where the table is small and was never analysed; -1: not known"""
    bytes: int = measured(0)
    """Of its own file, without TOAST: as VACUUM or ANALYZE saw it last, or as it is where they never did"""
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
    not_null_name: str | None = None
    """Name of the constraint that NOT NULL is since PostgreSQL 18; None: it is none"""
    not_null_inherited_name: str | None = None
    """The same of a partition whose parent demands it"""
    not_null_comment: str | None = None
    not_null_no_inherit: bool = False
    not_null_validated: bool = True
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
    storage: str | None = None
    """plain, external, extended or main; None: the type's usual one"""
    compression: str | None = None
    """pglz or lz4; None: the server's default"""
    statistics: int | None = None
    """Statistics target; None: the server's default"""
    options: tuple[str, ...] = ()
    """name=value, sorted: n_distinct, n_distinct_inherited, and what a foreign table's column is on its server"""
    local: bool | None = None
    """Of a column that a parent table has too: whether it stays when the parent's goes; None: no parent has it"""
    comment: str | None = None
    position: int = measured(0)
    """1, 2, 3, … without the gaps of dropped columns"""
    sequence: str | None = measured(None)
    """Identity of the sequence that the column owns"""
    type_oid: int = measured(0)
    inherited: bool = measured(False)
    """It is there because a parent table has it"""
    inherited_from: tuple[str, ...] = measured(())
    """Identities of the columns of parent tables that it follows"""
    of_partition: bool = measured(False)
    """Its table is a partition"""
    usual_storage: str = measured("")
    """That of its type"""
    base_type: str | None = measured(None)
    """What its type is made of, where that is a domain"""
    not_null_called: str | None = measured(None)
    """Name of the constraint, whoever demands it"""
    enum: bool = measured(False)
    """Its type is an enum"""
    foreign: bool = measured(False)
    """Its table is a foreign table"""

    def attributes(self) -> dict[str, Any]:
        """The compared attributes, without what this side cannot tell.

        Only a NOT NULL that is a constraint has a name, and only a column that a parent has is local or not.
        """
        found = CatalogObject.attributes(self)
        if self.not_null_name is None:
            for name in ("not_null_name", "not_null_comment", "not_null_no_inherit", "not_null_validated"):
                del found[name]
        if self.not_null_inherited_name is None:
            del found["not_null_inherited_name"]
        if self.local is None:
            del found["local"]
        return found

    @property
    def copy_of(self) -> tuple[Address, ...]:
        """In a partition, the column of the parent."""
        return tuple((Column.kind, each) for each in self.inherited_from) if self.of_partition else ()


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
    """name=value, sorted; booleans as true and false, those of a view that are off anyway left out"""
    populated: bool = True
    """False: a materialised view that was never filled; any other relation that is read always is"""
    access_method: str | None = None
    """Of a materialised view; None: heap"""
    tablespace: str | None = None
    """None: the database's"""
    replica_identity: str = "default"
    comment: str | None = None
    owner: str = ""
    written_options: tuple[str, ...] = measured(())
    """As they were written, for DDL"""
    collations: tuple[str, ...] = measured(())
    """Collation of each column, in order: CREATE OR REPLACE VIEW keeps them"""
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
    persistence: str = "permanent"
    """unlogged or logged where it is not as the table of its column is, or where no column owns it"""
    comment: str | None = None
    owner: str = ""
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
