"""Crew: pairs of sessions, one a side, that work on chunks at the same time, on one snapshot and inside the budget."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Final, TypeVar

from harness.errors import ConnectionFailed, MigrationFailed
from harness.postgres.connect import Connection, Endpoint, session
from harness.postgres.failures import blaming
from harness.postgres.ledger import help_holder
from harness.postgres.queries import query
from harness.postgres.shared_snapshot import LEFT_FREE, SharedSnapshot

RESUME: Final = "What was moved stands in the ledger of the target: run again to go on from there."
_CANCEL_SECONDS: Final = 5.0
Item = TypeVar("Item")


@dataclass(slots=True)
class Pair:
    """A session on the source, in the snapshot, and one that writes to the target."""

    source: Connection
    target: Connection
    staged: str | None = None
    """The table that the target's temporary table is made for"""


@dataclass(slots=True)
class Stop:
    """Whether the work is to end: soon, when what is running is done; or now, in the middle of it."""

    soon: threading.Event = field(default_factory=threading.Event)
    now: threading.Event = field(default_factory=threading.Event)

    def check(self) -> None:
        """MigrationFailed where no more is to be begun."""
        if self.soon.is_set() or self.now.is_set():
            raise stopped()


def stopped() -> MigrationFailed:
    """What ends a run that was asked to stop."""
    return MigrationFailed("stopped, as was asked for", hint=RESUME)


@dataclass(slots=True, kw_only=True)
class Crew:
    """The sessions of a migration; the lead pair is there from the beginning, the others as they are needed."""

    snapshot: SharedSnapshot
    target_endpoint: Endpoint
    lead: Pair
    stop: Stop = field(default_factory=Stop)
    _others: list[Pair] = field(default_factory=list)
    _open: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """All that are open, the lead first."""
        return (self.lead, *self._others)

    def each(
        self,
        items: Iterable[Item],
        work: Callable[[Pair, Item], None],
        *,
        first: Callable[[Pair], None] | None = None,
    ) -> None:
        """Do some work for every item, several at a time; in the order given as far as that is possible.

        `first`: what the lead pair does before it takes items, while the others do already. What fails ends the work
        once what is running is done, and is raised. MigrationFailed: it was asked to stop.
        """
        waiting: SimpleQueue[Item] = SimpleQueue()
        for item in items:
            waiting.put(item)
        room = self._room(waiting.qsize() + (first is not None))
        if room <= 1:
            if first is not None:
                first(self.lead)
            self._drain(waiting, self.lead, work, threading.Event())
            return
        failed = threading.Event()
        with ThreadPoolExecutor(max_workers=room) as executor:
            known: list[Pair | None] = [*self.pairs[:room]]
            known += [None] * (room - len(known))
            futures = [
                executor.submit(self._worker, waiting, pair, work, failed, first if pair is self.lead else None)
                for pair in known
            ]
            try:
                done, _ = wait(futures, return_when=FIRST_EXCEPTION)
                if any(each.exception() is not None for each in done):
                    failed.set()
                wait(futures)
            except BaseException:
                # An interrupt of this thread: what is running ends now, and its transactions are rolled back.
                self.stop.now.set()
                self.cancel()
                raise
        _raise_first(futures)

    def cancel(self) -> None:
        """End the statements that are running."""
        for pair in self.pairs:
            for connection in (pair.source, pair.target):
                if not connection.closed:
                    connection.cancel_safe(timeout=_CANCEL_SECONDS)

    def leave(self) -> None:
        """Close all but the lead pair."""
        self._others.clear()
        self._open.close()
        self.snapshot.leave()

    def _worker(
        self,
        waiting: SimpleQueue[Item],
        pair: Pair | None,
        work: Callable[[Pair, Item], None],
        failed: threading.Event,
        first: Callable[[Pair], None] | None,
    ) -> None:
        pair = pair or (None if waiting.empty() else self._joined())
        if pair is not None:
            try:
                if first is not None:
                    first(pair)
                self._drain(waiting, pair, work, failed)
            except BaseException:
                failed.set()
                raise

    def _drain(
        self,
        waiting: SimpleQueue[Item],
        pair: Pair,
        work: Callable[[Pair, Item], None],
        failed: threading.Event,
    ) -> None:
        while not failed.is_set():
            try:
                item = waiting.get_nowait()
            except Empty:
                return
            self.stop.check()
            work(pair, item)

    def _room(self, wanted: int) -> int:
        room = self.snapshot.room(wanted)
        missing = room - len(self.pairs)
        if missing <= 0:
            return room
        with blaming(self.target_endpoint, self.lead.target):
            row = self.lead.target.execute(query("free_connections")).fetchone()
            self.lead.target.commit()
        free = int(row[0]) - LEFT_FREE if row else 0
        return room - max(missing - max(free, 0), 0)

    def _joined(self) -> Pair | None:
        """One pair more; None where a server refuses it after all."""
        with contextlib.ExitStack() as opening:
            try:
                target = opening.enter_context(session(self.target_endpoint, purpose="migrate", writable=True))
                with blaming(self.target_endpoint, target):
                    help_holder(target)
            except ConnectionFailed:
                return None
            source = self.snapshot.join()
            if source is None:
                return None
            pair = Pair(source, target)
            with self._lock:
                self._others.append(pair)
                self._open.push(opening.pop_all())
            return pair
        return None


def _raise_first(futures: Iterable[Future[None]]) -> None:
    errors = [error for future in futures if (error := future.exception()) is not None]
    if errors:
        # What failed by itself before what was told to stop.
        raise min(errors, key=lambda each: isinstance(each, MigrationFailed))
