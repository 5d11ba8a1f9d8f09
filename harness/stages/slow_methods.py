"""Slow methods: those that look slower on the target are called again, until chance is ruled out or in."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from harness.core.configuration import MethodsSection
from harness.core.latency import ENOUGH_PAIRS, FEWEST_PAIRS, latency, looks_slower
from harness.core.method_results import JudgedPair
from harness.core.outcomes import Case
from harness.stages.paired_run import PairedRun

_SECONDS = 3.0
"""For one method; a method that is very slow is called as often as an interval needs all the same"""

Times = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreTimes:
    """Milliseconds of (source, target) of calls that were made again, by method."""

    every: Mapping[str, tuple[Times, ...]] = field(default_factory=dict)
    of_hits: Mapping[str, tuple[Times, ...]] = field(default_factory=dict)
    """Of these, the calls that find rows or write"""


def times_of_suspects(
    run: PairedRun, pairs: Mapping[str, Sequence[JudgedPair]], cases: Mapping[str, Case], settings: MethodsSection
) -> MoreTimes:
    """More times of the methods whose few calls look too slow: all of them, or those alone that find rows or write.

    `pairs` are by method, `cases` by id. The cases of a method take turns, reads before writes, so that none of them
    weighs more than the others.
    """
    every, of_hits = {}, {}
    for method, of_method in pairs.items():
        timed = sorted((each for each in of_method if each.times is not None), key=lambda each: each.wrote)
        hits = [each for each in timed if each.is_hit]
        suspects = next(
            (each for each in (timed, hits) if len(each) < ENOUGH_PAIRS and _look_slower(each, settings)), []
        )
        if not suspects:
            continue
        again = _more(run, [cases[each.pair.case] for each in suspects], len(suspects))
        hit = {each.pair.case for each in hits}
        every[method] = tuple(times for _, times in again)
        of_hits[method] = tuple(times for case, times in again if case in hit)
    return MoreTimes(every=every, of_hits=of_hits)


def _look_slower(pairs: Sequence[JudgedPair], settings: MethodsSection) -> bool:
    seen = latency(each.times for each in pairs if each.times is not None)
    return looks_slower(seen, times=settings.max_slowdown, floor=settings.slowdown_floor)


def _more(run: PairedRun, cases: Sequence[Case], known: int) -> list[tuple[str, Times]]:
    """The id and the times of each call that was made again."""
    started = time.monotonic()
    found: list[tuple[str, Times]] = []
    for position in range(ENOUGH_PAIRS - known):
        if known + len(found) >= FEWEST_PAIRS and time.monotonic() - started > _SECONDS:
            break
        case = cases[position % len(cases)]
        times = run.times(case)
        if times is not None:
            found.append((case.id, times))
    return found
