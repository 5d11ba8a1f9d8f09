"""Laws of alerts: whatever looks find, each alert is told once when it begins and once when it ends."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from harness.core.watch.alerts import Condition, judged
from harness.core.watch.history import AlertChange, OpenAlert, moment
from tests.watching import at

KEYS = ("counts public.a", "counts public.b", "schema target index public.i", "look source")
REMIND = 6 * 3600.0

LOOK = st.tuples(
    st.floats(min_value=0.1, max_value=30, allow_nan=False),  # hours since the look before
    st.sets(st.sampled_from(KEYS)),  # what holds
    st.sets(st.sampled_from(KEYS)),  # what was looked at
)


Course = list[tuple[str, tuple[AlertChange, ...], tuple[OpenAlert, ...]]]
"""Moments, changes, and what is open after them"""


def run(looks: list[tuple[float, set[str], set[str]]]) -> Course:
    """The changes and the open alerts after each look. Only what was looked at can be seen to hold."""
    hour = 0.0
    open_now: tuple[OpenAlert, ...] = ()
    course: Course = []
    for wait, holding, looked in looks:
        hour += wait
        found = [Condition(key, f"{key} at {hour:.1f}") for key in sorted(holding & looked)]
        after = judged(open_now, found, looked.__contains__, at=at(hour), remind_seconds=REMIND)
        open_now = after.open
        course.append((at(hour), after.changes, after.open))
    return course


@given(st.lists(LOOK, max_size=30))
def test_beginnings_and_ends_of_a_key_take_turns(looks: list[tuple[float, set[str], set[str]]]) -> None:
    for key in KEYS:
        told = [change.change for _, changes, _ in run(looks) for change in changes if change.key == key]
        turns = [each for each in told if each != "reminded"]
        assert turns == ["begun", "ended"] * (len(turns) // 2) + ["begun"] * (len(turns) % 2)


@given(st.lists(LOOK, max_size=30))
def test_what_is_open_is_what_held_when_it_was_looked_at_last(looks: list[tuple[float, set[str], set[str]]]) -> None:
    course = run(looks)
    expected: set[str] = set()
    for (_, holding, looked), (_, _, open_now) in zip(looks, course, strict=True):
        expected = (expected - looked) | (holding & looked)
        assert {each.key for each in open_now} == expected
        assert len(open_now) == len(expected)


@given(st.lists(LOOK, max_size=30))
def test_an_alert_keeps_its_name_and_two_alerts_never_share_one(looks: list[tuple[float, set[str], set[str]]]) -> None:
    begun: dict[str, tuple[str, str]] = {}
    for _, changes, _ in run(looks):
        for change in changes:
            known = begun.setdefault(change.id, (change.key, change.since))
            assert known == (change.key, change.since)


@given(st.lists(LOOK, max_size=30))
def test_an_open_alert_is_told_again_in_time_and_never_earlier(looks: list[tuple[float, set[str], set[str]]]) -> None:
    told: dict[str, str] = {}
    for when, changes, open_now in run(looks):
        for change in changes:
            if change.change == "reminded":
                assert moment(when) - moment(told[change.id]) >= timedelta(seconds=REMIND)
            told[change.id] = when
        for each in open_now:
            assert moment(when) - moment(told[each.id]) < timedelta(seconds=REMIND)


def test_a_clock_that_is_set_back_does_not_put_a_reminder_off() -> None:
    found = [Condition("counts public.a", "t")]
    first = judged((), found, lambda _key: True, at=at(100), remind_seconds=REMIND)
    back = judged(first.open, found, lambda _key: True, at=at(0), remind_seconds=REMIND)
    later = judged(back.open, found, lambda _key: True, at=at(7), remind_seconds=REMIND)
    assert [change.change for change in later.changes] == ["reminded"]
