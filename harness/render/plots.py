"""Plots as geometry for inline SVG: bars on a shared scale, readable without colour and in print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.core.outcomes import MethodResult

WIDTH = 160


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


def shares(values: Sequence[float]) -> tuple[float, ...]:
    """Each value as a length on the scale of the greatest one."""
    top = max(values, default=0)
    return tuple(round(value / top * WIDTH, 1) if top > 0 else 0 for value in values)
