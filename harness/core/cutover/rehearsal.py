"""What a rehearsal of a cutover came to: the record of both ways, what the load felt, and what its judge said."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from harness.core.cutover.load_figures import LoadFigures
from harness.core.cutover.record import CutoverRecord
from harness.core.record import Record


class RehearsalRecord(Record):
    """A cutover and a way back on local servers. The JSON Schema is schemas/contracts/cutover-rehearsal.v1.json."""

    format: Literal["pgparity/cutover-rehearsal"] = "pgparity/cutover-rehearsal"
    version: Literal[1] = 1
    of: str = Field(description="What was rehearsed with: the reference application, or copies of two databases")
    cutover: CutoverRecord | None = Field(default=None, description="The way there")
    rollback: CutoverRecord | None = Field(default=None, description="The way back, rows carried")
    load: bool = Field(default=False, description="Whether an application wrote throughout")
    load_of: str = Field(default="", description="What wrote; without a load why none did")
    there: LoadFigures | None = Field(default=None, description="What the load felt of the way there")
    back: LoadFigures | None = Field(default=None, description="What it felt of the way back")
    judged: int = Field(default=0, ge=0, description="How often every acknowledged write was looked for")
    wrong: tuple[str, ...] = Field(default=(), description="What the judge found; none: all is as it has to be")
    notes: tuple[str, ...] = Field(default=(), description="In what the servers are not like the real ones")

    @property
    def faults(self) -> tuple[str, ...]:
        """Everything that stands against it."""
        told = [*self.wrong]
        if self.cutover is None or self.cutover.state != "open":
            told.insert(0, f"the cutover is {self.cutover.state if self.cutover else 'not there'}")
        elif self.rollback is None or self.rollback.state != "rolled back":
            told.insert(0, f"the way back is {self.rollback.state if self.rollback else 'not there'}")
        return tuple(told)

    @property
    def unchecked(self) -> tuple[str, ...]:
        """What was asked for and not looked at."""
        told = [] if self.load else [f"no load: {self.load_of}"]
        for each in (self.cutover, self.rollback):
            told += [f"{check.name}: {check.text}" for check in each.unchecked] if each is not None else []
        if self.load and self.judged < 2 and not self.faults:
            told.append(f"the load was judged {self.judged} times, not twice")
        return tuple(told)

    @property
    def exit_code(self) -> int:
        """0 there and back with nothing lost; 1 something stands against it; 3 something was not looked at."""
        return 1 if self.faults else 3 if self.unchecked else 0
