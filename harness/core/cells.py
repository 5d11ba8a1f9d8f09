"""Cells: what kind of difference lies between two values of one cell, given as PostgreSQL writes them."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal

CellKind = Literal["text", "number", "timestamp", "time", "json", "array", "other"]

REPRESENTATION: Final = "representation drift"
TYPE: Final = "type drift"
SIGN_OF_ZERO: Final = "sign of zero"
NULL_EMPTY: Final = "NULL against empty"
NULL_VALUE: Final = "NULL against a value"
WHITE_SPACE: Final = "white space"
NORMALISATION: Final = "unicode normalisation"
LOOK_ALIKE: Final = "look-alike letters"
CASE: Final = "case"
ENCODING: Final = "encoding damage"
ZONE: Final = "zone shift"
ROUNDING: Final = "rounding or scale"
STALE: Final = "stale row"
OTHER: Final = "other"

_INVISIBLE = re.compile("[\\s\u00ad\u180e\u200b-\u200f\u2028-\u202f\u2060\ufeff]+")
_LOOK_ALIKE = str.maketrans(
    "АВЕЅІЈКМНОРСТУХаеіјорсухѕԁԛԝһЁёΑΒΕΖΗΙΚΜΝΟΡΤΥΧονρυ",
    "ABESIJKMHOPCTYXaeijopcyxsdqwhËëABEZHIKMNOPTYXovpu",
)
_DAMAGING_ENCODINGS: Final = ("latin-1", "cp1252", "cp1251", "cp437", "cp866", "koi8-r")
_MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(?:([+-])(\d\d)(?::?(\d\d))?)?\Z")
_ZONE_MINUTES: Final = frozenset([60 * hours for hours in range(1, 15)] + [210, 270, 330, 345, 390, 525, 570, 630, 765])
"""Offsets from UTC that zones of the world have, in minutes"""
_FLOAT_DIGITS: Final = 6
"""Digits that a float of 4 bytes keeps"""


@dataclass(frozen=True, slots=True)
class CellClass:
    """The class of a difference; drift: the values are equal and only their representation is not."""

    name: str
    drift: bool = False


def classify(source: str | None, target: str | None, kind: CellKind, *, equal: bool = False) -> CellClass:
    """The class of two unequal texts of one cell; None is NULL.

    `equal` says that PostgreSQL's = holds between the values, so that the difference is drift. For json, which has no
    =, equality is found here: by parsed value, numbers by value, the order of keys without meaning.
    """
    if source is None or target is None:
        present = target if source is None else source
        empty = present in ("", "{}") or (kind == "json" and present in ("[]", "null", '""'))
        return CellClass(NULL_EMPTY if empty else NULL_VALUE)
    if equal:
        return CellClass(SIGN_OF_ZERO if _zeros(source, target) else REPRESENTATION, drift=True)
    if kind == "json" and same_json(source, target):
        return CellClass(REPRESENTATION, drift=True)
    if kind in ("timestamp", "time"):
        return CellClass(_moments(source, target) or OTHER)
    if kind == "number":
        return CellClass(ROUNDING if _rounded(source, target) else OTHER)
    return CellClass(_texts(source, target))


def stale(update_source: str | None, update_target: str | None) -> bool:
    """Whether the times of the last update say that one side has an older version of the row."""
    if update_source is None or update_target is None or update_source == update_target:
        return False
    left, right = _moment(update_source), _moment(update_target)
    if left is None or right is None:
        return False
    return _moments(update_source, update_target) is None


def same_json(source: str, target: str) -> bool:
    """Whether two json texts hold one value. A key that occurs twice keeps both of its values, in their order."""
    try:
        return bool(_json(source) == _json(target))
    except (ValueError, RecursionError):
        return False


def _json(text: str) -> Any:
    # Tags keep true apart from 1, and an object's pairs from a list's; numbers are equal by value: 1, 1.0 and 1e0.
    return json.loads(
        text,
        parse_int=lambda number: ("number", Decimal(number)),
        parse_float=lambda number: ("number", Decimal(number)),
        object_pairs_hook=lambda pairs: ("object", tuple(sorted(pairs, key=lambda pair: pair[0]))),
    )


def _zeros(source: str, target: str) -> bool:
    try:
        left, right = Decimal(source), Decimal(target)
    except InvalidOperation:
        return False
    return left.is_zero() and right.is_zero() and left.is_signed() != right.is_signed()


def _rounded(source: str, target: str) -> bool:
    try:
        left, right = Decimal(source), Decimal(target)
    except InvalidOperation:
        return False
    if not left.is_finite() or not right.is_finite():
        return False
    left_unit, right_unit = int(left.as_tuple().exponent), int(right.as_tuple().exponent)
    apart = abs(left - right)
    if left_unit != right_unit:
        return bool(apart < Decimal(1).scaleb(max(left_unit, right_unit)))
    return bool(left_unit <= -_FLOAT_DIGITS and apart <= max(abs(left), abs(right)).scaleb(-_FLOAT_DIGITS))


def _moment(text: str) -> datetime | None:
    match = _MOMENT.match(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    try:
        moment = datetime(year, month, day, hour, minute, second, int((match[7] or "0").ljust(6, "0")))
    except ValueError:
        return None
    offset = timedelta(hours=int(match[9] or 0), minutes=int(match[10] or 0))
    return moment + offset if match[8] == "-" else moment - offset


def _moments(source: str, target: str) -> str | None:
    """zone shift, rounding, or None for any other difference of two times."""
    clock = source[2:3] == ":" and target[2:3] == ":"
    if clock:
        source, target = f"2000-01-02 {source}", f"2000-01-02 {target}"
    left, right = _moment(source), _moment(target)
    if left is None or right is None:
        return None
    apart = abs(left - right)
    if apart < timedelta(seconds=1) and (_coarser(left, right) or _coarser(right, left)):
        return ROUNDING
    if clock:
        apart = min(apart, abs(timedelta(days=1) - apart))
    minutes, rest = divmod(apart, timedelta(minutes=1))
    return ZONE if not rest and minutes in _ZONE_MINUTES else None


def _coarser(coarse: datetime, fine: datetime) -> bool:
    """Whether `coarse` is `fine` with fewer digits of the second, cut or rounded."""
    for digits in range(6):
        unit = int(10 ** (6 - digits))
        if coarse.microsecond % unit == 0 and abs(coarse - fine) < timedelta(microseconds=unit):
            return fine.microsecond % unit != 0
    return False


def _texts(source: str, target: str) -> str:
    if _INVISIBLE.sub("", source) == _INVISIBLE.sub("", target):
        return WHITE_SPACE
    if _normal(source) == _normal(target):
        return NORMALISATION
    if source.casefold() == target.casefold():
        return CASE
    if _normal(source).translate(_LOOK_ALIKE) == _normal(target).translate(_LOOK_ALIKE):
        return LOOK_ALIKE
    short, long = sorted((source, target), key=len)
    if short and long.startswith(short):
        return f"truncation at {len(short)} characters"
    if _damaged(source, target) or _damaged(target, source):
        return ENCODING
    return OTHER


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _damaged(broken: str, sound: str) -> bool:
    """Whether `broken` is `sound` after its bytes were read in a wrong encoding, or its letters were replaced."""
    if sound.isascii():
        return False
    for encoding in _DAMAGING_ENCODINGS:
        try:
            if broken.encode(encoding) == sound.encode("utf-8"):
                return True
        except UnicodeEncodeError:
            continue
    replaced = len(broken) == len(sound) and broken != sound
    pairs = zip(broken, sound, strict=False)
    return replaced and all(left == right or (left in "?\ufffd\u00bf" and not right.isascii()) for left, right in pairs)
