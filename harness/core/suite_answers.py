"""What tests of a comparison suite learned, as one JSON text a test: it travels to the process that hears of all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from pydantic import Field

from harness.core.change import Change, RenameSuggestion
from harness.core.coverage import Coverage, Skipped
from harness.core.deltas import TableRows
from harness.core.document import ScopeTable, ServerFacts
from harness.core.findings import Finding
from harness.core.method_results import JudgedPair
from harness.core.outcomes import Case
from harness.core.record import Record

NOT_ANSWERED = "no test gave an answer: it was not chosen, was skipped, or ended before it had one"
BESIDE_TABLES = "what belongs to no table in scope"
BESIDE_METHODS = "statements of no method"
SEQUENCES = "sequences of calls"
CONCURRENCY = "calls at the same moment"
UNCALLED = "methods that no written case calls"
"""The name of the one item for all of them: before clones are made nobody knows how many there are"""


def of_statements(method: str) -> str:
    """The name of the question about the statements of a method."""
    return f"statements of {method}"


def of_case(case: Case) -> str:
    """The name of the question about a case."""
    return case.id if case.id.startswith(f"{case.method}:") else f"{case.method}: {case.id}"


def of_generated(method: str) -> str:
    """The name of the question about generated cases."""
    return f"generated cases of {method}"


class Question(Record):
    """One thing that a whole suite asks. `item` is what a report calls it, where nobody answered."""

    stage: str
    item: str
    method: str | None = None


class StageFacts(Record):
    """What a stage found that every process goes through before its first test."""

    coverage: Coverage
    findings: tuple[Finding, ...] = ()
    summary: str = ""


class SuiteFacts(Record):
    """What every process of a suite knows before a test runs; told once a process."""

    source: ServerFacts
    target: ServerFacts
    introspect: StageFacts
    scope: StageFacts
    tables: tuple[ScopeTable, ...]
    questions: tuple[Question, ...]
    large_objects: tuple[Skipped, ...] = ()
    """That there are some, which the suite has no test of"""
    partitions: dict[str, str] = Field(default_factory=dict)
    """The parent of each partition, where both have a test of their rows"""
    fingerprints: tuple[str, str] = ("", "")
    """Of the structure of the source, and of the target"""


class MethodFacts(Record):
    """What a process knows of the data layers once it has made clones; told once a process."""

    source: tuple[str, ...]
    target: tuple[str, ...]
    without_arguments: tuple[str, ...] = ()
    factories: tuple[str, str]
    findings: tuple[Finding, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()


class SuiteAnswer(Record):
    """What came of one question."""

    stage: str
    item: str
    findings: tuple[Finding, ...] = ()
    """Of methods: those of anything but single pairs, which follow from the pairs"""
    coverage: Coverage | None = None
    """Of rows: of this table; of the rest: of the whole stage, with the question that belongs to no table or method"""
    summary: str = ""
    changes: tuple[Change, ...] = ()
    renames: tuple[RenameSuggestion, ...] = ()
    unmodelled: tuple[str, ...] = ()
    rows: tuple[TableRows, ...] = ()
    pairs: tuple[JudgedPair, ...] = ()
    concurrent: tuple[str, ...] = ()
    """Methods that were called several times at the same moment"""
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()
    excused: tuple[tuple[str, int], ...] = ()
    """Methods, and the places, among the expected differences, of those that something was found for, in this process
    so far"""
    used: tuple[bool, bool] = (True, True)
    """Whether the source's layer, and the target's, has asked its server for anything in this process so far"""

    @property
    def gravity(self) -> tuple[int, int]:
        """Of two answers to one question the graver one counts: a test that is repeated must not hide what it found."""
        unequal = sum(each.pair.verdict != "equal" or bool(each.found.gap) for each in self.pairs)
        gaps = len(self.skipped) + (len(self.coverage.gaps) if self.coverage is not None else 0)
        return len(self.findings) + unequal + gaps, len(self.pairs)


class Told(Record):
    """What one test tells."""

    answers: tuple[SuiteAnswer, ...] = ()
    facts: SuiteFacts | None = None
    methods: MethodFacts | None = None


@dataclass
class Heard:
    """What was heard of a suite's tests so far, from whatever processes."""

    facts: SuiteFacts | None = None
    methods: MethodFacts | None = None
    answers: dict[tuple[str, str], SuiteAnswer] = field(default_factory=dict)
    used: tuple[bool, bool] = (False, False)
    seconds: dict[str, float] = field(default_factory=dict)
    changed: bool = False
    """Whether two processes found another structure: what they tell is not of the same two databases then"""

    def hear(self, told: Told, seconds: float) -> None:
        """Take what one test tells, and how long it took."""
        if self.facts is not None and told.facts is not None:
            known, new = ((each.questions, each.introspect, each.fingerprints) for each in (self.facts, told.facts))
            self.changed = self.changed or known != new
        self.facts = self.facts or told.facts
        self.methods = self.methods or told.methods
        for each in told.answers:
            key = (each.stage, each.item)
            if key not in self.answers or each.gravity > self.answers[key].gravity:
                self.answers[key] = each
            if each.stage == "methods":
                self.used = (self.used[0] or each.used[0], self.used[1] or each.used[1])
        for stage in {each.stage for each in told.answers}:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + seconds

    def of(self, stage: str, facts: SuiteFacts) -> tuple[list[SuiteAnswer], list[Question]]:
        """The answers of a stage in the order of its questions, and the questions without one."""
        questions = [each for each in facts.questions if each.stage == stage]
        answers = [self.answers[stage, each.item] for each in questions if (stage, each.item) in self.answers]
        return answers, [each for each in questions if (stage, each.item) not in self.answers]


def gaps_of(missing: Iterable[Question]) -> list[Skipped]:
    """What nobody answered."""
    return [Skipped(item=each.item, reason=NOT_ANSWERED) for each in missing]


def in_part(stage: str) -> Skipped:
    """Whatever an earlier run found there and this one did not is not fixed by that: it may not have looked."""
    return Skipped(item=f"stage {stage}", reason="only in part: not every test of it gave an answer")


def lightened(pair: JudgedPair) -> JudgedPair:
    """An equal pair without what only a report of unequal ones shows: there may be thousands."""
    if pair.pair.verdict != "equal" or pair.found.codes or pair.found.gap:
        return pair
    return replace(pair, pair=pair.pair.model_copy(update={"arguments": {}, "purpose": "", "notes": ()}))
