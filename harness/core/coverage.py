"""Coverage: what a stage checked, what it did not, and why; silence is never a pass."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from harness.core.record import Record

StageStatus = Literal["passed", "failed", "incomplete", "excluded", "not run"]
"""passed: all that was asked was done, nothing was found at or above the limit; failed: something was found;
incomplete: something asked for was not checked; excluded: left out by name; not run: an earlier stage stopped it."""

LARGE_OBJECTS: Final = "large objects"
"""What an item calls all large objects of a run"""


def of_check(name: str) -> str:
    """What an item calls a check of the configuration."""
    return f"check {name}"


class Skipped(Record):
    """Something that was not checked. `decided` says that a person excluded it by name; only then is it no gap."""

    item: str
    reason: str
    decided: bool = False


class Coverage(Record):
    """What one stage checked, in `unit`s."""

    stage: str
    unit: str = Field(description="What is counted: table, column, statement, case, row, …")
    checked: int = Field(ge=0)
    items: tuple[str, ...] = Field(default=(), description="Names of what was checked, where they are few")
    skipped: tuple[Skipped, ...] = ()

    @property
    def complete(self) -> bool:
        """Something was checked, and nothing was left out but by decision."""
        return self.checked > 0 and not self.gaps

    @property
    def gaps(self) -> tuple[Skipped, ...]:
        """What was not checked and nobody decided to leave out."""
        return tuple(item for item in self.skipped if not item.decided)
