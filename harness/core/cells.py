"""Cells: what kind of difference lies between two values of one cell, given as PostgreSQL writes them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Final

from harness.core.cell_classes import (
    CASE,
    ENCODING,
    LOOK_ALIKE,
    NORMALISATION,
    NULL_EMPTY,
    NULL_VALUE,
    OTHER,
    REPRESENTATION,
    ROUNDING,
    SIGN_OF_ZERO,
    STALE,
    TYPE,
    WHITE_SPACE,
    ZONE,
    CellClass,
    CellKind,
    truncation,
)
from harness.core.cell_parts import Part, json_parts, record_parts, same_json
from harness.core.cell_texts import text_class
from harness.core.cell_times import has_time, interval_class, moment, time_class
from harness.core.record import Side

__all__ = [
    "CASE",
    "ENCODING",
    "LOOK_ALIKE",
    "NORMALISATION",
    "NULL_EMPTY",
    "NULL_VALUE",
    "OTHER",
    "REPRESENTATION",
    "ROUNDING",
    "SIGN_OF_ZERO",
    "STALE",
    "TYPE",
    "WHITE_SPACE",
    "ZONE",
    "CellClass",
    "CellKind",
    "classify",
    "is_update_time",
    "older",
    "same_json",
    "stale",
    "truncation",
]

_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?\Z", re.ASCII)
_FLOAT_DIGITS: Final = 6
"""Digits that a float of 4 bytes keeps"""
_EMPTY: Final[dict[CellKind, frozenset[str]]] = {
    "text": frozenset({""}),
    "json": frozenset({"[]", "{}", "null", '""'}),
    "array": frozenset({"{}"}),
    "bytes": frozenset({"\\x", ""}),
    "other": frozenset({"", "empty"}),
}
_UPDATE_TIME = re.compile(
    r"(?:(?:last|date)?(?:update|updated|modified|changed|edited)|last(?:update|change|edit|modification))"
    r"(?:at|on|time|date|ts|timestamp|datetime|utc)?|mtime|writedate|tsupdated?\Z"
)


def classify(
    source: str | None, target: str | None, kind: CellKind, *, equal: bool = False, other_type: bool = False
) -> CellClass:
    """The class of two unequal texts of one cell; None is NULL.

    `equal` says that PostgreSQL's = holds between the values, so that the difference is drift. For json, which has no
    =, equality is found here: by parsed value, numbers by value, the order of keys without meaning. `other_type`: the
    sides' types differ, so that equal values are drift in type.
    """
    if source is None or target is None:
        present = target if source is None else source
        return CellClass(NULL_EMPTY if present in _EMPTY.get(kind, ()) else NULL_VALUE)
    if equal or (kind == "json" and same_json(source, target)):
        if other_type:
            return CellClass(TYPE, drift=True)
        if kind == "text" and source.rstrip(" ") != target.rstrip(" ") and source.casefold() == target.casefold():
            return CellClass(CASE, drift=True)  # citext
        return CellClass(SIGN_OF_ZERO if _zeros(source, target) else REPRESENTATION, drift=True)
    return CellClass(_class(source, target, kind))


def _class(source: str, target: str, kind: CellKind) -> str:
    match kind:
        case "timestamp" | "time":
            return time_class(source, target) or OTHER
        case "interval":
            return interval_class(source, target) or OTHER
        case "number":
            return ROUNDING if _rounded(source, target) else OTHER
        case "json":
            return _one_class(json_parts(source, target))
        case "bytes":
            short, long = sorted((source, target), key=len)
            return truncation(len(short) // 2 - 1, "bytes") if long.startswith(short) and len(short) > 2 else OTHER
        case "text":
            moments = has_time(source) and has_time(target)
            found = time_class(source, target) if moments else None
            return found or text_class(source, target)
        case "array" | "other":
            parts = record_parts(source, target)
            # An enum's label or an address is no text that a column could have cut.
            return _one_class(parts) if parts else text_class(source, target, may_be_cut=False)


def _one_class(parts: Iterable[Part] | None) -> str:
    """The class that all differing parts have; other where they have several. What is drift alone does not count."""
    found = {_part_class(part) for part in parts or ()}
    if len(found) > 1:
        found.discard(REPRESENTATION)
    if len(found) != 1:
        return OTHER
    (name,) = found
    # A part can be equal by value and the whole be another one: texts of an array, for instance.
    return ROUNDING if name == REPRESENTATION else name


def _part_class(part: Part) -> str:
    source, target = part
    if source is None or target is None:
        return NULL_EMPTY if "" in part else NULL_VALUE
    if _NUMBER.match(source) and _NUMBER.match(target):
        if Decimal(source) == Decimal(target):
            return REPRESENTATION
        return ROUNDING if _rounded(source, target) else OTHER
    if (moment(source) is not None and moment(target) is not None) or (source[2:3] == ":" == target[2:3]):
        found = time_class(source, target)
        if found:
            return found
    parts = record_parts(source, target)
    return _one_class(parts) if parts else text_class(source, target)


def is_update_time(column: str) -> bool:
    """Whether a column's name says that it holds the time of the row's last change: updated_at, lastModified, mtime."""
    return _UPDATE_TIME.fullmatch(column.lower().replace("_", "")) is not None


def older(update_source: str | None, update_target: str | None) -> Side | None:
    """The side whose time of the last update is the earlier one; None where they are equal or no times."""
    if update_source is None or update_target is None:
        return None
    left, right = moment(update_source), moment(update_target)
    if left is None or right is None or left == right:
        return None
    return Side.SOURCE if left < right else Side.TARGET


def stale(update_source: str | None, update_target: str | None) -> bool:
    """Whether the times of the last update alone say that one side has an older version of the row."""
    if update_source is None or update_target is None or older(update_source, update_target) is None:
        return False
    return time_class(update_source, update_target) is None


def _zeros(source: str, target: str) -> bool:
    left, right = _number(source), _number(target)
    if left is None or right is None:
        return False
    return left.is_zero() and right.is_zero() and left.is_signed() != right.is_signed()


def _rounded(source: str, target: str) -> bool:
    left, right = _number(source), _number(target)
    if left is None or right is None or not left.is_finite() or not right.is_finite():
        return False
    left_unit, right_unit = int(left.as_tuple().exponent), int(right.as_tuple().exponent)
    apart = abs(left - right)
    if left_unit != right_unit:
        return bool(apart < Decimal(1).scaleb(max(left_unit, right_unit)))
    return bool(left_unit <= -_FLOAT_DIGITS and apart <= max(abs(left), abs(right)).scaleb(-_FLOAT_DIGITS))


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
