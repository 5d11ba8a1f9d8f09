"""A Sentry that is slow, down, refuses or is broken: the caller of a failed call notices nothing, and losses count."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from harness.datalayer.envelope import CallFailed, answered
from harness.datalayer.observation.error_tracking import ErrorTracker
from harness.datalayer.observation.sentry_clients import OwnSentry
from tests.datalayer.sentry_sink import Sink, sentry_sink


class Layer:
    """A data layer whose one method fails as it is told."""

    @answered
    def fail(self, error: Exception) -> object:
        raise error


@pytest.fixture
def sink(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with sentry_sink() as running:
        yield running


def _seconds_a_call(layer: Layer, calls: int) -> list[float]:
    found = []
    for _ in range(calls):
        started = time.perf_counter()
        assert not layer.fail(CallFailed("connection", "08006", "x"))["success"]
        found.append(time.perf_counter() - started)
    return found


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_sentry_that_does_not_answer_costs_the_caller_nothing_and_what_does_not_fit_the_queue_is_counted(
    sink: Sink,
) -> None:
    sink.released.clear()
    tracker = ErrorTracker(OwnSentry(sink.dsn, queue_size=5))
    seconds = _seconds_a_call(tracker.track(Layer(), backend="postgresql"), 100)
    assert statistics.median(seconds) < 0.005
    # One may be with the sending thread, five in the queue.
    assert 94 <= tracker.lost <= 95
    started = time.perf_counter()
    tracker.close(timeout=0.2)
    assert time.perf_counter() - started < 2


def test_a_sentry_that_is_down_costs_the_caller_nothing_and_lost_events_are_counted(sink: Sink) -> None:
    with sentry_sink() as ended:
        dsn = ended.dsn
    tracker = ErrorTracker(OwnSentry(dsn))
    seconds = _seconds_a_call(tracker.track(Layer(), backend="postgresql"), 20)
    assert statistics.median(seconds) < 0.005
    _until(lambda: tracker.lost == 20)
    tracker.close()


@pytest.mark.parametrize("status", [400, 413, 429, 500, 503])
def test_a_sentry_that_refuses_costs_the_caller_nothing_and_lost_events_are_counted(sink: Sink, status: int) -> None:
    sink.status = status
    tracker = ErrorTracker(OwnSentry(sink.dsn))
    _seconds_a_call(tracker.track(Layer(), backend="postgresql"), 10)
    _until(lambda: tracker.lost == 10)
    tracker.close()


def test_a_sentry_client_that_raises_fails_no_call_and_is_counted() -> None:
    class Broken:
        lost = 0

        def capture(self, event: Any) -> None:
            raise RuntimeError

        def flush(self, timeout: float) -> None:
            raise RuntimeError

        close = flush

    tracker = ErrorTracker(Broken())
    assert not tracker.track(Layer(), backend="postgresql").fail(KeyError("x"))["success"]
    assert tracker.lost == 1
