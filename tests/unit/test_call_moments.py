"""Moments of a call: two that each lie in their own call are equal, anything else is compared like any value."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from harness.core.answers import compare_answers
from harness.core.call_moments import NOT_THE_MOMENT, CallWindow, Clock

AT = dt.datetime(2027, 3, 4, 12, 30, 15, 250_000, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)
LATER = AT + 3 * SECOND
RENEWED = AT - dt.timedelta(minutes=5)


def window(began: dt.datetime) -> CallWindow:
    return CallWindow(began=began, ended=began + dt.timedelta(milliseconds=20), renewed=RENEWED)


CLOCK = Clock(window(AT), window(LATER))


def told(source: Any, target: Any, clock: Clock = CLOCK) -> list[str]:
    return [f"({delta.cls})" if delta.drift else delta.cls for delta in compare_answers(source, target, clock=clock)]


def text(moment: dt.datetime) -> str:
    return moment.isoformat()


@pytest.mark.parametrize(
    ("source", "target", "found"),
    [
        (AT, LATER, []),
        (text(AT), text(LATER), []),
        (text(AT), LATER, ["(type)"]),
        (AT.replace(tzinfo=None), LATER, ["(zone)"]),
        (text(AT), LATER.strftime("%Y-%m-%d %H:%M:%S.%f"), ["(format)"]),
        (text(AT.replace(microsecond=0)), text(LATER.replace(microsecond=0)), []),
        (text(AT)[:16], text(LATER)[:16], []),
        (AT.timestamp(), LATER.timestamp(), []),
        (int(AT.timestamp()), int(LATER.timestamp()), []),
        (int(AT.timestamp() * 1000), int(LATER.timestamp() * 1000), []),
        (f"visit-{AT:%Y%m%d%H%M%S}-7", f"visit-{LATER:%Y%m%d%H%M%S}-7", []),
        (RENEWED + SECOND, RENEWED + 2 * SECOND, []),
    ],
)
def test_two_moments_of_their_calls_are_equal(source: Any, target: Any, found: list[str]) -> None:
    assert told(source, target) == found


@pytest.mark.parametrize(
    ("source", "target", "found"),
    [
        (AT, LATER + dt.timedelta(hours=3), [NOT_THE_MOMENT]),
        (text(AT), text(LATER - dt.timedelta(days=1)), [NOT_THE_MOMENT]),
        (AT, RENEWED + SECOND, [NOT_THE_MOMENT]),
        (AT - dt.timedelta(hours=1), LATER - dt.timedelta(hours=1), ["value"]),
        (AT, None, ["null"]),
        (f"visit-{AT:%Y%m%d%H%M%S}-7", f"visit-{LATER:%Y%m%d%H%M%S}-8", ["value"]),
        (80_005_550_101, 80_005_550_102, ["value"]),
    ],
)
def test_everything_else_is_compared_like_any_value(source: Any, target: Any, found: list[str]) -> None:
    assert told(source, target) == found


def test_a_moment_just_before_the_call_may_be_that_of_the_call_before() -> None:
    assert told(AT - dt.timedelta(milliseconds=10), LATER - dt.timedelta(milliseconds=400)) == []


def test_a_list_in_any_order_pairs_its_moments_of_the_call() -> None:
    source, target = [{"id": 1, "at": AT}, {"id": 2, "at": AT}], [{"id": 2, "at": LATER}, {"id": 1, "at": LATER}]
    assert [delta.cls for delta in compare_answers(source, target, clock=CLOCK)] == ["order"]
    assert compare_answers(source, target, ordered=False, clock=CLOCK) == ()


def test_the_day_is_that_of_the_call_where_midnight_lies_between_the_calls() -> None:
    midnight = dt.datetime(2027, 3, 5, tzinfo=dt.UTC)
    clock = Clock(window(midnight - SECOND), window(midnight + SECOND))
    assert told(dt.date(2027, 3, 4), dt.date(2027, 3, 5), clock) == []
    assert told("2027-03-04", "2027-03-05", clock) == []
    assert told(dt.date(2027, 3, 4), dt.date(2027, 3, 6), clock) == ["value"]
    assert told(dt.date(2027, 3, 3), dt.date(2027, 3, 4), CLOCK) == ["value"]


def test_without_windows_every_moment_is_compared() -> None:
    assert told(AT, LATER, Clock()) == ["value"]
