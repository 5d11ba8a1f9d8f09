"""The moment of a call: which values of an answer say when it was made, and so differ between two calls by right."""

from __future__ import annotations

import datetime as dt
import decimal
import re
from dataclasses import dataclass, field
from typing import Any, Literal

from harness.core.readings import instant, moment_of

Place = Literal["call", "run", "call or run", ""]
"""call: within the call; run: before it, but after the state was made that it found; '': neither, or no moment."""

NOT_THE_MOMENT = "not the moment of the call"
_ALLOWANCE = dt.timedelta(milliseconds=50)
_SECOND, _MINUTE, _HOUR = dt.timedelta(seconds=1), dt.timedelta(minutes=1), dt.timedelta(hours=1)
_QUARTER, _WEST, _EAST = dt.timedelta(minutes=15), -48, 56
"""Zones are whole quarters of an hour from UTC: 12 hours behind it to 14 hours ahead."""
_STAMP = re.compile(
    r"(?<!\d)(?:"
    r"\d{4}-\d\d-\d\d[T _]\d\d[:-]\d\d(?:[:-]\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?"
    r"|\d{8}[T_-]?\d{6}Z?"
    r"|\d{10}(?:\d{3}){0,3}(?:\.\d{1,9})?"
    r")(?![\d.]\d|\d)",
    re.ASCII,
)
_PACKED = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)[T _-]?(\d\d)[:-]?(\d\d)(?:[:-]?(\d\d)(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?\Z", re.ASCII
)
_FRACTION = re.compile(r"\.\d+", re.ASCII)
_DIGIT = re.compile(r"\d", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallWindow:
    """From when to when a call took place on one side, in UTC by the clock that its server has too."""

    began: dt.datetime
    ended: dt.datetime
    renewed: dt.datetime | None = None
    """When the state was made that the call found; None: just before the call"""
    allowance: dt.timedelta = field(default=_ALLOWANCE)
    """By how much the clocks of server and client may differ"""


@dataclass(frozen=True, slots=True)
class Clock:
    """The windows of both sides' calls; None where one is not known."""

    source: CallWindow | None = None
    target: CallWindow | None = None
    relative: bool = False
    """Moments that lie as far from their own call are one: a deadline in seven days, as two calls give it. Moments that
    were read from data are not to be compared so: that they differ by a few milliseconds would not show."""


def place_of(value: Any, window: CallWindow | None) -> Place:
    """Where a value lies: a datetime, its text in ISO form, a number of seconds since 1970. Days have no place."""
    if window is None or isinstance(value, bool):
        return ""
    if isinstance(value, str):
        moment = moment_of(value)
        return "" if moment is None or _is_day(value, moment) else _placed(instant(moment), window)
    if isinstance(value, dt.datetime):
        return "" if _is_day(value, value) else _placed(instant(value), window)
    if isinstance(value, int | float | decimal.Decimal):
        return _number_placed(value, window)
    return ""


def _is_day(value: Any, moment: dt.datetime) -> bool:
    """A date, or a midnight without a zone: which day it is depends on a zone that the value does not tell."""
    if isinstance(value, str) and len(value) <= len("2024-02-29"):
        return True
    return moment.tzinfo is None and moment.time() == dt.time()


def _placed(moment: dt.datetime, window: CallWindow) -> Place:
    coarse = _coarseness(moment)
    earliest = _floor(window.began - window.allowance, coarse)
    latest = window.ended + window.allowance + (_SECOND if coarse == _SECOND else dt.timedelta())
    if window.began <= moment <= window.ended:
        return "call"
    if earliest <= moment <= latest:
        # As well the moment of a call just before this one, whose rows are looked at with this one's.
        return "call or run" if window.renewed is not None else "call"
    if window.renewed is not None and _floor(window.renewed - window.allowance, coarse) <= moment <= latest:
        return "run"
    return ""


def _coarseness(moment: dt.datetime) -> dt.timedelta:
    """What a moment was cut off to, as its zeros tell."""
    if moment.microsecond:
        return dt.timedelta(milliseconds=1) if moment.microsecond % 1000 == 0 else dt.timedelta()
    if moment.second:
        return _SECOND
    return _MINUTE if moment.minute else _HOUR


def _floor(moment: dt.datetime, unit: dt.timedelta) -> dt.datetime:
    if not unit:
        return moment
    return moment - (moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) % unit


def _number_placed(value: float | decimal.Decimal, window: CallWindow) -> Place:
    """Seconds since 1970, or thousandths, millionths, thousand millionths of them."""
    try:
        seconds = float(value)
    except OverflowError:
        return ""
    for _ in range(4):
        if 1e9 <= seconds < 1e10:
            slack = window.allowance.total_seconds() + (1.0 if float(value).is_integer() else 0.0)
            within = window.began.timestamp() - slack <= seconds <= window.ended.timestamp() + slack
            return "call" if within else ""
        seconds /= 1000
    return ""


def agree(one: Place, other: Place) -> bool:
    """Whether two values can be the same moment of two runs: that of the call, or one before it."""
    return bool(one and other) and (one == other or "call or run" in (one, other))


def equally_far(source: dt.datetime, target: dt.datetime, clock: Clock) -> bool:
    """Whether two moments lie as far from their own call, but for the time that the calls took."""
    one, other = clock.source, clock.target
    if one is None or other is None:
        return False
    apart = (instant(target) - other.began) - (instant(source) - one.began)
    slack = max(one.ended - one.began, other.ended - other.began) + max(one.allowance, other.allowance)
    return abs(apart) <= slack


def same_day_somewhere(source: dt.date, target: dt.date, clock: Clock) -> bool:
    """Whether both days are that of their own call in one zone: midnight lay between the calls there."""
    one, other = clock.source, clock.target
    if one is None or other is None:
        return False
    for quarters in range(_WEST, _EAST + 1):
        offset = quarters * _QUARTER
        if _within(source, one, offset) and _within(target, other, offset):
            return True
    return False


def _within(day: dt.date, window: CallWindow, offset: dt.timedelta) -> bool:
    return (window.began + offset).date() <= day <= (window.ended + offset).date()


def unstamped(text: str, window: CallWindow | None) -> str:
    """A text without the moments of the call that stand somewhere in it: NUL is in their places."""
    if window is None or not any(each.isdigit() for each in text):
        return text
    return _STAMP.sub(lambda match: "\0" if _stamp_placed(match[0], window) else match[0], text)


def _stamp_placed(stamp: str, window: CallWindow) -> Place:
    packed = _PACKED.match(stamp)
    if packed is not None:
        year, month, day, hour, minute, second, fraction, zone = packed.groups()
        moment = moment_of(f"{year}-{month}-{day} {hour}:{minute}:{second or '00'}{fraction or ''}{zone or ''}")
        if moment is not None:
            return _placed(instant(moment), window)
    return _number_placed(decimal.Decimal(stamp), window) if _NUMBER.match(stamp) else ""


_NUMBER = re.compile(r"\d+(?:\.\d+)?\Z", re.ASCII)


def pattern_of(text: str) -> str:
    """How a moment is written, without which moment it is: digits as 0, and no fraction, which may end in zeros."""
    return _DIGIT.sub("0", _FRACTION.sub("", text))
