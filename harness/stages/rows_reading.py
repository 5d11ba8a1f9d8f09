"""How the rows of both sides are read: the sessions, limits and state that the configuration asks for."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from harness.core.configuration import Configuration
from harness.postgres.connect import Connection, Endpoint
from harness.postgres.shared_snapshot import SharedSnapshot, moment
from harness.stages.events import Events
from harness.stages.rows_scan import Reading, SideReading
from harness.stages.rows_state import opened


@contextlib.contextmanager
def reading(
    source: tuple[Connection, Endpoint, str], target: tuple[Connection, Endpoint, str], configuration: Configuration
) -> Iterator[Reading]:
    """Both sides' lead sessions with the names of their snapshots, and the sessions that join them, which end here.

    ConfigurationError: the state file is something else.
    """
    rows = configuration.rows
    sides = [
        SideReading(
            number=number,
            snapshot=SharedSnapshot(endpoint, connection, name, configuration.run.max_connections),
            max_read=rows.max_read,
            max_latency=rows.max_latency,
            max_active=rows.max_active,
        )
        for number, (connection, endpoint, name) in enumerate((source, target))
    ]
    state = None
    if rows.state is not None:
        state = opened(Path(rows.state), (moment(source[0], source[1]), moment(target[0], target[1])))
    try:
        yield Reading(sides=(sides[0], sides[1]), state=state)
    finally:
        for side in sides:
            side.snapshot.leave()


def telling(events: Events, done: int, total: int, table: str) -> Callable[[int, int, int], None]:
    """Tells a watcher how fast the rows of a table are read, and how long that will take yet."""
    started = time.monotonic()

    def told(rows: int, read: int, all_bytes: int) -> None:
        events.progress("rows", done, total, pace(table, rows, read, all_bytes, time.monotonic() - started))

    return told


def pace(table: str, rows: int, read: int, total: int, seconds: float) -> str:
    """Rows so far and a second, and the time that is left, by the bytes that are."""
    left = seconds * (total - read) / read if read else 0
    minutes, rest = divmod(round(left), 60)
    time_left = f"{minutes} min {rest} s" if minutes else f"{rest} s"
    return f"{table}: {rows:,} rows, {round(rows / seconds) if seconds else rows:,} rows/s, {time_left} left"
