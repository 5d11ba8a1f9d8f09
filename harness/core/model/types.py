"""Types that a user makes: enum, domain, composite, range and base types, with their parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from harness.core.model.objects import Address, CatalogObject, measured
from harness.core.names import qualified

TYPE = "type"
"""The namespace that the kinds of types share"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Type(CatalogObject):
    """What all kinds of types have."""

    namespace: ClassVar[str] = TYPE
    key_fields: ClassVar[tuple[str, ...]] = ("schema", "name")
    schema: str
    name: str
    comment: str | None = None
    owner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enum(Type):
    """An enum type with its labels in order."""

    kind: ClassVar[str] = "enum"
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain(Type):
    """A domain: a type with a default and checks of its own."""

    kind: ClassVar[str] = "domain"
    type: str
    """As format_type gives it"""
    collation: str | None = None
    """None: that of the type"""
    default: str | None = None
    not_null: bool = False
    not_null_name: str | None = None
    """Name of the NOT NULL constraint (17 and later), where it is not the one that PostgreSQL gives"""
    check: tuple[str, ...] = ()
    """CONSTRAINT name CHECK (…) of each, by name, with NOT VALID where it is so"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompositeType(Type):
    """A composite type, as CREATE TYPE … AS makes it; the row types of tables are the tables' own."""

    kind: ClassVar[str] = "composite type"
    members: tuple[str, ...] = ()
    """name, type and collation of each attribute, in order, as CREATE TYPE takes them; told as `attributes`"""

    def attributes(self) -> dict[str, Any]:
        """The compared attributes: the type's own are the one called `attributes`."""
        found = CatalogObject.attributes(self)
        return {"attributes" if name == "members" else name: value for name, value in found.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeType(Type):
    """A range type; its multirange type, constructors and casts come with it."""

    kind: ClassVar[str] = "range type"
    subtype: str
    subtype_opclass: str | None = None
    """None: the default operator class of the subtype"""
    collation: str | None = None
    """None: that of the subtype"""
    canonical: str | None = None
    subtype_diff: str | None = None
    multirange_type_name: str | None = None
    """Its own name without the schema, where that is not the one that PostgreSQL gives (14 and later)"""
    multirange: str | None = measured(None)
    """The name in any case"""
    functions: tuple[str, ...] = measured(())
    """The canonical function, which speaks of the type: they come and go together"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseType(Type):
    """A base type; one that was only declared is a shell and has no functions."""

    kind: ClassVar[str] = "base type"
    input: str | None = None
    output: str | None = None
    receive: str | None = None
    send: str | None = None
    typmod_in: str | None = None
    typmod_out: str | None = None
    analyze: str | None = None
    subscript: str | None = None
    internal_length: int = -1
    """In bytes; -1: variable"""
    passed_by_value: bool = False
    alignment: str = "int4"
    storage: str = "plain"
    category: str = "U"
    preferred: bool = False
    default: str | None = None
    element: str | None = None
    """Type of its elements, as format_type gives it"""
    delimiter: str = ","
    collatable: bool = False
    functions: tuple[str, ...] = measured(())
    """Identities of the functions that it is made of and that are no other's: they come and go with it"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypePart(CatalogObject):
    """A part of a type that has a comment of its own; what it is stands in an attribute of the type."""

    key_fields: ClassVar[tuple[str, ...]] = ("schema", "type_name", "name")
    told_whole: ClassVar[bool] = False
    schema: str
    type_name: str
    name: str
    comment: str | None = None

    @property
    def type_identity(self) -> str:
        """Identity of the type."""
        return qualified(self.schema, self.type_name)

    @property
    def part_of(self) -> tuple[Address, ...]:
        """The type."""
        return ((TYPE, self.type_identity),)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompositeAttribute(TypePart):
    """An attribute of a composite type; its comment is COMMENT ON COLUMN."""

    kind: ClassVar[str] = "composite attribute"
    told_as: ClassVar[str] = "column"
    type: str = measured("")
    collation: str | None = measured(None)
    """None: that of the type"""
    position: int = measured(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainConstraint(TypePart):
    """A constraint of a domain."""

    kind: ClassVar[str] = "domain constraint"
    type: str = measured("check")
    """check or not null"""
    definition: str = measured("")
    """CHECK (…) or NOT NULL"""
    validated: bool = measured(True)
