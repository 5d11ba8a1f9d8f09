"""Names of SQL objects: quoting as PostgreSQL's quote_ident and quote_literal do it, and the identity of an object."""

from __future__ import annotations

import functools
import re

from harness.core.keywords import RESERVED

_BARE = re.compile(r"[a-z_][a-z0-9_$]*\Z", re.ASCII)


@functools.lru_cache(maxsize=1 << 14)
def quote(name: str) -> str:
    """An identifier as quote_ident() gives it: bare where that is safe, else in double quotes.

    ValueError for an empty name or one with NUL, which no identifier can have.
    """
    if not name or "\0" in name:
        raise ValueError("an identifier has at least one character and no NUL")
    if _BARE.match(name) and "$" not in name and name not in RESERVED:
        return name
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """A string constant as quote_literal() gives it; ValueError for NUL, which no text can have."""
    if "\0" in value:
        raise ValueError("a text has no NUL")
    quoted = "'" + value.replace("'", "''").replace("\\", "\\\\") + "'"
    return f"E{quoted}" if "\\" in value else quoted


def qualified(*parts: str) -> str:
    """Parts of a name, quoted where needed and joined by dots: also the identity of an object."""
    return ".".join(map(quote, parts))


def split(identity: str) -> tuple[str, ...]:
    """The parts of a name back from its identity; unquoted parts as they are. ValueError where it is no name."""
    parts: list[str] = []
    position = 0
    pattern = re.compile(r'(?:"((?:[^"]|"")+)"|([^".]+))(\.|\Z)')
    while position < len(identity) or not parts:
        match = pattern.match(identity, position)
        if match is None:
            raise ValueError(f"not a name: {identity!r}")
        parts.append(match[1].replace('""', '"') if match[1] is not None else match[2])
        position = match.end()
        if match[3] == "." and position == len(identity):
            raise ValueError(f"not a name: {identity!r}")
    return tuple(parts)
