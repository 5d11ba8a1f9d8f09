"""Two runs beside each other: which findings are new, fixed, still there, and which were not checked again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.core.checked_again import SecondLook, compared_cases, less_evidence, other_databases
from harness.core.codes import ABOUT_COVERAGE
from harness.core.document import ComparedFinding, NoLongerChecked, RunComparison, RunDocument, Standing
from harness.core.findings import Finding
from harness.core.history import summary_of
from harness.core.numbered_objects import Numbered, matched_by_numbers, numbered
from harness.core.record import Severity
from harness.core.unchecked import decisions, gaps

_ORDER: tuple[Standing, ...] = ("new", "not checked again", "fixed", "still there")
Identity = tuple[str, str, str]


def compare_runs(newer: RunDocument, older: RunDocument) -> RunComparison:
    """What changed from the older run to the newer one.

    A finding is known by its code and its object, one of large objects by their numbers: its title holds figures, which
    change. It is fixed only where the newer run looked there again.
    """
    found = [*_matched(newer, older)]
    found.sort(key=lambda each: (_ORDER.index(each.standing), each.severity.rank, each.code, each.object.identity))
    return RunComparison(
        older=summary_of(older),
        notes=tuple(_notes(newer, older)),
        findings=tuple(found),
        no_longer_checked=_no_longer_checked(newer, older),
    )


def exit_code_of_change(newer: RunDocument, comparison: RunComparison) -> int:
    """For a gate that asks for no more than that nothing got worse.

    1: a new finding at or above the newer run's limit, or one that has come to reach it; 3: of a finding at or above
    it, or of something that was checked before, nothing is known now; 0: neither.
    """
    limit = newer.verdict.fail_on

    def stops(finding: ComparedFinding) -> bool:
        return finding.severity.at_least(limit) and finding.code not in ABOUT_COVERAGE

    worse = (each for each in comparison.of("still there") if each.was is not None and not each.was.at_least(limit))
    if any(stops(each) for each in (*comparison.of("new"), *worse)):
        return 1
    unknown = any(stops(each) for each in comparison.of("not checked again"))
    return 3 if unknown or any(not each.decided for each in comparison.no_longer_checked) else 0


def _matched(newer: RunDocument, older: RunDocument) -> Iterable[ComparedFinding]:
    look = SecondLook(newer, older)
    found, numbers = _apart(newer.findings)
    found_then, numbers_then = _apart(older.findings)
    for finding, standing, was, reason in matched_by_numbers(numbers, numbers_then):
        if standing is None:
            yield _vanished(finding, look)
        else:
            yield _compared(finding, standing, was=None if was is None else was.severity, reason=reason)
    before = _by_identity(found_then)
    for identity, now in _by_identity(found).items():
        then = before.pop(identity, [])
        # The same object may have several findings of one code: those of the same words belong together.
        for finding in sorted(now, key=lambda each: each.title not in {old.title for old in then}):
            if then:
                twin = next((old for old in then if old.title == finding.title), then[0])
                then.remove(twin)
                yield _compared(finding, "still there", was=twin.severity)
            else:
                yield _compared(finding, "new")
        yield from (_vanished(finding, look) for finding in then)
    yield from (_vanished(finding, look) for rest in before.values() for finding in rest)


def _apart(findings: Sequence[Finding]) -> tuple[list[Finding], list[Numbered]]:
    """Those that their objects name, and those that numbers do."""
    told = [(each, numbered(each)) for each in findings]
    return [each for each, number in told if number is None], [number for _, number in told if number is not None]


def _by_identity(findings: Sequence[Finding]) -> dict[Identity, list[Finding]]:
    groups: dict[Identity, list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.code, finding.object.kind, finding.object.identity), []).append(finding)
    return groups


def _vanished(finding: Finding, look: SecondLook) -> ComparedFinding:
    reason = look.why_not(finding)
    return _compared(finding, "not checked again" if reason else "fixed", reason=reason)


def _compared(
    finding: Finding, standing: Standing, *, was: Severity | None = None, reason: str = ""
) -> ComparedFinding:
    return ComparedFinding(
        standing=standing,
        code=finding.code,
        severity=finding.severity,
        stage=finding.stage,
        object=finding.object,
        title=finding.title,
        table=finding.table,
        was=was if was is not finding.severity else None,
        reason=reason,
    )


def _notes(newer: RunDocument, older: RunDocument) -> Iterable[str]:
    if older.started_at > newer.started_at:
        yield "the run that was given as the older one is the later one"
    for side in other_databases(newer, older):
        yield f"the {side} was another database then"
    if newer.verdict.fail_on is not older.verdict.fail_on:
        yield f"the limit is {newer.verdict.fail_on} now and was {older.verdict.fail_on} then"
    if newer.environment.pgparity != older.environment.pgparity:
        yield f"pgparity {newer.environment.pgparity} now, {older.environment.pgparity} then"
    if newer.mapping != older.mapping:
        yield "the mapping of columns and tables was another one then"


def _no_longer_checked(newer: RunDocument, older: RunDocument) -> tuple[NoLongerChecked, ...]:
    """Gaps and decisions that the older run did not have."""
    known = {(each.stage, each.item) for each in (*gaps(older), *decisions(older))}
    found = [
        NoLongerChecked(stage=each.stage, item=each.item, reason=each.reason, decided=decided)
        for decided, items in ((False, gaps(newer)), (True, decisions(newer)))
        for each in items
        if (each.stage, each.item) not in known
    ]
    stages = {each.stage for each in found if each.item in ("the whole stage", f"stage {each.stage}")}
    told = {each.item for each in found}
    lost = [("rows", each, "its rows were compared then, and not now") for each in _tables(older) - _tables(newer)]
    lost += [
        ("methods", each, "its answers were compared then, and not now") for each in _methods(older) - _methods(newer)
    ]
    found += [
        NoLongerChecked(stage=stage, item=item, reason=reason)
        for stage, item, reason in sorted([*lost, *_less_known(newer, older)])
        if stage not in stages and item not in told
    ]
    return tuple(found)


def _less_known(newer: RunDocument, older: RunDocument) -> Iterable[tuple[str, str, str]]:
    """What was compared again with less evidence: rows drawn by chance in place of all, fewer cases, fewer kinds."""
    whole = {each.table for each in older.rows if each.sample is None}
    for table in newer.rows:
        if table.sample is not None and table.table in whole & _tables(older):
            yield "rows", table.table, f"only {table.sample.rows:,} rows of it, drawn by chance, were compared"
    then = {each.method: each for each in older.methods}
    for method in newer.methods:
        if method.method in _methods(older) & _methods(newer) and (less := less_evidence(method, then[method.method])):
            yield "methods", method.method, less


def _tables(document: RunDocument) -> set[str]:
    return {each.table for each in document.rows if each.status != "incomplete"}


def _methods(document: RunDocument) -> set[str]:
    return {each.method for each in document.methods if compared_cases(each)}
