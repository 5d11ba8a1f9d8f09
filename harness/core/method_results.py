"""What all pairs of a method add up to: counts, what was exercised, latency."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.core.observations import Observation
from harness.core.outcomes import Latency, MethodResult, Outcome, OutcomePair
from harness.core.pairs import Comparison


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedPair:
    """One case on both sides: what was written down of it, and what was seen."""

    pair: OutcomePair
    found: Comparison
    rows: bool
    wrote: bool

    @property
    def exercised(self) -> frozenset[str]:
        """What the case exercised, of rows, no rows, error, writes."""
        if self.found.void:
            return frozenset()
        failed = self.pair.source.error is not None or self.pair.target.error is not None
        kinds = {"error" if failed else "rows" if self.rows else "no rows"}
        return frozenset(kinds | ({"writes"} if self.wrote else set()))


def judged(pair: OutcomePair, found: Comparison, source: Observation, target: Observation) -> JudgedPair:
    """Keep of two observations what a method's result needs."""
    return JudgedPair(
        pair=pair,
        found=found,
        rows=source.has_content or target.has_content,
        wrote=bool(source.effects.tables or target.effects.tables),
    )


_KINDS = ("rows", "no rows", "error", "writes")


def method_result(method: str, pairs: Sequence[JudgedPair]) -> MethodResult:
    """The cases of one method."""
    verdicts = [each.pair.verdict for each in pairs]
    seen = frozenset[str]().union(*(each.exercised for each in pairs))
    return MethodResult(
        method=method,
        cases=len(pairs),
        equal=verdicts.count("equal"),
        drift=verdicts.count("drift"),
        different=verdicts.count("different"),
        void=verdicts.count("void"),
        exercised=tuple(kind for kind in _KINDS if kind in seen),
        latency=latency(
            (each.pair.source.milliseconds, each.pair.target.milliseconds)
            for each in pairs
            if not each.found.void and all(_answered(outcome) for outcome in (each.pair.source, each.pair.target))
        ),
    )


def _answered(outcome: Outcome) -> bool:
    """Whether a server answered, and not the data layer alone."""
    return outcome.error is None and outcome.statements > 0


def latency(pairs: Iterable[tuple[float, float]]) -> Latency | None:
    """Percentiles of each side, and the median of the ratios of paired calls; None of no successful call."""
    times = list(pairs)
    if not times:
        return None
    source, target = ([each[side] for each in times] for side in (0, 1))
    ratios = [one / other for one, other in times if other > 0]
    return Latency(
        source_p50=percentile(source, 50),
        source_p95=percentile(source, 95),
        target_p50=percentile(target, 50),
        target_p95=percentile(target, 95),
        ratio=round(statistics.median(ratios), 3) if ratios else 1.0,
    )


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least this share of the values do not exceed (the nearest rank)."""
    ordered = sorted(values)
    return round(ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)], 3)
