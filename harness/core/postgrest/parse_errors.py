"""What a failed reading says: the place and the text of a PGRST100, as PostgREST's parser (Parsec) puts them.

A reader notes at its furthest place what it found and what it would have taken. Parsec sorts such notes by their
kind, names each expectation once, and shows characters the way Haskell writes them.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TypeAlias

# Kinds of notes, in the order in which they are shown. The text of FOUND is the literal that was tried: what differs
# from it is what was found; that of the others is shown as it is.
FOUND, UNEXPECTED, EXPECTED = 0, 1, 2
Note: TypeAlias = tuple[int, str]

_TAB = 8
_CONTROLS = (
    *("NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "a", "b", "t", "n", "v", "f", "r", "SO", "SI"),
    *("DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC", "FS", "GS", "RS", "US"),
)


def _escaped(character: str) -> str:
    code = ord(character)
    if code < len(_CONTROLS):
        return f"\\{_CONTROLS[code]}"
    if character == "\\":
        return "\\\\"
    if code == 127:
        return "\\DEL"
    return character if code < 127 else f"\\{code}"


def shown(text: str) -> str:
    """A text in double quotes."""
    escaped = "".join('\\"' if character == '"' else _escaped(character) for character in text)
    return f'"{escaped}"'


def shown_character(character: str) -> str:
    """One character in single quotes."""
    return "'\\''" if character == "'" else f"'{_escaped(character)}'"


@cache
def missed(literal: str, label: str | None = None) -> tuple[Note, ...]:
    """The notes of a literal that did not come next; `label` is what was expected, where that is not the literal."""
    return (FOUND, literal), (EXPECTED, shown(literal) if label is None else label)


@cache
def stopped(labels: tuple[str, ...]) -> tuple[Note, ...]:
    """The notes of a character that is none of those that `labels` name."""
    return ((FOUND, ""), *((EXPECTED, label) for label in labels))


def unexpected(character: str) -> tuple[Note, ...]:
    """The note of a character that a rule refuses."""
    return ((UNEXPECTED, shown_character(character)),)


def relabelled(notes: Iterable[Note], label: str) -> tuple[Note, ...]:
    """The notes with one expectation in place of all others."""
    return ((EXPECTED, label), *(note for note in notes if note[0] != EXPECTED))


def _listed(words: Iterable[str]) -> str:
    *some, last = dict.fromkeys(filter(None, words))
    return f"{', '.join(some)} or {last}" if some else last


def matching(literal: str, text: str, place: int) -> int:
    """How many characters of a literal stand at a place in a text."""
    length = 0
    while length < len(literal) and text.startswith(literal[length], place + length):
        length += 1
    return length


def details(notes: Iterable[Note], text: str, place: int) -> str:
    """The `details` of the error: what was not expected at a place in a text, and what was."""
    tried, refused, labels = ([said for kind, said in notes if kind == wanted] for wanted in range(3))
    told: list[str] = []
    if refused:
        told.append(f"unexpected {_listed(refused)}")
    elif tried:
        at = place + matching(tried[0], text, place)
        told.append(f"unexpected {shown(text[at]) if at < len(text) else 'end of input'}")
    if any(labels):
        told.append(f"expecting {_listed(labels)}")
    return " ".join(told) or "unknown parse error"


def line_and_column(text: str, place: int) -> tuple[int, int]:
    """The line and column of a place in a text, from 1; a tab goes on to the next eighth column."""
    line, column = 1, 1
    for character in text[:place]:
        if character == "\n":
            line, column = line + 1, 1
        elif character == "\t":
            column += _TAB - (column - 1) % _TAB
        else:
            column += 1
    return line, column
