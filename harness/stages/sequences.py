"""Sequences of calls on both data layers: a Hypothesis state machine draws them, and shrinks one that diverges."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import hypothesis
from hypothesis import strategies as st
from hypothesis.errors import Flaky, StopTest, Unsatisfiable
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, multiple, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as search

from harness.core.call_sequences import Divergence, KnownCase, Plan, Step, Topic, aligned, topics
from harness.core.findings import Finding
from harness.core.method_results import JudgedPair
from harness.core.outcomes import Case
from harness.core.sequence_findings import sequence_findings
from harness.stages.paired_run import PairedRun
from harness.stages.sequence_calls import Diverged, SequenceCalls

STEPS = 5
"""Rules that one sequence applies at most, after its beginning"""
EXECUTIONS = 40
"""Sequences that are executed at most to shrink one that diverges"""
_EXAMPLES_OF_A_TOPIC = 4
_READS = 5
"""Reads that a sequence repeats after each write at most"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceResult:
    """What the sequences came to."""

    findings: tuple[Finding, ...] = ()
    """MET020, one a method"""
    divergences: tuple[Divergence, ...] = ()
    pairs: tuple[JudgedPair, ...] = ()
    """Single calls that a sequence was shrunk to, which differ without any call before them: cases like all others"""
    executed: int = 0
    """Sequences that were called on both sides"""
    notes: tuple[str, ...] = ()


def diverging_sequences(
    run: PairedRun, known: Sequence[KnownCase], *, sequences: int, seed: int, executions: int = EXECUTIONS
) -> SequenceResult:
    """Call up to `sequences` sequences of calls that are alike alone, and report those that do not end alike.

    Where more tables than that are written, there is one for each of them.

    Every sequence starts from clones in the state of their templates, and nothing is put back between its calls. After
    each call the answers are compared, and all that was written since the beginning. A difference that two runs on
    the source show as well, or that does not appear again, is no finding. The clones are left written to.
    """
    about = topics(known, seed=seed)
    executor = SequenceCalls(run, [each.case.id for each in known], budget=executions)
    divergences: list[Divergence] = []
    pairs: list[JudgedPair] = []
    guilty: set[str] = set()
    left = max(sequences, len(about)) if sequences else 0
    if left > sequences:
        executor.notes.append(f"{left} sequences of calls in place of {sequences}: one for each table that is written")
    each = max(_EXAMPLES_OF_A_TOPIC, left // max(1, len(about)))
    for position, topic in enumerate(about, start=1):
        # The others get one each, however many the first ones take.
        kept = len(about) - position
        # What is left after a divergence may hide another one: the method that gave it away is not called again.
        while left > kept:
            narrowed = topic.without(guilty)
            if not narrowed.writes and not narrowed.reads:
                break
            examples = min(each, left - kept)
            left -= examples
            diverging = _search(narrowed, executor, examples=examples, seed=seed + left)
            if diverging is None:
                break
            guilty.add(diverging[-1].case.method)
            if len(diverging) == 1:
                pairs.append(run.pair(diverging[0].case))
                continue
            confirmed = executor.confirmed(diverging)
            if confirmed is not None:
                divergences.append(confirmed)
    if executor.executed:
        run.renew()
    return SequenceResult(
        findings=tuple(sequence_findings(divergences, run.rules)),
        divergences=tuple(divergences),
        pairs=tuple(pairs),
        executed=executor.executed,
        notes=tuple(executor.notes),
    )


def _search(topic: Topic, executor: SequenceCalls, *, examples: int, seed: int) -> Plan | None:
    """The shortest diverging sequence that Hypothesis finds; None of none."""
    executor.begin()
    settings = hypothesis.settings(
        database=None,
        deadline=None,
        derandomize=False,
        max_examples=examples,
        stateful_step_count=STEPS,
        phases=(hypothesis.Phase.generate, hypothesis.Phase.shrink),
        suppress_health_check=list(hypothesis.HealthCheck),
        report_multiple_bugs=False,
        verbosity=hypothesis.Verbosity.quiet,
        print_blob=False,
        backend="hypothesis",
    )

    def machine() -> _Sequences:
        return _Sequences(topic, executor)

    with contextlib.suppress(Diverged, Flaky, Unsatisfiable):
        # Flaky: it could not shrink further, or saw another outcome; what was found stands in `diverging`.
        search(hypothesis.seed(seed)(cast("Any", machine)), settings=settings)
    return executor.diverging


class _Sequences(RuleBasedStateMachine):
    """Draws sequences of calls about one topic. A sequence is called when it is complete.

    What is drawn never depends on what servers answer: values of earlier answers are named, and looked up when the
    calls are made. So equal draws are equal sequences, and none is called twice.
    """

    answers = Bundle("answers")

    def __init__(self, topic: Topic, executor: SequenceCalls) -> None:
        super().__init__()
        self._topic = topic
        self._executor = executor
        self._anchor: Case | None = None
        self._steps: list[Step] = []

    @initialize(target=answers, data=st.data())
    def read_around_writes(self, data: st.DataObject) -> Any:
        """Choose the row that the sequence is about; read it before and after each write and a call that fails."""
        self._anchor = data.draw(st.sampled_from(self._topic.writes or self._topic.reads))
        reads = data.draw(_some(self._topic.reads))
        other = data.draw(st.sampled_from(self._topic.writes)) if self._topic.writes else None
        failure = data.draw(st.sampled_from(self._topic.failures)) if self._topic.failures else None
        made = [self._call(each) for each in reads]
        for write in (self._anchor, other, self._anchor) if other is not None else (self._anchor,):
            made += [self._call(each) for each in (write, *reads)]
            if failure is not None and write is other:
                made += [self._call(each, as_it_is=each is failure) for each in (failure, *reads)]
        return multiple(*made)

    @rule(target=answers, data=st.data())
    def call(self, data: st.DataObject) -> Any:
        return self._call(data.draw(st.sampled_from(self._topic.writes + self._topic.reads)))

    @precondition(lambda self: self._topic.failures)
    @rule(target=answers, data=st.data())
    def fail_and_go_on(self, data: st.DataObject) -> Any:
        failure = self._call(data.draw(st.sampled_from(self._topic.failures)), as_it_is=True)
        return multiple(failure, self._call(data.draw(st.sampled_from(self._topic.writes + self._topic.reads))))

    @rule(target=answers, data=st.data())
    def call_another_row(self, data: st.DataObject) -> Any:
        return self._call(data.draw(st.sampled_from(self._topic.writes + self._topic.reads)), as_it_is=True)

    @rule(target=answers, earlier=answers)
    def repeat(self, earlier: int) -> Any:
        self._steps.append(self._steps[earlier])
        return len(self._steps) - 1

    @rule(target=answers, earlier=answers, data=st.data())
    def call_with_what_came_back(self, earlier: int, data: st.DataObject) -> Any:
        return self._call(data.draw(st.sampled_from(self._topic.writes + self._topic.reads)), earlier=earlier)

    def teardown(self) -> None:
        """Make the calls, unless Hypothesis gave up drawing them."""
        if self._steps and not isinstance(sys.exception(), StopTest):
            self._executor.execute(tuple(self._steps))

    def _call(self, case: Case, *, as_it_is: bool = False, earlier: int | None = None) -> int:
        if not as_it_is and self._anchor is not None:
            case = aligned(case, self._anchor)
        self._steps.append(Step(case.id, case, earlier))
        return len(self._steps) - 1


def _some(cases: tuple[Case, ...]) -> st.SearchStrategy[list[Case]]:
    """Several different ones of these cases, where there are several."""
    if not cases:
        return st.just([])
    least, most = min(2, len(cases)), min(_READS, len(cases))
    return st.lists(st.sampled_from(cases), min_size=least, max_size=most, unique_by=lambda case: case.id)
