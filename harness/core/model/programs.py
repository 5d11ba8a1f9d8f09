"""Routines, enum types and extensions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.core.model.objects import CatalogObject, measured
from harness.core.names import qualified


@dataclass(frozen=True, slots=True, kw_only=True)
class Routine(CatalogObject):
    """A function or a procedure; overloads are told apart by their argument types."""

    kind: ClassVar[str] = "routine"
    key_fields: ClassVar[tuple[str, ...]] = ("schema", "name", "arguments")
    schema: str
    name: str
    arguments: str
    """Types of the input arguments, without their names: text, integer"""
    type: str = "function"
    """function, procedure or window"""
    parameters: str = ""
    """With names, modes and defaults, as pg_get_function_arguments gives them"""
    returns: str | None = None
    language: str = ""
    body: str = ""
    """prosrc, or the deparsed body of a function in standard SQL"""
    definition: str = measured("")
    """The whole statement as pg_get_functiondef deparses it: for DDL; its facts are compared one by one"""
    volatility: str = "volatile"
    parallel: str = "unsafe"
    strict: bool = False
    leakproof: bool = False
    security_definer: bool = False
    cost: float = 0
    rows: float = 0
    settings: tuple[str, ...] = ()
    """name=value of its SET clauses"""
    comment: str | None = None
    owner: str = measured("")

    @property
    def identity(self) -> str:
        """schema.name(argument types)."""
        return f"{qualified(self.schema, self.name)}({self.arguments})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Enum(CatalogObject):
    """An enum type with its labels in order."""

    kind: ClassVar[str] = "enum"
    key_fields: ClassVar[tuple[str, ...]] = ("schema", "name")
    schema: str
    name: str
    labels: tuple[str, ...] = ()
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension(CatalogObject):
    """An installed extension."""

    kind: ClassVar[str] = "extension"
    name: str
    version: str = ""
    default_version: str = measured("")
    """What this server installs when no version is asked for"""
    schema: str = ""
