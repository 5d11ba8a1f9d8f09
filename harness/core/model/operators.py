"""Casts, operators, operator classes and families, and access methods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from harness.core.model.objects import CatalogObject
from harness.core.names import qualified, quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast(CatalogObject):
    """A cast from one type to another; it belongs to no schema and to no role."""

    kind: ClassVar[str] = "cast"
    key_fields: ClassVar[tuple[str, ...]] = ("source", "target")
    source: str
    target: str
    """Types as format_type gives them"""
    method: str = "function"
    """function, inout (through the text form) or binary (the same bytes)"""
    function: str | None = None
    """schema.name(argument types)"""
    context: str = "explicit"
    """explicit, assignment or implicit"""
    comment: str | None = None

    @property
    def identity(self) -> str:
        """public.price as numeric."""
        return f"{self.source} as {self.target}"

    def attributes(self) -> dict[str, Any]:
        """The compared attributes; a function is one of the method `function` alone."""
        told = CatalogObject.attributes(self)
        if self.method != "function":
            del told["function"]
        return told


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator(CatalogObject):
    """An operator; a shell, which only waits for its definition, is none."""

    kind: ClassVar[str] = "operator"
    key_fields: ClassVar[tuple[str, ...]] = ("schema", "name", "left", "right")
    schema: str
    name: str
    left: str
    """Type of the left operand; none for a prefix operator"""
    right: str
    """Type of the right operand; none for a postfix operator, which PostgreSQL 13 still has"""
    function: str = ""
    """schema.name; its arguments are the operands"""
    commutator: str | None = None
    """schema.name; its operands are the same, turned round"""
    negator: str | None = None
    """schema.name; its operands are the same"""
    restrict: str | None = None
    join: str | None = None
    """Identities of the functions that estimate how many rows it lets through"""
    hashes: bool = False
    merges: bool = False
    owner: str = ""
    comment: str | None = None

    @property
    def identity(self) -> str:
        """public.&&& (int4range, int4range); the name of an operator is never quoted."""
        return f"{quote(self.schema)}.{self.name} ({self.left}, {self.right})"


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfMethod(CatalogObject):
    """What has a name per index access method."""

    key_fields: ClassVar[tuple[str, ...]] = ("schema", "name", "using")
    schema: str
    name: str
    using: str
    """Name of the access method"""

    @property
    def identity(self) -> str:
        """public.later_first_ops using btree."""
        return f"{qualified(self.schema, self.name)} using {quote(self.using)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorFamily(_OfMethod):
    """An operator family."""

    kind: ClassVar[str] = "operator family"
    members: tuple[str, ...] = ()
    """Operators and functions that belong to no class of the family, as ALTER OPERATOR FAMILY … ADD takes them"""
    owner: str = ""
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorClass(_OfMethod):
    """An operator class."""

    kind: ClassVar[str] = "operator class"
    type: str
    """The type that it indexes"""
    default: bool = False
    """Indexes over the type take it when they name none"""
    family: str = ""
    """schema.name of its family"""
    operator: tuple[str, ...] = ()
    """Its operators as CREATE OPERATOR CLASS takes them: OPERATOR 1 pg_catalog.< (integer, integer)"""
    function: tuple[str, ...] = ()
    """Its support functions: FUNCTION 1 (integer, integer) pg_catalog.btint4cmp(integer, integer)"""
    storage: str | None = None
    """The type that the index keeps, where it is another one"""
    owner: str = ""
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessMethod(CatalogObject):
    """An access method for tables or indexes; it belongs to no schema and to no role."""

    kind: ClassVar[str] = "access method"
    name: str
    type: str = "index"
    """table or index"""
    handler: str = ""
    """Identity of the function, without its argument"""
    comment: str | None = None
