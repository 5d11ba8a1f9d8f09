"""A query string, taken apart into its parameters, and put into its canonical form."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, unquote_to_bytes

Parameters = Sequence[tuple[str, str]]


def _pairs(query: str) -> list[tuple[bytes, bytes | None]]:
    """Keys and values, decoded, a plus being a blank; a key without `=` has no value."""
    pairs: list[tuple[bytes, bytes | None]] = []
    for part in query.replace("+", " ").replace(";", "&").split("&") if query else ():
        key, equals, value = part.partition("=")
        pairs.append((unquote_to_bytes(key), unquote_to_bytes(value) if equals else None))
    return pairs


def parameters(query: str) -> list[tuple[str, str]]:
    """The parameters of a query string; a key without `=` is none."""
    return [(_text(key), _text(value)) for key, value in _pairs(query) if value is not None]


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", errors="replace")


def canonical(query: str) -> str:
    """The query string of Content-Location: keys in order, values of one key joined by commas.

    PostgREST encodes bytes as if each were a character of its own, so what is not ASCII is encoded twice.
    """
    values: dict[bytes, list[bytes]] = {}
    for key, value in sorted(_pairs(query), key=lambda pair: pair[0]):
        values.setdefault(key, []).append(value or b"")
    return "&".join(f"{_encoded(key)}={','.join(map(_encoded, several))}" for key, several in values.items())


def _encoded(raw: bytes) -> str:
    return quote(raw.decode("latin-1"), safe="")
