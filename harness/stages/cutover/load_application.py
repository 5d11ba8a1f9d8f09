"""The application of a load: its facade, made anew whenever its switches say something else: a switch and a restart."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dotenv import dotenv_values

from harness.core.cutover.load_events import Backend, Turned
from harness.datalayer.switching.assembly import OpenFacade, open_facade
from harness.datalayer.switching.switches import Switches, read_switches
from harness.errors import PgparityError
from harness.stages.cutover.load_layers import METHODS, LoadLayer, source_layer, target_layer

_LOOKS_SECONDS: Final = 0.01
"""Between two looks at the file, so that many threads do not ask the disk all the time"""


@dataclass(frozen=True, slots=True)
class Serving:
    """What the application is made of now."""

    generation: int
    backend: Backend
    opened: OpenFacade[LoadLayer]


class Application:
    """Threads share one. It asks its file before a call, and after one that failed."""

    def __init__(self, switches_file: Path, connections: int, note: Callable[[Turned], None]) -> None:
        self._file = switches_file
        self._connections = connections
        self._note = note
        self._lock = threading.Lock()
        self._looked = 0.0
        self._mark: tuple[int, ...] = ()
        self._switches: Switches | None = None
        self._serving: Serving | None = None
        self._generation = 0

    def serving(self) -> Serving | None:
        """What calls go to now; None while it cannot be started, for its backend does not answer."""
        now = time.monotonic()
        if self._serving is None or now - self._looked >= _LOOKS_SECONDS:
            with self._lock:
                self._look()
                self._looked = time.monotonic()
        return self._serving

    def close(self) -> None:
        """End it."""
        with self._lock:
            self._end()

    def _look(self) -> None:
        with contextlib.suppress(OSError, PgparityError):
            # A file that cannot be read or used changes nothing: what runs goes on.
            found = os.stat(self._file)
            mark = (found.st_mtime_ns, found.st_ino, found.st_size)
            if mark != self._mark:
                switches = switches_in(self._file)
                self._mark = mark
                if switches != self._switches:
                    self._switches = switches
                    self._end()
        if self._serving is None and self._switches is not None:
            with contextlib.suppress(PgparityError):
                self._start(self._switches)

    def _start(self, switches: Switches) -> None:
        opened = open_facade(
            switches,
            source=lambda: source_layer(switches),
            target=lambda: target_layer(switches, self._connections),
            methods=METHODS,
        )
        backend = opened.facade.only or opened.facade.primary("clients")
        self._generation += 1
        self._serving = Serving(self._generation, backend, opened)
        self._note(Turned(time.time(), backend))

    def _end(self) -> None:
        if self._serving is not None:
            ended, self._serving = self._serving, None
            # Calls that are under way fail, as those of a program that is stopped do; none of them waits for the other.
            threading.Thread(target=ended.opened.close, daemon=True).start()


def switches_in(file: Path) -> Switches:
    """The switches of a file of environment variables; the environment itself has no say."""
    known = {name: name.upper() for name in Switches.model_fields}
    values = dotenv_values(file, interpolate=False)
    return read_switches(**{name: values[key] for name, key in known.items() if values.get(key)})
