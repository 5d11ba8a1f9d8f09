"""When a look is due, what a budget leaves of it, and durations as people write them."""

from __future__ import annotations

import pytest

from harness.core.record import Side
from harness.core.watch.budget import affordable, expected, spent
from harness.core.watch.durations import duration_text, seconds_of
from harness.core.watch.history import BytesReceived, History, Kind, Look
from harness.core.watch.schedule import due_times, next_due
from tests.unit.test_watch_history import look
from tests.watching import HOUR, MORNING


def test_the_first_look_is_due_at_once() -> None:
    assert next_due(None, HOUR, MORNING) == MORNING


def test_the_next_look_is_due_on_the_grid_however_long_the_last_one_took() -> None:
    assert next_due(MORNING, HOUR, MORNING + 900) == MORNING + HOUR


def test_looks_that_nobody_took_are_not_made_up_for() -> None:
    due = next_due(MORNING, HOUR, MORNING + 7.4 * HOUR)
    assert due == MORNING + 7 * HOUR
    assert next_due(due, HOUR, MORNING + 7.5 * HOUR) == MORNING + 8 * HOUR


def test_a_clock_that_is_set_back_by_a_day_does_not_put_the_next_look_off_by_a_day() -> None:
    assert next_due(MORNING, HOUR, MORNING - 24 * HOUR) == MORNING - 24 * HOUR


def test_a_clock_that_steps_back_by_a_second_does_not_double_a_look() -> None:
    assert next_due(MORNING, HOUR, MORNING - 1) == MORNING + HOUR


def test_each_kind_has_its_own_interval() -> None:
    history = History((look(1, 0, what=("counts", "schema")), look(2, 1)))
    intervals: dict[Kind, float] = {"counts": HOUR, "schema": 6 * HOUR}
    assert due_times(history, intervals, MORNING + 1.5 * HOUR) == {
        "counts": MORNING + 2 * HOUR,
        "schema": MORNING + 6 * HOUR,
    }


def _cost(number: int, hour: float, kind: Kind, source: int, target: int = 0) -> Look:
    received = BytesReceived(source=source, target=target)
    return look(number, hour, what=(kind,), received=received, received_by={kind: received})


def test_without_a_budget_everything_is_affordable() -> None:
    due: tuple[Kind, ...] = ("counts", "digests")
    assert affordable(History(), due, budget=None, days=30, now=MORNING).kinds == due


def test_what_was_never_measured_is_tried() -> None:
    assert affordable(History(), ("digests",), budget=1000, days=30, now=MORNING).kinds == ("digests",)


def test_a_look_at_values_is_put_off_where_the_counts_still_fit() -> None:
    history = History((_cost(1, 0, "digests", 500), _cost(2, 1, "counts", 10)))
    can = affordable(history, ("counts", "digests"), budget=900, days=30, now=MORNING + 2 * HOUR)
    assert can.kinds == ("counts",)
    ((kind, reason),) = can.put_off
    assert kind == "digests"
    # The counts that are taken now are among them.
    assert reason.startswith("520 of 900 bytes")
    assert "of the source" in reason


def test_the_last_tenth_of_the_budget_is_for_counts() -> None:
    history = History((_cost(1, 0, "digests", 450), _cost(2, 1, "counts", 10)))
    assert affordable(history, ("digests",), budget=1000, days=30, now=MORNING + HOUR).kinds == ()
    assert affordable(history, ("counts",), budget=1000, days=30, now=MORNING + HOUR).kinds == ("counts",)


def test_a_budget_that_is_used_up_leaves_nothing_and_says_so() -> None:
    history = History((_cost(1, 0, "counts", 1000),))
    can = affordable(history, ("counts",), budget=1000, days=30, now=MORNING + HOUR)
    assert can.kinds == ()
    assert "1,000 of 1,000 bytes" in can.put_off[0][1]


def test_the_target_has_a_budget_of_the_same_size() -> None:
    history = History((_cost(1, 0, "counts", 0, target=1000),))
    assert affordable(history, ("counts",), budget=1000, days=30, now=MORNING + HOUR).kinds == ()


def test_what_was_received_before_the_days_of_the_budget_is_forgotten() -> None:
    history = History((_cost(1, 0, "counts", 1000), _cost(2, 24 * 20, "counts", 7)))
    assert spent(history, Side.SOURCE, MORNING + 24 * 31 * HOUR, 30) == 7


def test_a_look_is_taken_to_need_as_much_as_the_largest_of_the_latest_ones() -> None:
    history = History(tuple(_cost(number, number, "counts", 100 * number % 700) for number in range(1, 20)))
    assert expected(history, "counts", Side.SOURCE) == max(100 * number % 700 for number in range(15, 20))


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("15m", 900), ("15 min", 900), ("1h", 3600), ("0.5h", 1800), ("7d", 604800)]
)
def test_a_duration_is_read(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds
    assert seconds_of(duration_text(seconds)) == seconds


@pytest.mark.parametrize("text", ["", "1", "h", "-1h", "0s", "1y", "1h30", "nan s", "1e9s"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="number with its unit"):
        seconds_of(text)
