"""The loop: looks when one is due, writes down what it found, tells of it, waits. Its state is the history alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from harness.core.watch.history import KINDS, Baseline, Kind, Look, moment_text
from harness.core.watch.notices import line_of
from harness.core.watch.schedule import due_times
from harness.errors import PgparityError
from harness.render.figures import counted, size
from harness.render.visible import one_line
from harness.render.watch_gauges import gauges_text
from harness.service.watch.channels import AGAIN_SECONDS, Channels
from harness.service.watch.look import Looker
from harness.stages.run_folders import replace_file
from harness.stages.watch_history import HistoryFile

_NAP_SECONDS: Final = 30.0
"""How soon a clock that was set, or a machine that slept, is noticed"""
_TRIMMED_EVERY: Final = 86400.0
_LINES: Final = 20
"""Of changes in the log, of one look"""


@dataclass(slots=True)
class Ran:
    """What a watch has seen while it ran."""

    looks: int = 0
    alerted: bool = False
    """An alert was open after some look"""
    gaps: bool = False
    """Something that was due was not looked at"""
    unreachable: bool = False
    """The last look could not ask a side"""


@dataclass(slots=True, kw_only=True)
class Watch:
    """One watch. `clock` in seconds since 1970, `elapsed` in seconds since whenever, which nobody sets; `sleep` for
    seconds; `say` writes a line to the log.
    """

    looker: Looker
    file: HistoryFile
    channels: Channels
    intervals: Mapping[Kind, float]
    retention_days: float
    metrics: Path | None
    clock: Callable[[], float]
    elapsed: Callable[[], float]
    sleep: Callable[[float], None]
    say: Callable[[str], None]
    quiet: bool = False
    """Whether a look that tells of nothing is not said: alerts, and what was not looked at, always are"""
    show: Callable[[Look], None] | None = None
    """Gets every look that was written down"""
    new_baseline: bool = False
    ran: Ran = field(default_factory=Ran)
    _tried_at: float | None = None
    """When a channel could not be told last; None: all know all"""
    _trimmed_at: float = 0.0

    def once(self) -> Ran:
        """One look at everything that is looked at at all."""
        self.look(tuple(kind for kind in KINDS if kind in self.intervals), self.clock())
        self._tell()
        return self.ran

    def run(self, seconds: float | None = None) -> Ran:
        """Watch for so long; None: until somebody ends it."""
        end = None if seconds is None else self.elapsed() + seconds
        for alert in self.file.history.open_alerts:
            self.say(f"still open: {alert.title} (since {alert.since[:16].replace('T', ' ')})")
        self._tell()
        while True:
            now = self.clock()
            due = due_times(self.file.history, self.intervals, now)
            ready = tuple(kind for kind in KINDS if due.get(kind, math.inf) <= now)
            if ready:
                self.look(ready, max(due[kind] for kind in ready))
            if ready or (self._tried_at is not None and not 0 <= now - self._tried_at < AGAIN_SECONDS):
                self._tell()
            if end is not None and self.elapsed() >= end:
                return self.ran
            self._wait(end)

    def look(self, kinds: tuple[Kind, ...], due_at: float) -> Look:
        """Take one look, write it down, and say what it found."""
        taken = self.looker.take(
            self.file.history,
            kinds,
            due_at=due_at,
            clock=self.clock,
            sleep=self.sleep,
            new_baseline=self.new_baseline,
        )
        if taken.baseline is not None:
            self.new_baseline = False
        lines: tuple[Baseline | Look, ...] = (taken.look,)
        if taken.baseline is not None:
            lines = (taken.baseline, taken.look)
        try:
            self.file.append(*lines)
        except PgparityError:
            # A history that cannot be written ends the watch; what was found is not kept back for that.
            self._say_found(taken.look)
            raise
        self._say_found(taken.look)
        self._note(taken.look)
        if self.show is not None:
            self.show(taken.look)
        self._trim()
        self._write_metrics()
        return taken.look

    def _note(self, look: Look) -> None:
        self.ran.looks += 1
        open_now = self.file.history.open_alerts
        self.ran.alerted = self.ran.alerted or bool(open_now)
        self.ran.gaps = self.ran.gaps or bool(look.gaps)
        self.ran.unreachable = any(each.key in ("look source", "look target") for each in open_now)

    def _say_found(self, look: Look) -> None:
        changes = [line_of(each) for each in look.changes]
        for line in changes[:_LINES]:
            self.say(line)
        if len(changes) > _LINES:
            self.say(f"… and {len(changes) - _LINES} more changes: they are in the history")
        if not self.quiet:
            self.say(summary_of(look))
        for gap in look.gaps[:_LINES]:
            self.say(one_line(f"not looked at: {gap.item}: {gap.reason}"))

    def _tell(self) -> None:
        self._tried_at = None if self.channels.tell(self.file, self.clock, self.sleep) else self.clock()

    def _write_metrics(self) -> None:
        if self.metrics is None:
            return
        try:
            replace_file(self.metrics, gauges_text(self.file.history))
        except PgparityError as error:
            # Prometheus sees that the file is old; the history has everything.
            self.say(f"metrics: {error.message}")

    def _trim(self) -> None:
        """Once a day: the file is written anew for it."""
        now = self.clock()
        if not 0 <= now - self._trimmed_at < _TRIMMED_EVERY:
            self._trimmed_at = now
            self.file.keep_since(moment_text(now - self.retention_days * 86400))

    def _wait(self, end: float | None) -> None:
        """Until something is due; in short naps, for due times are the wall clock's."""
        now = self.clock()
        until = [*due_times(self.file.history, self.intervals, now).values()]
        if self._tried_at is not None:
            until.append(self._tried_at + AGAIN_SECONDS)
        left = min(until) - now
        if end is not None:
            left = min(left, end - self.elapsed())
        if left > 0:
            self.sleep(min(left, _NAP_SECONDS))


def summary_of(look: Look) -> str:
    """A look in one line."""
    parts: list[str] = []
    if look.counts:
        differences = [each.difference for each in look.counts if each.difference is not None]
        parts.append(_compared("counted", len(differences), len(look.counts), sum(map(bool, differences))))
    if look.digests:
        whole = [each.status for each in look.digests if each.status != "incomplete"]
        unlike = sum(each != "identical" for each in whole)
        parts.append(_compared("compared by value", len(whole), len(look.digests), unlike))
    for each in look.schemas:
        parts.append(f"schema of the {each.side}: {counted(each.differences, 'difference')}")
    received = [
        f"{size(amount)} of the {side}"
        for side, amount in (("source", look.received.source), ("target", look.received.target))
        if amount is not None
    ]
    if received:
        parts.append(f"received {', '.join(received)}")
    return f"look {look.number}: {'; '.join(parts) or 'nothing was looked at'}"


def _compared(how: str, done: int, wanted: int, unlike: int) -> str:
    """7 tables counted, all alike; 2 of 3 tables counted, those alike: nothing is said of what was not compared."""
    if not done:
        return f"none of {counted(wanted, 'table')} {how}"
    tables = counted(wanted, "table") if done == wanted else f"{done:,} of {counted(wanted, 'table')}"
    if unlike:
        return f"{tables} {how}, {unlike:,} {'differs' if unlike == 1 else 'differ'}"
    return f"{tables} {how}, {'all' if done == wanted else 'those'} alike"
