"""The methods stage: every case on both data layers, on clones of both databases, compared and attested."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from harness.core.configuration import Configuration
from harness.core.coverage import Coverage, Skipped
from harness.core.findings import Finding
from harness.core.method_findings import STAGE, clone_findings, method_findings, pair_findings, unused_layer
from harness.core.method_results import JudgedPair, method_result
from harness.core.model.catalog import Catalog
from harness.core.outcomes import MethodResult, OutcomePair
from harness.core.pairs import Rules
from harness.core.record import Side
from harness.core.statements import CapturedStatement
from harness.core.watching import watched_tables
from harness.postgres.connect import Endpoint
from harness.stages.cases import check_cases
from harness.stages.events import Events
from harness.stages.layers import hosting
from harness.stages.paired_run import PairedRun
from harness.stages.result import StageResult
from harness.stages.scratch import ROW_CAP, ScratchStack
from harness.stages.stand import stands
from harness.stages.subject import Subject
from harness.stages.subjects import Subjects


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodsArtifact:
    """What the comparison of the methods came to."""

    results: tuple[MethodResult, ...] = ()
    pairs: tuple[OutcomePair, ...] = ()
    statements: tuple[CapturedStatement, ...] = ()
    """What the data layers said while rows were there: more than a rehearsal on empty clones can bring out"""

    @property
    def outcomes(self) -> tuple[OutcomePair, ...]:
        """The pairs that are not equal."""
        return tuple(pair for pair in self.pairs if pair.verdict != "equal")


@contextlib.contextmanager
def paired(
    source: Endpoint,
    target: Endpoint,
    source_catalog: Catalog,
    target_catalog: Catalog,
    tables: Sequence[str],
    subjects: Subjects,
    configuration: Configuration,
    *,
    stack: ScratchStack,
    seed: int = 0,
) -> Iterator[PairedRun]:
    """Both data layers on clones of their databases, ready to be called with any case of `subjects`.

    `tables` are the source's tables in scope. The databases are read once, to be copied, and never written.
    DataLayerFailed, CaseError, CloneFailed, LocalStackError: it cannot be done.
    """
    watched = watched_tables(
        source_catalog,
        target_catalog,
        configuration.mapping,
        excluded=[table.identity for table in source_catalog.tables if table.identity not in set(tables)],
    )
    rules = Rules(
        ignore=frozenset(configuration.methods.ignore_fields),
        personal_columns=frozenset(configuration.personal.columns),
        row_cap=ROW_CAP,
    )
    with hosting(subjects.folders), stands(source, target, stack, configuration) as both, ExitStack() as cleanup:
        for stand, tables_of_side in zip(both, watched, strict=True):
            stand.watch(tables_of_side)
        source_subject = Subject(both[0], subjects.source)
        cleanup.callback(source_subject.close)
        target_subject = Subject(both[1], subjects.target)
        cleanup.callback(target_subject.close)
        check_cases(subjects.cases, source_subject.layer, target_subject.layer)
        yield cleanup.enter_context(PairedRun(source_subject, target_subject, rules, seed=seed))


def methods_stage(
    source: Endpoint,
    target: Endpoint,
    source_catalog: Catalog,
    target_catalog: Catalog,
    tables: Sequence[str],
    subjects: Subjects,
    configuration: Configuration,
    events: Events,
    *,
    stack: ScratchStack,
    seed: int = 0,
) -> StageResult[MethodsArtifact]:
    """Call every case on both sides and compare what comes back and what is left behind; see `paired`."""
    catalogs = (source_catalog, target_catalog)
    with paired(source, target, *catalogs, tables, subjects, configuration, stack=stack, seed=seed) as run:
        methods = run.methods
        cases = [case for case in subjects.cases if case.method in methods[0] & methods[1]]
        pairs = []
        for judged in run.run(cases):
            pairs.append(judged)
            events.progress(STAGE, len(pairs), len(cases), judged.pair.method)
        unused = [subject.side for subject in run.subjects if cases and not subject.used]
        statements = run.statements
        copies = {subject.side: subject.stand.copy for subject in run.subjects}
    findings = [unused_layer(side, _factory_name(subjects, side)) for side in unused]
    for side, copy in copies.items():
        findings += clone_findings(side, copy.lacking, copy.notes)
    skipped = [
        Skipped(item=f"clone of the {side}", reason=f"{len(copy.lacking)} objects could not be made in it")
        for side, copy in copies.items()
        if copy.lacking
    ]
    result = _result(pairs, methods, findings, skipped, configuration)
    return replace(result, artifact=replace(result.artifact, statements=statements))


def _factory_name(subjects: Subjects, side: Side) -> str:
    return subjects.source.name if side is Side.SOURCE else subjects.target.name


def _result(
    pairs: Sequence[JudgedPair],
    methods: tuple[frozenset[str], frozenset[str]],
    findings: list[Finding],
    skipped: list[Skipped],
    configuration: Configuration,
) -> StageResult[MethodsArtifact]:
    by_method: dict[str, list[JudgedPair]] = {}
    for each in pairs:
        by_method.setdefault(each.pair.method, []).append(each)
    about_methods = method_findings(by_method, methods)
    findings += pair_findings(pairs, allow_drift=configuration.run.allow_drift) + about_methods
    skipped += [Skipped(item=each.pair.case, reason=each.found.gap) for each in pairs if each.found.gap]
    skipped += [
        Skipped(item=finding.object.identity, reason=finding.title)
        for finding in about_methods
        if finding.code in ("MET008", "MET011") or finding.object.identity in methods[0] - methods[1]
    ]
    results = tuple(method_result(method, of_method) for method, of_method in sorted(by_method.items()))
    return StageResult(
        artifact=MethodsArtifact(results=results, pairs=tuple(each.pair for each in pairs)),
        coverage=Coverage(
            stage=STAGE,
            unit="case",
            checked=sum(not each.found.void for each in pairs),
            items=tuple(result.method for result in results),
            skipped=tuple(skipped),
        ),
        findings=tuple(findings),
        summary=_summary(results),
    )


def _summary(results: Sequence[MethodResult]) -> str:
    cases = sum(result.cases for result in results)
    parts = [f"{sum(result.equal for result in results)} equal"]
    for word in ("drift", "different", "void"):
        number = sum(getattr(result, word) for result in results)
        if number:
            parts.append(f"{number} {word}")
    return f"{cases} cases of {len(results)} methods on both sides: {', '.join(parts)}"
