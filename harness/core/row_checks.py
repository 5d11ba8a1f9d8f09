"""Row checks: what a SELECT of the configuration is: one statement that reads, in order or not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from harness.core.configuration import RowCheck
from harness.core.sql.text import TextError, Token, tokens
from harness.errors import ConfigurationError

_READING: Final = frozenset({"SELECT", "WITH", "VALUES", "TABLE", "("})
_WRITING: Final = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE"})


def check_row_checks(checks: Iterable[RowCheck]) -> None:
    """ConfigurationError where two checks have one name, or the SQL of one is not a single statement that reads."""
    names = [check.name for check in checks]
    for name, count in Counter(names).items():
        if count > 1:
            raise ConfigurationError(f"rows.checks: {count} checks are called {name!r}", hint="Give each its own name.")
    for check in checks:
        for place, text in (("sql", check.sql), ("target_sql", check.target_sql)):
            reason = None if text is None else _refused(text)
            if reason is not None:
                raise ConfigurationError(
                    f"rows.checks {check.name!r}: {place} {reason}",
                    hint="Write one SELECT, WITH … SELECT, VALUES or TABLE; the check runs on both sides, read only.",
                )


def _refused(text: str) -> str | None:
    try:
        found = list(tokens(text))
    except TextError:
        return "has a string, a name or a comment that does not end"
    while found and found[-1].text == ";":
        found.pop()
    if not found:
        return "is empty"
    if any(token.kind == "sign" and token.text == ";" for token in found):
        return "holds more than one statement"
    if (found[0].upper or found[0].text) not in _READING:
        return f"does not read: it begins with {found[0].text[:20]}" if found[0].kind == "word" else "is no SELECT"
    for before, token, after in zip(found, found[1:], found[2:], strict=False):
        # INSERT and the others stand at the beginning of a part of WITH, or of what follows it; columns may be called
        # so too.
        if before.text in {"(", ")"} and token.upper in _WRITING and _begins_write(token, after):
            return f"does not only read: it has {token.upper}"
    for before, token in pairwise(found):
        if before.upper in {"FOR", "KEY"} and token.upper in {"UPDATE", "SHARE"}:
            return "locks rows, which a read-only session may not"
    for token in found:
        if token.upper == "INTO" and not _in_parentheses(found, token):
            return "writes its answer into a table (SELECT INTO)"
    return None


def _begins_write(token: Token, after: Token) -> bool:
    if token.upper == "UPDATE":
        return after.kind in {"word", "name"}
    return after.upper == ("FROM" if token.upper == "DELETE" else "INTO")


def _in_parentheses(found: Sequence[Token], wanted: Token) -> bool:
    depth = 0
    for token in found:
        if token is wanted:
            break
        depth += {"(": 1, ")": -1}.get(token.text, 0) if token.kind == "sign" else 0
    return depth > 0


def without_end(text: str) -> str:
    """The statement without the semicolons behind it."""
    last = None
    for token in tokens(text):
        if token.text != ";":
            last = token
    return text if last is None else text[: last.end]


def in_order(text: str) -> bool:
    """Whether the answer's rows have an order: the statement itself has ORDER BY, not only a part of it."""
    found = list(tokens(text))
    return any(token.upper == "ORDER" and not _in_parentheses(found, token) for token in found)
