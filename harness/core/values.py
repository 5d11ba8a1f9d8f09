"""Compares two single values: equal, drift (equal value, other type or representation) or different, with the class.

What a value becomes on its way through a REST interface (JSON, then Python) and through psycopg differs by type:
numbers lose their scale, times become text. Equal values in another form are told apart from other values here.
"""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import ipaddress
import math
import unicodedata
import uuid
from dataclasses import dataclass
from typing import Any

from harness.core.call_moments import (
    NOT_THE_MOMENT,
    Clock,
    agree,
    equally_far,
    pattern_of,
    place_of,
    same_day_somewhere,
    unstamped,
)
from harness.core.readings import instant, interval_of, moment_of, network_of, number_of, range_text, uuid_of

Number = int | float | decimal.Decimal
_SUMMED = 1e-13
"""Relatively, by how much sums of floats come out apart when their rows are added in another order"""
_TRUTH = {"true": True, "t": True, "false": False, "f": False}


@dataclass(frozen=True, slots=True)
class Difference:
    """How two values differ. `drift`: the value is equal, its type or representation is not."""

    cls: str
    drift: bool


def drift(cls: str) -> Difference:
    """Equal value, other form."""
    return Difference(cls, True)


def different(cls: str) -> Difference:
    """Another value."""
    return Difference(cls, False)


def type_name(value: Any) -> str:
    """The type of a value in a word or two, without the value."""
    if value is None:
        return "null"
    if isinstance(value, dict):
        return "object"
    if isinstance(value, list | tuple | set | frozenset):
        return f"{type(value).__name__} of {len(value)}"
    return type(value).__name__


def compare_values(source: Any, target: Any, clock: Clock | None = None) -> Difference | None:
    """Compare two values that are not containers; None where they are equal in value and type.

    :param clock: when the calls took place that the values are from: two values that each say so are equal.
    """
    source, target = _plain(source), _plain(target)
    found = _compared(source, target)
    return found if clock is None or found is None or found.drift else _by_the_clock(source, target, found, clock)


def _by_the_clock(source: Any, target: Any, found: Difference, clock: Clock) -> Difference | None:
    """What differs, where it may be no more than that the calls took place one after the other."""
    places = place_of(source, clock.source), place_of(target, clock.target)
    if all(places):
        return _form_of_moments(source, target) if agree(*places) else different(NOT_THE_MOMENT)
    moments = [_moment_said(value) for value in (source, target)]
    if moments[0] is None or moments[1] is None:
        texts = isinstance(source, str) and isinstance(target, str)
        return None if texts and unstamped(source, clock.source) == unstamped(target, clock.target) else found
    if any(places):
        return different(NOT_THE_MOMENT)
    days = [moment.date() for moment in moments if moment is not None and moment.time() == dt.time()]
    if len(days) == len(moments) and same_day_somewhere(days[0], days[1], clock):
        return _form_of_moments(source, target)
    if clock.relative and equally_far(moments[0], moments[1], clock):
        return _form_of_moments(source, target)
    return found


def _moment_said(value: Any) -> dt.datetime | None:
    if isinstance(value, str):
        return moment_of(value)
    return _midnight(value) if isinstance(value, dt.date) else None


def _form_of_moments(source: Any, target: Any) -> Difference | None:
    """Two moments that count as equal: do they have one form?"""
    if type(source) is not type(target):
        return drift("type")
    if isinstance(source, str):
        return None if pattern_of(source) == pattern_of(target) else drift("format")
    if isinstance(source, dt.datetime):
        return None if source.utcoffset() == target.utcoffset() else drift("zone")
    return None


def _compared(source: Any, target: Any) -> Difference | None:
    if source is None or target is None:
        return None if source is target else different("null")
    if type(source) is type(target):
        return _same_type(source, target)
    if _is_number(source) and _is_number(target):
        return _numbers(source, target)
    if isinstance(source, str) and not isinstance(target, str):
        return _as_text(source, target)
    if isinstance(target, str) and not isinstance(source, str):
        return _as_text(target, source)
    if isinstance(source, bool | int | float | decimal.Decimal) and isinstance(
        target, bool | int | float | decimal.Decimal
    ):
        return drift("type") if source == target else different("type")
    if isinstance(source, dt.date) and isinstance(target, dt.date):
        return _moments(_midnight(source), _midnight(target), otherwise="type")
    return different("type")


def _plain(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, bytearray | memoryview):
        return bytes(value)
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | decimal.Decimal) and not isinstance(value, bool)


def _same_type(source: Any, target: Any) -> Difference | None:
    if isinstance(source, str):
        return None if source == target else _texts(source, target)
    if isinstance(source, float | decimal.Decimal):
        return _numbers(source, target)
    if isinstance(source, dt.datetime):
        return _moments(source, target, otherwise="zone")
    range_of_source = range_text(source)
    if range_of_source is not None:
        return None if range_of_source == range_text(target) else different("value")
    return None if source == target else different("value")


def _numbers(source: Number, target: Number) -> Difference | None:
    same_type = type(source) is type(target)
    if _is_nan(source) or _is_nan(target):
        if not (_is_nan(source) and _is_nan(target)):
            return different("value")
        return None if same_type else drift("type")
    if _exact(source) == _exact(target):
        if not same_type:
            return drift("type")
        return None if str(source) == str(target) else drift("scale")
    if isinstance(source, float) != isinstance(target, float) and _float(source) == _float(target):
        return drift("precision")
    if isinstance(source, float) and isinstance(target, float) and math.isclose(source, target, rel_tol=_SUMMED):
        return drift("precision")
    return different("value")


def _is_nan(value: Number) -> bool:
    return value.is_nan() if isinstance(value, decimal.Decimal) else isinstance(value, float) and math.isnan(value)


def _exact(value: Number) -> decimal.Decimal:
    """A float stands for its shortest text: that is what passed through JSON."""
    return decimal.Decimal(repr(value)) if isinstance(value, float) else decimal.Decimal(value)


def _float(value: Number) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _midnight(value: dt.date) -> dt.datetime:
    return value if isinstance(value, dt.datetime) else dt.datetime(value.year, value.month, value.day)


def _moments(source: dt.datetime, target: dt.datetime, *, otherwise: str) -> Difference | None:
    """Instants in UTC; one without a zone is read as UTC, and having none is drift."""
    if (source.tzinfo is None) != (target.tzinfo is None):
        return drift(otherwise) if instant(source) == instant(target) else different("value")
    if instant(source) != instant(target):
        return different("value")
    same = type(source) is type(target) and source.utcoffset() == target.utcoffset()
    return None if same and otherwise != "type" else drift(otherwise)


def _as_text(text: str, other: Any) -> Difference:
    """A text against a value of another type: does it say the same value?"""
    said, value = _said(text, other)
    if said is None:
        return different("type")
    found = _compared(said, value)
    return drift("type") if found is None or found.drift else different("value")


def _said(text: str, other: Any) -> tuple[Any, Any]:
    """What the text says, read as the other value's kind (None: nothing of that kind), and the other value."""
    if isinstance(other, bool):
        return _TRUTH.get(text.lower()), other
    if isinstance(other, int | float | decimal.Decimal):
        return number_of(text), other
    if isinstance(other, dt.date):
        return moment_of(text), _midnight(other)
    if isinstance(other, dt.time):
        return _clock(text), other
    if isinstance(other, dt.timedelta):
        return interval_of(text), other
    if isinstance(other, uuid.UUID):
        return uuid_of(text), other
    if isinstance(other, bytes):
        return _bytes(text), other
    if isinstance(other, ipaddress.IPv4Address | ipaddress.IPv6Address | ipaddress.IPv4Network | ipaddress.IPv6Network):
        return network_of(text), network_of(str(other))
    return range_text(text), range_text(other) or other


def _bytes(text: str) -> bytes | None:
    try:
        return bytes.fromhex(text[2:]) if text.startswith("\\x") else None
    except ValueError:
        return None


def _clock(text: str) -> dt.time | None:
    try:
        return dt.time.fromisoformat(text)
    except ValueError:
        return None


def _texts(source: str, target: str) -> Difference:
    moments = moment_of(source), moment_of(target)
    if moments[0] is not None and moments[1] is not None:
        found = _moments(moments[0], moments[1], otherwise="zone")
        return drift("format") if found is None else found
    if uuid_of(source) is not None and uuid_of(source) == uuid_of(target):
        return drift("format")
    if source.casefold() == target.casefold():
        return different("case")
    if source.split() == target.split():
        return different("white space")
    if unicodedata.normalize("NFKC", source) == unicodedata.normalize("NFKC", target):
        return different("unicode form")
    if source and target and (source.startswith(target) or target.startswith(source)):
        return different("truncated")
    return different("value")
