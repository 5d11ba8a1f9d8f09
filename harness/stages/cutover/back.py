"""The ways back: before the target was opened nothing can have been written there; afterwards it is carried back."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Callable
from typing import Final

from harness.core.cutover.record import CutoverCheck
from harness.core.cutover.steps import ROLLING_BACK, STOPPING, next_step
from harness.core.record import Side
from harness.errors import ConnectionFailed
from harness.postgres.connect import session
from harness.postgres.cutover_row import arrival_on, forget_arrival
from harness.postgres.fence import drained, fence, held, writers_besides
from harness.postgres.sentinel import take_back_sentinel
from harness.stages.cutover.carrying import Carrying
from harness.stages.cutover.fencing import source_given_back, take_down
from harness.stages.cutover.request import Outcome, Situation, failed, judged, ok
from harness.stages.cutover.since_opening import opening_of
from harness.stages.cutover.steps_run import Steps
from harness.stages.cutover.switching import forget_switches, switch_back

_TRIES: Final = 5
_PAUSE_SECONDS: Final = 1.0


def stop(steps: Steps, holding: contextlib.ExitStack, reason: str, *, without_target: bool = False) -> bool:
    """Go back before the target was opened; whether everything is as it was. `holding` has the lock on the source.

    `without_target`: it cannot be reached, and the source says that it was never opened. Nothing is done where the
    databases say that it was, whatever the journal says.
    """
    if steps.progress.phase != "stopping":
        steps.turn("stopping", text=reason)
    situation = steps.situation

    def unless_opened(work: Callable[[], Outcome]) -> Outcome:
        refused = None if without_target else _opened_meanwhile(situation)
        return Outcome(checks=(refused,), summary="the target was opened") if refused is not None else work()

    unfence = _unfenced_alone if without_target else _unfenced
    work: dict[str, Callable[[], Outcome]] = {
        "switch back": lambda: unless_opened(lambda: _led_back(steps)),
        "unfence": lambda: unless_opened(lambda: unfence(steps, holding)),
    }
    if not _all(steps, STOPPING, work):
        return False
    steps.turn("stopped")
    return True


def roll_back(steps: Steps) -> bool:
    """Go back after the target was opened: its new rows first; whether everything is done."""
    if steps.progress.phase != "rolling back":
        steps.turn("rolling back")
    with contextlib.ExitStack() as holding:
        carrying = Carrying(situation=steps.situation, holding=holding)
        work: dict[str, Callable[[], Outcome]] = {
            "close": lambda: _closed(steps.situation, holding),
            "carry back": carrying.carried,
            "switch back": lambda: _led_back_and_let_go(steps, carrying),
            "unfence": lambda: _unfenced_and_looked(steps, holding, carrying),
        }
        if not _all(steps, ROLLING_BACK, work):
            return False
    steps.turn("rolled back")
    return True


def _all(steps: Steps, way: tuple[str, ...], work: dict[str, Callable[[], Outcome]]) -> bool:
    for name in way:
        if next_step(steps.progress) == name and not steps.run(name, _patient(work[name]), forced=True):
            return False
    return True


def _patient(work: Callable[[], Outcome]) -> Callable[[], Outcome]:
    """A server that is just being started again is waited for: nobody wants to be left fenced because of that."""

    def tried() -> Outcome:
        for _ in range(_TRIES - 1):
            try:
                return work()
            except ConnectionFailed:
                time.sleep(_PAUSE_SECONDS)
        return work()

    return tried


def _led_back(steps: Steps) -> Outcome:
    situation = steps.situation
    if not steps.progress.switch_begun:
        # Where it is led to the target all the same, another cutover did that.
        return Outcome(summary="the application was never led to the target", skipped=True)
    return switch_back(situation)


def _led_back_and_let_go(steps: Steps, carrying: Carrying) -> Outcome:
    """The source is still fenced when the target is let go: what came there meanwhile can be carried yet."""
    outcome = _led_back(steps)
    if not outcome.passed:
        return outcome
    checks = (*outcome.checks, *carrying.let_go())
    return dataclasses.replace(outcome, checks=checks, skipped=outcome.skipped and not checks)


def _unfenced(steps: Steps, holding: contextlib.ExitStack) -> Outcome:
    """Everybody writes to the source again; whoever is still on the target is refused there until the very end."""
    situation = steps.situation
    request = situation.request
    if not steps.progress.fence_begun:
        return Outcome(summary="nobody was fenced", skipped=True)
    outcome = take_down(request, situation.cutover, holding)
    situation.still_held = None
    if outcome.passed:
        with session(request.target, purpose="cutover", writable=True) as target:
            forget_arrival(target, situation.cutover)
        forget_switches(request, situation.cutover)
    return outcome


def _unfenced_and_looked(steps: Steps, holding: contextlib.ExitStack, carrying: Carrying) -> Outcome:
    outcome = _unfenced(steps, holding)
    return dataclasses.replace(outcome, checks=(*outcome.checks, *carrying.came_since()))


def _unfenced_alone(steps: Steps, holding: contextlib.ExitStack) -> Outcome:
    """Give the source back, and leave the target as it is: fenced, and out of reach."""
    situation = steps.situation
    request = situation.request
    # From here on a process elsewhere that would open the target finds that it may not.
    if not take_back_sentinel(request.source, situation.cutover, consent=True):
        told = "the source says that the target may have been opened: its rows would be lost"
        return Outcome(checks=(failed("target never opened", told, "Start the target, then run the command again."),))
    checks = source_given_back(request, situation.cutover)
    holding.close()
    situation.still_held = None
    checks.append(
        failed(
            "rights of the target",
            "the target cannot be reached: its fence stands, and nobody writes there",
            "Once it is back, run the command again.",
        )
    )
    return Outcome(checks=tuple(checks), summary="the source is in use")


def _opened_meanwhile(situation: Situation) -> CutoverCheck | None:
    """The journal may be an old copy, and the cutover have been gone on with elsewhere: the target itself says; where
    it cannot be reached, the source, which notes the opening first.
    """
    try:
        with session(situation.request.target, purpose="cutover") as target:
            arrival = arrival_on(target)
    except ConnectionFailed as error:
        if opening_of(situation.request.run, situation.cutover) is None:
            return None
        return failed("target never opened", f"{error.message}, and the source says that it may have been opened")
    if arrival is None or arrival.cutover != situation.cutover or arrival.opened_at is None:
        return None
    return failed(
        "target never opened",
        f"the target was opened at {arrival.opened_at}, which this journal does not say: rows may be there",
        f"{situation.request.command} rollback --yes carries them back.",
    )


def _closed(situation: Situation, holding: contextlib.ExitStack) -> Outcome:
    """Fence the target once more, and hold it: what it has is what is carried back."""
    request, section = situation.request, situation.request.section
    tables = situation.tables(Side.TARGET)
    checks = [_writers_besides(situation, tables)]
    if not checks[0].ok:
        return Outcome(checks=tuple(checks), summary="the target is as it was")
    found = fence(request.target, cutover=situation.cutover, roles=section.target_roles, tables=tables, consent=True)
    checks.append(ok("fence of the target", f"{found.record.rights} rights revoked, {found.new_rights} of them now"))
    waited = drained(request.target, tables=tables, seconds=section.drain_seconds)
    busy = "; ".join(str(each) for each in waited.in_the_way[:5])
    told = f"ended after {waited.seconds:.2f} s" if waited.ended else f"not ended in {waited.seconds:.1f} s: {busy}"
    checks.append(judged("running transactions", waited.ended, told, "Let them end, then run the command again."))
    if waited.ended:
        lock = holding.enter_context(held(request.target, tables=tables, consent=True))
        situation.still_held = lock.still_held
        checks.append(judged("lock", lock.still_held(), f"SHARE on {len(tables)} tables of the target"))
    return Outcome(checks=tuple(checks), summary="nobody writes to the target")


def _writers_besides(situation: Situation, tables: tuple[str, ...]) -> CutoverCheck:
    """A role that was made since, or given a right: what it writes while rows are carried back would be lost."""
    section, name = situation.request.section, "other writers on the target"
    found = writers_besides(situation.request.target, roles=section.target_roles, tables=tables)
    others = [each for each in found.roles if each.role not in section.keep_roles and each.role != found.own]
    if not others:
        return ok(name, "nobody but the named roles")
    more = f" and {len(others) - 5} more" if len(others) > 5 else ""
    shown = "; ".join(str(each) for each in others[:5]) + more
    hint = "Add them to cutover.target_roles, or to [cutover.keep_roles] with the reason."
    return failed(name, f"these can write past the fence: {shown}", hint)


def interrupted(steps: Steps, holding: contextlib.ExitStack) -> bool:
    """What an interrupt leaves behind is undone where nothing has been opened; whether everything is as it was."""
    if steps.progress.phase in ("forward", "stopping"):
        return stop(steps, holding, "interrupted")
    return False
