"""Plots as geometry for inline SVG: bars and intervals on a shared scale, readable without colour and in print."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from harness.core.outcomes import Latency, MethodResult

WIDTH = 120
FURTHEST = 100.0
"""A ratio beyond this, or below its inverse, lies at the edge of the drawing with an arrow."""
_TICKS = (0.01, 0.1, 0.5, 1.0, 2.0, 10.0, 100.0)
_NEAREST_TICKS = 22
"""Ticks that stand nearer to each other could not be read."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar to the median and a line on to the 95th percentile, which may lie beyond the drawing."""

    median: float
    tail: float
    beyond: bool


@dataclass(frozen=True, slots=True)
class LatencyPlot:
    """Source above target, on a scale that all methods of the run share."""

    source: Bar
    target: Bar


@dataclass(frozen=True, slots=True)
class RatioPlot:
    """How many times faster the target is: a point, its confidence interval as a line, and what that says in words.

    `low` and `high` are None where there were too few pairs for an interval. `clear`: the interval leaves out 1.
    """

    at: float
    low: float | None
    high: float | None
    clear: bool
    says: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on the scale of the ratios."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class RatioPlots:
    """The plots by method, on one logarithmic scale, and its ticks."""

    plots: dict[str, RatioPlot]
    ticks: tuple[Tick, ...]


def latency_plots(methods: Sequence[MethodResult]) -> dict[str, LatencyPlot]:
    """A plot for each method that was timed.

    The scale ends at twice the slowest median: on a scale up to the slowest outlier the medians could not be read.
    """
    timed = [(result.method, result.latency) for result in methods if result.latency is not None]
    slowest = max((max(times.source_p50, times.target_p50) for _, times in timed), default=0)
    longest = max((max(times.source_p95, times.target_p95) for _, times in timed), default=0)
    end = min(2 * slowest, max(slowest, longest))

    def bar(median: float, tail: float) -> Bar:
        if end <= 0:
            return Bar(0, 0, beyond=False)
        return Bar(round(median / end * WIDTH, 1), round(min(tail / end, 1) * WIDTH, 1), beyond=tail > end)

    return {
        method: LatencyPlot(bar(times.source_p50, times.source_p95), bar(times.target_p50, times.target_p95))
        for method, times in timed
    }


def ratio_plots(methods: Sequence[MethodResult]) -> RatioPlots:
    """The ratio of each method that was timed, with its interval. 1 is always on the scale."""
    timed = {result.method: result.latency for result in methods if result.latency is not None}
    ends = [_kept(end) for times in timed.values() for end in (times.ratio, *(_interval(times) or ()))]
    first, last = math.log(min([0.8, *ends])), math.log(max([1.25, *ends]))

    def place(ratio: float) -> float:
        return round((math.log(_kept(ratio)) - first) / (last - first) * WIDTH, 1)

    def plot(times: Latency) -> RatioPlot:
        low, high = _interval(times) or (None, None)
        return RatioPlot(
            at=place(times.ratio),
            low=None if low is None else place(low),
            high=None if high is None else place(high),
            clear=low is not None and high is not None and not low <= 1 <= high,
            says=_in_words(low, high),
        )

    ticks: list[Tick] = []
    inside = [ratio for ratio in _TICKS if first <= math.log(ratio) <= last]
    # 1 is what all is read against: others give way to it.
    for ratio in sorted(inside, key=lambda ratio: abs(math.log(ratio))):
        if all(abs(place(ratio) - tick.at) >= _NEAREST_TICKS for tick in ticks):
            ticks.append(Tick(place(ratio), f"{ratio:g}×"))
    return RatioPlots(
        {method: plot(times) for method, times in timed.items()}, tuple(sorted(ticks, key=lambda tick: tick.at))
    )


def shares(values: Sequence[float]) -> tuple[float, ...]:
    """Each value as a length on the scale of the greatest one."""
    top = max(values, default=0)
    return tuple(round(value / top * WIDTH, 1) if top > 0 else 0 for value in values)


def _interval(times: Latency) -> tuple[float, float] | None:
    low, high = times.ratio_low, times.ratio_high
    return None if low is None or high is None else (low, high)


def _in_words(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return "too few calls for an interval"
    if low > 1:
        return "target faster"
    return "target slower" if high < 1 else "no clear difference"


def _kept(ratio: float) -> float:
    return min(max(ratio, 1 / FURTHEST), FURTHEST)
