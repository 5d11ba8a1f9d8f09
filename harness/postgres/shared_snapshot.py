"""Shared snapshot: several sessions of one server that see the same moment, inside what the server has left."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass, field
from typing import Final

from psycopg import sql

from harness.errors import ConnectionFailed
from harness.postgres.connect import Connection, Endpoint, session, system_identifier
from harness.postgres.failures import blaming
from harness.postgres.queries import query

LEFT_FREE: Final = 3
"""Connections that are left to others, beyond those that the server reserves"""


@dataclass(slots=True)
class SharedSnapshot:
    """The session that took a snapshot, and others that joined it."""

    endpoint: Endpoint
    lead: Connection
    name: str
    """Of the exported snapshot"""
    most: int
    """Sessions at most, this one with them"""
    _others: list[Connection] = field(default_factory=list)
    _open: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def room(self, wanted: int) -> int:
        """How many of so many sessions can be used, the lead among them, inside the budget and what the server has
        left; those that are not open yet join while the others work. One statement of the lead at the most.
        """
        wanted = max(min(wanted, self.most), 1)
        missing = wanted - len(self.joined)
        return wanted - max(missing - max(self._free(), 0), 0) if missing > 0 else wanted

    def join(self) -> Connection | None:
        """One session more; None where the server refuses it after all. Any thread may ask."""
        with contextlib.ExitStack() as opening:
            try:
                joined = opening.enter_context(session(self.endpoint, purpose="rows"))
                with blaming(self.endpoint, joined):
                    joined.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    joined.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(sql.Literal(self.name)))
            except ConnectionFailed:
                return None
            with self._lock:
                self._others.append(joined)
                self._open.push(opening.pop_all())
        return joined

    @property
    def joined(self) -> tuple[Connection, ...]:
        """All sessions that are open now, the lead first."""
        return (self.lead, *self._others)

    def leave(self) -> None:
        """Close the others: after a failure their transactions are of no use."""
        self._others.clear()
        self._open.close()
        self._open = contextlib.ExitStack()

    def _free(self) -> int:
        with blaming(self.endpoint, self.lead):
            row = self.lead.execute(query("free_connections")).fetchone()
        return int(row[0]) - LEFT_FREE if row else 0


def moment(connection: Connection, endpoint: Endpoint) -> str | None:
    """What names a session's snapshot as long as nothing is committed; None where an older transaction was running.

    System identifier, database and pg_current_snapshot: two snapshots with the same bounds see the same rows. Every
    transaction of the cluster that was given an id makes another one, also autovacuum's.
    """
    with blaming(endpoint, connection):
        row = connection.execute(
            "SELECT pg_catalog.pg_current_snapshot()::text, d.oid::text"
            " FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()"
        ).fetchone()
    if row is None:
        return None
    lowest, highest, _running = str(row[0]).split(":")
    return f"{system_identifier(connection)}/{row[1]}/{row[0]}" if lowest == highest else None
