"""SQL inside programs: the string literals of Python and of JavaScript or TypeScript that are statements."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from harness.core.sql.placeholders import numbered

PYTHON = frozenset({"py", "pyi"})
SCRIPT = frozenset({"ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs"})
"""Ends of names of files that are programs; every other file is read as SQL"""

_FORM = (
    r"(?:SELECT\b.+\bFROM\b|INSERT\s+INTO\b|UPDATE\s+\S+.*\sSET\b|DELETE\s+FROM\b|MERGE\s+INTO\b|TRUNCATE\s+\w"
    r"|WITH\s+(?:RECURSIVE\s+)?[\w\"]+.*?\bAS\b.*\(|COPY\s+\S+.*\b(?:FROM|TO)\b|CALL\s+[\w\".]+\s*\(|LOCK\s+TABLE\b)"
)
_CAPITALS = re.compile(rf"[\s(]*{_FORM}", re.DOTALL)
_SMALL = re.compile(
    re.sub(r"(?<=\\[bs])[A-Z]+|(?<![A-Za-z\\])[A-Z]+", lambda word: word[0].lower(), rf"[\s(]*{_FORM}"), re.DOTALL
)
_SIGN_OF_SQL = re.compile(r"[*=(;$%?:{]|,\s*\w+\s+from\b")


class ProgramError(ValueError):
    """A program that cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramText:
    """A text of a program, with `{}` for each part that is put in at run time."""

    line: int
    text: str


def is_statement(text: str) -> bool:
    """Whether a text is meant as SQL: key words in capitals, or in small letters with signs that prose has not."""
    if _CAPITALS.match(text):
        return True
    return bool(_SMALL.match(text)) and bool(_SIGN_OF_SQL.search(text))


def statements_of(literals: Iterator[ProgramText], *, percent: bool) -> Iterator[tuple[int, str]]:
    """The statements among literals, each with the line that it begins on; parts put in at run time are parameters.

    Where such a part is a name and no value, the statement cannot be parsed, and the check says that of it.
    """
    for each in literals:
        if is_statement(each.text):
            blanks = len(each.text) - len(each.text.lstrip())
            line = each.line + each.text.count("\n", 0, blanks)
            yield line, numbered(each.text.strip().rstrip(";").rstrip(), percent=percent)
