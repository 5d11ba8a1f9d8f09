"""Equal calls at the same moment: several data layers on one clone, as several instances of an application would be."""

from __future__ import annotations

import contextlib
import copy
import datetime as dt
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql

from harness.core.call_sequences import KnownCase
from harness.core.concurrent_outcomes import (
    Attempt,
    CallerOutcome,
    ConcurrentDifference,
    alike,
    chosen_cases,
    concurrency_findings,
)
from harness.core.coverage import Skipped
from harness.core.findings import Finding
from harness.core.method_results import JudgedPair
from harness.core.observations import Observation
from harness.core.outcome_errors import is_infrastructure
from harness.core.outcomes import Case
from harness.core.record import Side
from harness.errors import PgparityError
from harness.stages.layer_thread import LayerThread
from harness.stages.layers import Layer
from harness.stages.paired_run import PairedRun
from harness.stages.subject import Subject

ATTEMPTS = 4
"""Times that a case is called on both sides before it is said that it never ends alike"""
PATIENCE_SECONDS = 20.0
"""A caller that has not returned by then is said not to return"""
_LOCK_SECONDS = 0.5
"""Share of the patience after which the server gives up a statement that waits for a lock or does not end"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcurrencyResult:
    """What calls at the same moment came to."""

    findings: tuple[Finding, ...] = ()
    """MET019, one a method"""
    methods: frozenset[str] = frozenset()
    """Those that were called several times at once"""
    skipped: tuple[Skipped, ...] = ()
    """Cases that nothing is known about, and why"""


def concurrent_calls(
    run: PairedRun,
    known: Sequence[KnownCase],
    pairs: Sequence[JudgedPair],
    *,
    callers: int,
    patience: float = PATIENCE_SECONDS,
) -> ConcurrencyResult:
    """Call methods that wrote by `callers` callers at once, on both sides, and report those that never end alike.

    Each caller has a data layer of its own, which the factory builds on the same clone: so the instances of an
    application share the database, and within one process the modules too. Errors by kind and the rows left behind are
    compared; which caller gets which answer is chance. A caller that never returns cannot be ended, and may hold what
    others wait for: no further case is called then, and this has to be the last thing that a run does.
    """
    cases = chosen_cases(known, pairs)
    warm_up = next((each.case for each in known if not each.writes and not each.failed), None)
    at_once = {subject.side: _AtOnce(subject, callers, warm_up, patience) for subject in run.subjects}
    differences: list[ConcurrentDifference] = []
    methods: set[str] = set()
    skipped: list[Skipped] = []
    # What data layers print goes to standard error: the outermost of all redirections ends last, whatever threads do.
    with contextlib.redirect_stdout(sys.stderr):
        for position, case in enumerate(cases):
            found = _compared(run, at_once, case)
            if isinstance(found, ConcurrentDifference):
                differences.append(found)
                methods.add(case.method)
            elif found:
                skipped.append(Skipped(item=f"{case.id}, {callers} times at once", reason=found))
            else:
                methods.add(case.method)
            if any(each.hung for each in at_once.values()):
                reason = f"a caller of {case.method} did not return"
                skipped += [Skipped(item=f"{each.id}, at once", reason=reason) for each in cases[position + 1 :]]
                break
        if cases:
            run.renew()
    return ConcurrencyResult(
        findings=tuple(concurrency_findings(differences, callers, run.rules)),
        methods=frozenset(methods),
        skipped=tuple(skipped),
    )


def _compared(run: PairedRun, at_once: dict[Side, _AtOnce], case: Case) -> ConcurrentDifference | str:
    """How a case ends on both sides: '' alike, a difference, or in words why nothing is known."""
    attempts: dict[Side, list[Attempt]] = {side: [] for side in Side}
    found = None
    for _ in range(ATTEMPTS):
        run.renew(warm_up=False)
        for side in Side:
            attempts[side].append(at_once[side].attempt(case, at_once[_other(side)].subject))
        source, target = attempts[Side.SOURCE], attempts[Side.TARGET]
        if any(_is_lost(each[-1]) for each in (source, target)):
            return "a connection was lost"
        for one in source:
            for other in target:
                noise = [each for each in source if each is not one]
                found = alike(case, one, other, run.rules, noise)
                if found.void:
                    return found.gap
                if found.verdict != "different":
                    return ""
        if any(each.hung for each in at_once.values()):
            break
    if found is None:
        return "it was not called"
    queued = _queued(run, at_once, case)
    like_a_queue = bool(queued) and all(
        alike(case, queued[0], each, run.rules, queued[1:]).verdict != "different" for each in attempts[Side.TARGET]
    )
    return ConcurrentDifference(
        case=case,
        source=tuple(attempts[Side.SOURCE]),
        target=tuple(attempts[Side.TARGET]),
        found=found,
        like_a_queue=like_a_queue,
    )


def _queued(run: PairedRun, at_once: dict[Side, _AtOnce], case: Case) -> list[Attempt]:
    """The same calls on the source, one after the other, twice; none where a caller never returned."""
    if any(each.hung for each in at_once.values()):
        return []
    queued = []
    for _ in range(2):
        run.renew([Side.SOURCE], warm_up=False)
        queued.append(at_once[Side.SOURCE].attempt(case, at_once[Side.TARGET].subject, queue=True))
    return queued


def _other(side: Side) -> Side:
    return Side.TARGET if side is Side.SOURCE else Side.SOURCE


def _is_lost(attempt: Attempt) -> bool:
    return any(each.error is not None and is_infrastructure(each.error) for each in attempt.callers)


class _AtOnce:
    """The callers of one side."""

    def __init__(self, subject: Subject, callers: int, warm_up: Case | None, patience: float) -> None:
        self.subject = subject
        self.hung = False
        """Whether a caller never returned"""
        self._callers = callers
        self._warm_up = warm_up
        self._patience = patience

    def attempt(self, case: Case, other: Subject, *, queue: bool = False) -> Attempt:
        """Call the case by all callers at the same moment, or in a `queue`, on the clone as it is."""
        self._bound_waiting()
        own = [(relay, relay.marker()) for relay in self.subject.stand.relays]
        foreign = [(relay, relay.marker()) for relay in other.stand.relays]
        began = dt.datetime.now(dt.UTC)
        gate = threading.Barrier(1 if queue else self._callers)
        finish = threading.Event()
        callers = [_Caller(self.subject, case, self._warm_up, gate, finish) for _ in range(self._callers)]
        try:
            give_up = time.monotonic() + self._patience
            for caller in callers:
                caller.start()
                if queue:
                    caller.done.wait(self._patience)
            for caller in callers:
                caller.done.wait(max(0.0, give_up - time.monotonic()))
            ended = dt.datetime.now(dt.UTC)
            # Before the data layers are closed: what one of them commits only then is not there for others either.
            effects = self.subject.written()
        finally:
            finish.set()
        self.hung = self.hung or not all(caller.done.is_set() for caller in callers)
        for caller in callers:
            if caller.done.is_set():
                caller.join(self._patience)
        failure = next((caller.failure for caller in callers if caller.failure is not None), None)
        if failure is not None:
            raise failure
        began, ended = self.subject.stand.in_time(began, ended)
        seen = Observation(
            side=self.subject.side,
            database=self.subject.stand.slot.name,
            attestations=tuple(each for relay, marker in own for each in relay.attest(marker)),
            elsewhere=tuple(each for relay, marker in foreign for each in relay.attest(marker)),
            effects=effects,
            began=began,
            ended=ended,
            renewed=began,
        )
        return Attempt(callers=tuple(caller.outcome for caller in callers), seen=seen)

    def _bound_waiting(self) -> None:
        """Let the clone's server end statements before the caller is given up: a deadlock of locks is an answer."""
        limit = sql.Literal(f"{int(self._patience * _LOCK_SECONDS * 1000)}ms")
        with contextlib.closing(self.subject.stand.server.connect(purpose="clones")) as admin:
            for setting in ("statement_timeout", "lock_timeout"):
                admin.execute(
                    sql.SQL("ALTER DATABASE {} SET {} TO {}").format(
                        sql.Identifier(self.subject.stand.slot.name), sql.Identifier(setting), limit
                    )
                )


class _Caller(threading.Thread):
    """One instance of the application: builds its data layer, waits for the others, calls, and waits to be let go."""

    _building = threading.Lock()
    """Factories are called one after the other: that they can be called at once is asked of nobody"""

    def __init__(
        self, subject: Subject, case: Case, warm_up: Case | None, gate: threading.Barrier, finish: threading.Event
    ) -> None:
        super().__init__(name=f"caller of the {subject.side}", daemon=True)
        self._subject = subject
        self._case = case
        self._warm_up = warm_up
        self._gate = gate
        self._finish = finish
        self.done = threading.Event()
        self.outcome = CallerOutcome(hung=True)
        self.failure: PgparityError | None = None
        """Why the data layer could not be built"""

    def run(self) -> None:
        """The data layer lives in a thread of its own, with an event loop of its own."""
        with LayerThread() as thread:
            try:
                with self._building:
                    layer = self._subject.another_layer(thread)
            except PgparityError as error:
                self.failure = error
                self._gate.abort()
                self.done.set()
                return
            try:
                self._call(layer)
            finally:
                self.done.set()
                self._finish.wait()
                layer.close()

    def _call(self, layer: Layer) -> None:
        if self._warm_up is not None:
            # Connections are opened here, so that the calls themselves begin together.
            layer.call(self._warm_up.method, copy.deepcopy(self._warm_up.kwargs))
        with contextlib.suppress(threading.BrokenBarrierError):
            self._gate.wait()
            called = layer.call(self._case.method, copy.deepcopy(self._case.kwargs))
            seen = Observation(side=self._subject.side, answer=called.answer, exception=called.exception)
            self.outcome = CallerOutcome(error=seen.error)
