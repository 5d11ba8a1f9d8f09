"""Events of a run as lines of JSON while they happen, for programs that watch it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from harness.core.event_line import EventLine, TableProgress
from harness.render.json import escaped
from harness.render.secrets import blotted_data

EVERY_SECONDS: Final = 0.5
"""Between two lines of progress of one stage or table; its end is always told"""


@dataclass(slots=True)
class EventStream:
    """Watches a run, and writes a line for what happens. `write` takes whole lines; `clock` gives seconds."""

    write: Callable[[str], None]
    clock: Callable[[], float] = time.monotonic
    _began: float = 0.0
    _told: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def stage_started(self, stage: str) -> None:
        """A stage begins."""
        self._began = self.clock()
        self._told.clear()
        self._line(EventLine(event="stage", stage=stage, seconds=0))

    def progress(self, stage: str, done: int, total: int, what: str) -> None:
        """`done` of `total` units are finished; a stage that moves rows tells that by its tables."""
        if stage != "migrate" and self._due(stage, last=done >= total):
            told = {"done": done, "total": total, "what": what}
            self._line(EventLine(event="progress", stage=stage, seconds=self._seconds(), **told))  # type: ignore[arg-type]

    def transferred(self, progress: TableProgress) -> None:
        """Rows of a table are on their way."""
        if self._due(progress.table, last=progress.bytes >= progress.of_bytes):
            self._line(
                EventLine(
                    event="progress",
                    stage="migrate",
                    seconds=self._seconds(),
                    table=progress.table,
                    rows=progress.rows,
                    bytes=progress.bytes,
                    of_bytes=progress.of_bytes,
                    total_bytes=progress.total_bytes,
                    of_total_bytes=progress.of_total_bytes,
                )
            )

    def stage_finished(self, stage: str, status: str, seconds: float, summary: str) -> None:
        """A stage ended."""
        self._line(EventLine(event="finished", stage=stage, seconds=round(seconds, 3), status=status, summary=summary))

    def result(self, report: dict[str, Any]) -> None:
        """The last line."""
        self._write({"event": "result", **report})

    def _seconds(self) -> float:
        return round(max(self.clock() - self._began, 0), 3)

    def _due(self, what: str, *, last: bool) -> bool:
        with self._lock:
            now = self.clock()
            if not last and now - self._told.get(what, float("-inf")) < EVERY_SECONDS:
                return False
            self._told[what] = now
            return True

    def _line(self, line: EventLine) -> None:
        self._write({name: value for name, value in line.to_data().items() if value is not None})

    def _write(self, data: dict[str, Any]) -> None:
        text = escaped(json.dumps(blotted_data(data), ensure_ascii=False, separators=(",", ":")))
        with self._lock:
            self.write(text + "\n")
