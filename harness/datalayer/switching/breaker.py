"""Decides when the secondary is left alone: a circuit breaker over its latency, its failures and the primary's pace."""

from __future__ import annotations

import statistics
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from harness.errors import ConfigurationError

State = Literal["closed", "open", "half_open"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerSettings:
    """From which moment shadow reads hurt. Judged over the last `window` calls, once there are `least` of them."""

    window: int = 100
    least: int = 20
    p95_limit: float = 1.0
    """Seconds"""
    error_rate: float = 0.2
    """Share of failed and timed out calls"""
    primary_slowdown: float = 1.5
    """The median of primary calls beside a shadow read, over that of calls with none beside them"""
    least_slowdown: float = 0.005
    """Seconds; medians that are no further apart than this hurt nobody, whatever their ratio is"""
    cool_down: float = 30.0
    """Seconds that the secondary is left alone; doubled each time that the probes fail"""
    longest_cool_down: float = 600.0
    probes: int = 5
    """Shadow reads that have to go well before all are made again"""

    def __post_init__(self) -> None:
        positive = (self.least, self.p95_limit, self.cool_down, self.longest_cool_down, self.probes)
        if self.window < self.least or min(positive) <= 0 or not 0 < self.error_rate <= 1 or self.primary_slowdown <= 1:
            raise ConfigurationError("Shadow reads: the limits of the circuit breaker cannot be used.")


class CircuitBreaker:
    """closed: all shadow reads are made. open: none. half_open: a few, to see whether it goes well again.

    `changed` is told each new state and its reason. Used from several threads.
    """

    def __init__(
        self,
        settings: BreakerSettings,
        changed: Callable[[State, str], None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._changed = changed
        self._clock = clock
        self._lock = threading.RLock()
        self._calls: deque[tuple[float, bool]] = deque(maxlen=settings.window)
        self._alone: deque[float] = deque(maxlen=settings.window)
        self._beside: deque[float] = deque(maxlen=settings.window)
        self._cool_down = settings.cool_down
        self._opened_until = 0.0
        self._probes_made = 0
        self._probes_good = 0
        self.state: State = "closed"
        self.reason = ""

    def allows(self) -> bool:
        """Whether a shadow read may be made now; where it may, one of the probes is used up."""
        if self.state == "closed":
            return True
        with self._lock:
            if self.state == "open" and self._clock() >= self._opened_until:
                self._probes_made = self._probes_good = 0
                self._become("half_open", self.reason)
            if self.state == "half_open" and self._probes_made < self._settings.probes:
                self._probes_made += 1
                return True
            return False

    def primary_took(self, seconds: float, *, beside: bool) -> None:
        """A primary call ended; `beside`: shadow reads were under way when it began."""
        with self._lock:
            (self._beside if beside else self._alone).append(seconds)

    def shadow_took(self, seconds: float, *, failed: bool) -> None:
        """A shadow read ended."""
        with self._lock:
            if self.state == "half_open":
                self._probed(well=not failed and seconds <= self._settings.p95_limit)
            elif self.state == "closed":
                self._calls.append((seconds, failed))
                reason = self._hurts()
                if reason:
                    self._open(reason)

    def overflowed(self) -> None:
        """There was no room for a shadow read: the secondary cannot keep up."""
        with self._lock:
            if self.state == "closed":
                self._open("the queue is full")

    def unused(self) -> None:
        """A shadow read that was allowed was not made after all: its probe is given back."""
        with self._lock:
            if self.state == "half_open" and self._probes_made > self._probes_good:
                self._probes_made -= 1

    def _probed(self, *, well: bool) -> None:
        if not well:
            self._cool_down = min(self._cool_down * 2, self._settings.longest_cool_down)
            self._open("a probe failed or was slow")
            return
        self._probes_good += 1
        if self._probes_good >= self._settings.probes:
            self._cool_down = self._settings.cool_down
            self._become("closed", "")

    def _open(self, reason: str) -> None:
        self._opened_until = self._clock() + self._cool_down
        self._calls.clear()
        self._beside.clear()
        self._become("open", reason)

    def _become(self, state: State, reason: str) -> None:
        self.state, self.reason = state, reason
        self._changed(state, reason)

    def _hurts(self) -> str:
        if len(self._calls) < self._settings.least:
            return ""
        failed = sum(failed for _, failed in self._calls)
        if failed / len(self._calls) > self._settings.error_rate:
            return "the secondary fails too often"
        taken = sorted(seconds for seconds, _ in self._calls)
        if taken[-(-len(taken) * 95 // 100) - 1] > self._settings.p95_limit:
            return "the secondary is too slow"
        return "the primary became slower" if self._slowed() else ""

    def _slowed(self) -> bool:
        alone, beside = list(self._alone), list(self._beside)
        if min(len(alone), len(beside)) < self._settings.least:
            return False
        medians = statistics.median(alone), statistics.median(beside)
        longer = medians[1] - medians[0]
        return longer > self._settings.least_slowdown and medians[1] > self._settings.primary_slowdown * medians[0]
