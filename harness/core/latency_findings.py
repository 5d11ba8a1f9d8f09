"""Findings of slow methods: which calls of a method take longer on the target, with the times as evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.core.findings import Evidence, Finding, FoundObject
from harness.core.latency import is_slower, looks_slower
from harness.core.method_findings import STAGE
from harness.core.outcomes import Latency, MethodResult
from harness.core.record import Severity


def latency_findings(
    results: Sequence[MethodResult],
    hits: Mapping[str, Latency] | None = None,
    misses: Mapping[str, Latency] | None = None,
    *,
    times: float,
    floor: float,
) -> list[Finding]:
    """Finding MET017: methods that take more than `times` as long on the target, by more than `floor` ms.

    :param hits: by method, the latency of the calls alone that found rows or wrote: many that find nothing hide them.
    :param misses: that of the others. Calls that found rows are made again where they alone look slow, and are then
        most of all: only where those that found nothing are slow too, the method is slow whatever it finds.
    """
    found = []
    for result in results:
        of_hits, of_misses = (each.get(result.method) for each in (hits or {}, misses or {}))
        candidates = [(result.latency, ""), (of_hits, " where it finds rows or writes")]
        if of_misses is not None and not looks_slower(of_misses, times=times, floor=floor):
            candidates.reverse()
        for seen, where in candidates:
            if seen is not None and is_slower(seen, times=times, floor=floor):
                found.append(
                    Finding(
                        code="MET017",
                        severity=Severity.RISK,
                        stage=STAGE,
                        object=FoundObject(kind="method", identity=result.method),
                        title=f"{result.method} takes {_times(1 / seen.ratio)} as long on the target{where}",
                        evidence=_timings(seen, times, floor),
                        breaks=(f"{result.method}()",),
                    )
                )
                break
    return found


def _timings(seen: Latency, times: float, floor: float) -> tuple[Evidence, ...]:
    rows = [
        ("median", seen.source_p50, seen.target_p50),
        ("95th percentile", seen.source_p95, seen.target_p95),
        ("99th percentile", seen.source_p99, seen.target_p99),
    ]
    timed = [
        Evidence(label=label, source=f"{source:.1f} ms", target=f"{target:.1f} ms")
        for label, source, target in rows
        if source is not None and target is not None
    ]
    ends = " to ".join(f"{1 / end:.1f}" for end in (seen.ratio_high, seen.ratio_low) if end)
    interval = f"{ends} times as long (95 % confidence, {seen.pairs} pairs of calls)"
    budget = f"{_times(times)} as long, and {floor:g} ms"
    return (*timed, Evidence(label="target", text=interval), Evidence(label="budget", text=budget))


def _times(number: float) -> str:
    return f"{number:.1f} times"
