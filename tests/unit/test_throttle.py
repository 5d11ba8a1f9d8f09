"""A throttle lets so many bytes a second pass over all sessions together, and no wait outlives a stop."""

from __future__ import annotations

import pytest

from harness.core.configuration import MigrateSection
from harness.stages.throttle import Throttle, chunk_bytes


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0
        self.naps: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds


def test_bytes_pass_at_the_rate_in_short_naps() -> None:
    time = Time()
    throttle = Throttle(1000, lambda: time.now, time.sleep)
    for size in (500, 0, 2500, 1000):
        throttle.sent(size, lambda: False)
    assert time.now == pytest.approx(104.0)
    assert max(time.naps) <= 0.2


def test_time_in_which_nothing_was_sent_is_not_made_up_for() -> None:
    time = Time()
    throttle = Throttle(1000, lambda: time.now, time.sleep)
    throttle.sent(1000, lambda: False)
    time.now += 50
    throttle.sent(1000, lambda: False)
    assert time.now == pytest.approx(152.0)


def test_sessions_share_the_rate() -> None:
    time = Time()
    throttle = Throttle(1000, lambda: time.now, time.sleep)
    # Another session has sent: its bytes are still to pass.
    throttle.sent(3000, lambda: True)
    throttle.sent(1000, lambda: False)
    assert time.now == pytest.approx(104.0)


def test_nobody_waits_once_the_run_is_to_stop() -> None:
    time = Time()
    Throttle(1, lambda: time.now, time.sleep).sent(10_000, lambda: time.now > 101)
    assert time.now < 101.5


DEFAULT = MigrateSection().batch_bytes


@pytest.mark.parametrize(("throttle", "wanted"), [(None, DEFAULT), (10**9, DEFAULT), (10**6, 10**7), (1024, 10240)])
def test_chunks_are_small_enough_to_pass_soon(throttle: int | None, wanted: int) -> None:
    assert chunk_bytes(MigrateSection(throttle=throttle)) == wanted
