"""The history of a watch: its lines, read back and written, and what follows from all of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Final

from pydantic import ValidationError

from harness.core.watch.records import KINDS as KINDS
from harness.core.watch.records import AlertChange as AlertChange
from harness.core.watch.records import Baseline as Baseline
from harness.core.watch.records import BytesReceived as BytesReceived
from harness.core.watch.records import Change as Change
from harness.core.watch.records import Kind as Kind
from harness.core.watch.records import Line as Line
from harness.core.watch.records import Look as Look
from harness.core.watch.records import NotLookedAt as NotLookedAt
from harness.core.watch.records import OpenAlert as OpenAlert
from harness.core.watch.records import SchemaDifference as SchemaDifference
from harness.core.watch.records import SchemaLook as SchemaLook
from harness.core.watch.records import TableCount as TableCount
from harness.core.watch.records import TableDigest as TableDigest
from harness.core.watch.records import Told as Told
from harness.core.watch.records import WatchedDatabase as WatchedDatabase
from harness.core.watch.records import WatchedPair as WatchedPair
from harness.core.watch.records import WatchLine as WatchLine
from harness.errors import DocumentError

FORMAT: Final = "pgparity/watch"
VERSION: Final = 1
_HEAD: Final = f'{{"format":"{FORMAT}",'


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

    def last_done(self, kind: Kind) -> Look | None:
        """The last look at this that came to its end: one that was put off, or failed, has seen nothing."""
        return next((each for each in reversed(self.looks) if kind in each.received_by), None)

    @cached_property
    def pair(self) -> WatchedPair | None:
        """The two databases that the looks were at; None where the history does not say."""
        return next((each.pair for each in reversed(self.looks) if each.pair is not None), None)

    @cached_property
    def gaps(self) -> tuple[NotLookedAt, ...]:
        """What was not looked at when it was due last, by kind: a look at counts does not mend one at values."""
        found: dict[tuple[str, str], NotLookedAt] = {}
        for kind in KINDS:
            look = self.last_of(kind)
            for each in look.gaps if look is not None else ():
                if each.what == kind or (each.what is None and look is self.last):
                    found.setdefault((each.item, each.reason), each)
        return tuple(found.values())

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
