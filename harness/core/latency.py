"""Times of paired calls: percentiles of both sides, their ratio with a confidence interval, and what is too slow."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence

from harness.core.outcomes import Latency

FEWEST_PAIRS = 6
"""With fewer, no interval of a median has a confidence of 95 %: both ends of five are passed in one case of sixteen"""
ENOUGH_PAIRS = 12
"""With so many, the two smallest and the two greatest of the ratios lie outside the interval"""

_CONFIDENCE = 0.95


def latency(pairs: Iterable[tuple[float, float]]) -> Latency | None:
    """Percentiles of each side and of the ratios of paired calls (source, target), in ms; None of no successful call.

    The interval of the ratio is that of its median, from the binomial distribution: it is exact, assumes nothing of how
    times are spread, and needs no random numbers, where a bootstrap of a dozen pairs is too narrow.
    """
    times = list(pairs)
    if not times:
        return None
    source, target = ([each[side] for each in times] for side in (0, 1))
    ratios = [one / other for one, other in times if other > 0]
    interval = median_interval(ratios)
    return Latency(
        source_p50=percentile(source, 50),
        source_p95=percentile(source, 95),
        source_p99=percentile(source, 99),
        target_p50=percentile(target, 50),
        target_p95=percentile(target, 95),
        target_p99=percentile(target, 99),
        ratio=_shown(statistics.median(ratios)) if ratios else 1.0,
        ratio_low=_shown(interval[0]) if interval else None,
        ratio_high=_shown(interval[1]) if interval else None,
        pairs=len(times),
    )


def _shown(ratio: float) -> float:
    """Four digits, wherever they begin: a target a thousand times slower has a ratio above 0 too."""
    return float(f"{ratio:.4g}")


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least this share of the values do not exceed (the nearest rank)."""
    ordered = sorted(values)
    return round(ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)], 3)


def median_interval(values: Sequence[float], confidence: float = _CONFIDENCE) -> tuple[float, float] | None:
    """Two of the values between which the median lies with at least this confidence; None of too few values.

    Of independent values, the number below the median is binomial with one half (Conover, Practical Nonparametric
    Statistics, section 3.2).
    """
    ordered = sorted(values)
    number = len(ordered)
    outside = 0
    chance = 0.0
    while outside < number:
        chance += math.comb(number, outside) / 2**number
        if 2 * chance > 1 - confidence:
            break
        outside += 1
    return (ordered[outside - 1], ordered[number - outside]) if outside else None


def looks_slower(found: Latency | None, *, times: float, floor: float) -> bool:
    """Whether the medians alone say that the target takes more than `times` as long, by more than `floor` ms."""
    if found is None or times <= 0:
        return False
    return found.ratio * times < 1 and found.target_p50 - found.source_p50 > floor


def is_slower(found: Latency | None, *, times: float, floor: float) -> bool:
    """Whether chance does not explain it: the end of the interval that favours the target says the same."""
    if found is None or found.ratio_high is None or not looks_slower(found, times=times, floor=floor):
        return False
    return found.ratio_high * times < 1
