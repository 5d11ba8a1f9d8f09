"""What a load felt of a cutover: the longest time without an acknowledged write, latencies, errors by kind."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

from pydantic import Field

from harness.core.cutover.load_events import Acknowledged, Begun, Event, ReadDone, Refused, Turned
from harness.core.record import Record

_PERCENTILES = (50, 95, 99)


class Latencies(Record):
    """How long writes took, in milliseconds, from the first attempt to the acknowledgement."""

    writes: int = 0
    p50: float = 0.0
    p95: float = 0.0
    p99: float = 0.0
    worst: float = 0.0


class LoadFigures(Record):
    """What the writers and readers of a load saw, over one stretch of time."""

    seconds: float = 0.0
    writes: int = 0
    """Acknowledged"""
    writes_per_second: float = 0.0
    downtime_seconds: float = 0.0
    """The longest time in which no write of any writer was acknowledged"""
    downtime_began: float = 0.0
    """Seconds since 1970"""
    longest_wait_of_each_writer: tuple[float, ...] = ()
    before: Latencies = Latencies()
    during: Latencies = Latencies()
    """Writes that were begun before the downtime's end and acknowledged after its beginning"""
    after: Latencies = Latencies()
    errors: dict[str, int] = Field(default_factory=dict)
    """Refused attempts of writes, by backend, kind and code"""
    reads: int = 0
    read_errors: dict[str, int] = Field(default_factory=dict)
    longest_read_seconds: float = 0.0
    restarts: int = 0
    """How often the application was started again"""
    unanswered: int = 0
    """Writes that the end of the load left without an answer"""


def figures(noted: Iterable[Event], since: float = 0.0, until: float = float("inf")) -> LoadFigures:
    """The figures of the events of a stretch of time."""
    chosen = [each for each in noted if since <= each.at <= until]
    acknowledged = sorted((each for each in chosen if isinstance(each, Acknowledged)), key=lambda each: each.at)
    if not acknowledged:
        return LoadFigures(errors=_errors(chosen), unanswered=sum(isinstance(each, Begun) for each in chosen))
    moments = [each.at for each in acknowledged]
    start, end = _longest(moments)
    span = moments[-1] - moments[0]
    of_writers = defaultdict[int, list[float]](list)
    for each in acknowledged:
        of_writers[each.writer].append(each.at)
    during = [each for each in acknowledged if each.at > start and each.at - each.seconds < end]
    reads = [each for each in chosen if isinstance(each, ReadDone)]
    tokens = {each.token for each in acknowledged}
    return LoadFigures(
        seconds=span,
        writes=len(acknowledged),
        writes_per_second=len(acknowledged) / span if span else 0.0,
        downtime_seconds=end - start,
        downtime_began=start,
        longest_wait_of_each_writer=tuple(
            round(after - before, 3) for _, times in sorted(of_writers.items()) for before, after in [_longest(times)]
        ),
        before=_latencies([each for each in acknowledged if each.at <= start]),
        during=_latencies(during),
        after=_latencies([each for each in acknowledged if each.at - each.seconds >= end]),
        errors=_errors(chosen),
        reads=len(reads),
        read_errors=dict(Counter(f"{each.backend}: {each.kind} {each.code}" for each in reads if each.kind)),
        longest_read_seconds=max((each.seconds for each in reads), default=0.0),
        restarts=sum(isinstance(each, Turned) for each in chosen),
        unanswered=sum(isinstance(each, Begun) and each.token not in tokens for each in chosen),
    )


def _longest(moments: Sequence[float]) -> tuple[float, float]:
    """The two moments that follow each other and lie farthest apart."""
    return max(pairwise(moments), key=lambda pair: pair[1] - pair[0], default=(moments[0], moments[0]))


def _errors(chosen: Iterable[Event]) -> dict[str, int]:
    refused = (each for each in chosen if isinstance(each, Refused))
    return dict(Counter(f"{each.backend}: {each.kind} {each.code}" for each in refused))


def _latencies(acknowledged: Sequence[Acknowledged]) -> Latencies:
    if not acknowledged:
        return Latencies()
    milliseconds = sorted(each.seconds * 1000 for each in acknowledged)
    p50, p95, p99 = (milliseconds[min(len(milliseconds) - 1, len(milliseconds) * p // 100)] for p in _PERCENTILES)
    return Latencies(writes=len(milliseconds), p50=p50, p95=p95, p99=p99, worst=milliseconds[-1])
