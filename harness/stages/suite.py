"""ConfiguredPair: the stages as single questions, for a test suite that asks one at a time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from harness.core.configuration import Configuration
from harness.core.coverage import Coverage, Skipped
from harness.core.document import ServerFacts
from harness.core.findings import Finding, worst_first
from harness.core.names import split
from harness.core.outcomes import Case
from harness.core.record import JsonValue
from harness.core.scope import compared
from harness.core.suite_answers import CONCURRENCY, SEQUENCES, UNCALLED, of_case, of_generated
from harness.core.usage import Usage
from harness.postgres.connect import Endpoint, ensure_comparable, server_facts, session, snapshot, table_name
from harness.postgres.counting import count_up_to
from harness.postgres.privileges import require
from harness.stages.diff_artifact import DiffArtifact
from harness.stages.events import Silent
from harness.stages.introspect import introspect_stage
from harness.stages.live_evidence import compared_live
from harness.stages.methods import paired
from harness.stages.result import StageResult
from harness.stages.rows import rows_stage
from harness.stages.scope import scope_stage
from harness.stages.scratch import ScratchStack
from harness.stages.statement_check import check_statements
from harness.stages.statement_files import read_statement_files
from harness.stages.subjects import load_subjects
from harness.stages.suite_answers import Telling, facts_of, questions_of
from harness.stages.suite_methods import Answer, MethodQuestions
from harness.stages.suite_rows import large_objects_untold

LINES_SHOWN = 12


class ParityError(AssertionError):
    """The two sides are not alike; the message is what a person reads, without a traceback."""


class ConfiguredPair:
    """A pair of databases and everything that was already learned about it.

    Each question is answered by the stage that a run would use. Clones and servers are made at the first question
    that needs them, and end with the `with` block; each process has its own.
    """

    def __init__(
        self, configuration: Configuration, base: Path, source: Endpoint, target: Endpoint, *, telling: bool = False
    ) -> None:
        """Read both catalogs and decide the scope. PgparityError where that cannot be done.

        `telling`: what the questions learn is kept for a report, until it is taken.
        """
        self.configuration = configuration
        self.subjects = load_subjects(configuration, base)
        self._files = read_statement_files(base, configuration.contract.statements)
        self._source, self._target = source, target
        self._cleanup = contextlib.ExitStack()
        self._found: list[Finding] = []
        self._exercised: dict[str, tuple[str, ...]] = {}
        ensure_comparable(source, target)
        with (
            session(source, purpose="introspect") as ours,
            session(target, purpose="introspect") as theirs,
            snapshot(ours),
            snapshot(theirs),
        ):
            self._introspected = introspect_stage(ours, theirs, configuration)
            self.catalogs = self._introspected.artifact
            self._scope = scope_stage(ours, theirs, self.catalogs, configuration)
            self.tables = compared(self._scope.artifact)
            require(ours, source.side, self.tables)
            require(theirs, target.side, [configuration.mapping.target_of(table) for table in self.tables])
            if telling:
                sides = (server_facts(ours, source), server_facts(theirs, target))
                untold = large_objects_untold((ours, source), self.tables, self.catalogs, configuration)
        self._telling = self._to_tell(sides, untold) if telling else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._cleanup.close()

    @property
    def methods(self) -> list[str]:
        """The methods that some case calls."""
        return sorted({case.method for case in self.subjects.cases}) if self.subjects else []

    @property
    def generated(self) -> list[str]:
        """What there is a test of generated cases for: each method that a written case calls, and all others."""
        return [*self.methods, UNCALLED] if self.subjects and self.configuration.methods.generate else []

    @property
    def asks_for_sequences(self) -> bool:
        """Whether sequences of calls are to be generated."""
        return self.subjects is not None and self.configuration.methods.sequences > 0

    @property
    def asks_for_concurrency(self) -> bool:
        """Whether equal calls are to be made at the same moment."""
        return self.subjects is not None and self.configuration.methods.concurrency > 1

    def _to_tell(self, sides: tuple[ServerFacts, ServerFacts], large_objects: tuple[Skipped, ...]) -> Telling:
        has_statements = bool(self.subjects or self._files)
        questions = questions_of(self.tables, self.methods, self.subjects, self.configuration, has_statements)
        facts = facts_of(sides, self._introspected, self._scope, [*questions], large_objects)
        return Telling(facts, self.subjects, self.configuration)

    def taken_told(self) -> str:
        """What was learned for the report since this was last asked, as JSON; '' where it is nothing."""
        return self._telling.taken() if self._telling is not None else ""

    def taken_findings(self) -> list[Finding]:
        """What was found since this was last asked."""
        found, self._found = self._found, []
        return found

    def schema_findings(self, table: str | None) -> list[Finding]:
        """What differs of a table in scope; None: of all that belongs to no table in scope, the servers included."""
        everything = [*self._introspected.findings, *self._scope.findings, *self._diff.findings]
        ours = set(self.tables)
        if self._telling is not None:
            self._telling.schema(table, self._diff)
        return [each for each in everything if (each.table == table if table else each.table not in ours)]

    def contract_findings(self, method: str | None) -> list[Finding]:
        """Statements of a method that do not fit; None: those of no method, from files."""
        known = set(self.methods)
        found = [
            each
            for each in self._contract.findings
            if (method in each.breaks if method else not known & set(each.breaks))
        ]
        if self._telling is not None:
            self._telling.contract(method, found, self._contract)
        return found

    def expect_none(self, findings: Iterable[Finding]) -> None:
        """ParityError where a finding is at or above the limit of the configuration."""
        limit = self.configuration.run.fail_on
        found = worst_first([each for each in findings if each.severity.at_least(limit)])
        self._found += found
        if found:
            raise ParityError(_told(found))

    def expect_no_gaps(self, *stages: str) -> None:
        """ParityError where one of the stages did not check something and nobody decided to leave it out."""
        coverages: dict[str, Coverage] = {
            "introspect": self._introspected.coverage,
            "scope": self._scope.coverage,
            "diff": self._diff.coverage,
        }
        if "contract" in stages and (self.subjects or self._files):
            coverages["contract"] = self._contract.coverage
        gaps = [gap for stage in stages if stage in coverages for gap in coverages[stage].gaps]
        if gaps:
            lines = [f"not checked: {gap.item}: {gap.reason}" for gap in gaps[:LINES_SHOWN]]
            raise ParityError("\n".join(lines))

    def expect_equal_rows(self, table: str) -> None:
        """ParityError where the rows of a table differ, or were not compared wholly."""
        result = rows_stage(self._source, self._target, *self.catalogs, (table,), self.configuration, Silent())
        if self._telling is not None:
            self._telling.rows(table, result)
        # One empty table proves nothing and hides nothing; expect_rows_on_the_source asks for all of them together.
        self.expect_none(each for each in result.findings if each.code != "COV002")
        if any(each.status == "incomplete" for each in result.artifact):
            raise ParityError(f"{table} was not compared: {result.artifact[0].reason}")

    def expect_rows_on_the_source(self) -> None:
        """ParityError where every table in scope is empty on the source: equal emptiness is no evidence."""
        with session(self._source, purpose="rows") as connection:
            for identity in self.tables:
                if identity in self.catalogs[0].table_by_identity:
                    schema, name = split(identity)
                    if count_up_to(connection, table_name(schema, name), 1):
                        return
        raise ParityError("every table in scope is empty on the source: nothing was compared")

    def expect_same_outcome(self, case: Case) -> None:
        """ParityError where the two sides answer a case differently, or the pair proves nothing."""
        self._expect(of_case(case), self._questions.case(case))

    def expect_same_outcomes_of_generated_cases(self, method: str) -> None:
        """ParityError where the two sides answer a generated case of the method differently."""
        self._expect(of_generated(method), self._questions.generated(method))

    def expect_same_outcomes_of_sequences(self) -> str:
        """ParityError where calls that are alike one by one are not when they follow one another.

        Why nothing was called, where that is so; else ''.
        """
        return self._expect(SEQUENCES, self._questions.sequences())

    def expect_same_outcomes_at_the_same_time(self) -> str:
        """ParityError where equal calls made at the same moment end differently; else as for sequences."""
        return self._expect(CONCURRENCY, self._questions.concurrent())

    def _expect(self, question: str, answer: Answer) -> str:
        if self._telling is not None:
            self._telling.outcomes(question, answer, self._questions.run)
        self._found += (*answer.findings, *answer.beside)
        self._exercised.update(answer.exercised)
        if answer.findings:
            raise ParityError(answer.text)
        if answer.gap:
            raise ParityError(answer.gap)
        return answer.nothing

    def taken_exercised(self) -> dict[str, dict[str, JsonValue]]:
        """Method to the kinds of case that it was called with since this was last asked, and whether it takes any."""
        found, self._exercised = self._exercised, {}
        return {
            method: {"kinds": list(kinds), "takes_arguments": self._questions.takes_arguments(method)}
            for method, kinds in found.items()
        }

    def expect_every_method_to_have_a_case(self) -> None:
        """ParityError where a public method of either data layer is called by no case, or exists on one side only."""
        if self.subjects is None:
            return
        run = self._questions.run
        ours, theirs = run.methods
        called = set(self.methods) | (ours & theirs if self.configuration.methods.generate else set())
        alone = sorted(ours ^ theirs)
        missing = sorted((ours | theirs) - called - set(alone))
        lines = [f"{method} has no case: nothing is known about it" for method in missing]
        lines += [f"{method} exists on one side only" for method in alone]
        if lines:
            raise ParityError("\n".join(lines))

    @cached_property
    def _diff(self) -> StageResult[DiffArtifact]:
        return compared_live(self._source, self._target, self.catalogs, self.configuration)

    @cached_property
    def _contract(self) -> StageResult[tuple[Usage, ...]]:
        return check_statements(
            self._source,
            self._target,
            self.catalogs,
            self.subjects,
            self._files,
            self.configuration,
            Silent(),
            stack=self._scratch,
        )

    @cached_property
    def _scratch(self) -> ScratchStack:
        return self._cleanup.enter_context(ScratchStack())

    @cached_property
    def _questions(self) -> MethodQuestions:
        if self.subjects is None:
            raise ParityError("no data layer is configured")
        run = self._cleanup.enter_context(
            paired(
                self._source,
                self._target,
                *self.catalogs,
                self.tables,
                self.subjects,
                self.configuration,
                stack=self._scratch,
            )
        )
        questions = MethodQuestions(run, self.subjects.cases, self.catalogs[0], self.tables, self.configuration)
        if self._telling is not None:
            questions.learn_personal_arguments()
        return questions


def _told(findings: Sequence[Finding]) -> str:
    """What a person reads in five seconds: each finding's title, what was seen on either side, the mend."""
    lines: list[str] = []
    for finding in findings:
        lines.append(f"{finding.code} {finding.severity}: {finding.title}")
        for evidence in finding.evidence[:LINES_SHOWN]:
            if evidence.text is not None:
                lines.append(f"    {evidence.label}: {evidence.text}")
            else:
                lines.append(f"    {evidence.label}: source {evidence.source} | target {evidence.target}")
        if finding.fix is not None:
            lines.append(f"    mend: {finding.fix.sql or finding.fix.text}")
    return "\n".join(lines)
