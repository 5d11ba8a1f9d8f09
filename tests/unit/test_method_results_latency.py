"""Latency of methods: percentiles, the interval of the ratio, and when a method counts as slower."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.latency import ENOUGH_PAIRS, FEWEST_PAIRS, is_slower, latency, looks_slower, median_interval

TIMES = st.lists(st.tuples(st.floats(0.1, 1000), st.floats(0.1, 1000)), min_size=1, max_size=40)


@given(TIMES)
def test_the_ratio_lies_within_its_interval(times: list[tuple[float, float]]) -> None:
    found = latency(times)
    assert found is not None
    assert found.pairs == len(times)
    assert (found.ratio_low is None) == (found.ratio_high is None) == (len(times) < FEWEST_PAIRS)
    if found.ratio_low is not None and found.ratio_high is not None:
        assert found.ratio_low <= found.ratio <= found.ratio_high


@given(TIMES)
def test_exchanging_the_sides_exchanges_their_percentiles(times: list[tuple[float, float]]) -> None:
    found, other = latency(times), latency([(target, source) for source, target in times])
    assert found is not None
    assert other is not None
    assert (found.source_p50, found.source_p95, found.source_p99) == (
        other.target_p50,
        other.target_p95,
        other.target_p99,
    )


def test_the_interval_holds_the_median_in_95_of_100_draws_or_more() -> None:
    chance = random.Random(6)
    for number in (6, 9, 12, 25):
        held = 0
        for _ in range(2000):
            interval = median_interval([chance.expovariate(1.0) for _ in range(number)])
            assert interval is not None
            held += interval[0] <= 0.693147 <= interval[1]
        assert held / 2000 > 0.94, number


def test_no_interval_is_claimed_of_five_values() -> None:
    assert median_interval([1, 2, 3, 4, 5]) is None
    assert median_interval([1, 2, 3, 4, 5, 6]) == (1, 6)
    assert median_interval(list(range(12))) == (2, 9)


@pytest.mark.parametrize("pairs", [FEWEST_PAIRS, ENOUGH_PAIRS])
def test_a_target_that_sleeps_is_slower(pairs: int) -> None:
    found = latency([(4.0 + number / 10, 54.0) for number in range(pairs)])
    assert is_slower(found, times=2.0, floor=25.0)


def test_five_pairs_look_slower_and_prove_nothing() -> None:
    found = latency([(4.0, 54.0)] * 5)
    assert looks_slower(found, times=2.0, floor=25.0)
    assert not is_slower(found, times=2.0, floor=25.0)


@pytest.mark.parametrize(
    "times",
    [
        [(1.0, 20.0)] * 20,
        [(40.0, 70.0)] * 20,
        [(30.0, 2.0)] * 20,
        [(4.0, 4.0)] * 17 + [(4.0, 900.0)] * 3,
        [(4.0, 900.0), (900.0, 4.0)] * 8,
    ],
    ids=["within the floor", "within the budget", "faster", "a few outliers", "noise"],
)
def test_what_is_no_regression_is_silent(times: list[tuple[float, float]]) -> None:
    assert not is_slower(latency(times), times=2.0, floor=25.0)


def test_a_budget_of_0_is_none() -> None:
    assert not is_slower(latency([(1.0, 1000.0)] * 20), times=0, floor=0)


def test_random_times_of_equal_sides_are_hardly_ever_slower() -> None:
    chance = random.Random(6)
    drawn = ([(chance.lognormvariate(3, 1), chance.lognormvariate(3, 1)) for _ in range(12)] for _ in itertools.count())
    alarms = sum(is_slower(latency(times), times=2.0, floor=25.0) for times in itertools.islice(drawn, 1000))
    assert alarms < 3
