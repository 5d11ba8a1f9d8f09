"""The text of SQL statements: split a file into them, hide the values that one holds, make one ready for the parser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
      (?P<blank>    \s+ | --[^\n]* )
    | (?P<comment>  /\* )
    | (?P<string>   (?:[eE]|\b[uU]&|\b[nNbBxX])?' )
    | (?P<name>     (?:[uU]&)?"(?:[^"]|"")*" )
    | (?P<dollar>   \$(?P<tag>[^\W\d]\w*)?\$ )
    | (?P<parameter>\$\d+ )
    | (?P<word>     [^\W\d][\w$]* )
    | (?P<number>   \d[\w.]* | \.\d[\w.]* )
    | (?P<sign>     :: | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_PLAIN_END = re.compile(r"(?:[^']|'')*'")
_ESCAPED_END = re.compile(r"(?:[^'\\]|\\.|'')*'", re.DOTALL)
_SHOWN_DIGITS = 4
_ASCII_UPPER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


class TextError(ValueError):
    """A string, a quoted name or a comment that does not end."""


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a statement. `kind` is string, name (quoted), word, parameter, number or sign."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """The place behind it."""
        return self.start + len(self.text)

    @property
    def upper(self) -> str:
        """A word in capitals, to look for key words; "" for what is none."""
        return self.text.upper() if self.kind == "word" else ""

    @property
    def identifier(self) -> str | None:
        """The name that PostgreSQL reads: words folded to lower case, quotes taken off; None where it is no name."""
        if self.kind == "word":
            return folded(self.text)
        return self.text[1:-1].replace('""', '"') if self.kind == "name" and self.text.startswith('"') else None


def folded(name: str) -> str:
    """An unquoted name in lower case. PostgreSQL folds ASCII letters alone in a multi-byte encoding (scansup.c)."""
    return name.translate(_ASCII_UPPER)


def tokens(text: str) -> Iterator[Token]:
    """The tokens of SQL text by PostgreSQL's lexical rules; blanks and comments are left out. TextError.

    https://www.postgresql.org/docs/current/sql-syntax-lexical.html
    """
    position = 0
    while match := _TOKEN.match(text, position):
        start, end, kind = position, match.end(), str(match.lastgroup)
        if kind in ("dollar", "tag"):
            kind, closing = "string", text.find(match[0], end)
            end = closing + len(match[0]) if closing >= 0 else -1
        elif kind == "comment":
            end = _end_of_comment(text, start)
        elif kind == "string":
            found = (_ESCAPED_END if match[0][0] in "eE" else _PLAIN_END).match(text, end)
            end = found.end() if found else -1
        elif match[0] == '"':
            end = -1
        if end < 0:
            raise TextError(f"what begins at character {start + 1} does not end")
        if kind not in ("blank", "comment"):
            yield Token(kind, text[start:end], start)
        position = end


def _end_of_comment(text: str, start: int) -> int:
    """Comments nest."""
    depth = 0
    for edge in _COMMENT_EDGE.finditer(text, start):
        depth += 1 if edge[0] == "/*" else -1
        if depth == 0:
            return edge.end()
    return -1


def statements(text: str) -> Iterator[tuple[int, str]]:
    """The statements of a file, each with the line that it begins on (1 is the first). TextError."""
    begun: Token | None = None
    last: Token | None = None
    for token in tokens(text):
        if token.text == ";" and token.kind == "sign":
            if begun and last:
                yield text.count("\n", 0, begun.start) + 1, text[begun.start : last.end]
            begun = last = None
        else:
            begun, last = begun or token, token
    if begun and last:
        yield text.count("\n", 0, begun.start) + 1, text[begun.start : last.end]


def masked(text: str, *, limit: int = 400) -> str:
    """A statement that may be shown: no string, long number or comment, on one line, of at most `limit` characters."""
    parts: list[str] = []
    previous = 0
    try:
        for token in tokens(text):
            if parts and token.start > previous:
                parts.append(" ")
            long_number = token.kind == "number" and sum(map(str.isdigit, token.text)) > _SHOWN_DIGITS
            parts.append("'…'" if token.kind == "string" else "…" if long_number else token.text)
            previous = token.end
    except TextError:
        parts.append(" …")
    shown = "".join(parts)
    return shown if len(shown) <= limit else shown[: limit - 2].rstrip() + " …"


_VALUES_ONLY = frozenset({"DEFAULT", "NULL", "TRUE", "FALSE"})


def with_one_row(found: list[Token]) -> list[Token]:
    """The tokens without the rows after the first that hold values alone: they name nothing, and there may be 500."""
    kept: list[Token] = []
    at = 0
    while at < len(found):
        end = _row_of_values(found, at)
        if kept and kept[-1].text == ")" and end is not None:
            at = end
        else:
            kept.append(found[at])
            at += 1
    return kept


def _row_of_values(found: list[Token], at: int) -> int | None:
    """The place behind `, (value, value, …)` where that stands here."""
    if [token.text for token in found[at : at + 2]] != [",", "("]:
        return None
    for place in range(at + 2, len(found)):
        token = found[place]
        if token.text == ")":
            return place + 1
        if token.kind in ("name", "word") and token.upper not in _VALUES_ONLY:
            return None
        if token.kind == "sign" and token.text not in ",-":
            return None
    return None


def ready_to_parse(found: list[Token]) -> str:
    """The statement for sqlglot: blanks around tokens where they help, and without a clause that it does not know.

    sqlglot takes `$1,$` for the beginning of a dollar-quoted string where no blank follows the parameter. OVERRIDING
    SYSTEM VALUE, which it cannot parse, has no names in it.
    """
    kept: list[str] = []
    skip = 0
    for number, token in enumerate(found):
        if skip:
            skip -= 1
            continue
        if token.upper == "OVERRIDING" and [each.upper for each in found[number + 2 : number + 3]] == ["VALUE"]:
            skip = 2
            continue
        joined = number > 0 and found[number - 1].end == token.start and found[number - 1].kind != "parameter"
        kept.append(token.text if joined or not kept else f" {token.text}")
    return "".join(kept)
