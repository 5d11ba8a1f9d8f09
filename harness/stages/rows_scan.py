"""The scan of one table: its pieces are hashed by several sessions a side, inside the limits, and their sums added."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Final

from psycopg import sql

from harness.core.segments import Segments
from harness.postgres.connect import Connection
from harness.postgres.read_meter import metered
from harness.postgres.row_hash import HashedTable, bucket_sums, sums_statement
from harness.postgres.shared_snapshot import SharedSnapshot
from harness.postgres.source_guard import active, latency
from harness.stages.rows_state import RowsState, Sums

CANCEL_SECONDS: Final = 5.0
_PAUSE: Final = 0.5
_SUM_BYTES: Final = 24
"""Of one segment's number, rows and sum, as postgres.read_meter counts them"""
_BESIDE: Final = 4096
"""Bytes that a piece's other statements are sent at the most: settings, and how busy the server is"""
_ROW_AT_LEAST: Final = 28
"""Bytes of a row in its table: storage-page-layout.html"""
_PATIENCE: Final = 60.0
"""Seconds that a side is waited for in all; where it is still busy then, its tables are incomplete"""


class ReadLimit(Exception):
    """Reading on would pass the bytes that may be read."""


class Busy(Exception):
    """A server was busy for as long as it is waited for; the text says which, and by which limit."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What one statement scans, and its bytes."""

    rows: sql.Composed
    bytes: int


@dataclass(slots=True, kw_only=True)
class SideReading:
    """How one side is read, and what of it was."""

    number: int
    """0: the source, 1: the target"""
    snapshot: SharedSnapshot
    max_read: int | None = None
    max_latency: float | None = None
    max_active: int | None = None
    clock: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep
    read_bytes: int = 0
    paused: float = 0
    """Seconds that were waited for the server to become less busy"""
    sessions: int = 1
    """That the last table was read by"""
    bounded: bool = False
    """What is sent may end the reading: a table is being compared"""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _kept: int = 0
    """Bytes that what is being read may yet send"""
    _freed: threading.Condition = field(init=False)

    def __post_init__(self) -> None:
        self._freed = threading.Condition(self._lock)

    @contextlib.contextmanager
    def taken(self, amount: int, answer: int) -> Iterator[None]:
        """Count bytes that are about to be read, and keep room for those that they are answered by, at the most.

        Where both do not fit beside the room that others keep, those are waited for: they seldom need it all.
        ReadLimit: they do not fit.
        """
        with self._freed:
            while self.max_read is not None and self.read_bytes + self._kept + amount + answer > self.max_read:
                if not self._kept:
                    raise ReadLimit
                self._freed.wait()
            self.read_bytes += amount
            self._kept += answer
        try:
            yield
        finally:
            with self._freed:
                self._kept -= answer
                self._freed.notify_all()

    def take(self, amount: int) -> None:
        """Count bytes that are about to be read. ReadLimit: they would be too many."""
        with self._lock:
            if self.max_read is not None and self.read_bytes + amount > self.max_read:
                raise ReadLimit
            self.read_bytes += amount

    def works(self) -> None:
        """Count a session that reads this table."""
        with self._lock:
            self.sessions += 1

    def sent(self, amount: int) -> None:
        """Count bytes that the server has sent. ReadLimit, while a table is being compared: they are too many."""
        with self._lock:
            self.read_bytes += amount
            if self.bounded and self.max_read is not None and self.read_bytes > self.max_read:
                raise ReadLimit

    def wait(self, connection: Connection) -> None:
        """Wait while the server is busy. Busy: it is so for longer than it is waited for."""
        while (limit := self._passed(connection)) is not None:
            if self.paused >= _PATIENCE:
                raise Busy(f"the {self.snapshot.endpoint.side} was busy for {_PATIENCE:g} s in all: {limit}")
            self.pause(_PAUSE)
            with self._lock:
                self.paused += _PAUSE

    def _passed(self, connection: Connection) -> str | None:
        """The limit that the server passes now."""
        endpoint = self.snapshot.endpoint
        if self.max_latency is not None and latency(connection, endpoint) > self.max_latency:
            return f"SELECT 1 took longer than rows.max_latency, {self.max_latency:g} ms"
        if self.max_active is not None and active(connection, endpoint) > self.max_active:
            return f"more sessions of others were active than rows.max_active, {self.max_active:g}"
        return None


@dataclass(slots=True, kw_only=True)
class Reading:
    """How both sides are read."""

    sides: tuple[SideReading, SideReading]
    state: RowsState | None = None
    told: Callable[[int, int, int], None] | None = None
    """Told after each piece of a table that has several: rows hashed, bytes read, bytes in all, of both sides"""
    resumed: int = 0
    """Pieces that were taken over"""

    def bounded(self, *, on: bool) -> None:
        """From now on, or no longer, what is sent may end the reading: a table that is begun is incomplete then."""
        for side in self.sides:
            side.bounded = on

    def cancel(self) -> None:
        """Stop what is running: a side may scan for minutes yet, for nothing."""
        for side in self.sides:
            for connection in side.snapshot.joined:
                connection.cancel_safe(timeout=CANCEL_SECONDS)


def scanned(
    reading: Reading,
    tables: tuple[HashedTable, HashedTable],
    pieces: tuple[list[Piece], list[Piece]],
    segments: Segments,
) -> tuple[Sums, Sums]:
    """The sums of both sides. StatementFailed, ConnectionFailed, ReadLimit: the other statements are ended."""
    progress = _Progress(reading, sum(piece.bytes for of_side in pieces for piece in of_side))
    futures: list[Future[None]] = []
    sums: tuple[Sums, Sums] = ({}, {})
    several = max(len(of_side) for of_side in pieces) > 1
    room = [side.snapshot.room(len(of_side)) for side, of_side in zip(reading.sides, pieces, strict=True)]
    with ThreadPoolExecutor(max_workers=sum(room)) as executor:

        def work(number: int, waiting: SimpleQueue[Piece], connection: Connection | None) -> None:
            # The lead scans from the first moment; a new session takes some 15 ms to be there, and each joins by
            # itself.
            side = reading.sides[number]
            connection = connection or (None if waiting.empty() else side.snapshot.join())
            if connection is not None:
                side.works()
            while connection is not None and not progress.stopped:
                try:
                    # Without waiting: of several sessions that see the last piece, one gets it.
                    piece = waiting.get_nowait()
                except Empty:
                    return
                found = _piece(reading, number, tables[number], connection, piece, segments)
                progress.add(sums[number], found, piece, tell=several)

        for number, of_side in enumerate(pieces):
            waiting: SimpleQueue[Piece] = SimpleQueue()
            for piece in of_side:
                waiting.put(piece)
            side = reading.sides[number]
            side.sessions = 0
            open_ones = side.snapshot.joined[: room[number]]
            for connection in (*open_ones, *[None] * (room[number] - len(open_ones))):
                futures.append(executor.submit(work, number, waiting, connection))
        try:
            done, _ = wait(futures, return_when=FIRST_EXCEPTION)
            _raise_of(done)
        except BaseException as reason:
            progress.stopped = True
            if not isinstance(reason, ReadLimit | Busy):
                reading.cancel()
            raise
    return sums


def _raise_of(done: Iterable[Future[None]]) -> None:
    for future in done:
        future.result()


@dataclass(slots=True)
class _Progress:
    """Sums as they come in, and how far that is."""

    reading: Reading
    total: int
    stopped: bool = False
    rows: int = 0
    bytes: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, sums: Sums, found: Sums, piece: Piece, *, tell: bool) -> None:
        """Add a piece's sums to its side's."""
        with self._lock:
            # Of two pieces only the segments at their bounds are the same.
            shared = {number: sums[number] for number in sums.keys() & found.keys()}
            sums.update(found)
            for number, (count, total) in shared.items():
                sums[number] = (count + found[number][0], total + found[number][1])
            self.rows += sum([count for count, _ in found.values()])
            self.bytes += piece.bytes
            if tell and self.reading.told is not None:
                self.reading.told(self.rows, self.bytes, self.total)


def _piece(
    reading: Reading, number: int, table: HashedTable, connection: Connection, piece: Piece, segments: Segments
) -> Sums:
    of_piece = dataclasses.replace(table, connection=connection, rows=piece.rows)
    statement = sums_statement(of_piece, segments).as_string() if reading.state is not None else ""
    if reading.state is not None and (known := reading.state.sums(number, statement)) is not None:
        reading.resumed += 1
        return known
    side = reading.sides[number]
    if side.max_read is not None:
        metered(connection, side.sent)
    with side.taken(piece.bytes, _answer(piece, segments)):
        side.wait(connection)
        found = bucket_sums(of_piece, segments)
    if reading.state is not None:
        reading.state.keep_sums(number, statement, found)
    return found


def _answer(piece: Piece, segments: Segments) -> int:
    """Bytes that a piece is answered by at the most: a sum for each segment, and not more than it can have rows."""
    rows = piece.bytes // _ROW_AT_LEAST + 1 if piece.bytes else segments.count
    return _BESIDE + _SUM_BYTES * min(segments.count, rows)
