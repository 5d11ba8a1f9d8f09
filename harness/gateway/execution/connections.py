"""A few connections to one database, opened when they are needed and kept."""

from __future__ import annotations

import asyncio
import contextlib
import select
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import AsyncConnection
from psycopg.conninfo import make_conninfo

from harness.core.postgrest.errors import RequestError
from harness.gateway.execution import bodies
from harness.gateway.settings import GatewaySettings

Row = tuple[Any, ...]
APPLICATION_NAME = "pgparity gateway"
CONNECT_SECONDS = 10


def _has_news(connection: AsyncConnection[Row]) -> bool:
    """Whether an idle connection has something to read: then the server has ended it."""
    poll = select.poll()
    poll.register(connection.pgconn.socket, select.POLLIN)
    return bool(poll.poll(0))


@dataclass(slots=True)
class _Kept:
    """A connection of the pool: when it was opened, and when it was last given back."""

    connection: AsyncConnection[Row]
    opened: float
    returned: float


class Connections:
    """At most `db_pool` connections in autocommit mode, with UTC as their time zone.

    They belong to one event loop. One that was idle for longer than `db_pool_max_idletime`, or open for longer than
    `db_pool_max_lifetime`, is ended when the pool is used next. `close` ends the idle ones at once and the others as
    they come back; the next use opens new ones.
    """

    def __init__(self, settings: GatewaySettings) -> None:
        self._settings = settings
        self._places = asyncio.Semaphore(settings.db_pool)
        self._idle: list[_Kept] = []
        self._generation = 0
        self.used = 0
        self.waiting = 0
        self.timeouts = 0

    async def _open(self) -> _Kept:
        conninfo = make_conninfo(
            self._settings.db_uri,
            client_encoding="UTF8",
            connect_timeout=CONNECT_SECONDS,
            application_name=APPLICATION_NAME,
        )
        connection = await AsyncConnection.connect(conninfo, autocommit=True)
        if not self._settings.db_prepared_statements:
            connection.prepare_threshold = None
        bodies.register(connection)
        try:
            await connection.execute("SET timezone = 'UTC'")
        except BaseException:
            await connection.close()
            raise
        now = time.monotonic()
        return _Kept(connection, now, now)

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection[Row]]:
        """A connection for as long as the block runs; a broken one, or one left in a transaction, is not kept.

        :raises RequestError: PGRST003 where none becomes free in time, PGRST000 where the database is unreachable.
        """
        await self._wait_for_place()
        generation = self._generation
        self.used += 1
        try:
            kept = await self._take()
            try:
                yield kept.connection
            finally:
                idle = kept.connection.pgconn.transaction_status == psycopg.pq.TransactionStatus.IDLE
                if idle and generation == self._generation:
                    kept.returned = time.monotonic()
                    self._idle.append(kept)
                else:
                    await kept.connection.close()
        finally:
            self.used -= 1
            self._places.release()

    async def _wait_for_place(self) -> None:
        if not self._places.locked():
            await self._places.acquire()
            return
        self.waiting += 1
        try:
            await asyncio.wait_for(self._places.acquire(), self._settings.db_pool_acquisition_timeout)
        except TimeoutError:
            self.timeouts += 1
            message = "Timed out acquiring connection from connection pool."
            raise RequestError(504, "PGRST003", message) from None
        finally:
            self.waiting -= 1

    def _is_stale(self, kept: _Kept, now: float) -> bool:
        return (
            now - kept.returned > self._settings.db_pool_max_idletime
            or now - kept.opened > self._settings.db_pool_max_lifetime
        )

    async def _take(self) -> _Kept:
        now = time.monotonic()
        # the one that was returned first stands first, so that only the first few can have been idle too long
        while self._idle and self._is_stale(self._idle[0], now):
            await self._idle.pop(0).connection.close()
        while self._idle:
            kept = self._idle.pop()
            if not kept.connection.closed and not _has_news(kept.connection) and not self._is_stale(kept, now):
                return kept
            await kept.connection.close()
        try:
            return await self._open()
        except psycopg.Error:
            # libpq's words can hold what a password is made of: they stay here
            message = "Database connection error. Retrying the connection."
            raise RequestError(503, "PGRST000", message) from None

    async def close(self) -> None:
        """End the idle connections now, and the others when they are done."""
        self._generation += 1
        idle, self._idle = self._idle, []
        for kept in idle:
            await kept.connection.close()
