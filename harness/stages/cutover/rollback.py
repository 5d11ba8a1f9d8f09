"""`cutover rollback`: goes back from wherever a cutover stands, also where its journal is lost; `cutover status`."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Final

from harness.core.cutover.journal import CutoverIdentity, Journal
from harness.core.cutover.record import CutoverRecord
from harness.core.cutover.steps import STEPS, may_have_been_open
from harness.core.cutover.summary import planned_steps, record_of
from harness.core.record import Side
from harness.errors import CutoverFailed
from harness.postgres.connect import ensure_comparable, session
from harness.postgres.cutover_row import Arrival, arrival_on
from harness.postgres.fence import fence_record
from harness.postgres.sentinel import read_sentinel
from harness.stages.cutover.back import roll_back as carry_and_go_back
from harness.stages.cutover.back import stop
from harness.stages.cutover.carrying import CAME_SINCE
from harness.stages.cutover.engine import GO_BACK, GO_ON, ensure_of_these, identity_of, working
from harness.stages.cutover.fencing import standing_fences
from harness.stages.cutover.journal_file import JournalFile, is_being_worked_on, moment, put_aside, read_journal
from harness.stages.cutover.request import CutoverRequest, Decide, Situation
from harness.stages.cutover.since_opening import ensure_as_opened
from harness.stages.cutover.steps_run import Steps
from harness.stages.cutover.target_gone import status_without_target, target_gone, without_target
from harness.stages.events import Events, Silent
from harness.stages.journal import Journal as StageJournal
from harness.stages.structure import learn_structure

_ENDED: Final = ("stopped", "rolled back")


@dataclass(frozen=True, slots=True)
class Standing:
    """What the databases themselves say."""

    fences: dict[Side, str]
    arrival: Arrival | None

    @property
    def cutover(self) -> str | None:
        """Whose fence or row it is."""
        return next(iter(self.fences.values()), None) or (self.arrival.cutover if self.arrival is not None else None)

    @property
    def opened(self) -> bool:
        """Whether the application may have written to the target."""
        return self.arrival is not None and self.arrival.opened_at is not None


def roll_back(request: CutoverRequest, decide: Decide, events: Events | None = None) -> CutoverRecord:
    """Go back, with the rows that the target was given since it was opened. CutoverFailed: there is nothing to undo."""
    events = events or Silent()
    gone = target_gone(request)
    if gone is not None:
        return without_target(request, decide, events, gone)
    ensure_comparable(request.source, request.target)
    with working(request, decide):
        journal = read_journal(request.state)
        if journal is not None:
            ensure_of_these(journal.identity, request)
        standing = _standing(request)
        if journal is not None and journal.progress.phase in _ENDED:
            if not standing.fences and not standing.opened:
                return record_of(journal, message="it has gone back already; nothing was done")
            journal = None
        elif journal is not None and _is_stale(journal, standing):
            # What the databases say holds: this one is an old copy, and the cutover was gone on with elsewhere.
            journal = None
        if journal is None and standing.cutover is None:
            raise CutoverFailed(
                "there is nothing to roll back: no journal, and neither side is fenced", hint="Check --state."
            )
        _ensure_known(request, journal, standing)
        plan = _plan(request, journal, standing)
        if not decide(plan):
            return plan
        if journal is None and (old := read_journal(request.state)) is not None:
            put_aside(request.state, old.identity)
        file = JournalFile.go_on(request.state) if journal is not None else _rebuilt(request, standing)
        try:
            return _gone_back(request, file, events)
        finally:
            file.close()


def status(request: CutoverRequest) -> CutoverRecord:
    """Where a cutover stands, by its journal and by the databases. Nothing is written."""
    journal = read_journal(request.state)
    gone = target_gone(request)
    if gone is not None:
        return status_without_target(request, journal, gone)
    standing = _standing(request)
    fenced = tuple(str(side) for side in standing.fences)
    if journal is None:
        if standing.cutover is None:
            return CutoverRecord(id="", state="planned", steps=planned_steps(), message="no cutover has begun")
        return _plan(request, None, standing)
    ensure_of_these(journal.identity, request)
    if _is_stale(journal, standing):
        return _plan(request, None, standing)
    phase = journal.progress.phase
    message, command = _words(request, journal, standing)
    if is_being_worked_on(request.state):
        last = next((line.step for line in reversed(journal.lines) if line.step), "")
        message, command = f"a process works on it now: {last}", ""
    found = record_of(journal, fenced=fenced, message=message, next_command=command)
    if phase in _ENDED and fenced:
        return found.model_copy(update={"state": "incomplete"})
    if phase == "open" and Side.TARGET in standing.fences:
        return found.model_copy(update={"state": "incomplete"})
    return found


def _gone_back(request: CutoverRequest, file: JournalFile, events: Events) -> CutoverRecord:
    """Ctrl-C and SIGTERM leave it where it is: the command goes on when it is run again."""
    situation = Situation(request=request, cutover=file.identity.id, events=events)
    steps = Steps(situation=situation, journal=file)
    file.note("attempt")
    again = GO_BACK.format(command=request.command)
    try:
        if not may_have_been_open(file.progress):
            with contextlib.ExitStack() as holding:
                if stop(steps, holding, "asked to go back"):
                    return steps.record(message="everything is as it was before")
        else:
            situation.learned = learn_structure(request.run, StageJournal(request.configuration, Silent()))
            if not file.progress.unfence_begun:
                fence = fence_record(request.source)
                fenced = fence.tables if fence is not None and fence.cutover == situation.cutover else ()
                ensure_as_opened(request, situation.cutover, situation.learned, fenced)
            if carry_and_go_back(steps):
                return steps.record(message=_in_use(steps))
    except Exception:
        raise
    except BaseException:  # noqa: BLE001 - an interrupt: what was done is in the journal
        return steps.record(message="interrupted on the way back", next_command=again)
    return steps.record(message=f"it has not gone back: {steps.why()}", next_command=again)


def _ensure_known(request: CutoverRequest, journal: Journal | None, standing: Standing) -> None:
    """CutoverFailed where the source does not know of a cutover whose rows would be carried: an old journal of one that
    was rolled back elsewhere must not close a target that is none of its business any more.
    """
    if journal is not None:
        opened = may_have_been_open(journal.progress) and not journal.progress.unfence_begun
        cutover: str | None = journal.identity.id
    else:
        opened, cutover = standing.opened, standing.cutover
    if opened and read_sentinel(request.source, cutover) is None:
        raise CutoverFailed(
            f"the source knows nothing of the cutover {cutover}: it was rolled back elsewhere, or its records are gone",
            hint="Nothing was done. pgparity data diff says what differs; where the target is fenced, pgparity.fence"
            " there lists the statements that give its rights back (by_hand).",
        )


def _in_use(steps: Steps) -> str:
    told = "the source is in use again"
    carried = any(line.event == "passed" and line.step == "carry back" for line in steps.journal.journal.lines)
    later = [line for line in steps.journal.journal.lines if line.event == "failed" and line.step == "unfence"]
    if any(check.name == CAME_SINCE for line in later if line.result for check in line.result.checks if not check.ok):
        return f"{told}; what came to the target after its rows were carried back is there alone"
    return f"{told}, with the rows that the target was given" if carried else told


def _is_stale(journal: Journal, standing: Standing) -> bool:
    """Whether the target was opened by this very cutover, and the journal does not know of it."""
    arrival = standing.arrival
    ours = standing.opened and arrival is not None and arrival.cutover == journal.identity.id
    return ours and not may_have_been_open(journal.progress) and journal.progress.phase not in _ENDED


def _standing(request: CutoverRequest) -> Standing:
    with session(request.target, purpose="cutover") as target:
        arrival = arrival_on(target)
    return Standing(standing_fences(request), arrival)


def _plan(request: CutoverRequest, journal: Journal | None, standing: Standing) -> CutoverRecord:
    command = GO_BACK.format(command=request.command)
    fenced = tuple(str(side) for side in standing.fences)
    if journal is not None:
        message, _ = _words(request, journal, standing)
        return record_of(journal, fenced=fenced, message=message, next_command=command)
    told = "the target was opened" if standing.opened else "the target was never opened"
    lost = read_journal(request.state) is None
    what = f"there is no journal at {request.state.name}" if lost else f"the journal {request.state.name} is an old one"
    return CutoverRecord(
        id=standing.cutover or "",
        state="incomplete",
        steps=planned_steps(),
        fenced=fenced,
        message=f"{what}; the databases say: {told}",
        next_command=command,
    )


def _words(request: CutoverRequest, journal: Journal, standing: Standing) -> tuple[str, str]:
    """Where it stands in a sentence, and the command that goes on, where something is left to do."""
    phase = journal.progress.phase
    on, back = GO_ON.format(command=request.command), GO_BACK.format(command=request.command)
    sides = " and the ".join(str(side) for side in standing.fences) + (" are" if len(standing.fences) > 1 else " is")
    fenced = bool(standing.fences)
    if phase in _ENDED:
        if fenced:
            return f"it went back, and the {sides} fenced all the same", back
        return f"it was {phase}: the application is on the source", ""
    if phase == "open":
        if Side.TARGET in standing.fences:
            return "it was open, and the target is fenced", back
        return "the target is open; the source stays fenced", ""
    if phase in ("stopping", "rolling back"):
        return "the way back was not ended", back
    if phase == "opening":
        return "it was interrupted while the target was opened", on
    if fenced:
        return f"it was interrupted, and the {sides} fenced", on
    return "it was interrupted before anybody was fenced", on


def _rebuilt(request: CutoverRequest, standing: Standing) -> JournalFile:
    """A journal that says what the databases say, where the real one is lost."""
    file = JournalFile.begin(
        request.state,
        CutoverIdentity(
            id=standing.cutover or "",
            source=identity_of(request.source),
            target=identity_of(request.target),
            configuration=request.fingerprint,
            began_at=moment(),
        ),
    )
    told = "the journal was lost: the databases say so"
    file.note("attempt", text=told)
    # Whether the application was led over is not known without an opening: the way back asks.
    for name in STEPS if standing.opened else STEPS[: STEPS.index("switch")]:
        file.note("started", name, text=told)
        file.note("passed", name, text=told)
    if not standing.opened:
        file.note("started", "switch", text=told)
    return file
