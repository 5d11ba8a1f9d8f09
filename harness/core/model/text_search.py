"""Text search configurations, dictionaries, parsers and templates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.core.model.objects import CatalogObject


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSearchConfiguration(CatalogObject):
    """A text search configuration: which dictionaries are asked about which tokens of a parser."""

    kind: ClassVar[str] = "text search configuration"
    key_fields: ClassVar[tuple[str, ...]] = ("schema", "name")
    schema: str
    name: str
    parser: str = ""
    """Its identity"""
    mapping: tuple[str, ...] = ()
    """'token WITH dictionary, dictionary' for each type of token that has some, in the order they are asked"""
    owner: str = ""
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSearchDictionary(CatalogObject):
    """A text search dictionary."""

    kind: ClassVar[str] = "text search dictionary"
    key_fields: ClassVar[tuple[str, ...]] = ("schema", "name")
    schema: str
    name: str
    template: str = ""
    """Its identity"""
    options: tuple[str, ...] = ()
    """name = 'value', in the order they were given"""
    owner: str = ""
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSearchParser(CatalogObject):
    """A text search parser: five functions, by their identities without arguments; it belongs to no role."""

    kind: ClassVar[str] = "text search parser"
    key_fields: ClassVar[tuple[str, ...]] = ("schema", "name")
    schema: str
    name: str
    start: str = ""
    gettoken: str = ""
    end: str = ""
    headline: str | None = None
    lextypes: str = ""
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSearchTemplate(CatalogObject):
    """A text search template: two functions, by their identities without arguments; it belongs to no role."""

    kind: ClassVar[str] = "text search template"
    key_fields: ClassVar[tuple[str, ...]] = ("schema", "name")
    schema: str
    name: str
    init: str | None = None
    lexize: str = ""
    comment: str | None = None
