"""The pool of connections behind an asyncio database; `connection_pool` for coroutines, with the same rules."""

from __future__ import annotations

import asyncio
import os
from time import monotonic
from typing import Self

import psycopg
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout

from harness.datalayer.postgres.connection_pool import ATTEMPT_SECONDS
from harness.datalayer.postgres.connections import GRACE_SECONDS, BoundedAsyncConnection, is_lost
from harness.datalayer.postgres.driver_failures import closed, forked, no_connection
from harness.datalayer.postgres.pool import (
    OnHighUse,
    PoolSettings,
    PoolStatistics,
    PoolUse,
    connection_parameters,
    pool_arguments,
    statistics_of,
    unreachable,
)


class BoundedAsyncPool:
    """At most `max_size` connections, of one event loop. `take` and `give` belong together."""

    def __init__(self, dsn: str, settings: PoolSettings, on_high_use: OnHighUse | None) -> None:
        self.settings = settings
        self._process = os.getpid()
        self._returning: set[asyncio.Task[None]] = set()
        self._parameters = connection_parameters(dsn, settings)
        self._use = PoolUse(settings, on_high_use)
        self._pool: AsyncConnectionPool[BoundedAsyncConnection] = AsyncConnectionPool(
            connection_class=BoundedAsyncConnection,
            configure=self._configure,
            **pool_arguments(self._parameters, settings),
        )

    async def opened(self) -> Self:
        """Connect once to prove that it works; raise DataLayerFailed, with no password in it, where it does not."""
        try:
            await (await psycopg.AsyncConnection.connect(**self._parameters)).close()
        except psycopg.Error as error:
            raise unreachable(error.sqlstate or type(error).__name__) from None
        try:
            await self._pool.open(wait=True, timeout=self.settings.connection_timeout)
        except PoolTimeout:
            await self._pool.close()
            raise unreachable("no connection for the pool in time") from None
        return self

    async def take(self) -> BoundedAsyncConnection:
        """A connection that the other end has not closed; CallFailed where there is none in time."""
        if os.getpid() != self._process:
            raise forked()
        deadline = monotonic() + self.settings.connection_timeout
        while True:
            try:
                connection = await self._pool.getconn(min(ATTEMPT_SECONDS, deadline - monotonic()))
            except PoolClosed:
                raise closed() from None
            except PoolTimeout:
                if monotonic() >= deadline:
                    raise no_connection(unreachable=self._use.in_use < self.settings.max_size) from None
                continue
            if not is_lost(connection):
                self._use.taken(self.statistics)
                return connection
            try:
                await connection.close()
            finally:
                await self._pool.putconn(connection)

    async def give(self, connection: BoundedAsyncConnection) -> None:
        """Take a connection back; one that is not idle is rolled back or closed.

        A task that is cancelled meanwhile does not keep it from coming back.
        """
        self._use.given_back()
        returning = asyncio.ensure_future(self._returned(connection))
        self._returning.add(returning)
        returning.add_done_callback(self._returning.discard)
        await asyncio.shield(returning)

    async def _returned(self, connection: BoundedAsyncConnection) -> None:
        try:
            if connection.closed:
                await self._pool.drain()
        finally:
            await self._pool.putconn(connection)

    def statistics(self) -> PoolStatistics:
        """Connections and waiting calls at this moment."""
        return statistics_of(self._pool.get_stats(), self.settings, self._use.in_use)

    async def close(self) -> None:
        """Close every connection; one in use is closed when it comes back."""
        await self._pool.close()

    async def _configure(self, connection: BoundedAsyncConnection) -> None:
        connection.answer_seconds = self.settings.statement_timeout + GRACE_SECONDS
