"""Dates, moments and times of day that are tried in place of one that is there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from harness.core.generation.around import Around
from harness.core.generation.lists import Value
from harness.core.generation.sampled import SampledColumn


def dates(around: Around) -> Iterator[Value]:
    """Days beside the one that is there, ends of those that rows have, and of the type."""
    yield from steps_of_time(around.column, around.value)
    if around.all:
        yield Value("the first one", min(around.all, key=str))
        yield Value("the last one", max(around.all, key=str))
    yield from _infinities(around)
    yield Value("long past", "1970-01-01")
    yield Value("far ahead", "2199-12-31")
    yield Value("a leap day", "2024-02-29")
    if not around.written:
        yield Value("the first day of all", dt.date.min.isoformat())
        yield Value("the last day of all", dt.date.max.isoformat())


def moments(around: Around) -> Iterator[Value]:
    """Moments beside the one that is there, in other zones, ends of those that rows have, and of the type."""
    moment = moment_of(around.value)
    if moment is not None:
        yield from steps_of_time(around.column, around.value)
        if moment.tzinfo is not None:
            zone = dt.timezone(dt.timedelta(hours=3))
            yield Value("in another zone", _text_of(moment.astimezone(zone)))
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        yield Value("at its day's midnight", _text_of(midnight))
        yield Value("shortly before midnight", _text_of(midnight.replace(hour=23, minute=30)))
        yield Value("an hour later", _text_of(moment + dt.timedelta(hours=1)))
        yield Value("with milliseconds", _text_of(moment.replace(microsecond=123000)))
    if around.all:
        yield Value("the first one", min(around.all, key=str))
        yield Value("the last one", max(around.all, key=str))
    yield from _infinities(around)
    yield Value("long past", "1970-01-01T00:00:00+00:00")
    yield Value("far ahead", "2199-12-31T23:59:59+00:00")
    if not around.written:
        yield Value("the first moment of all", _text_of(dt.datetime.min.replace(tzinfo=dt.UTC)))
        yield Value("the last moment of all", _text_of(dt.datetime.max.replace(tzinfo=dt.UTC)))


def steps_of_time(column: SampledColumn, value: Any) -> Iterator[Value]:
    """The days or the moments next to one; none where it is none of Python's."""
    moment = moment_of(value)
    if moment is not None and column.family == "date":
        yield Value("a day later", (moment + dt.timedelta(days=1)).date().isoformat())
        yield Value("a day earlier", (moment - dt.timedelta(days=1)).date().isoformat())
    elif moment is not None:
        yield Value("a microsecond later", _text_of(moment + dt.timedelta(microseconds=1)))
        yield Value("a microsecond earlier", _text_of(moment - dt.timedelta(microseconds=1)))


def _infinities(around: Around) -> Iterator[Value]:
    """What no date of Python is: for arguments that are declared as text, or not at all."""
    if around.infinite:
        yield Value("infinity", "infinity")
        yield Value("infinity in the past", "-infinity")


def moment_of(value: Any) -> dt.datetime | None:
    """A date or a moment of JSON as datetime; None where Python has none for it."""
    if not isinstance(value, str):
        return None
    try:
        found = dt.datetime.fromisoformat(value)
        found + dt.timedelta(days=2), found - dt.timedelta(days=2)
    except (ValueError, OverflowError):
        return None
    return found


def _text_of(moment: dt.datetime) -> str:
    return moment.isoformat()


def times(_: Around) -> Iterator[Value]:
    """Both ends of the day."""
    yield Value("at midnight", "00:00:00")
    yield Value("just before midnight", "23:59:59.999999")
