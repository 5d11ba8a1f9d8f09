"""The ways back: before the target was opened nothing can have been written there; afterwards it is carried back."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

from harness.core.cutover.record import CutoverCheck
from harness.core.cutover.steps import ROLLING_BACK, STOPPING, next_step
from harness.core.record import Side
from harness.errors import ConnectionFailed
from harness.postgres.connect import session
from harness.postgres.cutover_row import arrival_on, forget_arrival
from harness.postgres.fence import drained, fence, fence_record, held
from harness.stages.cutover.fencing import take_down
from harness.stages.cutover.request import Outcome, Situation, failed, judged, ok
from harness.stages.cutover.steps_run import Steps
from harness.stages.cutover.switching import forget_switches, switch_back

_TRIES: Final = 5
_PAUSE_SECONDS: Final = 1.0


def stop(steps: Steps, holding: contextlib.ExitStack, reason: str) -> bool:
    """Go back before the target was opened; whether everything is as it was. `holding` has the lock on the source."""
    if steps.progress.phase != "stopping":
        steps.turn("stopping", text=reason)
    work: dict[str, Callable[[], Outcome]] = {
        "switch back": lambda: _led_back(steps),
        "unfence": lambda: _unfenced(steps, holding),
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
        work: dict[str, Callable[[], Outcome]] = {
            "close": lambda: _closed(steps.situation, holding),
            "carry back": lambda: _carried(steps.situation),
            "switch back": lambda: _led_back(steps),
            "unfence": lambda: _unfenced(steps, holding),
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


def _closed(situation: Situation, holding: contextlib.ExitStack) -> Outcome:
    """Fence the target once more, and hold it: what it has is what is carried back."""
    request, section = situation.request, situation.request.section
    checks: list[CutoverCheck] = []
    tables = situation.tables(Side.TARGET)
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


def _carried(situation: Situation) -> Outcome:
    """Only where the source is fenced still, by this very cutover: else its own rows would be overwritten."""
    request = situation.request
    if _never_opened(situation):
        return Outcome(summary="the target was never open: nobody can have written there", skipped=True)
    if request.section.fence == "revoke":
        standing = fence_record(request.source)
        if standing is None or standing.cutover != situation.cutover:
            return Outcome(
                checks=(
                    failed(
                        "source fenced",
                        "the source is not fenced by this cutover: it may have been written since",
                        "Compare both sides: pgparity data diff.",
                    ),
                )
            )
    # What repairs rows is loaded for this alone.
    from harness.stages.cutover.carry_back import carry_back

    before = ok("source fenced", "since it was left, nobody can have written there")
    result = carry_back(request.run, cutover=situation.cutover, events=situation.events, consent=True)
    checks = [before, *(ok("carried back", each) for each in (*result.tables, *result.told))]
    checks += [failed("not carried back", each) for each in result.left]
    checks += [ok("carried back", each) for each in (*result.tables, *result.told)]
    if situation.still_held is not None:
        holds = situation.still_held()
        checks.append(
            judged("target locked", holds, "the lock is held" if holds else "the session that held it is gone")
        )
    return Outcome(checks=tuple(checks), summary=result.summary)


def _never_opened(situation: Situation) -> bool:
    """Whether the fence of the target is still the one that stood when it was about to be opened."""
    request = situation.request
    standing = fence_record(request.target)
    with session(request.target, purpose="cutover") as target:
        arrival = arrival_on(target)
    if standing is None or arrival is None or arrival.cutover != situation.cutover or arrival.opened_at is None:
        return False
    return datetime.fromisoformat(standing.at) < datetime.fromisoformat(arrival.opened_at)


def interrupted(steps: Steps, holding: contextlib.ExitStack) -> bool:
    """What an interrupt leaves behind is undone where nothing has been opened; whether everything is as it was."""
    if steps.progress.phase in ("forward", "stopping"):
        return stop(steps, holding, "interrupted")
    return False
