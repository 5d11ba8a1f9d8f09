"""Collations and conversions: how text is ordered and how it is recoded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.core.model.objects import CatalogObject, measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Collation(CatalogObject):
    """A collation that a user made."""

    kind: ClassVar[str] = "collation"
    key_fields: ClassVar[tuple[str, ...]] = ("schema", "name")
    schema: str
    name: str
    provider: str = "libc"
    """libc, icu or builtin"""
    locale: str = ""
    """Of a libc collation: LC_COLLATE"""
    lc_ctype: str | None = None
    """LC_CTYPE of a libc collation where it is another one"""
    rules: str | None = None
    deterministic: bool = True
    comment: str | None = None
    owner: str = ""
    version: str | None = measured(None)
    """That of the library when the collation was made: it belongs to the machine"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion(CatalogObject):
    """A conversion between two encodings."""

    kind: ClassVar[str] = "conversion"
    key_fields: ClassVar[tuple[str, ...]] = ("schema", "name")
    schema: str
    name: str
    source_encoding: str
    destination_encoding: str
    function: str
    default: bool = False
    comment: str | None = None
    owner: str = ""
