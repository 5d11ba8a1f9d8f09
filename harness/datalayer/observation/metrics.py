"""Counts statements as an observer: how many, how long, how they failed, and which were slow; never a value."""

from __future__ import annotations

import dataclasses
import threading
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from harness.datalayer.observation.observing import CallRecord

LAST_TIMES: Final = 1000
LAST_SLOW: Final = 50
SLOW_SECONDS: Final = 1.0


@dataclasses.dataclass(frozen=True, slots=True)
class KindMetrics:
    """The statements of one kind since the start; `mean_seconds` covers those that failed as well."""

    calls: int
    errors: int
    rows: int
    mean_seconds: float


@dataclasses.dataclass(frozen=True, slots=True)
class Percentiles:
    """Seconds by nearest rank over the last calls; None where there was no call."""

    of_last: int
    p50: float | None
    p95: float | None
    p99: float | None


@dataclasses.dataclass(frozen=True, slots=True)
class SlowCall:
    """A statement that took longer than the limit. `ended_at` is ISO 8601, in UTC."""

    kind: str
    table: str
    seconds: float
    rows: int
    error_kind: str | None
    ended_at: str


@dataclasses.dataclass(frozen=True, slots=True)
class MetricsSnapshot:
    """The metrics at one moment. `error_rate` is from 0 to 1, and 0 where there was no call."""

    calls: int
    errors: int
    error_rate: float
    kinds: dict[str, KindMetrics]
    error_kinds: dict[str, int]
    percentiles: Percentiles
    slow_seconds: float
    slow_calls: int
    last_slow: tuple[SlowCall, ...]

    def as_json(self) -> dict[str, Any]:
        """The snapshot as objects, lists, numbers and texts."""
        shown = dataclasses.asdict(self)
        shown["last_slow"] = list(shown["last_slow"])
        return shown


class QueryMetrics:
    """An observer that counts; may be called by many threads at once.

    Percentiles are over the last 1,000 statements of all kinds but `transaction`, whose time is that of its statements
    and of the code between them; the same holds for `calls`, `errors` and the slow ones.
    """

    def __init__(self, *, slow_seconds: float = SLOW_SECONDS) -> None:
        self._slow_seconds = slow_seconds
        self._lock = threading.Lock()
        self._kinds: dict[str, list[Any]] = {}
        self._error_kinds: dict[str, int] = {}
        self._times: deque[float] = deque(maxlen=LAST_TIMES)
        self._slow: deque[tuple[CallRecord, datetime]] = deque(maxlen=LAST_SLOW)
        self._slow_calls = 0

    def __call__(self, record: CallRecord, /) -> None:
        """Count a statement."""
        seconds = record.seconds
        with self._lock:
            kind = self._kinds.get(record.kind)
            if kind is None:
                kind = self._kinds[record.kind] = [0, 0, 0, 0.0]
            kind[0] += 1
            kind[2] += record.rows
            kind[3] += seconds
            if record.error_kind is not None:
                kind[1] += 1
            if record.kind == "transaction":
                return
            self._times.append(seconds)
            if record.error_kind is not None:
                self._error_kinds[record.error_kind] = self._error_kinds.get(record.error_kind, 0) + 1
            if seconds > self._slow_seconds:
                self._slow_calls += 1
                self._slow.append((record, datetime.now(UTC)))

    def snapshot(self) -> MetricsSnapshot:
        """What was counted until now."""
        with self._lock:
            kinds = {name: tuple(kind) for name, kind in self._kinds.items()}
            error_kinds = dict(self._error_kinds)
            times = list(self._times)
            slow = list(self._slow)
            slow_calls = self._slow_calls
        statements = [kind for name, kind in kinds.items() if name != "transaction"]
        calls, errors = (sum(kind[place] for kind in statements) for place in (0, 1))
        return MetricsSnapshot(
            calls=calls,
            errors=errors,
            error_rate=errors / calls if calls else 0.0,
            kinds={
                name: KindMetrics(calls=kind[0], errors=kind[1], rows=kind[2], mean_seconds=kind[3] / kind[0])
                for name, kind in sorted(kinds.items())
            },
            error_kinds=dict(sorted(error_kinds.items())),
            percentiles=percentiles(times),
            slow_seconds=self._slow_seconds,
            slow_calls=slow_calls,
            last_slow=tuple(_slow_call(record, ended_at) for record, ended_at in slow),
        )


def percentiles(times: Sequence[float]) -> Percentiles:
    """The 50th, 95th and 99th percentile of some times."""
    ordered = sorted(times)
    return Percentiles(len(ordered), *(nearest_rank(ordered, percent) for percent in (50, 95, 99)))


def nearest_rank(ordered: Sequence[float], percent: int) -> float | None:
    """The smallest value that at least `percent` of 100 values do not exceed: always one of the values themselves.

    The definition of https://www.itl.nist.gov/div898/handbook without interpolation: rank = ceil(percent/100 x n).
    """
    if not ordered:
        return None
    return ordered[max(-(-percent * len(ordered) // 100), 1) - 1]


def _slow_call(record: CallRecord, ended_at: datetime) -> SlowCall:
    return SlowCall(
        kind=record.kind,
        table=record.table,
        seconds=record.seconds,
        rows=record.rows,
        error_kind=record.error_kind,
        ended_at=ended_at.isoformat(),
    )
