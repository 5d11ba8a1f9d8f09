"""The steps of a cutover and of the way back, and which may follow what; decided from the journal's events alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

STEPS: Final = (
    "preflight", "warm-up", "fence", "catch-up", "compare", "sequences", "switch", "smoke", "open",
)  # fmt: skip
"""In order; each begins only once the one before has passed, in the same attempt"""

DOES: Final = {
    "preflight": "asks whether everything holds that the steps need; writes nothing",
    "warm-up": "moves to the target what changed on the source since, while the application goes on",
    "fence": "revokes the application's writes on the target, then on the source; waits for running transactions; "
    "holds a SHARE lock on the source's tables; writes the sentinel last. Downtime begins",
    "catch-up": "moves what is left, from snapshots that have the sentinel",
    "compare": "compares the rows of both sides that the catch-up has not proven equal",
    "sequences": "sets the target's sequences past the source's and past their columns, and asks whether they are",
    "switch": "leads the application to the target",
    "smoke": "calls methods that read on both sides, and compares their answers",
    "open": "gives the application its writes on the target; the source stays fenced. Downtime ends",
    "close": "revokes the application's writes on the target again",
    "carry back": "writes to the source what the target was given since it was opened, and compares every row",
    "switch back": "leads the application back to the source",
    "unfence": "gives back every privilege that was revoked, on both sides",
}

STOPPING: Final = ("switch back", "unfence")
"""The way back while the target has never been open: nothing can have been written there"""
ROLLING_BACK: Final = ("close", "carry back", "switch back", "unfence")
"""The way back once the target was opened"""

Event = Literal[
    "attempt", "started", "passed", "failed", "fenced", "stopping", "stopped", "rolling back", "rolled back"
]
"""attempt: a process begins to work; fenced: the source's writes were revoked; stopping, rolling back: from now on
there is only the way back; stopped, rolled back: it has come to its end."""

Phase = Literal["new", "forward", "stopping", "stopped", "opening", "open", "rolling back", "rolled back"]

_TURNS: Final[dict[Event, Phase]] = {
    "stopping": "stopping",
    "stopped": "stopped",
    "rolling back": "rolling back",
    "rolled back": "rolled back",
}


@dataclass(slots=True)
class Progress:
    """What the events so far come to."""

    phase: Phase = "new"
    passed: list[str] = field(default_factory=list)
    """Steps that passed in the latest attempt, in order"""
    back_passed: list[str] = field(default_factory=list)
    """Steps of the way back that passed in the latest attempt"""
    switch_begun: bool = False
    """Whether the application may have been led to the target, in any attempt"""
    fence_begun: bool = False
    unfence_begun: bool = False
    """On the way back: from then on the application may write to the source again"""
    attempts: int = 0


class OutOfOrder(ValueError):
    """An event that may not follow those before it."""


def progress_of(events: Iterable[tuple[Event, str]]) -> Progress:
    """Fold (event, step) pairs. OutOfOrder where one may not follow: the journal is not what a cutover writes."""
    progress = Progress()
    for event, step in events:
        add(progress, event, step)
    return progress


def add(progress: Progress, event: Event, step: str) -> None:
    """Add one event. OutOfOrder."""
    if not _may_follow(progress, event, step):
        raise OutOfOrder(f"{event} {step}".strip() + f" may not follow in phase {progress.phase}")
    if event == "attempt":
        progress.attempts += 1
        # What an earlier process saw may not hold any more: its lock on the source went with it.
        progress.passed.clear()
        if not progress.unfence_begun:
            progress.back_passed.clear()
        if progress.phase == "new":
            progress.phase = "forward"
    elif event == "started":
        _started(progress, step)
    elif event == "passed":
        (progress.back_passed if way_back(progress) else progress.passed).append(step)
        if step == "open":
            progress.phase = "open"
    elif event in _TURNS:
        progress.phase = _TURNS[event]


def _started(progress: Progress, step: str) -> None:
    progress.fence_begun |= step == "fence"
    progress.switch_begun |= step == "switch"
    progress.unfence_begun |= step == "unfence"
    if step == "open":
        progress.phase = "opening"


def next_step(progress: Progress) -> str | None:
    """What is next on the way that the cutover is on; None where nothing is: it has ended, or is open."""
    if progress.phase in ("forward", "new"):
        left = [each for each in STEPS if each not in progress.passed]
        return left[0] if left else None
    if progress.phase == "opening":
        return "open"
    way = way_back(progress)
    return next((each for each in way if each not in progress.back_passed), None)


def way_back(progress: Progress) -> tuple[str, ...]:
    """The steps of the way back that it is on; none where it is on none."""
    return {"stopping": STOPPING, "rolling back": ROLLING_BACK}.get(progress.phase, ())


def may_have_been_open(progress: Progress) -> bool:
    """Whether the application may have written to the target: nothing may be moved there from the source any more."""
    return progress.phase in ("opening", "open", "rolling back")


def _may_follow(progress: Progress, event: Event, step: str) -> bool:
    phase = progress.phase
    if event == "attempt":
        return phase not in ("stopped", "rolled back")
    if phase == "new":
        return False
    if event in ("started", "passed", "failed"):
        if phase == "open":
            return False
        return step == next_step(progress)
    if event == "fenced":
        return phase == "forward" and next_step(progress) == "fence"
    if event == "stopping":
        return phase == "forward"
    if event == "stopped":
        return phase == "stopping" and next_step(progress) is None
    if event == "rolling back":
        return phase in ("opening", "open")
    return event == "rolled back" and phase == "rolling back" and next_step(progress) is None
