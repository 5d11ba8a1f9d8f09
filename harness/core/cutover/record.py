"""CutoverRecord: what a cutover did, step by step, as one serialisable fact; page, text and JSON are made from it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from harness.core.coverage import Coverage, Skipped
from harness.core.record import Record

State = Literal["planned", "stopped", "open", "rolled back", "incomplete"]
"""planned: nothing was written; stopped: everything is as it was before; open: the target is in use; rolled back: the
source is in use again; incomplete: something is half done, and `next_command` goes on."""

StepStatus = Literal["planned", "passed", "failed", "skipped", "not run", "interrupted"]
CheckStatus = Literal["ok", "failed", "not checked", "decided"]


class CutoverCheck(Record):
    """One thing that was looked at before or after a step."""

    name: str
    status: CheckStatus = Field(description="decided: a person decided that it need not hold, with a reason")
    text: str = Field(description="What is so")
    hint: str = Field(default="", description="What to do about it")

    @property
    def ok(self) -> bool:
        """Whether it stands in nobody's way."""
        return self.status in ("ok", "decided")


class CutoverStep(Record):
    """One step, what it was for and what came of it."""

    name: str
    status: StepStatus
    does: str = Field(default="", description="What it does, in words")
    started_at: str | None = Field(default=None, description="UTC, ISO 8601")
    offset: float = Field(default=0, ge=0, description="Seconds after the beginning of the first step")
    seconds: float = Field(default=0, ge=0)
    checks: tuple[CutoverCheck, ...] = ()
    summary: str = ""
    coverage: tuple[Coverage, ...] = Field(
        default=(),
        description="What the stages that it drives looked at and left out: tables, rows, columns",
    )


class CutoverRecord(Record):
    """A cutover, or its plan. The JSON Schema is schemas/contracts/cutover.v1.json."""

    format: Literal["pgparity/cutover"] = "pgparity/cutover"
    version: Literal[1] = 1
    id: str
    state: State
    steps: tuple[CutoverStep, ...] = ()
    back: tuple[CutoverStep, ...] = Field(default=(), description="Steps of going back, where it went back")
    fenced: tuple[str, ...] = Field(
        default=(), description="Where writes are fenced now: source, target; a side that could not be asked says so"
    )
    downtime_seconds: float | None = Field(
        default=None, description="From the revoking of writes on the source to the opening of either side"
    )
    downtime_offset: float | None = Field(default=None, description="Seconds after the beginning, where it begins")
    rollback_seconds: float | None = None
    exceptions: tuple[str, ...] = Field(default=(), description="What somebody decided not to ask for, with the reason")
    attempts: int = Field(default=1, ge=0, description="Processes that worked on it")
    message: str = Field(default="", description="Why it is not open, in a sentence")
    next_command: str = Field(default="", description="The command that goes on or back, where something is left to do")

    @property
    def checks(self) -> tuple[CutoverCheck, ...]:
        """Those of all steps, in order."""
        return tuple(check for step in (*self.steps, *self.back) for check in step.checks)

    @property
    def failed(self) -> tuple[CutoverCheck, ...]:
        """Checks that do not hold."""
        return tuple(each for each in self.checks if each.status == "failed")

    @property
    def unchecked(self) -> tuple[CutoverCheck, ...]:
        """What was asked for and not checked."""
        return tuple(each for each in self.checks if each.status == "not checked")

    @property
    def left_out(self) -> tuple[Skipped, ...]:
        """Tables, rows and columns that nobody compared, by a decision or for another reason; each once."""
        found = (item for step in (*self.steps, *self.back) for part in step.coverage for item in part.skipped)
        return tuple(dict.fromkeys(found))

    @property
    def exit_code(self) -> int:
        """0 open, rolled back, or a plan whose checks hold; 1 as it was before; 3 something is open."""
        if self.state == "incomplete":
            return 3
        if self.state == "stopped":
            return 1
        if self.state == "planned" and self.failed:
            return 1
        return 3 if self.unchecked and self.state != "rolled back" else 0
