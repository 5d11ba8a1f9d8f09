"""Encoding damage: whether a text is another one whose bytes were read in a wrong encoding, or lost letters."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final

_READ_AS: Final = (
    "latin-1", "cp1252", "cp1251", "cp437", "cp866", "koi8-r", "cp1250", "cp850", "iso8859-5", "iso8859-15",
    "mac-roman",
)  # fmt: skip
"""What UTF-8 is read as by mistake"""
_TWICE: Final = ("latin-1", "cp1252", "cp1251")
_LEGACY: Final = ("cp1251", "koi8-r", "cp866", "iso8859-5", "mac-cyrillic", "cp1252", "cp1250", "latin-1")
"""What is read as one another"""
_MARKS: Final = frozenset("?\ufffd\u00bf")
"""What stands in place of a letter that an encoding has not"""
_FEWEST_LETTERS: Final = 2
"""One letter of one code page is always a letter of another: that proves nothing"""


@cache
def _table(encoding: str, hole: str | None = None) -> dict[int, str]:
    """What each byte above ASCII reads as. A byte without a meaning: `hole`, or the control character of its number.

    Made when a text is looked at: making all of them takes 20 ms, which every command would pay for.
    """
    meanings: dict[int, str] = {}
    for byte in range(0x80, 0x100):
        try:
            meanings[byte] = bytes([byte]).decode(encoding)
        except UnicodeDecodeError:
            meanings[byte] = chr(byte) if hole is None else hole
    return meanings


@cache
def _lossy_tables() -> tuple[dict[int, str], ...]:
    """Of the encodings in which some bytes have no meaning, with what such a byte may have become."""
    holed = [name for name in _READ_AS if _table(name) != _table(name, "?")]
    return tuple(_table(name, hole) for name in holed for hole in ("?", "\ufffd", ""))


def damaged(broken: str, sound: str) -> bool:
    """Whether `broken` is `sound` after UTF-8 was read as another encoding (once or twice), one code page as another,
    a code page as UTF-8, or letters were replaced by ? or U+FFFD.
    """
    if sound.isascii():
        return False
    try:
        size = len(sound.encode("utf-8"))
    except UnicodeEncodeError:
        return False
    if _replaced(broken, sound):
        return True
    # The first letter alone rules nearly all texts out: what is mangled after it is so from there on.
    at = next(number for number, letter in enumerate(sound) if not letter.isascii())
    seen = broken[at : at + 1]
    if broken[:at] != sound[:at] or not _possible(sound[at], seen):
        return False
    return any(broken == form for form in _forms(sound, broken, size))


@lru_cache(maxsize=65_536)
def _possible(letter: str, seen: str) -> bool:
    """Whether a damaged form of a letter begins with what is seen in its place."""
    return any(form.startswith(seen) for form in _forms(letter * _FEWEST_LETTERS, None, 0)) and bool(seen)


def damaged_beginning(broken: str, sound: str, least: int) -> bool:
    """The same of two windows that begin at one place: as far as both reach, and for at least `least` characters."""
    if sound.isascii():
        return False
    return any(
        min(len(form), len(broken)) >= least and (form.startswith(broken) or broken.startswith(form))
        for form in _forms(sound, None, 0)
    ) or (len(broken) >= least and (_replaced(broken, sound[: len(broken)]) or _replaced(broken, sound, begun=True)))


def _forms(sound: str, broken: str | None, size: int) -> Iterator[str]:
    """The damaged forms of a text; with `broken` only those that can be as long as it is: lengths settle most cases."""
    # An unpaired surrogate cannot come from a server; in a window it cannot either.
    raw = sound.encode("utf-8", "replace").decode("latin-1")
    length = None if broken is None else len(broken)
    if length is None or length == size:
        for name in _READ_AS:
            yield raw.translate(_table(name))
    if length is None or length <= size:
        for table in _lossy_tables():
            yield raw.translate(table)
    if length is None or length > size:
        for first in _TWICE:
            once = raw.translate(_table(first)).encode("utf-8").decode("latin-1")
            if length is None or len(once) == length:
                for second in _TWICE:
                    yield once.translate(_table(second))
    if sum(not letter.isascii() for letter in sound[:64]) >= _FEWEST_LETTERS:
        yield from _confused(sound, length)


def _confused(sound: str, length: int | None) -> Iterator[str]:
    if length is not None and length > len(sound):
        return
    for written in _LEGACY:
        try:
            coded = sound.encode(written)
        except UnicodeEncodeError:
            continue
        yield coded.decode("utf-8", "replace")
        if length is None or length == len(coded):
            yield from (coded.decode("latin-1").translate(_table(read)) for read in _LEGACY if read != written)


def _replaced(broken: str, sound: str, *, begun: bool = False) -> bool:
    """Whether letters became marks: one each, or one for each byte of theirs. `begun`: of the beginning of `sound`."""
    for bytewise in (False, True):
        at = 0
        for letter in sound:
            if begun and at >= len(broken):
                break
            if broken[at : at + 1] == letter:
                at += 1
                continue
            width = len(letter.encode("utf-8", "replace")) if bytewise else 1
            marks = broken[at : at + width]
            if letter.isascii() or (len(marks) < width and not begun) or not marks or not _MARKS.issuperset(marks):
                break
            at += width
        else:
            if at == len(broken):
                return True
            continue
        if begun and at >= len(broken) > 0:
            return True
    return False
