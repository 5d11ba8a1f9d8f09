"""Telling: what a suite's questions learn is kept until the test's report takes it along; only where one is wanted."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from harness.core.configuration import Configuration
from harness.core.coverage import Skipped
from harness.core.deltas import TableRows
from harness.core.document import ScopeTable, ServerFacts
from harness.core.findings import Finding
from harness.core.method_findings import clone_findings
from harness.core.model.catalog import Catalog
from harness.core.scope import compared
from harness.core.suite_answers import (
    BESIDE_METHODS,
    BESIDE_TABLES,
    CONCURRENCY,
    SEQUENCES,
    UNCALLED,
    MethodFacts,
    Question,
    StageFacts,
    SuiteAnswer,
    SuiteFacts,
    Told,
    lightened,
    of_case,
    of_generated,
    of_statements,
)
from harness.core.usage import Usage
from harness.stages.diff_artifact import DiffArtifact
from harness.stages.paired_run import PairedRun
from harness.stages.result import StageResult
from harness.stages.subjects import Subjects
from harness.stages.suite_methods import Answer
from harness.stages.suite_rows import partitions_of


class Telling:
    """What was learned since it was last taken; facts that hold for the whole process are told with the first."""

    def __init__(self, facts: SuiteFacts, subjects: Subjects | None, configuration: Configuration) -> None:
        self._facts: SuiteFacts | None = facts
        self._compared = {each.table for each in facts.tables if each.scope == "compared"}
        self._subjects = subjects
        self._expected = configuration.methods.expected
        self._answers: list[SuiteAnswer] = []
        self._methods: MethodFacts | None = None
        self._methods_told = False

    def taken(self) -> str:
        """As JSON; '' where nothing was learned."""
        if not self._answers:
            return ""
        told = Told(answers=tuple(self._answers), facts=self._facts, methods=self._methods)
        self._answers, self._facts, self._methods = [], None, None
        return told.to_json()

    def schema(self, table: str | None, diff: StageResult[DiffArtifact]) -> None:
        """What differs of a table in scope; None: of all else, with what the whole comparison covered."""
        found = [each for each in diff.findings if self._belongs(each.table, table)]
        changes = tuple(each for each in diff.artifact.changes if self._belongs(each.table, table))
        if table is not None:
            self._answers.append(SuiteAnswer(stage="diff", item=table, findings=tuple(found), changes=changes))
            return
        self._answers.append(
            SuiteAnswer(
                stage="diff",
                item=BESIDE_TABLES,
                findings=tuple(found),
                changes=changes,
                coverage=diff.coverage,
                summary=diff.summary,
                renames=diff.artifact.renames,
                unmodelled=diff.artifact.unmodelled,
            )
        )

    def contract(self, method: str | None, found: Sequence[Finding], contract: StageResult[tuple[Usage, ...]]) -> None:
        """Statements of a method that do not fit; None: of none, with what the whole check covered."""
        self._answers.append(
            SuiteAnswer(stage="contract", item=of_statements(method), findings=tuple(found))
            if method is not None
            else SuiteAnswer(
                stage="contract",
                item=BESIDE_METHODS,
                findings=tuple(found),
                coverage=contract.coverage,
                summary=contract.summary,
            )
        )

    def rows(self, table: str, result: StageResult[tuple[TableRows, ...]]) -> None:
        """The comparison of one table's rows."""
        self._answers.append(
            SuiteAnswer(
                stage="rows", item=table, findings=result.findings, coverage=result.coverage, rows=result.artifact
            )
        )

    def outcomes(self, item: str, answer: Answer, run: PairedRun) -> None:
        """What came of calls."""
        if not self._methods_told and self._subjects is not None:
            self._methods_told, self._methods = True, _method_facts(run, self._subjects)
        self._answers.append(
            SuiteAnswer(
                stage="methods",
                item=item,
                findings=answer.found,
                pairs=tuple(lightened(each) for each in answer.pairs),
                concurrent=tuple(sorted(answer.concurrent)),
                skipped=answer.skipped,
                notes=(answer.nothing,) if answer.nothing else (),
                excused=tuple(
                    (method, place)
                    for method, used in sorted(run.excused.items())
                    for place, each in enumerate(self._expected)
                    if each in used
                ),
                used=(run.source.used, run.target.used),
            )
        )

    def _belongs(self, found: str | None, table: str | None) -> bool:
        return found == table if table is not None else found not in self._compared


def facts_of(
    sides: tuple[ServerFacts, ServerFacts],
    introspected: StageResult[tuple[Catalog, Catalog]],
    scope: StageResult[tuple[ScopeTable, ...]],
    questions: Sequence[Question],
    large_objects: tuple[Skipped, ...],
) -> SuiteFacts:
    """What every process knows before a test runs."""
    source, target = introspected.artifact
    return SuiteFacts(
        source=sides[0],
        target=sides[1],
        introspect=StageFacts(
            coverage=introspected.coverage, findings=introspected.findings, summary=introspected.summary
        ),
        scope=StageFacts(coverage=scope.coverage, findings=scope.findings, summary=scope.summary),
        tables=scope.artifact,
        questions=tuple(questions),
        large_objects=large_objects,
        partitions=partitions_of(compared(scope.artifact), source),
        fingerprints=(source.fingerprint, target.fingerprint),
    )


def questions_of(
    tables: Collection[str],
    methods: Collection[str],
    subjects: Subjects | None,
    configuration: Configuration,
    has_statements: bool,
) -> Iterator[Question]:
    """All that a whole suite asks, in the order of a run: what nobody answers is a gap."""
    for item in (*tables, BESIDE_TABLES):
        yield Question(stage="diff", item=item)
    if has_statements:
        for method in methods:
            yield Question(stage="contract", item=of_statements(method), method=method)
        yield Question(stage="contract", item=BESIDE_METHODS)
    for table in tables:
        yield Question(stage="rows", item=table)
    if subjects is None:
        return
    settings = configuration.methods
    for case in subjects.cases:
        yield Question(stage="methods", item=of_case(case), method=case.method)
    for method in (*methods, UNCALLED) if settings.generate else ():
        yield Question(stage="methods", item=of_generated(method), method=None if method == UNCALLED else method)
    if settings.sequences:
        yield Question(stage="methods", item=SEQUENCES)
    if settings.concurrency > 1:
        yield Question(stage="methods", item=CONCURRENCY)


def _method_facts(run: PairedRun, subjects: Subjects) -> MethodFacts:
    source, target = run.methods
    copies = {subject.side: subject.stand.copy for subject in run.subjects}
    return MethodFacts(
        source=tuple(sorted(source)),
        target=tuple(sorted(target)),
        without_arguments=tuple(
            method for method in sorted(source & target) if not run.source.layer.signature(method).parameters
        ),
        factories=(subjects.source.name, subjects.target.name),
        findings=tuple(
            found for side, copy in copies.items() for found in clone_findings(side, copy.lacking, copy.notes)
        ),
        skipped=tuple(
            Skipped(item=f"clone of the {side}", reason=f"{len(copy.lacking)} objects could not be made in it")
            for side, copy in copies.items()
            if copy.lacking
        ),
        notes=tuple(run.target.stand.remarks),
    )
