"""PairedRun: every case on both sides in turn, from equal states, until what is seen can be trusted."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

from harness.core.method_results import JudgedPair, judged
from harness.core.observations import Observation
from harness.core.outcome_errors import is_infrastructure
from harness.core.outcomes import Case
from harness.core.pairs import Rules, compare_calls, outcome_pair, without_noise
from harness.core.record import Side
from harness.core.statements import CapturedStatement
from harness.stages.subject import Subject


class PairedRun:
    """Both data layers, called one after the other. Each case starts from the state of the templates."""

    def __init__(self, source: Subject, target: Subject, rules: Rules, *, seed: int = 0) -> None:
        self.source = source
        self.target = target
        self._rules = rules
        self._said: dict[CapturedStatement, None] = {}
        # Which side is called first must not favour one of them; equal seeds give equal orders.
        self._order = random.Random(seed)  # noqa: S311
        self._executor = ThreadPoolExecutor(max_workers=2, thread_name_prefix="renew")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._executor.shutdown()

    @property
    def subjects(self) -> tuple[Subject, Subject]:
        """Source and target."""
        return self.source, self.target

    @property
    def methods(self) -> tuple[frozenset[str], frozenset[str]]:
        """The public methods of the source's data layer, and of the target's."""
        return self.source.layer.methods, self.target.layer.methods

    def run(self, cases: Sequence[Case]) -> Iterator[JudgedPair]:
        """Each case's pair, as soon as it is known. Both data layers have the methods of all cases."""
        for case in cases:
            for subject in self.subjects:
                subject.forget()
            pair = self._pair(case)
            for subject in self.subjects:
                self._said |= dict.fromkeys(subject.said(case))
            yield pair

    @property
    def statements(self) -> tuple[CapturedStatement, ...]:
        """What both data layers said, each statement once a case."""
        return tuple(self._said)

    def _pair(self, case: Case) -> JudgedPair:
        source, target = self._both(case)
        if any(each.error is not None and is_infrastructure(each.error) for each in (source, target)):
            # A lost connection says nothing about the data layer: once more, on new clones.
            source, target = self._both(case, anew=True)
        found = compare_calls(case, source, target, self._rules)
        if not found.void and (found.deltas or found.effects):
            again = self._once_more(case)
            found = without_noise(found, compare_calls(case, source, again, self._rules))
        return judged(outcome_pair(case, source, target, found, self._rules), found, source, target)

    def _both(self, case: Case, *, anew: bool = False) -> tuple[Observation, Observation]:
        subjects = [self.source, self.target]
        self._renew([each for each in subjects if anew or each.touched])
        self._order.shuffle(subjects)
        seen = {each.side: each.observe(case, self._other(each).stand.relays) for each in subjects}
        return seen[Side.SOURCE], seen[Side.TARGET]

    def _once_more(self, case: Case) -> Observation:
        """The source a second time, from the same state: what differs now differs by itself."""
        if self.source.touched:
            self._renew([self.source])
        return self.source.observe(case, ())

    def _other(self, subject: Subject) -> Subject:
        return self.target if subject is self.source else self.source

    def _renew(self, subjects: Sequence[Subject]) -> None:
        """Reset clones side by side; data layers are closed and built here, in the thread that calls them."""
        for subject in subjects:
            subject.leave()
        resets = [(subject, self._executor.submit(subject.stand.reset)) for subject in subjects]
        for subject, reset in resets:
            reset.result()
            subject.rebuild()
