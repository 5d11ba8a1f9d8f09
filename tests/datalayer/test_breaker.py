"""The circuit breaker of shadow reads: when it opens, how it probes, and when it closes again."""

from __future__ import annotations

import pytest

from harness.datalayer.switching.breaker import BreakerSettings, CircuitBreaker


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def states() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def breaker(clock: Clock, states: list[tuple[str, str]]) -> CircuitBreaker:
    settings = BreakerSettings(least=10, window=20, p95_limit=0.5, cool_down=30, longest_cool_down=100, probes=3)
    return CircuitBreaker(settings, lambda *state: states.append(state), clock=clock)


@pytest.mark.parametrize(
    ("calls", "reason"),
    [
        ([(0.01, False)] * 16 + [(0.01, True)] * 5, "the secondary fails too often"),
        ([(0.01, False)] * 18 + [(0.9, False)] * 2, "the secondary is too slow"),
        ([(0.01, False)] * 16 + [(0.01, True)] * 4, ""),
        ([(0.01, False)] * 19 + [(0.9, False)], ""),
        ([(9.0, True)] * 9, ""),
    ],
)
def test_the_breaker_opens_beyond_its_limits_and_not_before(
    calls: list[tuple[float, bool]], reason: str, breaker: CircuitBreaker
) -> None:
    for seconds, failed in calls:
        breaker.shadow_took(seconds, failed=failed)
    assert (breaker.state, breaker.reason) == (("open", reason) if reason else ("closed", ""))


@pytest.mark.parametrize(("beside", "state"), [(0.016, "open"), (0.014, "closed")])
def test_the_breaker_opens_when_the_primary_is_slower_beside_shadow_reads(
    beside: float, state: str, breaker: CircuitBreaker
) -> None:
    for _ in range(10):
        breaker.primary_took(0.010, beside=False)
        breaker.primary_took(beside, beside=True)
        breaker.shadow_took(0.01, failed=False)
    assert breaker.state == state


def test_a_slowdown_of_a_few_milliseconds_hurts_nobody_whatever_its_ratio_is(breaker: CircuitBreaker) -> None:
    for _ in range(10):
        breaker.primary_took(0.001, beside=False)
        breaker.primary_took(0.005, beside=True)
        breaker.shadow_took(0.01, failed=False)
    assert breaker.state == "closed"


def test_the_breaker_probes_after_its_cool_down_and_closes_when_the_probes_go_well(
    breaker: CircuitBreaker, clock: Clock, states: list[tuple[str, str]]
) -> None:
    breaker.overflowed()
    clock.now = 29.9
    assert not breaker.allows()
    clock.now = 30
    assert [breaker.allows() for _ in range(5)] == [True, True, True, False, False]
    for _ in range(3):
        breaker.shadow_took(0.01, failed=False)
    assert breaker.allows()
    assert [state for state, _ in states] == ["open", "half_open", "closed"]


def test_a_probe_that_fails_doubles_the_cool_down_up_to_its_limit(breaker: CircuitBreaker, clock: Clock) -> None:
    breaker.overflowed()
    waited = []
    for _ in range(4):
        began = clock.now
        while not breaker.allows():
            clock.now += 1
        waited.append(clock.now - began)
        breaker.shadow_took(0.01, failed=True)
    assert waited == [30, 60, 100, 100]


def test_a_probe_that_was_not_made_is_given_back(breaker: CircuitBreaker, clock: Clock) -> None:
    breaker.overflowed()
    clock.now = 30
    for _ in range(10):
        assert breaker.allows()
        breaker.unused()
