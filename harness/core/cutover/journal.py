"""The journal of a cutover: its lines, and how they are read back; the file itself is kept by the stage."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from harness.core.cutover.record import CutoverStep
from harness.core.cutover.steps import Event, OutOfOrder, Progress, progress_of
from harness.core.record import Record
from harness.errors import DocumentError


class DatabaseIdentity(Record):
    """Which database, so that a journal is never taken for another one's."""

    address: str
    database: str
    system_identifier: str | None = Field(default=None, description="null where the role may not read it")


class CutoverIdentity(Record):
    """The first line: which cutover this is."""

    format: Literal["pgparity/cutover-journal"] = "pgparity/cutover-journal"
    version: Literal[1] = 1
    id: str
    source: DatabaseIdentity
    target: DatabaseIdentity
    configuration: str = Field(description="Fingerprint of what the cutover was asked to do")
    began_at: str = Field(description="UTC, ISO 8601")


class JournalLine(Record):
    """Every other line: what happened, written before it is relied upon."""

    at: str = Field(description="UTC, ISO 8601, microseconds")
    event: Event
    step: str = ""
    result: CutoverStep | None = Field(default=None, description="What came of the step, where it ended")
    text: str = ""


class Journal(Record):
    """The whole of it."""

    identity: CutoverIdentity
    lines: tuple[JournalLine, ...] = ()

    @property
    def progress(self) -> Progress:
        """What the lines come to. DocumentError where no cutover wrote them."""
        try:
            return progress_of((each.event, each.step) for each in self.lines)
        except OutOfOrder as error:
            raise DocumentError(
                f"the journal of the cutover is not in order: {error}",
                hint="Move it away: `pgparity cutover status` then says what the databases themselves hold.",
            ) from None

    def steps(self, names: Iterable[str]) -> tuple[CutoverStep, ...]:
        """The latest result of each of some steps, in the order of the names; those that never ended are left out."""
        found = {each.step: each.result for each in self.lines if each.result is not None}
        return tuple(result for name in names if (result := found.get(name)) is not None)


def parse_journal(text: bytes) -> tuple[Journal, int] | None:
    """The journal, and how many bytes of it are whole lines; None where not even the first line is whole.

    A last line that is torn was being written when the process ended: it is as if it were not there. DocumentError:
    a line before the last one is not a journal's.
    """
    whole = text.rfind(b"\n") + 1
    lines = text[:whole].splitlines()
    if not lines:
        return None
    identity = CutoverIdentity.from_json(lines[0])
    return Journal(identity=identity, lines=tuple(JournalLine.from_json(each) for each in lines[1:])), whole
