"""What may be told of a statement in pg_stat_statements: its kind, and its text where no value can be left in it.

PostgreSQL replaces the constants of SELECT, INSERT, UPDATE, DELETE and MERGE by $1, $2, …, but not always (an entry
that was thrown out while its statement ran is stored as it was sent), keeps comments, and stores utility statements,
such as ALTER ROLE … PASSWORD, word by word. So:

- only the five kinds have a text, and only where it is one statement with no backslash in it (what a backslash does to
  a plain string depends on a setting of the session);
- strings and numbers are `?`, comments are gone, a quoted name that is not a plain one is "…";
- everything else is told as `utility`, or with its kind alone.
"""

from __future__ import annotations

import re
from typing import Final

from harness.core.sql.text import TextError, Token, tokens

KINDS: Final = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "MERGE"})
LONGEST: Final = 400
"""Characters of a text"""
_READ: Final = 20_000
"""A longer statement has no text"""
_UTILITY: Final = "utility"
_PLAIN_NAME: Final = re.compile(r'"[^\W\d]\w{0,62}"')


def told(text: str) -> tuple[str, str | None]:
    """The kind of a statement, and its text without any value; None where that cannot be said."""
    if len(text) > _READ:
        return _kind_of_first_word(text), None
    try:
        found = list(tokens(text))
    except TextError:
        return _kind_of_first_word(text), None
    while found and found[-1].text == ";":
        found.pop()
    kind = _kind(found)
    if kind == _UTILITY or "\\" in text or any(each.text == ";" for each in found):
        return kind, None
    return kind, _joined(found)


def _kind_of_first_word(text: str) -> str:
    word = text[:20].lstrip().split(None, 1)[:1]
    return word[0].upper() if word and word[0].upper() in KINDS else _UTILITY


def _kind(found: list[Token]) -> str:
    """The first key word; after WITH, the first of the five at no depth."""
    first = next((each.upper for each in found if each.text != "("), "")
    if first in KINDS:
        return first
    depth = 0
    if first == "WITH":
        for each in found:
            depth += (each.text == "(") - (each.text == ")")
            if depth == 0 and each.upper in KINDS:
                return each.upper
    return _UTILITY


def _joined(found: list[Token]) -> str:
    """With one blank where there was a gap."""
    parts: list[str] = []
    end = 0
    for each in found:
        if parts and each.start > end:
            parts.append(" ")
        parts.append(_shown(each))
        end = each.end
    text = "".join(parts)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 2].rstrip()} …"


def _shown(token: Token) -> str:
    if token.kind in ("string", "number"):
        return "?"
    if token.kind == "name" and not _PLAIN_NAME.fullmatch(token.text):
        return '"…"'
    return token.text
