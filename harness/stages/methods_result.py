"""What the methods stage learned, added up: findings, gaps, results and coverage of the run of all cases."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from harness.core.configuration import Configuration, ExpectedDifference
from harness.core.coverage import Coverage, Skipped
from harness.core.findings import Finding
from harness.core.latency import latency
from harness.core.latency_findings import latency_findings
from harness.core.method_coverage import IGNORED_FIELD, CoverageMatrix, matrix_of
from harness.core.method_findings import (
    STAGE,
    coverage_findings,
    method_findings,
    pair_findings,
)
from harness.core.method_results import JudgedPair, method_result
from harness.core.outcomes import Attestation, Latency, MethodResult, OutcomePair
from harness.core.statements import CapturedStatement
from harness.stages.methods_artifact import MethodsArtifact as MethodsArtifact
from harness.stages.preparation import UNPREPARED, Preparation
from harness.stages.result import StageResult

Times = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """Everything that the calls brought out."""

    methods: tuple[frozenset[str], frozenset[str]]
    """Of the source's layer and of the target's"""
    pairs: Mapping[str, Sequence[JudgedPair]]
    """By method"""
    without_arguments: frozenset[str] = frozenset()
    more_times: Mapping[str, Sequence[Times]] = field(default_factory=dict)
    more_times_of_hits: Mapping[str, Sequence[Times]] = field(default_factory=dict)
    """Of these, those of calls that find rows or write"""
    concurrent: frozenset[str] = frozenset()
    """Methods that were called several times at the same moment"""
    statements: tuple[CapturedStatement, ...] = ()
    prepared: Preparation = UNPREPARED
    findings: tuple[Finding, ...] = ()
    """Of anything but single pairs: clones, layers, sequences, concurrent calls"""
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()
    """What is worth a sentence and is neither a finding nor a gap"""


def added_up(learned: Learned, configuration: Configuration) -> StageResult[MethodsArtifact]:
    """The stage's result."""
    pairs = [each for of_method in learned.pairs.values() for each in of_method]
    results = _results(learned, at_once=configuration.methods.concurrency > 1)
    called = [each for each in results if each.cases]
    matrix = matrix_of(results)
    settings = configuration.methods
    about_methods = method_findings(learned.pairs, learned.methods)
    findings = [
        *learned.findings,
        *pair_findings(pairs, allow_drift=configuration.run.allow_drift),
        *about_methods,
        *latency_findings(
            called, *_hits_and_misses(learned), times=settings.max_slowdown, floor=settings.slowdown_floor
        ),
        *coverage_findings(matrix),
    ]
    skipped = [
        *learned.skipped,
        *(Skipped(item=each.pair.case, reason=each.found.gap) for each in pairs if each.found.gap),
        *(
            Skipped(item=finding.object.identity, reason=finding.title)
            for finding in about_methods
            if finding.code in ("MET008", "MET011")
            or finding.object.identity in learned.methods[0] - learned.methods[1]
        ),
        *_below(matrix, settings.min_coverage),
        *ignored_fields(settings.ignore_fields),
    ]
    return StageResult(
        artifact=MethodsArtifact(
            results=results,
            pairs=tuple(each.pair for each in pairs),
            servers=_servers([each.pair for each in pairs]),
            statements=learned.statements,
            prepared=learned.prepared,
        ),
        coverage=Coverage(
            stage=STAGE,
            unit="case",
            checked=sum(not each.found.void for each in pairs),
            items=tuple(result.method for result in called),
            skipped=tuple(skipped),
        ),
        findings=tuple(findings),
        summary="; ".join((_summary(called), *learned.notes)),
    )


def _results(learned: Learned, *, at_once: bool) -> tuple[MethodResult, ...]:
    return tuple(
        method_result(
            method,
            learned.pairs.get(method, ()),
            more_times=learned.more_times.get(method, ()),
            concurrent=method in learned.concurrent,
            takes_arguments=method not in learned.without_arguments,
            at_once=at_once,
        )
        for method in sorted(learned.methods[0] & learned.methods[1])
    )


def _hits_and_misses(learned: Learned) -> tuple[dict[str, Latency], dict[str, Latency]]:
    """By method, the latency of the calls that found rows or wrote, and that of the others, where there are any."""
    hits, misses = {}, {}
    for method, pairs in learned.pairs.items():
        again = learned.more_times_of_hits.get(method, ())
        others = Counter(learned.more_times.get(method, ())) - Counter(again)
        of_hits = latency([*(each.times for each in pairs if each.is_hit and each.times is not None), *again])
        of_misses = latency(
            [*(each.times for each in pairs if not each.is_hit and each.times is not None), *others.elements()]
        )
        if of_hits is not None:
            hits[method] = of_hits
        if of_misses is not None:
            misses[method] = of_misses
    return hits, misses


def _below(matrix: CoverageMatrix, least: float) -> list[Skipped]:
    """A gap where fewer kinds of case were exercised than were asked for."""
    if matrix.percent >= least:
        return []
    seen = f"{matrix.exercised} of {matrix.applicable} cells ({matrix.percent:g} %)"
    return [Skipped(item="methods x kinds of case", reason=f"{seen} were exercised, {least:g} % are asked for")]


def ignored_fields(names: Iterable[str]) -> list[Skipped]:
    """Fields that the configuration leaves out of every answer, and columns out of the rows left behind."""
    return [
        Skipped(item=f"{IGNORED_FIELD}{name}", reason="methods.ignore_fields names it", decided=True) for name in names
    ]


def accepted(excused: Mapping[str, Iterable[ExpectedDifference]]) -> list[Skipped]:
    """Differences of methods that were found, and left out because somebody expects them until a day to come."""
    today = dt.datetime.now(dt.UTC).date()
    return [
        Skipped(
            item=f"what is expected of {method} at {each.path} ({each.code})",
            reason=f"until {each.expires}: {each.reason}",
            decided=True,
        )
        for method, used in sorted(excused.items())
        for each in sorted(used, key=lambda each: (each.path, each.code, each.expires))
        if each.expires >= today
    ]


def _servers(pairs: Sequence[OutcomePair]) -> tuple[Attestation, ...]:
    """Every server that was seen to answer, with what it was asked in all."""
    seen: dict[tuple[str, ...], Attestation] = {}
    for pair in pairs:
        for each in (*pair.source.attestations, *pair.target.attestations):
            key = (each.side, each.address, each.database, each.system_identifier)
            known = seen.get(key)
            number = each.exchanges + (known.exchanges if known else 0)
            seen[key] = each.model_copy(update={"exchanges": number})
    return tuple(seen[key] for key in sorted(seen))


def _summary(results: Sequence[MethodResult]) -> str:
    cases = sum(result.cases for result in results)
    parts = [f"{sum(result.equal for result in results)} equal"]
    for word in ("drift", "different", "void"):
        number = sum(getattr(result, word) for result in results)
        if number:
            parts.append(f"{number} {word}")
    return f"{cases} cases of {len(results)} methods on both sides: {', '.join(parts)}"
