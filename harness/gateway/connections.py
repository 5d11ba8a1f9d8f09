"""A few connections to one database, opened when they are needed and kept."""

from __future__ import annotations

import asyncio
import contextlib
import select
from collections.abc import AsyncIterator
from typing import Any

import psycopg
from psycopg import AsyncConnection
from psycopg.conninfo import make_conninfo

from harness.core.postgrest.errors import RequestError
from harness.gateway import bodies

Row = tuple[Any, ...]
_CONNECT_SECONDS = 10


def _has_news(connection: AsyncConnection[Row]) -> bool:
    """Whether an idle connection has something to read: then the server has ended it."""
    poll = select.poll()
    poll.register(connection.pgconn.socket, select.POLLIN)
    return bool(poll.poll(0))


class Connections:
    """At most `size` connections in autocommit mode, with UTC as their time zone.

    They belong to one event loop. `close` ends the idle ones at once and the others as they come back; the next use
    opens new ones.
    """

    def __init__(self, db_uri: str, *, size: int, seconds: float) -> None:
        self._db_uri = db_uri
        self._seconds = seconds
        self._places = asyncio.Semaphore(size)
        self._idle: list[AsyncConnection[Row]] = []
        self._generation = 0

    async def _open(self) -> AsyncConnection[Row]:
        conninfo = make_conninfo(
            self._db_uri, client_encoding="UTF8", connect_timeout=_CONNECT_SECONDS, application_name="pgparity gateway"
        )
        connection = await AsyncConnection.connect(conninfo, autocommit=True)
        bodies.register(connection)
        try:
            await connection.execute("SET timezone = 'UTC'")
        except BaseException:
            await connection.close()
            raise
        return connection

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection[Row]]:
        """A connection for as long as the block runs; a broken one, or one left in a transaction, is not kept.

        :raises RequestError: PGRST003 where none becomes free in time, PGRST000 where the database is unreachable.
        """
        try:
            await asyncio.wait_for(self._places.acquire(), self._seconds)
        except TimeoutError:
            message = "Timed out acquiring connection from connection pool."
            raise RequestError(504, "PGRST003", message) from None
        generation = self._generation
        try:
            connection = await self._take()
            try:
                yield connection
            finally:
                idle = connection.pgconn.transaction_status == psycopg.pq.TransactionStatus.IDLE
                if idle and generation == self._generation:
                    self._idle.append(connection)
                else:
                    await connection.close()
        finally:
            self._places.release()

    async def _take(self) -> AsyncConnection[Row]:
        while self._idle:
            connection = self._idle.pop()
            if not connection.closed and not _has_news(connection):
                return connection
            await connection.close()
        try:
            return await self._open()
        except psycopg.OperationalError:
            # libpq's words can hold what a password is made of: they stay here
            message = "Database connection error. Retrying the connection."
            raise RequestError(503, "PGRST000", message) from None

    async def close(self) -> None:
        """End the idle connections now, and the others when they are done."""
        self._generation += 1
        idle, self._idle = self._idle, []
        for connection in idle:
            await connection.close()
