"""Cell texts: the class of the difference between two texts, whole ones or windows of large ones."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final

from harness.core.cell_classes import CASE, ENCODING, LOOK_ALIKE, NORMALISATION, OTHER, WHITE_SPACE, truncation
from harness.core.encoding_damage import damaged, damaged_beginning

_INVISIBLE = re.compile("[\\s\u00ad\u180e\u200b-\u200f\u2028-\u202f\u2060\ufeff]+")
_LOOK_ALIKE = str.maketrans(
    # Cyrillic, then Greek
    "АВЕЅІЇЈКМНОРСТУХЅҮԚԜҺӀаеіїјкорсуүхѕԁԛԝһӏЁёΑΒΕΖΗΙΚΜΝΟΡΤΥΧΪϹαικνορυϲϳ",
    "ABESIÏJKMHOPCTYXSYQWHIaeiïjkopcyyxsdqwhlËëABEZHIKMNOPTYXÏCaikvopucj",
)
_EDGE: Final = 2
"""Characters at the end of a window that the next one, which is not in it, may still belong to"""
_LEAST: Final = 8
"""Characters of a window that a class must explain, unless the text ends before"""


def text_class(source: str, target: str, *, may_be_cut: bool = True) -> str:
    """The class of two unequal texts. `may_be_cut`: one that begins the other is a truncation of it."""
    for name, form in _FORMS:
        if form(source) == form(target):
            return name
    short, long = sorted((source, target), key=len)
    if may_be_cut and short and long.startswith(short):
        return truncation(len(short))
    if damaged(source, target) or damaged(target, source):
        return ENCODING
    return OTHER


def window_class(source: str, target: str, *, to_the_end: bool) -> str:
    """The class of two texts of which only a window is known that begins alike, and before the first difference.

    `to_the_end`: the windows reach the end of both texts; else a class holds as far as the shorter one reaches.
    """
    if to_the_end:
        return text_class(source, target, may_be_cut=False)
    for name, form in _FORMS:
        one, other = form(source), form(target)
        length = min(len(one), len(other)) - _EDGE
        if length >= _LEAST and one[:length] == other[:length]:
            return name
    if damaged_beginning(source, target, _LEAST) or damaged_beginning(target, source, _LEAST):
        return ENCODING
    return OTHER


def _visible(text: str) -> str:
    return _INVISIBLE.sub("", text)


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _latin(text: str) -> str:
    return _normal(text).translate(_LOOK_ALIKE)


_FORMS: Final[tuple[tuple[str, Callable[[str], str]], ...]] = (
    (WHITE_SPACE, _visible),
    (NORMALISATION, _normal),
    (CASE, str.casefold),
    (LOOK_ALIKE, _latin),
)
"""Texts of one class are alike in its form; in this order"""
