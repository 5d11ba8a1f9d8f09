"""Makes the calls of a sequence on both sides, from fresh clones, and tells whether they end alike."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from harness.core.call_sequences import Divergence, Plan, Step, arguments_from, shorter
from harness.core.effects import NO_EFFECTS, Effects
from harness.core.noise import without_noise
from harness.core.observations import Observation
from harness.core.outcome_errors import is_infrastructure
from harness.core.outcomes import Attestation, Case
from harness.core.pairs import Comparison, compare_calls
from harness.core.record import Side
from harness.stages.paired_run import PairedRun
from harness.stages.subject import Subject

_SHORTEST = 2
"""Calls of a sequence that cannot be shorter: one alone is no sequence"""
_SOURCE_ALONE = 8
"""Runs of the source before a divergence is believed: an answer that is drawn from few is drawn again by chance, and of
many sequences the one that was found is the one where chance had its way"""
_PRICE_OF_WAITING = 10
"""Sequences of the budget that one costs in which a call does not return"""


class Diverged(Exception):
    """The sequence diverges: what Hypothesis shrinks."""


class SequenceCalls:
    """Each sequence is called once: what was seen of it is remembered."""

    def __init__(self, run: PairedRun, alike_alone: Collection[str], *, budget: int) -> None:
        """`alike_alone` are the ids of cases that need not be called alone again; `budget` sequences a search."""
        self._run = run
        self._alike_alone = frozenset(alike_alone)
        self._budget = budget
        self._spent = 0
        self._alike: set[Plan] = set()
        self._diverging: list[Plan] = []
        self.executed = 0
        self.notes: list[str] = []

    def begin(self) -> None:
        """Another search begins."""
        self._diverging = []
        self._spent = 0

    @property
    def diverging(self) -> Plan | None:
        """The shortest sequence of this search that diverges with its last call."""
        return min(self._diverging, key=len, default=None)

    def execute(self, plan: Plan) -> None:
        """Make the calls. Raises Diverged where one of them is not answered alike."""
        if self._diverges(plan):
            raise Diverged

    def confirmed(self, plan: Plan) -> Divergence | None:
        """The divergence, seen once more on both sides and in no further run on the source alone."""
        divergence = self._compared(plan)
        if divergence is None or len(divergence.plan) != len(plan):
            self.notes.append(f"a sequence that ends with {plan[-1].case.method} diverged once, and not again")
            return None
        found = divergence.found
        for _ in range(_SOURCE_ALONE):
            again = self._source_alone(plan).calls[-1]
            noise = compare_calls(plan[-1].case, divergence.calls[-1][0], again, self._run.rules)
            found = without_noise(found, noise)
            if found.verdict != "different" or noise.void:
                self.notes.append(f"a sequence that ends with {plan[-1].case.method} differs on the source by itself")
                return None
        return replace(divergence, found=found)

    def _diverges(self, plan: Plan) -> bool:
        if any(plan[: len(known)] == known for known in self._diverging):
            return True
        shortest = self.diverging
        if shortest is not None and len(shortest) <= _SHORTEST:
            return False
        if not self._parts(plan):
            return False
        if shortest is None:
            self._shorten()
        return True

    def _shorten(self) -> None:
        """Leave out calls, many at once and then fewer, as long as the rest diverges: what Hypothesis then starts from.

        Its own way down needs far more sequences, for it knows nothing of calls; but it also tries other ones.
        """
        again = True
        while again and self.diverging is not None:
            again = any(self._parts(candidate) for candidate in shorter(self.diverging))

    def _parts(self, plan: Plan) -> bool:
        """Whether both sides part in this sequence, which is called unless that is known."""
        if plan in self._alike or (len(plan) == 1 and plan[0].key in self._alike_alone):
            return False
        if self._spent >= self._budget:
            return False
        self._spent += 1
        divergence = self._compared(plan)
        if divergence is None:
            self._alike.update(plan[:length] for length in range(1, len(plan) + 1))
            return False
        self._diverging.append(divergence.plan)
        return True

    def _compared(self, plan: Plan, *, once_more: bool = True) -> Divergence | None:
        """Call both sides until they part. What parts on the source alone as well is no divergence."""
        self.executed += 1
        self._run.renew(warm_up=False)
        sides = {Side.SOURCE: _Calls(self._run.source), Side.TARGET: _Calls(self._run.target)}
        for subject in self._run.subjects:
            subject.forget()
        again: _Calls | None = None
        for position, step in enumerate(plan):
            # The side that is called first changes with each call, so that it favours none.
            for side in tuple(Side) if position % 2 else tuple(reversed(Side)):
                if len(sides[side].calls) == position:
                    sides[side].call(step, self._run.target if side is Side.SOURCE else self._run.source)
            source, target = (sides[side].calls[position] for side in Side)
            found = compare_calls(step.case, source, target, self._run.rules)
            if source.gave_up or target.gave_up:
                self._spent += _PRICE_OF_WAITING
                if found.verdict != "different":
                    # What comes after it would be called on data layers that are given up.
                    return None
            if found.void:
                return self._lost(plan[: position + 1], sides, once_more=once_more)
            if found.verdict != "different":
                continue
            known_noise = again is not None
            again = again or self._source_alone(plan)
            found = without_noise(found, compare_calls(step.case, source, again.calls[position], self._run.rules))
            if found.verdict == "different":
                return self._divergence(plan[: position + 1], sides, found)
            if not known_noise:
                # The source goes its own ways here: from now on, one complete run of it is compared with another.
                sides[Side.SOURCE] = self._source_alone(plan)
        return None

    def _lost(self, plan: Plan, sides: dict[Side, _Calls], *, once_more: bool) -> Divergence | None:
        """One side lost its connection: where that is so every time, the calls before are the reason."""
        lost = [side for side in Side if _is_lost(sides[side].calls[len(plan) - 1])]
        if len(lost) != 1:
            return None
        if once_more:
            again = self._compared(plan, once_more=False)
            return again if again is not None and len(again.plan) == len(plan) else None
        code = "MET004" if lost == [Side.TARGET] else "MET005"
        note = f"the connection of the {lost[0]} is lost after the calls before it, every time"
        return self._divergence(plan, sides, Comparison(codes=frozenset({code}), notes=(note,)))

    def _divergence(self, plan: Plan, sides: dict[Side, _Calls], found: Comparison) -> Divergence:
        calls = tuple(zip(sides[Side.SOURCE].calls[: len(plan)], sides[Side.TARGET].calls, strict=True))
        return Divergence(plan=plan, calls=calls, found=found)

    def _source_alone(self, plan: Plan) -> _Calls:
        self._run.renew([Side.SOURCE], warm_up=False)
        calls = _Calls(self._run.source)
        for step in plan:
            calls.call(step, None)
        return calls


@dataclass(slots=True)
class _Calls:
    """The calls of one sequence on one side, from the state of the template."""

    subject: Subject
    calls: list[Observation] = field(default_factory=list)
    _written: Effects = NO_EFFECTS
    _attestations: tuple[Attestation, ...] = ()

    def call(self, step: Step, other: Subject | None) -> None:
        """Make one more call. What it leaves behind is all that was written since the beginning."""
        seen = self.subject.observe(self._case(step), other.stand.relays if other is not None else ())
        if seen.effects is not NO_EFFECTS:
            # Read against the untouched copy, and not read at all where nothing was written since the last call.
            self._written = seen.effects
        # An answer that is kept from an earlier call is no answer of another server: it was asked before.
        self._attestations = seen.attestations or self._attestations
        self.calls.append(replace(seen, effects=self._written, attestations=self._attestations))

    def _case(self, step: Step) -> Case:
        if step.earlier is None:
            return step.case
        arguments = arguments_from(step.case, self.calls[step.earlier].content)
        return step.case.model_copy(update={"kwargs": arguments})


def _is_lost(seen: Observation) -> bool:
    return seen.error is not None and is_infrastructure(seen.error)
