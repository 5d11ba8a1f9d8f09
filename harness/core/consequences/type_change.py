"""Type change: what the values of one type suffer in another one."""

from __future__ import annotations

import re
from typing import Any

from harness.core.record import Consequence

_DATA_LOSS = Consequence.DATA_LOSS
_WRONG_RESULTS = Consequence.WRONG_RESULTS
_COSMETIC = Consequence.COSMETIC

_INTEGERS = {"smallint": 2, "integer": 4, "bigint": 8}
_FLOATS = {"real": 4, "double precision": 8}
_NUMERIC = re.compile(r"numeric(?:\((\d+),(-?\d+)\))?\Z")
_FIXED = re.compile(r"(bit|character)\((\d+)\)\Z")
_VARYING = re.compile(r"(bit|character) varying(?:\((\d+)\))?\Z")
_TEXT = re.compile(r"(?:text|character varying(?:\((\d+)\))?)\Z")


def type_change(source: str, target: str) -> Consequence:
    """What a column of the type `source` suffers in one of the type `target`, both as format_type spells them.

    Cosmetic where every value fits and keeps its form; wrong results where it fits and may come back in another form;
    data loss where values are refused or cut, and where nothing else is known.
    """
    for verdict in (_integers(source, target), _numbers(source, target), _texts(source, target)):
        if verdict is not None:
            return verdict
    if _TEXT.match(target) and not _limit(target):
        return _WRONG_RESULTS
    if {source, target} == {"json", "jsonb"} or (source, target) in (
        ("date", "timestamp with time zone"),
        ("date", "timestamp without time zone"),
        ("timestamp without time zone", "timestamp with time zone"),
        ("timestamp with time zone", "timestamp without time zone"),
        ("time without time zone", "time with time zone"),
    ):
        return _WRONG_RESULTS
    if _padded(source, target):
        return _WRONG_RESULTS
    return _DATA_LOSS


def _padded(source: str, target: str) -> bool:
    """Whether a type of a fixed length becomes one of at most as much: blanks at the end begin to count."""
    ours, theirs = _FIXED.match(source), _VARYING.match(target)
    if ours is None or theirs is None or (ours[1] == "bit") != (theirs[1] == "bit"):
        return False
    return theirs[2] is None or int(ours[2]) <= int(theirs[2])


def _integers(source: str, target: str) -> Consequence | None:
    if source in _INTEGERS and target in _INTEGERS:
        return _COSMETIC if _INTEGERS[source] <= _INTEGERS[target] else _DATA_LOSS
    return None


def _numbers(source: str, target: str) -> Consequence | None:
    ours, theirs = _NUMERIC.match(source), _NUMERIC.match(target)
    if theirs and (source in _INTEGERS or source in _FLOATS):
        return _WRONG_RESULTS if theirs[1] is None else _DATA_LOSS
    if source in _FLOATS and target in _FLOATS:
        return _WRONG_RESULTS if _FLOATS[source] <= _FLOATS[target] else _DATA_LOSS
    if not ours or not theirs:
        return None
    if theirs[1] is None:
        # The scale is no longer enforced; values that are there keep theirs.
        return _WRONG_RESULTS
    if ours[1] is None:
        return _DATA_LOSS
    (precision, scale), (new_precision, new_scale) = _pair(ours), _pair(theirs)
    if new_scale < scale or new_precision - new_scale < precision - scale:
        return _DATA_LOSS
    return _COSMETIC if new_scale == scale else _WRONG_RESULTS


def _pair(match: re.Match[str]) -> tuple[int, int]:
    return int(match[1]), int(match[2])


def _texts(source: str, target: str) -> Consequence | None:
    if not _TEXT.match(source) or not _TEXT.match(target):
        return None
    ours, theirs = _limit(source), _limit(target)
    if theirs is None:
        return _COSMETIC
    return _COSMETIC if ours is not None and ours <= theirs else _DATA_LOSS


def _limit(type_name: str) -> int | None:
    match: Any = _TEXT.match(type_name)
    return int(match[1]) if match and match[1] else None
