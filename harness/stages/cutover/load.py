"""A load on the application while it is led from one server to the other: started, stopped, measured and judged."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from harness.core.cutover.load_events import Acknowledged, Event, events
from harness.core.cutover.load_figures import LoadFigures, figures
from harness.core.cutover.load_judgement import judge, unanswered
from harness.errors import LocalStackError
from harness.postgres.connect import Endpoint
from harness.postgres.marked_writes import held_rows
from harness.stages.cutover.load_process import GO_ON, PAUSE, LoadOrder
from harness.stages.cutover.load_writers import MARKS

_FIRST_SECONDS: Final = 30.0
_END_SECONDS: Final = 20.0
_BEGUN_SECONDS: Final = 0.3
"""A write that was begun before the word to pause arrived is in the journal after so long"""


class Load:
    """A load that runs in a process of its own: `loaded` starts one."""

    def __init__(self, order: LoadOrder) -> None:
        self._order = order
        self._process = subprocess.Popen(
            [sys.executable, "-m", "harness.stages.cutover.load_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        self._say(order.to_json() + "\n")

    def noted(self) -> list[Event]:
        """All that it noted so far."""
        with contextlib.suppress(FileNotFoundError), open(self._order.journal, encoding="utf-8") as journal:
            return list(events(journal))
        return []

    def wait_for_writes(self, count: int, seconds: float = _FIRST_SECONDS) -> None:
        """Until so many more writes were acknowledged. LocalStackError where they are not in so many seconds."""
        wanted = self._acknowledged() + count
        deadline = time.monotonic() + seconds
        while self._acknowledged() < wanted:
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise LocalStackError(
                    "the load has no writes acknowledged", hint="Does the application's switches file lead anywhere?"
                )
            time.sleep(0.05)

    def _acknowledged(self) -> int:
        return sum(isinstance(each, Acknowledged) for each in self.noted())

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """No write is on its way inside of the block. LocalStackError where one gets no answer."""
        self._say(PAUSE)
        try:
            deadline = time.monotonic() + _FIRST_SECONDS
            time.sleep(_BEGUN_SECONDS)
            while unanswered(self.noted()):
                if time.monotonic() > deadline:
                    raise LocalStackError("a write of the load gets no answer", hint="Is either side open for writes?")
                time.sleep(0.05)
            yield
        finally:
            self._say(GO_ON)

    def _say(self, word: str) -> None:
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.write(word)
                self._process.stdin.flush()

    def stop(self) -> None:
        """Let it finish the writes that are on their way, and end it."""
        if self._process.poll() is None and self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
            try:
                self._process.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGKILL)
                self._process.wait()

    def figures(self, since: float = 0.0, until: float = float("inf")) -> LoadFigures:
        """What it felt of a stretch of time."""
        return figures(self.noted(), since, until)

    def judged(self, primary: Endpoint, secondary: Endpoint) -> tuple[str, ...]:
        """What is wrong with its rows on the server that answers now, and on the other; once stopped or paused."""
        return judge(self.noted(), held_rows(primary, MARKS), held_rows(secondary, MARKS))


@contextlib.contextmanager
def loaded(
    switches_file: Path,
    journal: Path,
    *,
    writes_per_second: float = 50.0,
    writers: int = 4,
    reads_per_second: float = 10.0,
    seed: str = "0",
) -> Iterator[Load]:
    """A load that has begun to write; it ends with the block."""
    order = LoadOrder(
        switches_file=str(switches_file),
        journal=str(journal),
        writes_per_second=writes_per_second,
        writers=writers,
        reads_per_second=reads_per_second,
        seed=seed,
    )
    load = Load(order)
    try:
        load.wait_for_writes(1)
        yield load
    finally:
        load.stop()
