"""What files tell beside the databases: the verdicts of the last runs, and the history of the watch."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from harness.core.document import RunSummary
from harness.core.watch.history import History
from harness.errors import DocumentError
from harness.render.watch_curves import WatchCurves, curves
from harness.service.shared_look import SharedLook
from harness.stages.run_folders import REPORT, found_runs, run_folders
from harness.stages.watch_history import read_history

RUNS_SHOWN: Final = 10
NO_CURVES: Final = WatchCurves((), (), None, None)
_FRESH_SECONDS: Final = 5.0
_READ_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class SeenRun:
    """A run in its folder: what it came to, or why its document cannot be read."""

    folder: str
    summary: RunSummary | None
    has_report: bool
    problem: str = ""

    def age(self, now: datetime) -> float | None:
        """Seconds since it began; None where it cannot be read."""
        if self.summary is None:
            return None
        began = datetime.fromisoformat(self.summary.started_at)
        return max((now - (began if began.tzinfo else began.replace(tzinfo=UTC))).total_seconds(), 0.0)


@dataclass(frozen=True, slots=True)
class SeenHistory:
    """The history of the watch and its curves, which are made once for each look; `problem` where it cannot be read."""

    history: History = field(default_factory=History)
    curves: WatchCurves = NO_CURVES
    problem: str = ""


class KeptRecords:
    """Reads the files, at most every few seconds, and never in the event loop."""

    def __init__(self, runs: Path | None, history: Path | None) -> None:
        self._runs_folder = runs
        self._history_file = history
        self._stamp: tuple[int, int] | None = None
        self._seen = SeenHistory()
        self._runs = SharedLook(self._read_runs, fresh_seconds=_FRESH_SECONDS)
        self._history = SharedLook(self._read_history, fresh_seconds=_FRESH_SECONDS)

    async def runs(self) -> tuple[SeenRun, ...]:
        """The last runs, the latest first."""
        return await self._runs.within(_READ_SECONDS)

    async def history(self) -> SeenHistory:
        """The history of the watch as it is on the disk."""
        return await self._history.within(_READ_SECONDS)

    async def report(self, folder: str) -> str | None:
        """The report of one of the runs that are shown; None for any other name."""
        known = {each.folder for each in await self.runs() if each.has_report}
        if self._runs_folder is None or folder not in known:
            return None
        file = self._runs_folder / folder / REPORT
        try:
            return await asyncio.to_thread(file.read_text, encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None

    def _read_runs(self) -> tuple[SeenRun, ...]:
        if self._runs_folder is None:
            return ()
        found = found_runs(run_folders(self._runs_folder)[:RUNS_SHOWN])
        return tuple(
            SeenRun(each.folder.name, each.run.summary if each.run else None, each.has_report, each.problem)
            for each in found
        )

    def _read_history(self) -> SeenHistory:
        file = self._history_file
        if file is None:
            return SeenHistory()
        try:
            found = file.stat()
            stamp = (found.st_size, found.st_mtime_ns)
        except OSError as error:
            # There need not be a watch; a file that is there and cannot be seen is another matter.
            absent = isinstance(error, FileNotFoundError)
            self._stamp = None
            self._seen = SeenHistory(problem="" if absent else f"{file.name} cannot be read: {error.strerror}")
            return self._seen
        if stamp != self._stamp:
            try:
                history = read_history(file)
                self._seen = SeenHistory(history, curves(history))
            except DocumentError as error:
                self._seen = SeenHistory(problem=error.message.replace(str(file), file.name))
            self._stamp = stamp
        return self._seen
