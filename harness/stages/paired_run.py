"""PairedRun: every case on both sides in turn, from equal states, until what is seen can be trusted."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import TracebackType
from typing import Self

from harness.core.attested import wrong_server
from harness.core.configuration import ExpectedDifference
from harness.core.expected import without_expected
from harness.core.long_requests import too_long_for_a_url
from harness.core.method_results import JudgedPair, judged
from harness.core.noise import missed_deadlines, without_noise
from harness.core.observations import Observation
from harness.core.outcome_errors import is_infrastructure
from harness.core.outcomes import Case
from harness.core.pairs import Comparison, Rules, compare_calls, outcome_pair
from harness.core.record import Side
from harness.core.statements import CapturedStatement
from harness.stages.layer_thread import DidNotReturn
from harness.stages.real_project import RealProject, settled
from harness.stages.subject import Subject
from harness.wire import Exchange

_FAILS = frozenset({"MET003", "MET004", "MET005"})
"""Codes of pairs of which a side failed: that may be chance, as any answer"""
_GIVEN_UP_AT_MOST = 2
"""Cases of a method that are waited for in vain"""


class PairedRun:
    """Both data layers, called one after the other. Each case starts from the state of the templates."""

    def __init__(
        self,
        source: Subject,
        target: Subject,
        rules: Rules,
        *,
        seed: int = 0,
        expected: Sequence[ExpectedDifference] = (),
    ) -> None:
        self.source = source
        self.target = target
        self.rules = rules
        self.excused: dict[str, set[ExpectedDifference]] = {}
        """By method, the expected differences that were seen"""
        self._expected = tuple(expected)
        self._today = dt.datetime.now(dt.UTC).date()
        self.project: RealProject | None = None
        """The real project that cases are asked of as well, where they may be"""
        self.given_up: dict[str, int] = {}
        """By method, the cases in which a call did not return"""
        self._explored_in_vain: dict[str, int] = {}
        self._leaves: dict[str, bool] = {}
        """By method, whether one of its calls left anything behind"""
        self._said: dict[tuple[object, ...], CapturedStatement] = {}
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

    def run(self, cases: Iterable[Case]) -> Iterator[JudgedPair]:
        """Each case's pair, as soon as it is known. Both data layers have the methods of all cases."""
        for case in cases:
            yield self.pair(case)

    def pair(self, case: Case) -> JudgedPair:
        """One case on both sides, each in the state of its template; what differs is asked of the source once more."""
        if self.given_up.get(case.method, 0) >= _GIVEN_UP_AT_MOST:
            return self._uncalled(case)
        self._forget()
        source, target = self._both(case)
        if any(each.error is not None and is_infrastructure(each.error) for each in (source, target)):
            # A lost connection says nothing about the data layer: once more, on new clones.
            source, target = self._both(case, anew=True)
        if source.gave_up != target.gave_up:
            # The machine may have been busy.
            source, target = self._both(case, anew=True)
        found = compare_calls(case, source, target, self.rules)
        if found.codes & _FAILS and (why := too_long_for_a_url(case, source, target)):
            found = Comparison(notes=(why,), gap=why, void=True)
        if late := [each.side for each in (source, target) if each.gave_up]:
            self.given_up[case.method] = self.given_up.get(case.method, 0) + 1
            found = _with_gap(found, f"{case.method} did not return in time on the {' and the '.join(late)}")
        twice = not found.void and bool(found.deltas or found.effects or found.codes & _FAILS)
        if twice:
            again = self._once_more(case)
            noise = compare_calls(case, source, again, self.rules)
            certain = missed_deadlines(case, source, target, again, self.rules) if noise.deltas or noise.effects else ()
            found = without_noise(found, noise, certain)
        if self.project is not None:
            said = tuple(self.source.said(case))
            settlement = settled(self.project, case, source, target, found, self.rules, said)
            source, found, twice = settlement.source, settlement.found, twice or settlement.twice
        found, excuses = without_expected(case.method, found, self._expected, self._today)
        if excuses:
            self.excused.setdefault(case.method, set()).update(excuses)
        if case.origin == "written" or source.error is None:
            # A generated argument may be no name of a column: what follows from it is no statement of the data layer's.
            self._remember(case)
        pair = outcome_pair(case, source, target, found, self.rules)
        return judged(pair, found, source, target, bad_input=case.bad_input, asked_twice=twice)

    def explore(self, case: Case) -> tuple[Observation, tuple[CapturedStatement, ...]]:
        """Call the source alone, in the state of its template: what it answers, and what it said to its server."""
        if self.source.touched:
            self.renew([Side.SOURCE])
        self.source.forget()
        if self._explored_in_vain.get(case.method, 0) >= _GIVEN_UP_AT_MOST:
            return Observation(side=Side.SOURCE, exception=DidNotReturn(), gave_up=True), ()
        observation = self.source.observe(case, self.target.stand.relays)
        if observation.gave_up:
            self._explored_in_vain[case.method] = self._explored_in_vain.get(case.method, 0) + 1
        return observation, tuple(self.source.said(case))

    def times(self, case: Case) -> tuple[float, float] | None:
        """Milliseconds of one more call on (source, target), each in the state of its template; None where one fails.

        Nothing is compared.
        """
        self._forget()
        source, target = self._both(case)
        if source.error is not None or target.error is not None:
            return None
        return source.milliseconds, target.milliseconds

    def renew(self, sides: Collection[Side] = tuple(Side), *, warm_up: bool = True) -> None:
        """Put the clones of these sides into the state of their templates, side by side.

        Data layers are closed and built here, in the thread that calls them.
        """
        subjects = [each for each in self.subjects if each.side in sides]
        for subject in subjects:
            subject.leave()
        resets = [(subject, self._executor.submit(subject.stand.reset)) for subject in subjects]
        for subject, reset in resets:
            reset.result()
            subject.rebuild(warm_up=warm_up)

    @property
    def statements(self) -> tuple[CapturedStatement, ...]:
        """What both data layers said: each statement once a written case, those of generated ones once a method."""
        return tuple(self._said.values())

    def _uncalled(self, case: Case) -> JudgedPair:
        """A case that is not called: earlier ones of its method did not return."""
        why = f"not called: {case.method} did not return in time in {_GIVEN_UP_AT_MOST} earlier cases"
        source, target = (Observation(side=side) for side in Side)
        found = Comparison(notes=(why,), gap=why, void=True)
        return judged(outcome_pair(case, source, target, found, self.rules), found, source, target)

    def _both(self, case: Case, *, anew: bool = False) -> tuple[Observation, Observation]:
        """Both calls, from equal states.

        A call may write after it returned. Servers are asked after each call whether anything was written since the
        last time; where nothing was, nothing was before the call either. A method that never left anything is
        therefore not preceded by that question. If something is there after all, it is not known whose it is, and
        both calls are made again, by data layers that are new on new clones. A call that asked another server stands.
        """
        asked = anew or self._leaves.get(case.method, True)
        if asked:
            for subject in self.subjects:
                subject.ask()
        self.renew([each.side for each in self.subjects if anew or (each.touched if asked else each.spoilt)])
        source, target = self._observed(case)
        left = source.effects.touched or target.effects.touched
        self._leaves[case.method] = left or self._leaves.get(case.method, False)
        if left and not asked and not wrong_server(source, target):
            return self._both(case, anew=True)
        return source, target

    def _observed(self, case: Case) -> tuple[Observation, Observation]:
        subjects = [self.source, self.target]
        self._order.shuffle(subjects)
        seen = {each.side: each.observe(case, self._other(each).stand.relays) for each in subjects}
        return seen[Side.SOURCE], seen[Side.TARGET]

    def _once_more(self, case: Case) -> Observation:
        """The source a second time, from the same state: what differs now differs by itself."""
        if self.source.touched:
            self.renew([Side.SOURCE])
        return self.source.observe(case, ())

    def _forget(self) -> None:
        for subject in self.subjects:
            subject.forget()

    def _remember(self, case: Case) -> None:
        for subject in self.subjects:
            for exchange in subject.exchanges():
                form = (subject.side, case.method, *_form(exchange, case))
                if form not in self._said:
                    self._said[form] = subject.captured(case, exchange)

    def _other(self, subject: Subject) -> Subject:
        return self.target if subject is self.source else self.source


def _with_gap(found: Comparison, why: str) -> Comparison:
    why += ": what it wrote was not compared"
    return replace(found, notes=(*found.notes, why), gap=found.gap or why)


_NAMES_COLUMNS = frozenset({"select", "order", "columns", "on_conflict"})


def _form(said: Exchange, case: Case) -> tuple[object, ...]:
    """What makes a statement another one. Of a generated case's request, the values of its filters do not."""
    if case.origin == "written":
        return (case.id, said.sql, said.request)
    if said.request is None:
        return ("", said.sql, None)
    names = tuple(
        part if part.partition("=")[0] in _NAMES_COLUMNS else part.partition("=")[0]
        for part in said.request.query.split("&")
    )
    return ("", None, said.request.verb, said.request.path, names, said.request.prefer, said.request.profile)
