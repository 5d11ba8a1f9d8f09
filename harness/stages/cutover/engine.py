"""The cutover: its steps in order, each with its checks, journaled; an interrupted one is gone on with."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Callable, Collection, Iterator

from harness.core.cutover.journal import CutoverIdentity, DatabaseIdentity, Journal
from harness.core.cutover.record import CutoverRecord, CutoverStep
from harness.core.cutover.steps import DOES
from harness.core.cutover.summary import decisions, planned_steps, record_of
from harness.core.document import ServerFacts
from harness.core.record import Side
from harness.errors import CutoverFailed, PgparityError
from harness.postgres.connect import Endpoint, ensure_comparable, server_facts, session
from harness.postgres.worked_on import worked_on
from harness.stages.cutover.back import interrupted, stop
from harness.stages.cutover.fencing import put_up, standing_fences
from harness.stages.cutover.final import catch_up, compare, warm_up
from harness.stages.cutover.journal_file import JournalFile, alone, moment, put_aside, read_journal
from harness.stages.cutover.opening import open_target, opened_already
from harness.stages.cutover.preflight import preflight
from harness.stages.cutover.request import CutoverRequest, Decide, Outcome, Situation
from harness.stages.cutover.sequences import sequences
from harness.stages.cutover.smoke import smoke
from harness.stages.cutover.steps_run import Steps
from harness.stages.cutover.switching import switch
from harness.stages.cutover.target_hold import with_target_held
from harness.stages.cutover.unchanged import noted_before
from harness.stages.events import Events, Silent

GO_ON = "{command} --yes"
GO_BACK = "{command} rollback --yes"


def cut_over(request: CutoverRequest, decide: Decide, events: Events | None = None) -> CutoverRecord:
    """Show what would be done, with the live results of preflight, and do it where `decide` says so.

    What an earlier process left half done is gone on with. CutoverFailed: another process works on it, or the journal
    is of something else; PgparityError where a side cannot be reached before anything was done.
    """
    events = events or Silent()
    ensure_comparable(request.source, request.target)
    with working(request, decide):
        earlier = read_journal(request.state)
        if earlier is not None:
            ensure_of_these(earlier.identity, request)
            phase = earlier.progress.phase
            if phase in ("stopping", "rolling back", "opening", "open"):
                return _unfinished(request, earlier, decide, events)
            if phase in ("stopped", "rolled back"):
                earlier = None
        if earlier is None and (lost := standing_fences(request)):
            return _journal_lost(request, lost)
        return _forward(request, earlier, decide, events)


@contextlib.contextmanager
def working(request: CutoverRequest, decide: Decide, sides: Collection[Side] = tuple(Side)) -> Iterator[None]:
    """Keep out who else would work on it: here by the journal, on other machines by the databases on `sides`."""
    if decide is never:
        yield
        return
    endpoints = [each for each in (request.source, request.target) if each.side in sides]
    with alone(request.state), worked_on(endpoints):
        yield


def never(_plan: CutoverRecord) -> bool:
    """The decision of a dry run."""
    return False


def _forward(request: CutoverRequest, earlier: Journal | None, decide: Decide, events: Events) -> CutoverRecord:
    fenced_before = earlier is not None and earlier.progress.fence_begun and _stands(request, earlier.identity.id)
    if earlier is not None and earlier.identity.configuration != request.fingerprint:
        if fenced_before:
            raise CutoverFailed(
                "the configuration has changed since the cutover fenced",
                hint=f"Put it back to go on, or go back: {GO_BACK.format(command=request.command)}.",
            )
        earlier = None
    identity = earlier.identity.id if earlier is not None else uuid.uuid4().hex[:12]
    situation = Situation(
        request=request,
        cutover=identity,
        events=events,
        fenced_before=fenced_before,
        structure=noted_before(earlier) if earlier is not None and fenced_before else "",
    )
    with contextlib.ExitStack() as ending:
        ending.callback(lambda: situation.smoke.close() if situation.smoke is not None else None)
        looked = _looked(situation)
        plan = CutoverRecord(
            id=identity,
            state="incomplete" if fenced_before else "planned",
            steps=planned_steps([looked]),
            fenced=tuple(str(side) for side in standing_fences(request)),
            exceptions=decisions([looked]),
            message="a process was interrupted after it had fenced" if fenced_before else "",
            next_command=GO_ON.format(command=request.command),
        )
        if not fenced_before and looked.status == "failed":
            return plan.model_copy(
                update={"message": "preflight does not hold: nothing was changed", "next_command": ""}
            )
        if not decide(plan):
            return plan
        journal = _journal(request, earlier, situation)
        ending.callback(journal.close)
        return _carried_out(Steps(situation=situation, journal=journal), looked)


def _looked(situation: Situation) -> CutoverStep:
    """preflight, before there is a journal: it writes nothing."""
    events = situation.events
    events.stage_started("preflight")
    at, started = moment(), time.perf_counter()
    try:
        outcome = preflight(situation)
    except PgparityError as error:
        if not situation.fenced_before:
            raise
        back = GO_BACK.format(command=situation.request.command)
        raise CutoverFailed(
            f"the cutover has fenced, and cannot go on: {error.message}", hint=f"Run it again, or go back: {back}."
        ) from None
    seconds = time.perf_counter() - started
    status = "passed" if outcome.passed else "failed"
    events.stage_finished("preflight", status, seconds, outcome.summary)
    return CutoverStep(
        name="preflight",
        status="passed" if outcome.passed else "failed",
        does=DOES["preflight"],
        started_at=at,
        seconds=round(seconds, 3),
        checks=outcome.checks,
        summary=outcome.summary,
        coverage=outcome.coverage,
    )


def _carried_out(steps: Steps, looked: CutoverStep) -> CutoverRecord:
    situation = steps.situation
    steps.journal.note("attempt", at=looked.started_at or "")
    steps.journal.note("started", "preflight", at=looked.started_at or "")
    holding = contextlib.ExitStack()
    work: dict[str, Callable[[], Outcome]] = {
        "warm-up": lambda: warm_up(situation),
        "fence": lambda: put_up(situation, holding, lambda at: steps.journal.note("fenced", at=at)),
        "catch-up": lambda: with_target_held(situation, holding, lambda: catch_up(situation)),
        "compare": lambda: compare(situation),
        "sequences": lambda: sequences(situation),
        "switch": lambda: switch(situation),
        "smoke": lambda: smoke(situation),
    }
    try:
        holds = looked.status == "passed"
        steps.journal.note("passed" if holds else "failed", "preflight", result=looked)
        if holds and all(steps.run(name, each) for name, each in work.items()):
            return _opened(steps, holding)
        return _stopped(steps, holding)
    except CutoverFailed as error:
        # The journal cannot be written: what it does not say must not be done.
        if steps.progress.phase in ("opening", "open"):
            command = GO_ON.format(command=situation.request.command)
            return steps.record(message=f"the target is being opened: {error.message}", next_command=command)
        return _stopped(steps, holding, error.message)
    except BaseException as error:  # noqa: BLE001 - an interrupt too: nobody is to be left fenced
        return _interrupted(steps, holding, error)
    finally:
        holding.close()


def _interrupted(steps: Steps, holding: contextlib.ExitStack, error: BaseException) -> CutoverRecord:
    """Ctrl-C and SIGTERM end a cutover as a check that fails does; a defect does too, and is told as one."""
    command = steps.situation.request.command
    back, opening = interrupted(steps, holding), steps.progress.phase in ("opening", "open")
    told = "interrupted: everything is as it was before" if back else "interrupted, and something is half done"
    following = "" if back else (GO_ON if opening else GO_BACK).format(command=command)
    if not isinstance(error, Exception):
        return steps.record(message=told, next_command=following)
    if back:
        raise error
    raise CutoverFailed(f"unexpected {type(error).__name__}: something is half done", hint=following) from error


def _stopped(steps: Steps, holding: contextlib.ExitStack, reason: str = "") -> CutoverRecord:
    reason = reason or steps.why()
    back = GO_BACK.format(command=steps.situation.request.command)
    if stop(steps, holding, reason):
        return steps.record(message=f"{reason}: everything is as it was before")
    return steps.record(message=f"{reason}; and it could not go back: {steps.why()}", next_command=back)


def _opened(steps: Steps, holding: contextlib.ExitStack) -> CutoverRecord:
    command = steps.situation.request.command
    if steps.run("open", lambda: open_target(steps.situation, holding)):
        return steps.record(message="the target is open; the source stays fenced", next_command="")
    return steps.record(
        message=f"the target is not wholly open: {steps.why()}", next_command=GO_ON.format(command=command)
    )


def _unfinished(request: CutoverRequest, earlier: Journal, decide: Decide, events: Events) -> CutoverRecord:
    """A cutover that is past the point where its steps could be made again."""
    phase, cutover = earlier.progress.phase, earlier.identity.id
    fenced = tuple(str(side) for side in standing_fences(request))
    back = GO_BACK.format(command=request.command)
    if phase == "open":
        check = opened_already(request, cutover)
        if check.ok:
            return record_of(earlier, fenced=fenced, message="the target is open already; nothing was done")
        found = record_of(earlier, fenced=fenced, message=check.text, next_command=back)
        return found.model_copy(update={"state": "incomplete"})
    if phase == "rolling back":
        return record_of(earlier, fenced=fenced, message="a rollback has begun and is to be ended", next_command=back)
    told = "its way back was interrupted" if phase == "stopping" else "it was interrupted while the target was opened"
    plan = record_of(earlier, fenced=fenced, message=told, next_command=GO_ON.format(command=request.command))
    if not decide(plan):
        return plan
    journal = JournalFile.go_on(request.state)
    try:
        steps = Steps(situation=Situation(request=request, cutover=cutover, events=events), journal=journal)
        journal.note("attempt")
        with contextlib.ExitStack() as holding:
            if phase == "stopping":
                return _stopped(steps, holding, "the way back was interrupted")
            return _opened(steps, holding)
    finally:
        journal.close()


def _journal(request: CutoverRequest, earlier: Journal | None, situation: Situation) -> JournalFile:
    if earlier is not None:
        return JournalFile.go_on(request.state)
    known = read_journal(request.state)
    if known is not None:
        put_aside(request.state, known.identity)
    return JournalFile.begin(
        request.state,
        CutoverIdentity(
            id=situation.cutover,
            source=_identity(situation.sides[0]),
            target=_identity(situation.sides[1]),
            configuration=request.fingerprint,
            began_at=moment(),
        ),
    )


def _stands(request: CutoverRequest, cutover: str) -> bool:
    """Whether the fence of an earlier process is there, on either side; a hook's leaves no record on the source."""
    return cutover in standing_fences(request).values()


def _journal_lost(request: CutoverRequest, fences: dict[Side, str]) -> CutoverRecord:
    sides = " and the ".join(str(side) for side in fences) + (" are" if len(fences) > 1 else " is")
    return CutoverRecord(
        id=next(iter(fences.values())),
        state="incomplete",
        steps=planned_steps(),
        fenced=tuple(str(side) for side in fences),
        message=f"the {sides} fenced by a cutover whose journal is not at {request.state.name}",
        next_command=GO_BACK.format(command=request.command),
    )


def _identity(facts: ServerFacts) -> DatabaseIdentity:
    return DatabaseIdentity(address=facts.address, database=facts.database, system_identifier=facts.system_identifier)


def identity_of(endpoint: Endpoint) -> DatabaseIdentity:
    """Which database an endpoint leads to."""
    with session(endpoint, purpose="cutover") as connection:
        return _identity(server_facts(connection, endpoint))


def ensure_of_these(
    identity: CutoverIdentity, request: CutoverRequest, *, sides: Collection[Side] = tuple(Side)
) -> None:
    """CutoverFailed where the journal is of other databases. `sides`: those that can be asked."""
    for endpoint, known in ((request.source, identity.source), (request.target, identity.target)):
        if endpoint.side not in sides:
            continue
        found = identity_of(endpoint)
        ours = (known.database, known.system_identifier or known.address)
        theirs = (found.database, found.system_identifier or found.address)
        if ours != theirs:
            raise CutoverFailed(
                f"the journal {request.state.name} is of another {endpoint.side} database",
                hint="Give the databases that it was begun with, or another --state.",
            )
