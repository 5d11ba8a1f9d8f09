"""Keeps records without ever holding up or failing the one who makes them: a bounded queue, a thread, a file."""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from harness.datalayer.switching.bounded_queue import BoundedQueue

Record = Mapping[str, Any]

MOST_BYTES: Final = 100 * 1024 * 1024
_BATCH: Final = 100
_QUEUE: Final = 10_000


class Sink(Protocol):
    """Where records are kept. `write` may fail: what it could not keep is counted."""

    def write(self, records: Sequence[Record]) -> None:
        """Keep the records, in their order."""
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...


class JsonLinesFile:
    """A file with one JSON object a line, appended to, readable by its owner alone.

    It grows to `most_bytes`; a record beyond that is refused with OSError, and counted as lost.
    """

    def __init__(self, path: Path | str, *, most_bytes: int = MOST_BYTES) -> None:
        """Open the file, so that one that cannot be written fails the start."""
        self._most_bytes = most_bytes
        self._descriptor: int | None = os.open(Path(path), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._broken = False

    def write(self, records: Sequence[Record]) -> None:
        """Append the records with one write, so that lines of several processes do not mix."""
        if self._descriptor is None:
            raise OSError("the file is closed")
        lines = [json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n" for record in records]
        data = ("\n" * self._broken + "".join(lines)).encode("utf-8", "backslashreplace")
        if os.fstat(self._descriptor).st_size + len(data) > self._most_bytes:
            raise OSError("the file is full")
        self._broken = True
        while data:
            data = data[os.write(self._descriptor, data) :]
        self._broken = False

    def close(self) -> None:
        """Close the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class Recorder:
    """Hands records to a sink in a thread of its own. `record` costs an enqueue, never waits and never raises.

    `lost` counts the records that could not be kept: the queue was full, the sink failed, or it was too late.
    """

    def __init__(self, sink: Sink, *, queue_size: int = _QUEUE) -> None:
        self._sink = sink
        self._queue: BoundedQueue[Callable[[], Record]] = BoundedQueue(queue_size)
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._lost = 0
        self._thread = threading.Thread(target=self._keep, name="datalayer-recorder", daemon=True)
        self._thread.start()

    @property
    def lost(self) -> int:
        """How many records could not be kept."""
        return self._lost

    @property
    def counts(self) -> dict[str, int]:
        """How many records of each kind were made, lost ones included."""
        with self._lock:
            return dict(self._counts)

    def record(self, kind: str, make: Callable[[], Record]) -> None:
        """Keep the record that `make` gives; it is called in the recorder's thread."""
        with self._lock:
            self._counts[kind] += 1
        if not self._queue.put(make):
            self._lose(1)

    def close(self, seconds: float = 5.0) -> None:
        """Keep what is queued, for at most `seconds`; what is left then is counted as lost."""
        self._queue.close()
        self._thread.join(seconds)
        self._lose(len(self._queue.remove_all()))
        if self._thread.is_alive():
            return
        with contextlib.suppress(Exception):
            self._sink.close()

    def _keep(self) -> None:
        while makers := self._queue.take(_BATCH):
            self._write(makers)

    def _write(self, makers: Sequence[Callable[[], Record]]) -> None:
        records = []
        for make in makers:
            try:
                records.append(make())
            except Exception:  # noqa: BLE001 - a record that cannot be made is lost, and counted
                self._lose(1)
        try:
            if records:
                self._sink.write(records)
        except Exception:  # noqa: BLE001 - recording never fails anybody: what the sink refuses is counted
            self._lose(len(records))

    def _lose(self, number: int) -> None:
        with self._lock:
            self._lost += number


def until(deadline: float) -> float:
    """The seconds that are left until a moment of the monotonic clock; never negative."""
    return max(0.0, deadline - time.monotonic())
