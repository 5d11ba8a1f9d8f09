"""Event lines: what a running migration tells programs and bars, as lines of JSON and as facts about one table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from harness.core.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class TableProgress:
    """How far the rows of one table are, and all of them; bytes are about those of the source's pages."""

    table: str
    rows: int
    """That were committed, by earlier runs too"""
    bytes: int
    of_bytes: int
    total_bytes: int
    of_total_bytes: int


class EventLine(Record):
    """One line of `--format jsonl` but the last, which is the result with event = result."""

    event: Literal["stage", "progress", "finished"] = Field(
        description="stage: it begins; progress: it goes on; finished: it ended"
    )
    stage: str
    seconds: float = Field(ge=0, description="Since the stage began")
    table: str | None = Field(default=None, description="Whose rows are moving")
    rows: int | None = Field(default=None, ge=0, description="Of the table, that were committed")
    bytes: int | None = Field(default=None, ge=0, description="About how many of the source's pages have been moved")
    of_bytes: int | None = Field(default=None, ge=0, description="All of the table's")
    total_bytes: int | None = Field(default=None, ge=0, description="The same of all tables")
    of_total_bytes: int | None = Field(default=None, ge=0)
    done: int | None = Field(default=None, ge=0, description="Units that are finished, in stages that move no rows")
    total: int | None = Field(default=None, ge=0)
    what: str | None = Field(default=None, description="What is being worked on")
    status: str | None = Field(default=None, description="passed, failed, incomplete, not run or excluded")
    summary: str | None = None
