"""Records of a watch: what each line of its history's file says."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, RootModel

from harness.core.coverage import Skipped
from harness.core.deltas import TableStatus
from harness.core.record import Record, Severity, Side

Kind = Literal["counts", "digests", "schema"]
"""counts: rows of each table; digests: hashes of all rows, values and all; schema: both schemas"""
KINDS: Final[tuple[Kind, ...]] = ("counts", "digests", "schema")
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


class NotLookedAt(Skipped):
    """Something that was not looked at, and at what kind of look."""

    what: Kind | None = Field(default=None, description="null: a history of a version that did not say so")


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


class WatchedDatabase(Record):
    """Which database a side is."""

    database: str
    address: str
    system_identifier: str | None = Field(default=None, description="Of the server; null: the role may not read it")


class WatchedPair(Record):
    """Which two databases a look was at: those of a history are always the same."""

    source: WatchedDatabase
    target: WatchedDatabase


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
    pair: WatchedPair | None = Field(default=None, description="null: nobody has answered yet")
    counts: tuple[TableCount, ...] = ()
    digests: tuple[TableDigest, ...] = ()
    schemas: tuple[SchemaLook, ...] = ()
    skipped: tuple[NotLookedAt, ...] = Field(default=(), description="What was not looked at, and why")
    received: BytesReceived = BytesReceived()
    received_by: dict[Kind, BytesReceived] = Field(default_factory=dict, description="The same by what was looked at")
    changes: tuple[AlertChange, ...] = ()
    open: tuple[OpenAlert, ...] | None = Field(
        default=None, description="All alerts that are open after this look; null: the same as after the one before"
    )

    @property
    def gaps(self) -> tuple[NotLookedAt, ...]:
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
