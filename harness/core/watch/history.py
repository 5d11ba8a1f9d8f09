"""The history of a watch: what each line of its file says, and what follows from all of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Annotated, Final, Literal

from pydantic import Field, RootModel, ValidationError

from harness.core.coverage import Skipped
from harness.core.deltas import TableStatus
from harness.core.record import Record, Severity, Side
from harness.errors import DocumentError

FORMAT: Final = "pgparity/watch"
VERSION: Final = 1
Kind = Literal["counts", "digests", "schema"]
"""counts: rows of each table; digests: hashes of all rows, values and all; schema: both schemas"""
KINDS: Final[tuple[Kind, ...]] = ("counts", "digests", "schema")
_HEAD: Final = f'{{"format":"{FORMAT}",'
Change = Literal["begun", "reminded", "ended"]


class TableCount(Record):
    """The rows of one table on both sides, counted at nearly one moment."""

    table: str = Field(description="Identity on the source")
    source: int | None = Field(default=None, ge=0, description="Rows; null: not counted, or the table is not there")
    target: int | None = Field(default=None, ge=0)
    limit: int = Field(default=1, ge=1, description="The difference from which on it is an alert")
    reason: str = Field(default="", description="Why a side was not counted")
    again: bool = Field(default=False, description="Counted a second time, because the first counts differed")

    @property
    def difference(self) -> int | None:
        """Rows of the target less those of the source; None where a side was not counted."""
        return None if self.source is None or self.target is None else self.target - self.source


class TableDigest(Record):
    """The comparison of all values of one table."""

    table: str
    status: TableStatus
    source: int = Field(ge=0, description="Rows")
    target: int = Field(ge=0)
    missing_on_source: int = Field(default=0, ge=0)
    missing_on_target: int = Field(default=0, ge=0)
    different: int = Field(default=0, ge=0)
    drifting: int = Field(default=0, ge=0, description="Rows of equal values in another type or representation")
    limit: int = Field(default=1, ge=1, description="Differing rows from which on it is an alert")
    reason: str | None = Field(default=None, description="Why the comparison is incomplete")

    @property
    def differences(self) -> int:
        """Rows that are missing on a side or differ."""
        return self.missing_on_source + self.missing_on_target + self.different


class SchemaDifference(Record):
    """An object that differs: of the target from the source, or of the source from what it was at the beginning."""

    code: str
    severity: Severity
    kind: str
    identity: str
    title: str


class SchemaLook(Record):
    """The schema of one side: the target's against the source's, the source's against its own at the beginning."""

    side: Side
    objects: int = Field(ge=0, description="Of that side, that were compared")
    differences: int = Field(default=0, ge=0, description="All of them, also those that are not listed")
    listed: tuple[SchemaDifference, ...] = Field(
        default=(), description="In the file only those that began an alert with this look"
    )


class BytesReceived(Record):
    """What the sessions of a look received from each side; null where this system does not tell."""

    source: int | None = Field(default=None, ge=0)
    target: int | None = Field(default=None, ge=0)


class OpenAlert(Record):
    """An alert that has begun and not ended."""

    id: str = Field(description="The same in its beginning, its reminders and its end")
    key: str = Field(description="What it is about: counts public.clients, schema source index public.i, look target")
    since: str = Field(description="UTC, ISO 8601")
    told_at: str = Field(description="When it was told last")
    title: str = Field(description="What holds, in one line without values")


class AlertChange(Record):
    """An alert that began, goes on and is told again, or ended."""

    id: str
    key: str
    change: Change
    since: str
    title: str


class Line(Record):
    """What every line of the file begins with."""

    format: Literal["pgparity/watch"] = "pgparity/watch"
    version: Literal[1] = 1


class Baseline(Line):
    """What later looks at the schemas are held against, of the first one (or of --new-baseline)."""

    record: Literal["baseline"] = "baseline"
    at: str
    source: str = Field(description="What the source is called")
    target: str
    source_fingerprint: str
    source_catalog: str = Field(description="File beside the history with the source's catalog")
    known: tuple[str, ...] = Field(
        default=(), description="Cosmetic differences of the target that were there at the beginning: no alert"
    )


class Look(Line):
    """One look: what was looked at, what was found, which alerts changed, and which are open after it."""

    record: Literal["look"] = "look"
    number: int = Field(ge=1, description="1 for the first look of this history")
    what: tuple[Kind, ...] = Field(description="What was due")
    due: str = Field(description="When, by the schedule; UTC, ISO 8601")
    at: str = Field(description="When it began")
    seconds: float = Field(ge=0)
    source: str = Field(default="", description="What the source is called")
    target: str = Field(default="")
    counts: tuple[TableCount, ...] = ()
    digests: tuple[TableDigest, ...] = ()
    schemas: tuple[SchemaLook, ...] = ()
    skipped: tuple[Skipped, ...] = Field(default=(), description="What was not looked at, and why")
    received: BytesReceived = BytesReceived()
    received_by: dict[Kind, BytesReceived] = Field(default_factory=dict, description="The same by what was looked at")
    changes: tuple[AlertChange, ...] = ()
    open: tuple[OpenAlert, ...] | None = Field(
        default=None, description="All alerts that are open after this look; null: the same as after the one before"
    )

    @property
    def gaps(self) -> tuple[Skipped, ...]:
        """What should have been looked at and was not."""
        return tuple(each for each in self.skipped if not each.decided)


class Told(Line):
    """What became of telling a channel of the changes of some looks."""

    record: Literal["told"] = "told"
    at: str
    channel: str = Field(description="webhook, sentry: never an address")
    looks: tuple[int, ...] = Field(description="Numbers of the looks whose changes it was told of")
    delivered: bool
    attempts: int = Field(ge=1)
    reason: str = Field(default="", description="Why not")


class WatchLine(RootModel[Annotated[Baseline | Look | Told, Field(discriminator="record")]]):
    """A line of the history of a watch."""


@dataclass(frozen=True)
class History:
    """The lines of one file, oldest first. Nothing else is needed to go on with a watch, or to draw it."""

    lines: tuple[Baseline | Look | Told, ...] = ()
    torn: bool = False
    """The file ends in part of a line: the process was killed while it wrote"""

    @cached_property
    def looks(self) -> tuple[Look, ...]:
        """All looks, oldest first."""
        return tuple(each for each in self.lines if isinstance(each, Look))

    @cached_property
    def told(self) -> tuple[Told, ...]:
        """What channels were told."""
        return tuple(each for each in self.lines if isinstance(each, Told))

    @cached_property
    def baseline(self) -> Baseline | None:
        """What schemas are held against; None where no look was taken at them yet."""
        return next((each for each in reversed(self.lines) if isinstance(each, Baseline)), None)

    @property
    def last(self) -> Look | None:
        """The last look, whatever it was at."""
        return self.looks[-1] if self.looks else None

    def last_of(self, kind: Kind) -> Look | None:
        """The last look for which this was due."""
        return next((each for each in reversed(self.looks) if kind in each.what), None)

    @cached_property
    def open_alerts(self) -> tuple[OpenAlert, ...]:
        """Alerts that have begun and not ended."""
        return next((each.open for each in reversed(self.looks) if each.open is not None), ())

    @cached_property
    def last_counts(self) -> tuple[TableCount, ...]:
        """Of each table the last count, by name of the table: of the last look at counts that counted any."""
        return next((each.counts for each in reversed(self.looks) if each.counts), ())

    @cached_property
    def tables(self) -> tuple[str, ...]:
        """Every table that was ever counted, by name."""
        return tuple(sorted({count.table for look in self.looks for count in look.counts}))

    def with_lines(self, *more: Baseline | Look | Told) -> History:
        """The history with lines that were appended; lean, as a watch keeps it."""
        lines = list(self.lines)
        for each in more:
            lines.append(each)
            leaned(lines)
        return History(tuple(lines))


def parsed_history(lines: Iterable[str], *, lean: bool = False) -> History:
    """The history of a file's lines, each with its end; DocumentError names the first line that is none.

    A last line of ours without an end was being written when the process was killed: it is left out. `lean`: of tables
    only the latest figures are kept, which is all that a watch goes on from.
    """
    found: list[Baseline | Look | Told] = []
    waiting: tuple[int, str] | None = None
    for number, text in enumerate(lines, 1):
        if waiting is not None:
            found.append(_line(*waiting))
            if lean:
                leaned(found)
        waiting = (number, text)
    if waiting is None:
        return History(tuple(found))
    if _torn(waiting[1]):
        return History(tuple(found), torn=True)
    found.append(_line(*waiting))
    if lean:
        leaned(found)
    return History(tuple(found))


def leaned(lines: list[Baseline | Look | Told]) -> None:
    """Take the figures of tables out of all looks before the last one, if that has some."""
    last = lines[-1]
    if not isinstance(last, Look) or not last.counts:
        return
    for place in range(len(lines) - 2, -1, -1):
        look = lines[place]
        if isinstance(look, Look) and look.counts:
            lines[place] = look.model_copy(update={"counts": (), "digests": ()})
            return


def is_history(first_line: str) -> bool:
    """Whether a file begins as a history of a watch does."""
    try:
        data = json.loads(first_line)
    except ValueError:
        return False
    return isinstance(data, dict) and data.get("format") == FORMAT


def moment(text: str) -> datetime:
    """The moment of a record's text."""
    return datetime.fromisoformat(text)


def moment_text(seconds: float) -> str:
    """A moment, in seconds since 1970, as records have it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def _torn(text: str) -> bool:
    """Whether the last line is part of one of ours; what else stands there is somebody's, and no affair of a watch.

    After a power failure, file systems leave zeros where data did not reach the disk.
    """
    begun = text.startswith(_HEAD) or _HEAD.startswith(text)
    return (begun and not text.endswith("\n")) or not text.strip("\0\n")


def _line(number: int, text: str) -> Baseline | Look | Told:
    try:
        return WatchLine.model_validate_json(text).root
    except ValidationError:
        pass
    version = _version(text)
    if version is not None and version > VERSION:
        raise DocumentError(
            f"line {number} of the watch's history was written by a newer pgparity (version {version}, not {VERSION})",
            hint="Install the pgparity that wrote it, or a newer one.",
        )
    raise DocumentError(
        f"line {number} is no line of a watch's history",
        hint="Give the file that `pgparity watch` writes; if it is damaged, move it away: a new one is begun.",
    )


def _version(text: str) -> int | None:
    try:
        data = json.loads(text)
    except ValueError:
        return None
    ours = isinstance(data, dict) and data.get("format") == FORMAT
    return data["version"] if ours and isinstance(data.get("version"), int) else None
