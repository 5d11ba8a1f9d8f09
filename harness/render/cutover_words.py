"""A cutover in words: what its state means, and what to do now."""

from __future__ import annotations

from typing import Final

from harness.core.cutover.record import CutoverRecord, State

MEANINGS: Final[dict[State, str]] = {
    "planned": "Nothing was written: these are the steps, and what preflight found.",
    "stopped": "The cutover was not made: everything is as it was before.",
    "open": "The target is in use: every row of the source is there, and the application writes to it.",
    "rolled back": "The source is in use again, with the rows that the target was given.",
    "incomplete": "Something is half done: a command goes on or back.",
}


def cutover_steps(record: CutoverRecord) -> tuple[str, ...]:
    """What to do now, most useful first."""
    steps = [f"Run `{record.next_command}`."] if record.next_command else []
    if record.state == "open":
        steps.append(
            "The source stays fenced, as the fallback: `pgparity cutover rollback` goes back with all new rows."
        )
        steps.append("Keep run.json and the journal: they are the evidence.")
    elif record.failed:
        steps.append("Mend what does not hold, and run `pgparity cutover` without --yes until every check does.")
    return tuple(steps)
