"""What all pairs of a method add up to: counts, what was exercised, fields that differ, latency."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.core.field_rates import field_differences
from harness.core.latency import latency
from harness.core.method_coverage import applicable, ordered
from harness.core.observations import Observation
from harness.core.outcomes import MethodResult, Outcome, OutcomePair
from harness.core.pairs import Comparison


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedPair:
    """One case on both sides: what was written down of it, and what was seen."""

    pair: OutcomePair
    found: Comparison
    rows: bool
    wrote: bool
    bad_input: bool = False
    """The case is marked so, or both sides refused it without asking their servers"""
    asked_twice: bool = False
    """The call was repeated on the source, to learn what differs by itself"""

    @property
    def failed(self) -> bool:
        """Whether either side answered with an error."""
        return self.pair.source.error is not None or self.pair.target.error is not None

    @property
    def is_hit(self) -> bool:
        """Whether the call found rows or wrote: what costs time may only be met there."""
        return self.rows or self.wrote

    @property
    def exercised(self) -> frozenset[str]:
        """What the case exercised, of rows, no rows, bad input, error, writes."""
        if self.found.void:
            return frozenset()
        kinds = {"error" if self.failed else "rows" if self.rows else "no rows"}
        kinds |= {"writes"} if self.wrote else set()
        return frozenset(kinds | ({"bad input"} if self.bad_input else set()))

    @property
    def times(self) -> tuple[float, float] | None:
        """Milliseconds of (source, target); None where a side failed, or answered without its server."""
        outcomes = (self.pair.source, self.pair.target)
        if self.found.void or not all(_answered(outcome) for outcome in outcomes):
            return None
        return outcomes[0].milliseconds, outcomes[1].milliseconds


def judged(
    pair: OutcomePair,
    found: Comparison,
    source: Observation,
    target: Observation,
    *,
    bad_input: bool = False,
    asked_twice: bool = False,
) -> JudgedPair:
    """Keep of two observations what a method's result needs."""
    refused = all(each.error is not None and not each.exchanges for each in (source, target))
    return JudgedPair(
        pair=pair,
        found=found,
        rows=source.has_content or target.has_content,
        wrote=bool(source.effects.tables or target.effects.tables),
        bad_input=bad_input or refused,
        asked_twice=asked_twice,
    )


def method_result(
    method: str,
    pairs: Sequence[JudgedPair],
    *,
    more_times: Iterable[tuple[float, float]] = (),
    concurrent: bool = False,
    takes_arguments: bool = True,
    at_once: bool = True,
) -> MethodResult:
    """The cases of one method, or that there are none.

    :param more_times: of repeated calls, in ms of (source, target).
    :param concurrent: whether it was called several times at the same moment.
    :param at_once: whether anything was to be called so.
    """
    seen = frozenset[str]().union(*(each.exercised for each in pairs), {"concurrency"} if concurrent else set())
    verdicts = [each.pair.verdict for each in pairs]
    compared = [each for each in pairs if not each.found.void]
    times = [each.times for each in pairs]
    return MethodResult(
        method=method,
        cases=len(pairs),
        equal=verdicts.count("equal"),
        drift=verdicts.count("drift"),
        different=verdicts.count("different"),
        void=verdicts.count("void"),
        applicable=applicable(
            seen, takes_arguments=takes_arguments, always_writes=_always_writes(pairs), at_once=at_once
        ),
        exercised=ordered(seen),
        fields=field_differences([each.found for each in compared], sum(each.asked_twice for each in compared)),
        latency=latency([*(each for each in times if each is not None), *more_times]),
    )


def _always_writes(pairs: Iterable[JudgedPair]) -> bool:
    successful = [each.wrote for each in pairs if not each.failed and not each.found.void]
    return bool(successful) and all(successful)


def _answered(outcome: Outcome) -> bool:
    """Whether a server answered, and not the data layer alone."""
    return outcome.error is None and outcome.statements > 0
