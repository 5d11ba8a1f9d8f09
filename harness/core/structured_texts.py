"""Structured texts: arrays, composite values, ranges and multiranges as PostgreSQL writes them, taken apart.

The syntax is that of the output functions array_out, record_out, range_out and multirange_out (PostgreSQL's manual,
sections 8.15.6, 8.16.6 and 8.17.5).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_BOUNDS = re.compile(r"(?:\[-?\d+:-?\d+\])+=")
_EMPTY_RANGE = "empty"


class NotWritten(Exception):
    """The text is not what PostgreSQL writes for a value of this kind."""


def fields(text: str) -> list[str | None]:
    """The fields of a composite value; None is NULL. NotWritten."""
    if len(text) < 2 or text[0] != "(" or text[-1] != ")":
        raise NotWritten
    return list(_values(text[1:-1]))


def elements(text: str) -> tuple[str, list[str | None]]:
    """The shape of an array (its bounds and braces), and its elements in their order; None is NULL. NotWritten.

    Not for arrays of box, whose delimiter is another.
    """
    match = _BOUNDS.match(text)
    shape = [match[0] if match else ""]
    found: list[str | None] = []
    at, depth = len(shape[0]), 0
    while at < len(text):
        letter = text[at]
        if letter in "{},":
            depth += {"{": 1, "}": -1}.get(letter, 0)
            shape.append(letter)
            at += 1
        else:
            value, quoted, at = _element(text, at)
            found.append(None if value.upper() == "NULL" and not quoted else value)
            shape.append(".")
        if depth < 1 and at < len(text):
            raise NotWritten
    if depth or len(shape) < 3:
        raise NotWritten
    return "".join(shape), found


def bounds(text: str) -> tuple[str, list[str | None]]:
    """The brackets of a range and its two bounds, None where it has no such bound; 'empty' has neither. NotWritten."""
    if text == _EMPTY_RANGE:
        return text, []
    if len(text) < 3 or text[0] not in "[(" or text[-1] not in "])":
        raise NotWritten
    found = list(_values(text[1:-1]))
    if len(found) != 2:
        raise NotWritten
    return text[0] + text[-1], found


def ranges(text: str) -> list[str]:
    """The ranges of a multirange, each as a text. NotWritten."""
    if len(text) < 2 or text[0] != "{" or text[-1] != "}":
        raise NotWritten
    found: list[str] = []
    start, quoted, at = 1, False, 1
    while at < len(text) - 1:
        if text[at] == "\\":
            at += 1
        elif text[at] == '"':
            quoted = not quoted
        elif text[at] in ")]" and not quoted:
            found.append(text[start : at + 1])
            start = at + 2
        at += 1
    return found


def _values(text: str) -> Iterator[str | None]:
    """What stands between commas: quotes are doubled or escaped within quotes, and nothing at all is NULL."""
    word: list[str] = []
    quoted = seen = False
    at = 0
    while at < len(text):
        letter = text[at]
        if letter == "\\":
            at += 1
            word.append(text[at : at + 1])
        elif letter == '"' and quoted and text[at + 1 : at + 2] == '"':
            at += 1
            word.append(letter)
        elif letter == '"':
            quoted, seen = not quoted, True
        elif letter == "," and not quoted:
            yield "".join(word) if word or seen else None
            word, seen = [], False
        else:
            word.append(letter)
        at += 1
    if quoted:
        raise NotWritten
    yield "".join(word) if word or seen else None


def _element(text: str, at: int) -> tuple[str, bool, int]:
    """An element that begins here, whether it is quoted, and where it ends."""
    word: list[str] = []
    quoted = text[at] == '"'
    at += quoted
    while at < len(text):
        letter = text[at]
        if letter == "\\":
            at += 1
            word.append(text[at : at + 1])
        elif quoted and letter == '"':
            return "".join(word), True, at + 1
        elif not quoted and letter in "{},":
            return "".join(word), False, at
        else:
            word.append(letter)
        at += 1
    raise NotWritten
