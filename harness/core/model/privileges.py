"""Privileges, default privileges and security labels: who may do what with the objects of a database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.core.model.objects import RELATION, Address, CatalogObject, measured
from harness.core.names import qualified

PUBLIC = "PUBLIC"
"""The grantee that stands for every role"""
COLUMN = "column"
RELATIONS = frozenset({"table", "view", "sequence", "foreign table"})
"""Kinds of objects that share the namespace of relations"""
TYPES = frozenset({"enum", "domain", "composite type", "range type", "base type"})
"""Kinds of objects that share the namespace of types"""


def address_of_object(kind: str, identity: str) -> Address:
    """The address of the object that a privilege is on."""
    if kind in RELATIONS:
        return (RELATION, identity)
    return ("type" if kind in TYPES else kind, identity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Privilege(CatalogObject):
    """One privilege of one role on one object, where it is not what PostgreSQL gives by itself.

    An access control list that is NULL and one that holds the built-in defaults are the same, so defaults are not
    listed; a default that was taken away is listed as `revoked`.
    """

    kind: ClassVar[str] = "privilege"
    key_fields: ClassVar[tuple[str, ...]] = ("object_kind", "object", "holder", "privilege")
    object_kind: str
    object: str
    """Identity of the object; - for the database"""
    holder: str
    """The grantee; empty for the owner of the object, so that it is the same under another owner"""
    privilege: str
    """SELECT, INSERT, USAGE, EXECUTE, …"""
    with_grant_option: bool = False
    grantee: str = measured("")
    """The role's name, the owner's too; PUBLIC for everybody"""
    revoked: bool = measured(False)
    """A built-in default that was taken away"""
    built_in: bool = measured(False)
    """PostgreSQL gives it by itself when an object is made"""
    relation: str = measured("")
    """Identity of the relation of a column"""
    extension: str | None = measured(None)
    """The extension that the object is a member of"""
    grantors: tuple[str, ...] = measured(())
    """Roles other than the owner that gave it: only they can take it back"""
    recipient: str | None = measured(None)
    """The role that a plan names on the target where that is not the grantee; empty: there is no such role"""
    restored: tuple[tuple[str, str, bool], ...] = measured(())
    """(column or empty, role, with grant option) of the same privilege that must be there after this one was revoked"""

    @property
    def identity(self) -> str:
        """table public.clients reader SELECT"""
        return f"{self.object_kind} {self.object} {self.grantee} {self.privilege}"

    @property
    def table_identity(self) -> str | None:
        """The table, where it is on a table or on a column of one."""
        if self.object_kind == COLUMN:
            return self.relation
        return self.object if self.object_kind == "table" else None

    @property
    def part_of(self) -> tuple[Address, ...]:
        """The object that it is on; the extension that the object is a member of."""
        on: tuple[Address, ...]
        if self.object_kind == COLUMN:
            on = ((RELATION, self.relation), (COLUMN, self.object))
        else:
            on = (address_of_object(self.object_kind, self.object),)
        return on if self.extension is None else (*on, ("extension", self.extension))

    @property
    def compared(self) -> bool:
        """A default that was taken away is compared as what the other side has."""
        return not self.revoked

    @property
    def role(self) -> str:
        """The role that a statement on the target names; empty: there is none."""
        return self.grantee if self.recipient is None else self.recipient


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultPrivilege(CatalogObject):
    """A privilege that objects of one type get when a role makes them (ALTER DEFAULT PRIVILEGES).

    Those for all schemas replace the built-in defaults, so what they leave out of these is listed as `revoked`.
    """

    kind: ClassVar[str] = "default privilege"
    key_fields: ClassVar[tuple[str, ...]] = ("creator", "in_schema", "object_type", "grantee", "privilege")
    creator: str
    """The role that makes the objects"""
    in_schema: str
    """Empty: in every schema"""
    object_type: str
    """tables, sequences, functions, types, schemas or large objects"""
    grantee: str
    privilege: str
    with_grant_option: bool = False
    revoked: bool = measured(False)
    built_in: bool = measured(False)
    absent: bool = measured(False)
    """The target's server lacks one of the roles"""

    @property
    def identity(self) -> str:
        """owner schema-or-dash tables reader SELECT"""
        schema = qualified(self.in_schema) if self.in_schema else "-"
        return f"{self.creator} {schema} {self.object_type} {self.grantee} {self.privilege}"

    @property
    def part_of(self) -> tuple[Address, ...]:
        """The schema."""
        return (("schema", qualified(self.in_schema)),) if self.in_schema else ()

    @property
    def compared(self) -> bool:
        """A default that was taken away is compared as what the other side has."""
        return not self.revoked


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityLabel(CatalogObject):
    """What a security provider (sepgsql, anon) says of an object."""

    kind: ClassVar[str] = "security label"
    key_fields: ClassVar[tuple[str, ...]] = ("object_kind", "object", "provider")
    object_kind: str
    """As SECURITY LABEL names it: table, column, materialized view, …"""
    object: str
    """As pg_seclabels spells it; - for the database"""
    provider: str
    label: str = ""
    on: str = measured("")
    """Identity of the relation, schema, routine or type that it is on, or of which it is on a part"""
    database: str = measured("")
    """The database's name, where it is on the database"""

    @property
    def identity(self) -> str:
        """table public.clients provider"""
        return f"{self.object_kind} {self.object} {self.provider}"

    @property
    def part_of(self) -> tuple[Address, ...]:
        """The object."""
        if self.object_kind in (*RELATIONS, "materialized view", COLUMN):
            return ((RELATION, self.on),)
        if self.object_kind in ("function", "procedure"):
            return (("routine", self.on),)
        if self.object_kind in ("type", "domain"):
            return (("type", self.on),)
        return ((self.object_kind, self.on),)
