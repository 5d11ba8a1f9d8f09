"""What a journal comes to: the record of a cutover, with its times, made from its lines alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from harness.core.cutover.journal import Journal
from harness.core.cutover.record import CutoverRecord, CutoverStep, State
from harness.core.cutover.steps import DOES, ROLLING_BACK, STEPS, STOPPING, Phase

_STATES: Final[dict[Phase, State]] = {"stopped": "stopped", "open": "open", "rolled back": "rolled back"}
_ENDS: Final = frozenset({"stopped", "rolled back"})


def record_of(
    journal: Journal,
    *,
    fenced: Iterable[str] = (),
    message: str = "",
    next_command: str = "",
) -> CutoverRecord:
    """The record of a cutover as far as it came. `fenced`: which sides are now, as the databases say."""
    progress = journal.progress
    rolled = any(line.event == "rolling back" for line in journal.lines)
    went_back = rolled or any(line.event == "stopping" for line in journal.lines)
    way = ROLLING_BACK if rolled else STOPPING if went_back else ()
    began, ended = _downtime(journal)
    return CutoverRecord(
        id=journal.identity.id,
        state=_STATES.get(progress.phase, "incomplete"),
        steps=_steps(journal, STEPS),
        back=_steps(journal, way),
        fenced=tuple(fenced),
        downtime_seconds=_between(began, ended),
        downtime_offset=_between(_first(journal), began),
        rollback_seconds=_between(
            _at(journal, "rolling back" if rolled else "stopping"), _at(journal, "rolled back" if rolled else "stopped")
        )
        if went_back
        else None,
        exceptions=decisions(journal.steps(STEPS)),
        attempts=max(progress.attempts, 1),
        message=message,
        next_command=next_command,
    )


def decisions(steps: Iterable[CutoverStep]) -> tuple[str, ...]:
    """What somebody decided not to ask for, each with the reason."""
    found = (check for step in steps for check in step.checks if check.status == "decided")
    return tuple(dict.fromkeys(f"{check.name}: {check.text}" for check in found))


def planned_steps(results: Iterable[CutoverStep] = ()) -> tuple[CutoverStep, ...]:
    """All steps as they would be carried out; those that were looked at already, with what came of them."""
    known = {each.name: each for each in results}
    return tuple(known.get(name) or CutoverStep(name=name, status="planned", does=DOES[name]) for name in STEPS)


def offset_in(journal: Journal, at: str) -> float:
    """Seconds from the cutover's beginning to a moment."""
    return _between(_first(journal), at) or 0.0


def _steps(journal: Journal, names: Iterable[str]) -> tuple[CutoverStep, ...]:
    """The last result of each; of one that began later than that, that it was interrupted."""
    found = []
    for name in names:
        step = CutoverStep(name=name, status="not run", does=DOES[name])
        for line in journal.lines:
            if line.step != name:
                continue
            if line.result is not None:
                step = line.result
            elif line.event == "started":
                offset = offset_in(journal, line.at)
                step = CutoverStep(name=name, status="interrupted", does=DOES[name], started_at=line.at, offset=offset)
        found.append(step)
    return tuple(found)


def _first(journal: Journal) -> str | None:
    return journal.lines[0].at if journal.lines else None


def _at(journal: Journal, event: str) -> str | None:
    """When something happened first; of an end, last."""
    found = [line.at for line in journal.lines if line.event == event]
    return (found[-1] if event in _ENDS else found[0]) if found else None


def _downtime(journal: Journal) -> tuple[str | None, str | None]:
    """From the revoking of the source's writes until the target was opened, or the source again."""
    began = _at(journal, "fenced")
    for line in journal.lines:
        if line.event == "passed" and line.step in ("open", "unfence"):
            return began, line.at
    return began, None


def _between(began: str | None, ended: str | None) -> float | None:
    if began is None or ended is None:
        return None
    seconds = (datetime.fromisoformat(ended) - datetime.fromisoformat(began)).total_seconds()
    # A clock that was set back in between must not make a time negative.
    return round(max(seconds, 0.0), 3)
