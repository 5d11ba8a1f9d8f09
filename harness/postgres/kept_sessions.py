"""Kept sessions: steps that read both sides one after the other share sessions, which know the catalog by then."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final

import psycopg
from psycopg import pq
from psycopg.rows import TupleRow, tuple_row

KEPT_AFTER: Final = frozenset({"identity", "introspect", "diff", "plan"})
"""Purposes of sessions that only ask, in one transaction that is rolled back: they are left as they were opened"""

KEPT_SECONDS: Final = 30.0
"""Longer ones may have been dropped on the way by what says nothing of it, as while somebody thinks about a plan"""

Connection = psycopg.Connection[TupleRow]


@dataclass(slots=True)
class Kept:
    """Sessions that nobody uses at the moment."""

    _idle: list[tuple[str, Connection, float]] = field(default_factory=list)

    def take(self, dsn: str) -> Connection | None:
        """One of this DSN, which is no longer kept."""
        self._forget()
        for place, (known, _, _) in enumerate(self._idle):
            if known == dsn:
                return self._idle.pop(place)[1]
        return None

    def has(self, dsn: str) -> bool:
        """Whether one of this DSN is kept."""
        self._forget()
        return any(known == dsn for known, _, _ in self._idle)

    def _forget(self) -> None:
        """Close what was kept for too long."""
        oldest = time.monotonic() - KEPT_SECONDS
        for _, connection, since in self._idle:
            if since < oldest:
                connection.close()
        self._idle = [each for each in self._idle if each[2] >= oldest]

    def keep(self, dsn: str, connection: Connection) -> bool:
        """Keep a session where it is as it was when it was opened; whether it is."""
        idle = connection.info.transaction_status is pq.TransactionStatus.IDLE
        if connection.closed or not idle or connection.autocommit or connection.row_factory is not tuple_row:
            return False
        self._idle.append((dsn, connection, time.monotonic()))
        return True

    def close(self) -> None:
        """Close them all."""
        while self._idle:
            self._idle.pop()[1].close()


_KEPT: ContextVar[Kept | None] = ContextVar("_KEPT", default=None)


def kept() -> Kept | None:
    """Those of the block that this is in, of this thread; None outside of such a block."""
    return _KEPT.get()


@contextlib.contextmanager
def keeping_sessions() -> Iterator[None]:
    """Inside, sessions that only asked are kept when they end, and taken by the next one of the same database.

    A new session takes some 10 ms to be there and looks the system catalogs up anew: a comparison of rows would do so
    three times, a migration seven times. Rows do not move in such a block: what is kept would stand idle for hours.
    """
    found = Kept()
    token = _KEPT.set(found)
    try:
        yield
    finally:
        _KEPT.reset(token)
        found.close()
