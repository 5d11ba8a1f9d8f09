"""Cell times: dates, times and intervals as PostgreSQL writes them, how far they lie apart and what that looks like."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from harness.core.cell_classes import ROUNDING, ZONE

_MOMENT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[ T](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?:Z|([+-])(\d\d)(?::?(\d\d))?(?::(\d\d))?)?)?\Z",
    re.ASCII,
)
_CLOCK = re.compile(r"\d\d:\d\d:\d\d", re.ASCII)
_INTERVAL = re.compile(
    r"(?:([+-]?\d+) years? ?)?(?:([+-]?\d+) mons? ?)?(?:([+-]?\d+) days? ?)?"
    r"(?:([+-]?)(\d+):(\d\d):(\d\d(?:\.\d+)?))?\Z",
    re.ASCII,
)
_ZONE_MINUTES: Final = frozenset([60 * hours for hours in range(1, 15)] + [210, 270, 330, 345, 390, 525, 570, 630, 765])
"""Offsets from UTC that zones of the world have, in minutes"""
_SECONDS_A_DAY: Final = 86_400
_DAYS_A_MONTH: Final = 30
"""As PostgreSQL compares intervals"""
_HOURS_AND_MINUTES: Final = 5


def moment(text: str) -> datetime | None:
    """A date, or a date with a time, in UTC where it names a zone; None: it is neither, or before or beyond our era."""
    match = _MOMENT.match(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    try:
        found = datetime(year, month, day, hour, minute, second, int((match[7] or "0").ljust(6, "0")[:6]))
        offset = timedelta(hours=int(match[9] or 0), minutes=int(match[10] or 0), seconds=int(match[11] or 0))
        return found + offset if match[8] == "-" else found - offset
    except (ValueError, OverflowError):
        return None


def has_time(text: str) -> bool:
    """Whether a text is a date with a time of the day."""
    return ":" in text and moment(text) is not None


def clock(text: str) -> datetime | None:
    """A time of the day, as a moment of a day of no meaning."""
    return moment(f"2000-01-02 {text}") if _CLOCK.match(text) else None


def interval(text: str) -> tuple[int, int, Decimal] | None:
    """Months, days and seconds of an interval in IntervalStyle postgres."""
    match = _INTERVAL.match(text) if text else None
    if match is None:
        return None
    seconds = Decimal(0)
    if match[5] is not None:
        seconds = int(match[5]) * 3600 + int(match[6]) * 60 + Decimal(match[7])
    return (
        int(match[1] or 0) * 12 + int(match[2] or 0),
        int(match[3] or 0),
        -seconds if match[4] == "-" else seconds,
    )


def seconds_apart(source: str, target: str) -> Decimal | None:
    """How far two times, dates or intervals lie apart, without a sign; None where one of them has no place in time."""
    for read in (moment, clock):
        left, right = read(source), read(target)
        if left is not None and right is not None:
            apart = abs(left - right)
            return apart.days * _SECONDS_A_DAY + apart.seconds + Decimal(apart.microseconds).scaleb(-6)
    one, other = interval(source), interval(target)
    return abs(_seconds(one) - _seconds(other)) if one is not None and other is not None else None


def _seconds(parts: tuple[int, int, Decimal]) -> Decimal:
    months, days, seconds = parts
    return (months * _DAYS_A_MONTH + days) * _SECONDS_A_DAY + seconds


def time_class(source: str, target: str) -> str | None:
    """zone shift, rounding, or None for any other difference of two times or dates."""
    left, right = moment(source), moment(target)
    of_day = left is None and right is None
    if of_day:
        left, right = clock(source), clock(target)
    if left is None or right is None:
        return None
    apart = abs(left - right)
    if apart < timedelta(seconds=1) and (_coarser(left, right) or _coarser(right, left)):
        return ROUNDING
    if of_day:
        if not apart and source[:_HOURS_AND_MINUTES] != target[:_HOURS_AND_MINUTES]:
            return ZONE  # One moment, told in another zone; = holds them apart.
        apart = min(apart, abs(timedelta(days=1) - apart))
    minutes, rest = divmod(apart, timedelta(minutes=1))
    if not rest and minutes in _ZONE_MINUTES:
        return ZONE
    return ROUNDING if _cut(left, right) or _cut(right, left) else None


def interval_class(source: str, target: str) -> str | None:
    """Rounding, or None for any other difference of two intervals."""
    left, right = interval(source), interval(target)
    if left is None or right is None or left[:2] != right[:2]:
        return None
    one, other = left[2].normalize(), right[2].normalize()
    digits = min(_digits(one), _digits(other))
    coarser = _digits(one) != _digits(other) and abs(one - other) < Decimal(1).scaleb(-digits)
    return ROUNDING if coarser else None


def _digits(seconds: Decimal) -> int:
    return max(0, -int(seconds.as_tuple().exponent))


def _coarser(coarse: datetime, fine: datetime) -> bool:
    """Whether `coarse` is `fine` with fewer digits of the second, cut or rounded."""
    for digits in range(6):
        unit = int(10 ** (6 - digits))
        if coarse.microsecond % unit == 0 and abs(coarse - fine) < timedelta(microseconds=unit):
            return fine.microsecond % unit != 0
    return False


def _cut(coarse: datetime, fine: datetime) -> bool:
    """Whether `coarse` is the day, or the minute, of `fine`."""
    if coarse == fine:
        return False
    minute = fine.replace(second=0, microsecond=0)
    return coarse in (minute, minute.replace(hour=0, minute=0))
