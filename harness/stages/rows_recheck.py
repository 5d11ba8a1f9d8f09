"""Re-check: rows that differ between two snapshots of live databases are read again until they have settled.

The snapshots of two servers are never one moment: a row that an application or a replication writes to both, one after
the other, differs for as long as that takes. How long that is nobody knows; the settle time is what is waited for it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from harness.core.row_merge import HashedRow, Unmatched, unmatched
from harness.postgres.connect import Connection, new_sessions
from harness.postgres.read_meter import metered_like
from harness.postgres.row_again import current_snapshot, rows_again, unwritten_since
from harness.postgres.row_hash import HashedTable

KEYS_AT_ONCE: Final = 500
DIFFERENCES_AT_ONCE: Final = 5000
"""That both servers are asked about at once whether anything was written; a table may drift in every row"""
KEYS_WITHOUT_INDEX: Final = 20_000
"""Of a table with no key, which is scanned to find rows again: as many keys at once as are kept waiting"""
WAITING_AT_MOST: Final = 20_000
FIRST_PAUSE: Final = 0.05
"""Seconds; each pause is twice as long as the one before"""

Sessions = Callable[[], AbstractContextManager[tuple[Connection, Connection]]]
Fingerprint = tuple[tuple[int, int, int], ...]


@dataclass(slots=True)
class Rechecked:
    """What the reading again came to; counted as rows were first found: a pair, or a row of one side, is one."""

    settled: int = 0
    """Rows that are alike now on both sides, or gone from both"""
    moving: int = 0
    """Rows that were otherwise each time they were read"""
    again: int = 0
    """Rows that were read again at all; 0: nothing was written since the snapshots"""


@dataclass(frozen=True, slots=True)
class Standing:
    """Rows that differ for good, and the tables that their cells are to be read from: in the same transactions."""

    rows: tuple[Unmatched, ...]
    source: HashedTable
    target: HashedTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long rows are read again, and by which clock."""

    seconds: float
    """0: not at all"""
    since: float
    """When the snapshots were taken, by that clock"""
    clock: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep


@dataclass(slots=True)
class _Watched:
    """The rows of one key that differed when they were last read."""

    found: Unmatched
    same_since: float
    first_read: float
    rows: int = field(default=0)


def still_unequal(
    found: Iterable[Unmatched],
    source: HashedTable,
    target: HashedTable,
    patience: Patience,
    tally: Rechecked,
    sessions: Sessions | None = None,
) -> Iterator[Standing]:
    """Of rows that differ in the snapshots, those that go on differing; `tally` counts the others.

    Where nothing was written on either server since its snapshot, all differ for good, and nothing is read again.
    Else each key's rows are read by key in new, short transactions. Equal now: settled. Unequal and the same for
    `patience.seconds` (counted from the snapshots, so that a long comparison waits for nothing): they differ. Else
    they are read again, with growing pauses, for `patience.seconds`; at the end those that stood still for half of
    that time differ, and the others are moving.

    Read the cells of `Standing.rows` before the next is taken: its transactions end then, and a row that was written
    since the snapshot is not in the snapshot as it is here. `source` and `target` are in their snapshots. `sessions`
    gives two sessions of postgres.connect; without it they are opened here once something has to be read again.
    Memory: WAITING_AT_MOST keys. StatementFailed, ConnectionFailed: as any reading.
    """
    size = KEYS_AT_ONCE if source.key else KEYS_WITHOUT_INDEX
    with contextlib.ExitStack() as stack:
        live: _Live | None = None
        waiting: dict[int, _Watched] = {}
        rest = iter(found)
        while batch := list(islice(rest, max(size, DIFFERENCES_AT_ONCE))):
            if patience.seconds <= 0:
                yield Standing(tuple(batch), source, target)
                continue
            live = live or _Live(source, target, stack.enter_context((sessions or _sessions_of(source, target))()))
            if not live.written():
                yield Standing(tuple(batch), source, target)
                continue
            for start in range(0, len(batch), size):
                now = patience.clock()
                part = batch[start : start + size]
                new = {_key(each): _Watched(each, patience.since, now, _rows(each)) for each in part}
                tally.again += sum(each.rows for each in new.values())
                yield from _read(live, new, patience, tally)
                waiting |= new
                if len(waiting) >= WAITING_AT_MOST:
                    yield from _awaited(live, waiting, size, patience, tally)
        if live is not None:
            yield from _awaited(live, waiting, size, patience, tally)


def moving_reason(tally: Rechecked) -> str | None:
    """Why a table with rows that keep moving is incomplete; None where there are none."""
    if not tally.moving:
        return None
    rows = "1 row differs" if tally.moving == 1 else f"{tally.moving:,} rows differ"
    return f"{rows} and kept being written while it was read again: compare when fewer writes are under way"


def _awaited(
    live: _Live, waiting: dict[int, _Watched], size: int, patience: Patience, tally: Rechecked
) -> Iterator[Standing]:
    """Read what is waiting until nothing is."""
    length = FIRST_PAUSE
    while waiting:
        last = max(each.first_read for each in waiting.values()) + patience.seconds
        patience.pause(max(min(length, last - patience.clock()), FIRST_PAUSE))
        length *= 2
        keys = list(waiting)
        for start in range(0, len(keys), size):
            part = {key: waiting.pop(key) for key in keys[start : start + size]}
            yield from _read(live, part, patience, tally)
            waiting |= part


def _read(live: _Live, part: dict[int, _Watched], patience: Patience, tally: Rechecked) -> Iterator[Standing]:
    """One reading; what is decided by it leaves `part`."""
    with live.reading([each.found for each in part.values()]) as found:
        now = patience.clock()
        standing: list[Unmatched] = []
        for key, watched in list(part.items()):
            current = found.get(key)
            if current is None:
                tally.settled += watched.rows
                del part[key]
                continue
            if _fingerprint(current) != _fingerprint(watched.found):
                watched.same_since = now
            watched.found = current
            over = now - watched.first_read >= patience.seconds
            if now - watched.same_since >= patience.seconds / (2 if over else 1):
                standing.append(current)
                del part[key]
            elif over:
                tally.moving += watched.rows
                del part[key]
        if standing:
            yield Standing(tuple(standing), live.source, live.target)


class _Live:
    """Both tables as they are now, in sessions that hold no snapshot."""

    def __init__(self, source: HashedTable, target: HashedTable, sessions: tuple[Connection, Connection]) -> None:
        self.source = dataclasses.replace(source, connection=sessions[0])
        self.target = dataclasses.replace(target, connection=sessions[1])
        for live, side in zip(sessions, (source, target), strict=True):
            metered_like(live, side.connection)
        self._then = tuple(current_snapshot(side.connection, side.endpoint) for side in (source, target))
        self._written = False

    def written(self) -> bool:
        """Whether anything was written on either server since its snapshot."""
        if not self._written:
            sides = zip(self._then, (self.source, self.target), strict=True)
            self._written = not all(unwritten_since(then, _now(side)) for then, side in sides)
        return self._written

    @contextlib.contextmanager
    def reading(self, wanted: Sequence[Unmatched]) -> Iterator[dict[int, Unmatched]]:
        """What differs now of the wanted keys' rows, by the hash of the key. The two transactions last as long."""
        rows = [row for each in wanted for row in _sides_of(each)]
        with _moment(self.source.connection), _moment(self.target.connection):
            # The target second: what was written to the source has had the more time to arrive.
            left = rows_again(self.source, rows)
            right = rows_again(self.target, rows)
            yield {_key(each): each for each in unmatched(left, right)}


@contextlib.contextmanager
def _moment(connection: Connection) -> Iterator[None]:
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


def _now(side: HashedTable) -> str:
    with side.connection.transaction():
        return current_snapshot(side.connection, side.endpoint)


def _sessions_of(source: HashedTable, target: HashedTable) -> Sessions:
    return lambda: new_sessions(source.endpoint, target.endpoint, purpose="rows again")


def _sides_of(found: Unmatched) -> list[HashedRow]:
    pairs = [side for pair in found.pairs for side in (pair.source, pair.target)]
    return [*pairs, *found.source_only, *found.target_only]


def _key(found: Unmatched) -> int:
    return _sides_of(found)[0].key


def _rows(found: Unmatched) -> int:
    alone = sum(row.copies for row in (*found.source_only, *found.target_only))
    return alone + sum(pair.copies for pair in found.pairs)


def _fingerprint(found: Unmatched) -> tuple[Fingerprint, Fingerprint, Fingerprint]:
    """The rows by their hashes; their keys' texts may be written otherwise on the other side."""
    return (
        tuple((pair.source.row, pair.target.row, pair.copies) for pair in found.pairs),
        tuple((0, row.row, row.copies) for row in found.source_only),
        tuple((1, row.row, row.copies) for row in found.target_only),
    )
