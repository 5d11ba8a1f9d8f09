"""Mentions: names of a platform's schemas in the texts of objects (expressions, definitions, bodies)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from harness.core.model.objects import CatalogObject
from harness.core.policy import ManagedPolicy
from harness.core.sql.text import TextError, Token, tokens

_NOT_TEXTS = frozenset({"comment", "owner"})
_PLACES = {"using": "USING", "check": "WITH CHECK", "definition": "definition", "returns": "return type"}
_QUALIFIED = re.compile(r"\b([a-z_][a-z0-9_$]*)\s*\.\s*([a-z_][a-z0-9_$]*)\s*(\(?)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mention:
    """One name of a managed schema in a text."""

    attribute: str
    schema: str
    name: str
    called: bool
    """A parenthesis follows: a function"""
    quoted: bool = False
    """It stands inside a string: dynamic SQL, perhaps"""

    @property
    def place(self) -> str:
        """The attribute as people call it."""
        return _PLACES.get(self.attribute, self.attribute.replace("_", " "))


def texts_of(each: CatalogObject) -> Iterator[tuple[str, str]]:
    """The texts of an object that may name others, by attribute."""
    for name, value in each.attributes().items():
        if name in _NOT_TEXTS:
            continue
        for text in value if isinstance(value, tuple) else (value,):
            if isinstance(text, str) and "." in text:
                yield name, text


def mentions(texts: Iterable[tuple[str, str]], policy: ManagedPolicy) -> tuple[Mention, ...]:
    """What the texts name of the policy's schemas, each once. Comments do not count; strings are looked into, and said.

    Names without a schema are not seen: what they mean depends on the search_path of the call.
    """
    found: dict[Mention, None] = {}
    for attribute, text in texts:
        for schema, name, called, quoted in _names(text):
            if policy.manages_schema(schema):
                found[Mention(attribute, schema, name, called, quoted)] = None
    plain = {(each.schema, each.name) for each in found if not each.quoted}
    return tuple(each for each in found if not (each.quoted and (each.schema, each.name) in plain))


def _names(text: str) -> Iterator[tuple[str, str, bool, bool]]:
    try:
        listed = list(tokens(text))
    except TextError:
        yield from ((schema, name, bool(paren), True) for schema, name, paren in _QUALIFIED.findall(text))
        return
    aliases = {token.identifier for place, token in enumerate(listed) if token.identifier and _alone(listed, place)}
    for place, token in enumerate(listed):
        if token.kind == "string":
            yield from ((schema, name, bool(paren), True) for schema, name, paren in _QUALIFIED.findall(token.text))
        elif _dot(listed, place + 1) and token.identifier and not _dot(listed, place - 1):
            name = listed[place + 2].identifier if place + 2 < len(listed) else None
            called = place + 3 < len(listed) and listed[place + 3].text == "("
            if name and (called or token.identifier not in aliases):
                yield token.identifier, name, called, False


def _alone(listed: list[Token], place: int) -> bool:
    """Whether a name stands for itself there: a table or an alias, whose columns are then written alias.column."""
    return not _dot(listed, place + 1) and not _dot(listed, place - 1)


def _dot(listed: list[Token], place: int) -> bool:
    return 0 <= place < len(listed) and listed[place].kind == "sign" and listed[place].text == "."
