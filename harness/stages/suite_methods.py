"""Questions about methods that a test suite asks one at a time: a case, the generated cases of a method, sequences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harness.core.call_sequences import KnownCase, known_cases
from harness.core.configuration import Configuration
from harness.core.coverage import Skipped
from harness.core.findings import Finding, worst_first
from harness.core.method_findings import pair_findings
from harness.core.method_results import JudgedPair
from harness.core.model.catalog import Catalog
from harness.core.outcomes import Case, OutcomePair
from harness.core.suite_answers import UNCALLED
from harness.render.method_advice import advice
from harness.render.outcome_lines import outcome_lines
from harness.stages.concurrency import concurrent_calls
from harness.stages.paired_run import PairedRun
from harness.stages.planned_cases import planned_cases
from harness.stages.recorded_cases import Replay, replay
from harness.stages.sequences import diverging_sequences


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a question: findings at or above the limit, what a person reads of them, what proves nothing."""

    findings: tuple[Finding, ...] = ()
    text: str = ""
    gap: str = ""
    exercised: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Method to the kinds of case that it was called with"""
    nothing: str = ""
    """Why nothing at all was called: neither a pass nor a failure"""
    beside: tuple[Finding, ...] = ()
    """What is below the limit and to be told nevertheless: what was done, and not done, on a real project"""
    pairs: tuple[JudgedPair, ...] = ()
    found: tuple[Finding, ...] = ()
    """All findings but those of single pairs, whatever their severity"""
    skipped: tuple[Skipped, ...] = ()
    concurrent: frozenset[str] = frozenset()
    """Methods that were called several times at the same moment"""


class MethodQuestions:
    """The two data layers of one process, on clones, and what to ask of them."""

    def __init__(
        self,
        run: PairedRun,
        written: Sequence[Case],
        catalog: Catalog,
        tables: Sequence[str],
        configuration: Configuration,
    ) -> None:
        self.run = run
        self._written = tuple(written)
        self._catalog = catalog
        self._tables = tuple(tables)
        self._configuration = configuration
        self._pairs: dict[str, JudgedPair] = {}
        self._planned: dict[str, tuple[Case, ...]] = {}

    def learn_personal_arguments(self) -> None:
        """Know the personal arguments of all recorded calls before the first: whatever comes first is masked alike."""
        self._replayed(self._written)

    def takes_arguments(self, method: str) -> bool:
        """Whether the source's method has parameters."""
        return method not in self.run.methods[0] or bool(self.run.source.layer.signature(method).parameters)

    def case(self, case: Case) -> Answer:
        """One written or recorded case."""
        replayed = self._replayed([case])
        for left_out in replayed.skipped:
            gap = f"{case.method} ({case.id}) was not compared: {left_out.reason}"
            return Answer(gap=gap, skipped=replayed.skipped)
        return self._answer([self._judged(each) for each in replayed.cases])

    def generated(self, method: str) -> Answer:
        """All generated cases of a method, or of UNCALLED."""
        return self._answer([self._judged(case) for case in self._generated(method)])

    def sequences(self) -> Answer:
        """Calls that follow one another, of the cases that are alike alone."""
        number = self._configuration.methods.sequences
        result = diverging_sequences(self.run, self._known, sequences=number, seed=0)
        nothing = "" if result.executed else "no sequence of calls: no case that was alike alone goes with another"
        answer = replace(self._answer(result.pairs), **self._told([*result.findings], result.pairs))
        return replace(answer, nothing=nothing, found=(*answer.found, *result.findings))

    def concurrent(self) -> Answer:
        """Equal calls at the same moment, of the methods that write."""
        callers = self._configuration.methods.concurrency
        result = concurrent_calls(self.run, self._known, tuple(self._pairs.values()), callers=callers)
        gap = next((f"{each.item} was not compared: {each.reason}" for each in result.skipped), "")
        exercised = tuple((method, ("concurrency",)) for method in sorted(result.methods))
        nothing = "" if result.methods or gap else "no call at the same moment: no method that was alike alone wrote"
        return Answer(
            gap=gap,
            exercised=exercised,
            nothing=nothing,
            found=result.findings,
            skipped=result.skipped,
            concurrent=result.methods,
            **self._told([*result.findings], ()),
        )

    def _told(self, findings: list[Finding], pairs: Sequence[JudgedPair]) -> dict[str, Any]:
        """Findings at or above the limit, those of single pairs too, and the text about them."""
        run = self._configuration.run
        found = findings + pair_findings(pairs, allow_drift=run.allow_drift)
        counting = tuple(worst_first([each for each in found if each.severity.at_least(run.fail_on)]))
        return {"findings": counting, "text": told(counting, [each.pair for each in pairs])}

    def _replayed(self, cases: Sequence[Case]) -> Replay:
        """The cases with values in place of recorded calls' personal ones."""
        replayed = replay(cases, self.run.source.stand, [each.layer for each in self.run.subjects], self._catalog)
        known = self.run.rules.personal_arguments
        self.run.rules = replace(self.run.rules, personal_arguments=known | replayed.personal)
        return replayed

    def _judged(self, case: Case) -> JudgedPair:
        """The pair of a case, called once in this process."""
        if case.id not in self._pairs:
            self._pairs[case.id] = self.run.pair(case)
        return self._pairs[case.id]

    @property
    def _known(self) -> tuple[KnownCase, ...]:
        """The cases that sequences are made of: the written ones, and those generated for methods that have none."""
        cases = [*self._replayed(self._written).cases, *self._generated(UNCALLED)]
        cases = [case for case in cases if case.method in self.run.methods[0] & self.run.methods[1]]
        pairs = [self._judged(case) for case in cases]
        kept = [case for case in cases if case.method not in {*self.run.excused, *self.run.given_up}]
        return known_cases(kept, pairs, self.run.statements, self._tables)

    def _generated(self, method: str) -> tuple[Case, ...]:
        if method not in self._planned:
            called = {case.method for case in self._written}
            wanted = (self.run.methods[0] & self.run.methods[1]) - called if method == UNCALLED else {method}
            settings = self._configuration.methods
            cases = planned_cases(self.run, (), self._catalog, self._tables, settings, seed=0, only=wanted)
            self._planned[method] = cases
        return self._planned[method]

    def _answer(self, pairs: Sequence[JudgedPair]) -> Answer:
        gap = next((each for each in pairs if each.found.gap), None)
        about_project = self.run.project.taken_findings() if self.run.project is not None else []
        told_at = self._configuration.run.fail_on
        return Answer(
            gap=f"{gap.pair.method} ({gap.pair.case}) was not compared: {gap.found.gap}" if gap else "",
            exercised=tuple(_exercised(pairs)),
            beside=tuple(each for each in about_project if not each.severity.at_least(told_at)),
            pairs=tuple(pairs),
            found=tuple(about_project),
            **self._told(about_project, pairs),
        )


def told(findings: Sequence[Finding], pairs: Sequence[OutcomePair]) -> str:
    """What a person reads in five seconds: the findings, the first case that differs, how many more there are."""
    lines = [f"{each.code} {each.severity}: {each.title}" for each in findings]
    differing = [pair for pair in pairs if pair.verdict != "equal"]
    if not findings:
        return ""
    if differing:
        first = next((pair for pair in differing if pair.verdict in ("different", "void")), differing[0])
        lines += outcome_lines(first)
    else:
        lines += [
            f"    {each.label}: {each.text or f'source {each.source} | target {each.target}'}"
            for each in findings[0].evidence[:4]
        ]
    if len(differing) > 1:
        lines.append(f"  and {len(differing) - 1} more of {len(pairs)} cases differ")
    if hint := advice(findings[0].code):
        lines.append(f"  next: {hint}")
    return "\n".join(lines)


def _exercised(pairs: Sequence[JudgedPair]) -> Iterator[tuple[str, tuple[str, ...]]]:
    methods: dict[str, set[str]] = {}
    for each in pairs:
        methods.setdefault(each.pair.method, set()).update(each.exercised)
    for method, kinds in methods.items():
        yield method, tuple(sorted(kinds))
