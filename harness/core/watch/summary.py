"""A watch in figures: what its history comes to, for programs and for every page and text that tells of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from harness.core.coverage import Skipped
from harness.core.record import Record
from harness.core.watch.history import (
    KINDS,
    AlertChange,
    BytesReceived,
    History,
    Kind,
    Look,
    NotLookedAt,
    OpenAlert,
    TableCount,
)


class WatchedAlert(Record):
    """An alert, from its beginning to its end."""

    id: str
    key: str
    title: str = Field(description="As it was told last")
    since: str
    ended: str | None = Field(default=None, description="When a look saw that it was over; null: it is open")


class WatchedTable(Record):
    """A table over all looks."""

    table: str
    source: int | None = Field(default=None, description="Rows, when they were counted last")
    target: int | None = None
    limit: int = 1
    reason: str = Field(default="", description="Why a side was not counted last")
    watched: bool = Field(default=True, description="Whether the last look at counts still had it")
    looks: int = Field(ge=0, description="In which both sides were counted")
    differing: int = Field(ge=0, description="Of these, with a difference")
    widest: int = Field(ge=0, description="The greatest difference")

    @property
    def difference(self) -> int | None:
        """Rows of the target less those of the source."""
        return None if self.source is None or self.target is None else self.target - self.source


class LooksOfKind(Record):
    """All looks at one thing."""

    kind: Kind
    looks: int = Field(ge=0, description="For which it was due")
    done: int = Field(ge=0, description="That came to their end")
    last: str | None = Field(default=None, description="When it was looked at last")
    received: BytesReceived = Field(description="By all of them")


class WatchSummary(Record):
    """What `pgparity report watch.jsonl --format json` gives."""

    format: Literal["pgparity/watch-summary"] = "pgparity/watch-summary"
    version: Literal[1] = 1
    source: str
    target: str
    first: str | None = Field(default=None, description="When the first look of the history began")
    last: str | None = None
    looks: int = Field(ge=0)
    open: tuple[OpenAlert, ...] = ()
    alerts: tuple[WatchedAlert, ...] = Field(default=(), description="All of the history, the latest first")
    tables: tuple[WatchedTable, ...] = ()
    kinds: tuple[LooksOfKind, ...] = ()
    gaps: tuple[NotLookedAt, ...] = Field(default=(), description="What was not looked at when it was due last")
    decided: tuple[Skipped, ...] = Field(default=(), description="What is left out by decision, by the last look")
    received: BytesReceived = Field(default=BytesReceived(), description="By all looks of the history")
    not_told: tuple[str, ...] = Field(default=(), description="Channels whose last notice was not delivered")


def summary_of(history: History) -> WatchSummary:
    """The summary of a history."""
    looks, last = history.looks, history.last
    channels = {each.channel: each.delivered for each in history.told}
    skipped = {(each.item, each.reason): each for look in _last_looks(history) for each in look.skipped}
    return WatchSummary(
        source=last.source if last is not None else "source",
        target=last.target if last is not None else "target",
        first=looks[0].at if looks else None,
        last=last.at if last is not None else None,
        looks=len(looks),
        open=history.open_alerts,
        alerts=_alerts(history),
        tables=_tables(history),
        kinds=tuple(each for kind in KINDS if (each := _kind(looks, kind)).looks),
        gaps=history.gaps,
        decided=tuple(each for each in skipped.values() if each.decided),
        received=_total([look.received for look in looks]),
        not_told=tuple(sorted(name for name, delivered in channels.items() if not delivered)),
    )


def _last_looks(history: History) -> list[Look]:
    return [look for kind in KINDS if (look := history.last_of(kind)) is not None]


def _alerts(history: History) -> tuple[WatchedAlert, ...]:
    found: dict[str, WatchedAlert] = {}
    for look in history.looks:
        for change in look.changes:
            found[change.id] = _alert(change, look.at if change.change == "ended" else None)
    for alert in history.open_alerts:
        # The latest title; and an alert whose beginning the history no longer has.
        found[alert.id] = WatchedAlert(id=alert.id, key=alert.key, title=alert.title, since=alert.since)
    return tuple(sorted(found.values(), key=lambda each: (each.since, each.key), reverse=True))


def _alert(change: AlertChange, ended: str | None) -> WatchedAlert:
    return WatchedAlert(id=change.id, key=change.key, title=change.title, since=change.since, ended=ended)


def _tables(history: History) -> tuple[WatchedTable, ...]:
    by_table: dict[str, list[TableCount]] = {}
    for look in history.looks:
        for count in look.counts:
            by_table.setdefault(count.table, []).append(count)
    now = {each.table for each in history.last_counts}
    return tuple(_table(table, by_table[table], table in now) for table in sorted(by_table))


def _table(table: str, counts: Sequence[TableCount], watched: bool) -> WatchedTable:
    differences = [abs(each.difference) for each in counts if each.difference is not None]
    last = counts[-1]
    return WatchedTable(
        table=table,
        source=last.source,
        target=last.target,
        limit=last.limit,
        reason=last.reason,
        watched=watched,
        looks=len(differences),
        differing=sum(each > 0 for each in differences),
        widest=max(differences, default=0),
    )


def _kind(looks: Sequence[Look], kind: Kind) -> LooksOfKind:
    due = [look for look in looks if kind in look.what]
    done = [look for look in due if kind in look.received_by]
    return LooksOfKind(
        kind=kind,
        looks=len(due),
        done=len(done),
        last=done[-1].at if done else None,
        received=_total([look.received_by[kind] for look in done]),
    )


def _total(received: Sequence[BytesReceived]) -> BytesReceived:
    """Of what is known: a look whose bytes nobody counted makes the sum a lower bound, and none counted is unknown."""
    source = [each.source for each in received if each.source is not None]
    target = [each.target for each in received if each.target is not None]
    return BytesReceived(source=sum(source) if source else None, target=sum(target) if target else None)
