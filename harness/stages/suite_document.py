"""The run document of a comparison suite, made of what its tests told: what no test answered is a gap, never a pass."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Literal, TypeVar

from harness.core.codes import ABOUT_COVERAGE
from harness.core.configuration import Configuration, ExpectedDifference
from harness.core.coverage import Coverage, Skipped
from harness.core.deltas import TableRows
from harness.core.document import RunDocument
from harness.core.expected import unused_expectations
from harness.core.findings import Finding
from harness.core.latency import latency, looks_slower
from harness.core.method_findings import unused_layer
from harness.core.method_results import JudgedPair
from harness.core.record import Side
from harness.core.suite_answers import (
    UNCALLED,
    Heard,
    MethodFacts,
    Question,
    SuiteAnswer,
    SuiteFacts,
    gaps_of,
    in_part,
    of_generated,
)
from harness.core.verdict import decide
from harness.stages.environment import environment
from harness.stages.events import Silent
from harness.stages.journal import Journal, now
from harness.stages.methods_artifact import MethodsArtifact
from harness.stages.methods_result import Learned, accepted, added_up
from harness.stages.result import StageResult
from harness.stages.rows_findings import nothing_compared
from harness.stages.rows_result import NOTHING_COMPARED, summary_of
from harness.stages.suite_findings import distinct
from harness.stages.suite_rows import apart, once_each

Artifact = TypeVar("Artifact")

NO_TEST = "no test of this stage gave an answer"
NO_LAYERS = "no data layer is configured: set [methods], or leave the stage out by name under [run.exclude_stages]"
LOOKS_SLOWER = "it looks slower on the target, and the suite does not call it again to be sure: pgparity run does"
WITHOUT_ROWS = Skipped(
    item="stage contract",
    reason="only in part: what a data layer sends once there are rows is checked by pgparity run alone",
)
CHANGED = Skipped(item="the structure of both sides", reason="it changed while the tests ran: run them again")
_OF_CASES = frozenset({"MET008", "MET011"})
_OF_KINDS = frozenset({"MET021"})


def suite_document(
    configuration: Configuration, facts: SuiteFacts, heard: Heard, *, started_at: str, seconds: float
) -> RunDocument:
    """The document of the tests that answered; its verdict follows from them and from what nobody answered."""
    journal = Journal(configuration, Silent())
    for stage, seen in (("introspect", facts.introspect), ("scope", facts.scope)):
        skipped = (*seen.coverage.skipped, *((CHANGED,) if heard.changed else ()))
        coverage = seen.coverage.model_copy(update={"skipped": skipped})
        journal.require(stage, partial(_result, None, coverage, seen.findings, seen.summary))
    of_diff = _note_structure(journal, "diff", facts, heard)
    _note_structure(journal, "contract", facts, heard)
    rows = _note_rows(journal, facts, heard)
    methods = _note_methods(journal, facts, heard)
    counts = {each.table: each for each in rows}
    return RunDocument(
        id=uuid.uuid4().hex[:12],
        title=configuration.run.title or f"{facts.source.database} → {facts.target.database}",
        started_at=started_at,
        finished_at=now(),
        seconds=round(seconds, 3),
        verdict=decide(
            journal.findings,
            ((stage.name, stage.status, stage.summary) for stage in journal.stages),
            fail_on=configuration.run.fail_on,
        ),
        source=facts.source,
        target=facts.target,
        schemas=configuration.scope.schemas,
        scope=tuple(
            each.model_copy(update={"source_rows": known.source_rows, "target_rows": known.target_rows})
            if (known := counts.get(each.table))
            else each
            for each in facts.tables
        ),
        stages=tuple(
            each.model_copy(update={"started_at": None, "seconds": round(heard.seconds.get(each.name, 0.0), 3)})
            for each in journal.stages
        ),
        coverage=tuple(journal.coverage),
        findings=tuple(journal.sorted_findings()),
        changes=tuple(change for each in of_diff for change in each.changes),
        renames=tuple(rename for each in of_diff for rename in each.renames),
        unmodelled=tuple(name for each in of_diff for name in each.unmodelled),
        mapping=configuration.mapping,
        rows=rows,
        methods=methods.results,
        outcomes=methods.outcomes,
        servers=methods.servers,
        environment=environment(),
    )


def _result(artifact: Artifact, coverage: Coverage, findings: Iterable[Finding], summary: str) -> StageResult[Artifact]:
    return StageResult(artifact=artifact, coverage=coverage, findings=tuple(findings), summary=summary)


def _note(journal: Journal, stage: str, result: StageResult[Artifact]) -> Artifact | None:
    """A stage that some test answered a question of; None: a person left it out, and no test found anything there.

    What a test found is told though the stage was left out: nobody knew of it when that was decided.
    """
    if (decision := journal.exclusion(stage)) is not None:
        limit = journal.configuration.run.fail_on
        if not any(each.severity.at_least(limit) and each.code not in ABOUT_COVERAGE for each in result.findings):
            journal.leave_out(stage, decision)
            return None
        left_out = Skipped(item=f"stage {stage}", reason=decision, decided=True)
        skipped = (left_out, *(each.model_copy(update={"decided": True}) for each in result.coverage.skipped))
        result = replace(result, coverage=result.coverage.model_copy(update={"skipped": skipped}))
    return journal.require(stage, lambda: result)


def _note_structure(
    journal: Journal, stage: Literal["diff", "contract"], facts: SuiteFacts, heard: Heard
) -> list[SuiteAnswer]:
    """diff and contract: each process makes the whole comparison, and each test tells of its table or method."""
    answers, missing = heard.of(stage, facts)
    whole = next((each for each in answers if each.coverage is not None), None)
    if not answers:
        journal.not_run(stage, NO_TEST if missing else NO_LAYERS)
        return []
    skipped = whole.coverage.skipped if whole is not None and whole.coverage is not None else ()
    if missing and (whole is None or stage == "contract"):
        skipped = (in_part(stage), *skipped)
    if whole is not None and whole.coverage is not None and not missing:
        coverage, summary = whole.coverage, whole.summary
        if stage == "contract" and any(each.stage == "methods" for each in facts.questions):
            coverage = coverage.model_copy(update={"skipped": (*skipped, WITHOUT_ROWS)})
    else:
        about = tuple(each.item for each in answers)
        summary = f"{len(about)} of {len(about) + len(missing)} tests answered"
        coverage = Coverage(
            stage=stage, unit="test", checked=len(about), items=about, skipped=(*gaps_of(missing), *skipped)
        )
    return _note(journal, stage, _result(answers, coverage, distinct(answers), summary)) or []


def _note_rows(journal: Journal, facts: SuiteFacts, heard: Heard) -> tuple[TableRows, ...]:
    """rows: one table a test. Large objects belong to no table, and no test compares them."""
    answers, missing = heard.of("rows", facts)
    if not answers:
        journal.not_run("rows", NO_TEST if missing else "no table is compared")
        return ()
    told = apart(answers, facts.partitions)
    tables = once_each(told)
    findings = [each for each in distinct(told) if each.code != "COV002"]
    skipped = [gap for each in told if each.coverage for gap in each.coverage.skipped if gap != NOTHING_COMPARED]
    compared = [each for each in tables if each.status != "incomplete"]
    if compared and not any(each.source_rows for each in tables):
        findings.append(nothing_compared(compared))
        skipped.append(NOTHING_COMPARED)
    skipped += facts.large_objects
    rows = sum(max(each.source_rows, each.target_rows) for each in tables)
    summary = summary_of(tables, rows) + (f"; {len(missing)} tables without an answer" if missing else "")
    coverage = Coverage(
        stage="rows",
        unit="row",
        checked=rows,
        items=tuple(dict.fromkeys(item for each in answers if each.coverage for item in each.coverage.items)),
        skipped=tuple(dict.fromkeys((*gaps_of(missing), *skipped))),
    )
    return _note(journal, "rows", _result(tables, coverage, findings, summary)) or ()


def _note_methods(journal: Journal, facts: SuiteFacts, heard: Heard) -> MethodsArtifact:
    """methods: what a run makes of its calls, made of the calls of all processes."""
    answers, missing = heard.of("methods", facts)
    known = heard.methods
    if not answers or known is None:
        journal.not_run("methods", NO_TEST if missing else NO_LAYERS)
        return MethodsArtifact()
    configuration = journal.configuration
    pairs: dict[str, list[JudgedPair]] = {}
    for pair in (pair for each in answers for pair in each.pairs):
        pairs.setdefault(pair.pair.method, []).append(pair)
    sides = zip((Side.SOURCE, Side.TARGET), known.factories, heard.used, strict=True)
    expected = configuration.methods.expected
    excused: dict[str, set[ExpectedDifference]] = {}
    for method, place in (pair for each in answers for pair in each.excused):
        excused.setdefault(method, set()).add(expected[place])
    learned = Learned(
        methods=(frozenset(known.source), frozenset(known.target)),
        pairs=pairs,
        without_arguments=frozenset(known.without_arguments),
        concurrent=frozenset(method for each in answers for method in each.concurrent),
        findings=(
            *(unused_layer(side, name) for side, name, used in sides if pairs and not used),
            *known.findings,
            *distinct(answers),
        ),
        skipped=(
            *gaps_of(missing),
            *([in_part("methods")] if any(each.method is None for each in missing) else []),
            *known.skipped,
            *(gap for each in answers for gap in each.skipped),
            *accepted(excused),
        ),
        notes=(
            *([f"{len(missing)} tests without an answer"] if missing else []),
            *known.notes,
            *(note for each in answers for note in each.notes),
            *(unused_expectations(expected, set().union(*excused.values())) if not missing else ()),
        ),
    )
    result = _without_guesses(added_up(learned, configuration), known, missing)
    return _note(journal, "methods", _with_suspects(result, learned, configuration)) or MethodsArtifact()


def _with_suspects(
    result: StageResult[MethodsArtifact], learned: Learned, configuration: Configuration
) -> StageResult[MethodsArtifact]:
    """A method that looks slow after few calls is a gap: a run calls it again, until chance is ruled in or out.

    Its calls that find rows or write may look slow alone, among many that find nothing.
    """
    settings = configuration.methods
    found = {each.object.identity for each in result.findings if each.code == "MET017"}

    def looks_slow(method: str) -> bool:
        timed = [each for each in learned.pairs.get(method, ()) if each.times is not None]
        return any(
            looks_slower(
                latency(each.times for each in some if each.times is not None),
                times=settings.max_slowdown,
                floor=settings.slowdown_floor,
            )
            for some in (timed, [each for each in timed if each.is_hit])
        )

    suspects = tuple(
        Skipped(item=f"how long {each.method} takes", reason=LOOKS_SLOWER)
        for each in result.artifact.results
        if each.method not in found and looks_slow(each.method)
    )
    coverage = result.coverage.model_copy(update={"skipped": (*result.coverage.skipped, *suspects)})
    return replace(result, coverage=coverage)


def _without_guesses(
    result: StageResult[MethodsArtifact], known: MethodFacts, missing: Sequence[Question]
) -> StageResult[MethodsArtifact]:
    """Without what says of a method that no case does something, where cases of it were not answered: that is a gap."""
    if not missing:
        return result
    unknown = {each.method for each in missing if each.method is not None}
    if any(each.item == of_generated(UNCALLED) for each in missing):
        unknown |= {*known.source, *known.target}
    guesses = [
        each
        for each in result.findings
        if each.code in _OF_KINDS or (each.code in _OF_CASES and each.object.identity in unknown)
    ]
    titles = {each.title for each in guesses}
    skipped = tuple(each for each in result.coverage.skipped if each.reason not in titles)
    return replace(
        result,
        findings=tuple(each for each in result.findings if each not in guesses),
        coverage=result.coverage.model_copy(update={"skipped": skipped}),
    )
