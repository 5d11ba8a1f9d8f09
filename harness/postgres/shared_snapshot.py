"""Shared snapshot: several sessions of one server that see the same moment, inside what the server has left."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import Final

from psycopg import sql

from harness.errors import ConnectionFailed
from harness.postgres.connect import Connection, Endpoint, session, system_identifier
from harness.postgres.failures import blaming
from harness.postgres.queries import query

_LEFT_FREE: Final = 3
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
    _refused: bool = False

    def sessions(self, wanted: int) -> tuple[Connection, ...]:
        """Up to so many sessions, the lead first; fewer where the budget or the server has no more."""
        wanted = min(wanted, self.most)
        if wanted > 1 + len(self._others) and not self._refused:
            free = self._free()
            while len(self._others) + 1 < wanted and free > 0:
                try:
                    self._join()
                except ConnectionFailed:
                    self._refused = True
                    break
                free -= 1
        return (self.lead, *self._others[: max(wanted - 1, 0)])

    @property
    def joined(self) -> tuple[Connection, ...]:
        """All sessions that are open now, the lead first."""
        return (self.lead, *self._others)

    def leave(self) -> None:
        """Close the others: after a failure their transactions are of no use."""
        self._others.clear()
        self._open.close()
        self._open = contextlib.ExitStack()

    def _join(self) -> None:
        joined = self._open.enter_context(session(self.endpoint, purpose="rows"))
        with blaming(self.endpoint, joined):
            joined.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            joined.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(sql.Literal(self.name)))
        self._others.append(joined)

    def _free(self) -> int:
        with blaming(self.endpoint, self.lead):
            row = self.lead.execute(query("free_connections")).fetchone()
        return int(row[0]) - _LEFT_FREE if row else 0


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
