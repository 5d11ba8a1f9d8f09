"""Procedural languages and the transforms between their values and those of SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.core.model.objects import CatalogObject
from harness.core.names import quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Language(CatalogObject):
    """A procedural language that no extension brought."""

    kind: ClassVar[str] = "language"
    name: str
    trusted: bool = False
    """Whoever holds USAGE may write functions in it; else superusers alone"""
    handler: str | None = None
    inline: str | None = None
    """What runs its DO blocks"""
    validator: str | None = None
    """Identities of functions, without arguments"""
    owner: str = ""
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transform(CatalogObject):
    """How the values of a type reach the functions of a language and come back; it belongs to no role."""

    kind: ClassVar[str] = "transform"
    key_fields: ClassVar[tuple[str, ...]] = ("type", "language")
    type: str
    language: str
    from_sql: str | None = None
    to_sql: str | None = None
    """Identities of functions, without the one argument, which is internal"""
    comment: str | None = None

    @property
    def identity(self) -> str:
        """integer.plsalon."""
        return f"{self.type}.{quote(self.language)}"
