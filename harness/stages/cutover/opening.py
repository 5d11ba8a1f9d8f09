"""Open: the target's writes are given back, the source's lock is let go; its fence stays."""

from __future__ import annotations

import contextlib

from harness.core.cutover.record import CutoverCheck
from harness.core.record import Side
from harness.postgres.connect import session
from harness.postgres.cutover_row import arrival_on, note_opening
from harness.postgres.fence import Sentinel, breaches, fence_record, held
from harness.stages.cutover import hook_fence, since_opening
from harness.stages.cutover.fencing import restored
from harness.stages.cutover.final import compare
from harness.stages.cutover.hooks import call
from harness.stages.cutover.let_go import end_who_waits, source_untouched
from harness.stages.cutover.request import CutoverRequest, Outcome, Situation, failed, judged, unchecked
from harness.stages.cutover.switching import leads_to_target
from harness.stages.cutover.target_hold import hold_target
from harness.stages.events import Silent
from harness.stages.journal import Journal
from harness.stages.structure import learn_structure


def open_target(situation: Situation, holding: contextlib.ExitStack) -> Outcome:
    """Write that the target is opened, then open it. A second time does no harm, whatever the first one came to."""
    request = situation.request
    if situation.still_held is None and _still_closed(situation):
        again = _compared_again(situation, holding)
        if not again.passed:
            return again
    # On the source first: while it does not say so, nobody can have written to the target, also where that is gone.
    if not since_opening.note_opening(situation):
        return Outcome(checks=(failed("opening noted", "the source has no sentinel any more: it was given back"),))
    with session(request.target, purpose="cutover", writable=True) as target:
        noted = note_opening(target, situation.cutover)
    if not noted:
        return Outcome(checks=(failed("arrived", "the target does not say that everything has arrived"),))
    checks: list[CutoverCheck] = [restored(request.target, situation.cutover, strict=True)]
    checks += end_who_waits(situation)
    holding.close()
    situation.still_held = situation.target_held = None
    checks.append(_source_fenced(situation))
    checks.append(_application(situation))
    if request.section.open_command and all(each.ok for each in checks):
        ran = call(request, request.section.open_command, cutover=situation.cutover, step="open")
        checks.append(judged("open command", ran.code == 0, ran.text))
    checks.append(source_untouched(situation))
    return Outcome(checks=tuple(checks), summary="the application writes to the target")


def _application(situation: Situation) -> CutoverCheck:
    led = leads_to_target(situation)
    if led is None:
        return unchecked("application", "nothing says where it is led", "Run the command again once it can be asked.")
    return judged("application", led, "led to the target" if led else "not led to the target")


def _still_closed(situation: Situation) -> bool:
    """Whether an earlier process ended before it opened: then its lock was gone while nobody wrote to the target."""
    standing = fence_record(situation.request.target)
    return standing is not None and standing.cutover == situation.cutover


def _compared_again(situation: Situation, holding: contextlib.ExitStack) -> Outcome:
    """Hold the source once more, and compare every row: somebody whom no privilege binds may have written there."""
    request = situation.request
    with session(request.target, purpose="cutover") as target:
        arrival = arrival_on(target)
    if arrival is None or arrival.cutover != situation.cutover:
        return Outcome(checks=(failed("arrived", "the target does not say that everything has arrived"),))
    situation.learned = learn_structure(request.run, Journal(request.configuration, Silent()))
    lock = holding.enter_context(held(request.source, tables=situation.tables(Side.SOURCE), consent=True))
    situation.still_held = lock.still_held
    situation.sentinel = Sentinel(cutover=arrival.cutover, token=arrival.sentinel, lsn=arrival.lsn)
    hold_target(situation, holding)
    return compare(situation)


def opened_already(request: CutoverRequest, cutover: str) -> CutoverCheck:
    """Whether what an earlier process opened is open still."""
    standing = fence_record(request.target)
    with session(request.target, purpose="cutover") as target:
        arrival = arrival_on(target)
    if standing is not None:
        return failed("open", f"the target is fenced since {standing.at}")
    if arrival is None or arrival.cutover != cutover or arrival.opened_at is None:
        return failed("open", "the target does not say that it was opened")
    return _source_fenced(Situation(request=request, cutover=cutover))


def _source_fenced(situation: Situation) -> CutoverCheck:
    request, cutover, name = situation.request, situation.cutover, "fence of the source"
    if request.section.fence == "hook":
        return hook_fence.holds(situation, name)
    standing = fence_record(request.source)
    if standing is None or standing.cutover != cutover:
        return failed(name, f"the {Side.SOURCE} is not fenced: rows may be written there")
    # A record says what was taken, not what somebody granted since.
    found = breaches(request.source)
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    hint = "Revoke it, then compare both sides: rows may have been written there."
    return judged(name, not found, f"{found[0]}{more}" if found else "stays", hint)
