"""The target is gone: the source alone says whether it was ever opened, and is given back where it was not."""

from __future__ import annotations

import contextlib

from harness.core.cutover.journal import Journal
from harness.core.cutover.record import CutoverRecord
from harness.core.cutover.steps import may_have_been_open
from harness.core.cutover.summary import planned_steps, record_of
from harness.core.record import Side
from harness.errors import ConnectionFailed, CutoverFailed
from harness.postgres.connect import ensure_session_kept, session
from harness.postgres.fence import fence_record
from harness.postgres.sentinel import read_sentinel
from harness.stages.cutover.back import stop
from harness.stages.cutover.engine import GO_BACK, ensure_of_these, working
from harness.stages.cutover.journal_file import JournalFile, read_journal
from harness.stages.cutover.request import CutoverRequest, Decide, Situation
from harness.stages.cutover.steps_run import Steps
from harness.stages.events import Events

_UNKNOWN = "target (not known: it cannot be asked)"


def target_gone(request: CutoverRequest) -> ConnectionFailed | None:
    """Why no session of the target can be had; None where it can."""
    try:
        with session(request.target, purpose="cutover"):
            return None
    except ConnectionFailed as error:
        return error


def without_target(request: CutoverRequest, decide: Decide, events: Events, gone: ConnectionFailed) -> CutoverRecord:
    """Give the source back where the target was never opened; the rest is done once it can be reached again.

    CutoverFailed where it may have been: its rows would be lost.
    """
    ensure_session_kept(request.source)
    with working(request, decide, (Side.SOURCE,)):
        journal = read_journal(request.state)
        if journal is None or journal.progress.phase in ("stopped", "rolled back"):
            raise CutoverFailed(
                f"{gone.message}, and no journal says what the cutover was about",
                hint="Start the target, or give --state. pgparity.fence on the source lists what its fence took"
                " (by_hand), should the target never come back.",
            )
        ensure_of_these(journal.identity, request, sides=(Side.SOURCE,))
        told, command = _words(request, journal)
        if _may_have_been_opened(request, journal):
            raise CutoverFailed(
                f"{gone.message}, and it may have been opened: rows that it was given would be lost",
                hint="Start it, then run the command again. Where it is lost for good: pgparity.fence on the source"
                " lists the statements that give its rights back (by_hand).",
            )
        plan = record_of(journal, fenced=_fenced(request), message=told, next_command=command)
        if not decide(plan):
            return plan
        file = JournalFile.go_on(request.state)
        try:
            file.note("attempt")
            steps = Steps(
                situation=Situation(request=request, cutover=journal.identity.id, events=events), journal=file
            )
            with contextlib.ExitStack() as holding:
                stop(steps, holding, "asked to go back", without_target=True)
            return steps.record(message=f"it has not gone back wholly: {steps.why()}", next_command=command)
        finally:
            file.close()


def status_without_target(request: CutoverRequest, journal: Journal | None, gone: ConnectionFailed) -> CutoverRecord:
    """What the source and the journal say."""
    if journal is None:
        fence = fence_record(request.source)
        what = (
            f"the source is fenced by the cutover {fence.cutover}" if fence is not None else "the source is not fenced"
        )
        return CutoverRecord(
            id=fence.cutover if fence is not None else "",
            state="incomplete",
            steps=planned_steps(),
            fenced=_fenced(request),
            message=f"{gone.message}; there is no journal at {request.state.name}; the source is {what}",
        )
    ensure_of_these(journal.identity, request, sides=(Side.SOURCE,))
    told, command = _words(request, journal)
    found = record_of(journal, fenced=_fenced(request), message=f"{gone.message}; {told}", next_command=command)
    return found.model_copy(update={"state": "incomplete"})


def _words(request: CutoverRequest, journal: Journal) -> tuple[str, str]:
    back = GO_BACK.format(command=request.command)
    if _may_have_been_opened(request, journal):
        return "it may have been opened: go on once it can be reached", ""
    if journal.progress.unfence_begun and fence_record(request.source) is None:
        return "the source was given back; the target's fence stands until it can be reached", back
    return "the source says that the target was never opened: it can be given back", back


def _may_have_been_opened(request: CutoverRequest, journal: Journal) -> bool:
    """The source notes the opening before the target does: what it does not have cannot have happened."""
    if may_have_been_open(journal.progress):
        return True
    sentinel = read_sentinel(request.source, journal.identity.id)
    if sentinel is not None:
        return sentinel.opening is not None
    # Without one it was fenced and no more, or this way back has taken it already; else somebody has dropped it.
    passed = any(line.event == "passed" and line.step == "fence" for line in journal.lines)
    return passed and not journal.progress.unfence_begun


def _fenced(request: CutoverRequest) -> tuple[str, ...]:
    return (*(["source"] if fence_record(request.source) is not None else []), _UNKNOWN)
