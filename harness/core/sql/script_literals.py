"""The string and template literals of a JavaScript or TypeScript program, joined where `+` joins them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from harness.core.sql.embedded import ProgramError, ProgramText

_TOKEN = re.compile(
    r"""
      (?P<blank>   \s+ | //[^\n]* | /\*.*?\*/ )
    | (?P<string>  "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*' )
    | (?P<template>` )
    | (?P<word>    [\w$]+ )
    | (?P<sign>    . )
    """,
    re.VERBOSE | re.DOTALL,
)
_REGEX = re.compile(r"/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*")
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|.))", re.DOTALL)
_SINGLE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": "", "\r\n": ""}
_BEFORE_REGEX = frozenset("(,=:[!&|?{};+-*%<>~^")
_WORDS_BEFORE_REGEX = frozenset({"return", "typeof", "case", "in", "of", "do", "else", "void", "delete", "throw"})
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_ENDING = frozenset(
    {";", "const", "let", "var", "return", "function", "class", "if", "for", "while", "await", "export"}
)
"""Signs and words at which an expression has ended"""

_State = Literal["behind", "joining", "inside"]
"""behind: a literal; joining: behind a `+`; inside: in what is put in, until the next `+` or the end"""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A literal's text (None for what is none), and where it begins."""

    text: str | None
    start: int
    sign: str = ""


def script_literals(text: str) -> Iterator[ProgramText]:
    """Every text of the program, with `{}` for what `${…}` and `+` put in.

    ProgramError where a template does not end.
    """
    waiting: _Piece | None = None
    state: _State = "behind"
    depth = 0
    for piece in _Scanner(text).pieces():
        if waiting is None or (piece.text is not None and state == "behind"):
            if waiting is not None:
                yield _literal(waiting, text)
            waiting, state, depth = (piece if piece.text is not None else None), "behind", 0
        elif state == "joining":
            waiting = _Piece((waiting.text or "") + ("{}" if piece.text is None else piece.text), waiting.start)
            state = "behind" if piece.text is not None else "inside"
            depth = 1 if piece.sign in _OPENING else 0
        elif piece.text is not None:
            yield _literal(piece, text)
        elif piece.sign == "+" and depth == 0:
            state = "joining"
        elif (
            state == "behind"
            or piece.sign in _ENDING
            or (piece.sign == "," and depth == 0)
            or (piece.sign in _CLOSING and depth == 0)
        ):
            yield _literal(waiting, text)
            waiting = None
        else:
            depth += (piece.sign in _OPENING) - (piece.sign in _CLOSING)
    if waiting is not None:
        yield _literal(waiting, text)


def _literal(piece: _Piece, text: str) -> ProgramText:
    return ProgramText(line=text.count("\n", 0, piece.start) + 1, text=piece.text or "")


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._inner: list[_Piece] = []

    def pieces(self) -> Iterator[_Piece]:
        """Literals and signs to the end; texts inside `${…}` come behind the template that they stand in."""
        yield from self._until("")

    def _until(self, closing: str) -> Iterator[_Piece]:
        depth = 0
        before = "("
        while match := _TOKEN.match(self._text, self._position):
            start, kind, said = self._position, str(match.lastgroup), match[0]
            if kind == "sign" and said == "/" and (before[-1:] in _BEFORE_REGEX or before in _WORDS_BEFORE_REGEX):
                regex = _REGEX.match(self._text, start)
                self._position = regex.end() if regex else match.end()
                before = ")"
                continue
            self._position = match.end()
            if kind == "blank":
                continue
            before = said
            if kind == "string":
                yield _Piece(_unescaped(said[1:-1]), start)
            elif kind == "template":
                yield _Piece(self._template(start), start)
                inner, self._inner = self._inner, []
                if inner:
                    yield _Piece(None, self._position, "}")
                    yield from inner
                before = ")"
            elif closing and said == closing and depth == 0:
                return
            else:
                depth += {"{": 1, "}": -1}.get(said, 0)
                yield _Piece(None, start, said)

    def _template(self, start: int) -> str:
        parts: list[str] = []
        begun = self._position
        while self._position < len(self._text):
            sign = self._text[self._position]
            if sign == "\\":
                self._position += 2
            elif sign == "`":
                parts.append(_unescaped(self._text[begun : self._position]))
                self._position += 1
                return "".join(parts)
            elif self._text.startswith("${", self._position):
                parts += [_unescaped(self._text[begun : self._position]), "{}"]
                self._position += 2
                self._inner += list(self._until("}"))
                begun = self._position
            else:
                self._position += 1
        line = self._text.count("\n", 0, start) + 1
        raise ProgramError(f"a template literal does not end (line {line})")


def _unescaped(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        code = match[1] or match[2] or match[3]
        if code:
            return chr(int(code, 16))
        return _SINGLE.get(match[4], match[4])

    return _ESCAPE.sub(one, text)
