"""What tests of a comparison suite learned, as one JSON text a test: it travels to the process that hears of all."""

from __future__ import annotations

from dataclasses import replace

from harness.core.change import Change, RenameSuggestion
from harness.core.coverage import Coverage, Skipped
from harness.core.deltas import TableRows
from harness.core.document import ScopeTable, ServerFacts
from harness.core.findings import Finding
from harness.core.method_results import JudgedPair
from harness.core.outcomes import Case
from harness.core.record import Record

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
    return f"{case.method}: {case.id}"


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
    large_objects: int = 0
    """On the source: the suite has no test of their bytes"""


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
    excused: tuple[int, ...] = ()
    """Places, among the expected differences, of those that something was found for in this process so far"""
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


def lightened(pair: JudgedPair) -> JudgedPair:
    """An equal pair without what only a report of unequal ones shows: there may be thousands."""
    if pair.pair.verdict != "equal" or pair.found.codes or pair.found.gap:
        return pair
    return replace(pair, pair=pair.pair.model_copy(update={"arguments": {}, "purpose": "", "notes": ()}))
