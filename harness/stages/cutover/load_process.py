"""The process of a load: reads what it is to do from its standard input, and writes until that ends.

Run as `python -m harness.stages.cutover.load_process`; `load.Load` starts it. It ends with the process that did.
"""

from __future__ import annotations

import os
import random
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.core.cutover.load_events import Event, line
from harness.core.record import Record
from harness.stages.cutover.load_application import Application
from harness.stages.cutover.load_writers import Shown, Writer, read_beside

_END_SECONDS: Final = 10.0
PAUSE: Final = "pause\n"
GO_ON: Final = "go on\n"
"""What is said on standard input after the order"""


class LoadOrder(Record):
    """What a load is to do; the first line of the process's standard input."""

    switches_file: str
    journal: str
    writes_per_second: float = 50.0
    writers: int = 4
    reads_per_second: float = 10.0
    seed: str = "0"


@dataclass(slots=True)
class _Journal:
    """Every event in the operating system's hands before anybody acts on it: it outlives this process."""

    file: int
    lock: threading.Lock

    def note(self, event: Event) -> None:
        text = line(event).encode()
        with self.lock:
            os.write(self.file, text)


def main() -> None:
    """Write until standard input ends."""
    order = LoadOrder.from_json(sys.stdin.readline())
    file = os.open(order.journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    journal = _Journal(file, threading.Lock())
    application = Application(Path(order.switches_file), order.writers + 2, journal.note)
    shown, stop, going = Shown(), threading.Event(), threading.Event()
    going.set()
    interval = order.writers / order.writes_per_second
    threads = []
    for number in range(order.writers):
        chosen = random.Random(f"{order.seed} writer {number}")  # noqa: S311 - what is written, no secret
        writer = Writer(number, application, shown, journal.note, stop, going, interval, chosen)
        threads.append(threading.Thread(target=writer.run, daemon=True))
    if order.reads_per_second:
        reader = random.Random(f"{order.seed} reader")  # noqa: S311 - as above
        given = (application, shown, journal.note, stop, 1 / order.reads_per_second, reader)
        threads.append(threading.Thread(target=read_beside, args=given, daemon=True))
    for each in threads:
        each.start()
    while word := sys.stdin.readline():
        if word == PAUSE:
            going.clear()
        else:
            going.set()
    stop.set()
    for each in threads:
        each.join(_END_SECONDS)
    application.close()
    os.fsync(file)
    # What still hangs in a call that nobody waits for must not keep the process.
    os._exit(0)


if __name__ == "__main__":
    main()
