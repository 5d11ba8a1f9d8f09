"""The pool of connections behind a database: hands out live ones, within the time that its settings allow."""

from __future__ import annotations

import os
from time import monotonic
from typing import Final

import psycopg
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout

from harness.datalayer.postgres.connections import GRACE_SECONDS, BoundedConnection, is_lost
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

ATTEMPT_SECONDS: Final = 0.25
"""psycopg_pool tries to connect when it is asked for a connection: so often it is asked again while a call waits."""


class BoundedPool:
    """At most `max_size` connections. `take` and `give` belong together."""

    def __init__(self, dsn: str, settings: PoolSettings, on_high_use: OnHighUse | None) -> None:
        """Connect once to prove that it works; raise DataLayerFailed, with no password in it, where it does not."""
        parameters = connection_parameters(dsn, settings)
        try:
            psycopg.connect(**parameters).close()
        except psycopg.Error as error:
            raise unreachable(error.sqlstate or type(error).__name__) from None
        self.settings = settings
        self._process = os.getpid()
        self._use = PoolUse(settings, on_high_use)
        self._pool: ConnectionPool[BoundedConnection] = ConnectionPool(
            connection_class=BoundedConnection, configure=self._configure, **pool_arguments(parameters, settings)
        )
        try:
            self._pool.open(wait=True, timeout=settings.connection_timeout)
        except PoolTimeout:
            self._pool.close()
            raise unreachable("no connection for the pool in time") from None

    def take(self) -> BoundedConnection:
        """A connection that the other end has not closed; CallFailed where there is none in time.

        A connection found closed is replaced before anything was sent on it, so that no call is ever made twice.
        """
        if os.getpid() != self._process:
            raise forked()
        deadline = monotonic() + self.settings.connection_timeout
        while True:
            try:
                connection = self._pool.getconn(min(ATTEMPT_SECONDS, deadline - monotonic()))
            except PoolClosed:
                raise closed() from None
            except PoolTimeout:
                if monotonic() >= deadline:
                    raise no_connection(unreachable=self._use.in_use < self.settings.max_size) from None
                continue
            if not is_lost(connection):
                self._use.taken(self.statistics)
                return connection
            connection.close()
            self._pool.putconn(connection)

    def give(self, connection: BoundedConnection) -> None:
        """Take a connection back; one that is not idle is rolled back or closed.

        One that was lost while in use casts doubt on all: a cut network shows on no idle connection.
        """
        self._use.given_back()
        if connection.closed:
            self._pool.drain()
        self._pool.putconn(connection)

    def statistics(self) -> PoolStatistics:
        """Connections and waiting calls at this moment."""
        return statistics_of(self._pool.get_stats(), self.settings, self._use.in_use)

    def close(self) -> None:
        """Close every connection; one in use is closed when it comes back."""
        self._pool.close()

    def _configure(self, connection: BoundedConnection) -> None:
        connection.answer_seconds = self.settings.statement_timeout + GRACE_SECONDS
