"""Scripts of DDL: a file's statements as PostgreSQL is to get them, one by one, each with its line."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator
from dataclasses import dataclass

from harness.core.sql.text import TextError, Token, tokens

_PG_DUMP_GUARDS = frozenset({"restrict", "unrestrict"})
"""Meta commands that newer pg_dump writes around its text; they guard psql and do nothing to a database"""
_WITH_BODY = frozenset({"FUNCTION", "PROCEDURE"})
_META = re.compile(r"\\([A-Za-z!?]+)?[^\n]*")
_COPY_FROM_STDIN = re.compile(r"COPY\b.*\bFROM\s+STDIN\b", re.IGNORECASE | re.DOTALL)


class ScriptError(ValueError):
    """A file that cannot be run statement by statement; `line` says where."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a file, without its semicolon, and the line that it begins on (1 is the first)."""

    line: int
    text: str


def script(text: str) -> Iterator[Statement]:
    """The statements of a file. Semicolons inside parentheses (CREATE RULE) and in BEGIN ATOMIC bodies end none.

    ScriptError: a psql meta command, COPY FROM STDIN with its rows, or a string that does not end.
    """
    lines = _Lines(text)
    begun: list[Token] = []
    depth = parentheses = 0
    for token in _tokens(text, lines):
        if token.kind == "sign" and token.text == ";" and not depth and parentheses <= 0:
            if begun:
                yield _statement(begun, text, lines)
            begun, parentheses = [], 0
            continue
        if token.kind == "sign" and token.text in "()":
            parentheses += 1 if token.text == "(" else -1
        elif token.kind == "word" and _has_body(begun):
            depth = _depth(token, depth, begun)
        begun.append(token)
    if begun:
        yield _statement(begun, text, lines)


def _has_body(begun: list[Token]) -> bool:
    """Whether the statement is CREATE [OR REPLACE] FUNCTION or PROCEDURE, whose body may hold semicolons."""
    words = [token.upper for token in begun[:4]]
    return bool(words) and words[0] == "CREATE" and not _WITH_BODY.isdisjoint(words)


def _depth(token: Token, depth: int, begun: list[Token]) -> int:
    """How deep in BEGIN ATOMIC … END, and in the CASE … END inside it, the next token is."""
    word = token.upper
    if word == "ATOMIC" and begun[-1].upper == "BEGIN":
        return 1
    if depth and word == "CASE":
        return depth + 1
    return depth - 1 if depth and word == "END" else depth


def _tokens(text: str, lines: _Lines) -> Iterator[Token]:
    """The tokens; meta commands that pg_dump writes are passed over."""
    position = 0
    while True:
        meta: Token | None = None
        try:
            for token in tokens(text[position:] if position else text):
                if token.kind == "sign" and token.text == "\\":
                    meta = token
                    break
                yield Token(token.kind, token.text, token.start + position)
        except TextError as error:
            place = re.search(r"\d+", str(error))
            start = position + (int(place[0]) - 1 if place else 0)
            message = "a string, a quoted name or a comment begins here and does not end"
            raise ScriptError(message, lines.of(start)) from None
        if meta is None:
            return
        command = _META.match(text, position + meta.start)
        if command is None or command[1] not in _PG_DUMP_GUARDS:
            name = f"\\{command[1] or ''}" if command else "\\"
            message = f"psql's {name} is not supported: only SQL statements are"
            raise ScriptError(message, lines.of(position + meta.start))
        position = command.end()


def _statement(begun: list[Token], text: str, lines: _Lines) -> Statement:
    start = begun[0].start
    found = Statement(lines.of(start), text[start : begun[-1].end])
    if begun[0].upper == "COPY" and _COPY_FROM_STDIN.match(found.text):
        raise ScriptError("COPY FROM STDIN is not supported: rows do not belong to a schema", found.line)
    return found


class _Lines:
    """Lines of places in a text."""

    def __init__(self, text: str) -> None:
        self._ends = [match.start() for match in re.finditer("\n", text)]

    def of(self, place: int) -> int:
        """The line of a place, 1 for the first."""
        return bisect.bisect_left(self._ends, place) + 1
