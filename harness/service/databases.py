"""The databases that are looked at: how long a round trip takes, and how many connections the server has left."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass
from time import perf_counter
from typing import Final, Protocol

from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from harness.core.health.documents import DatabaseState, ServerBudget
from harness.core.health.judging import HealthLimits, answered, silent
from harness.datalayer.envelope import CallFailed
from harness.datalayer.observation.observing import CallRecord, Observer
from harness.datalayer.postgres.async_database import AsyncPooledDatabase
from harness.datalayer.postgres.connection_budget import (
    OWN_NAMES,
    ServerConnections,
    connection_budget,
    server_connections,
)
from harness.datalayer.postgres.database import PooledDatabase
from harness.datalayer.postgres.pool import PoolSettings, PoolStatistics
from harness.datalayer.postgres.statements import Statement
from harness.datalayer.rows import Row
from harness.errors import DataLayerFailed

APPLICATION_NAME: Final = "pgparity serve"
_ROUND_TRIP: Final = Statement(sql.SQL("SELECT 1 AS one"), (), "other", "")
_CONNECTIONS: Final = 4
"""Of each database: for its health, its statistics, and sessions of two companies"""

_UNREACHED: Final = "it cannot be reached, or refuses the role or the password: pgparity doctor tells which"


class LookedAt(Protocol):
    """A database behind a pool; `PooledDatabase` is one."""

    def rows(self, statement: Statement) -> list[Row]:
        """Run a statement; raise CallFailed where it cannot be answered."""
        ...

    def statistics(self) -> PoolStatistics:
        """Connections and waiting calls at this moment."""
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...


@dataclass(frozen=True, slots=True)
class DeployedServices:
    """Processes with a pool of their own, and the most connections of each."""

    number: int
    pool_maximum: int
    names: tuple[str, ...] = OWN_NAMES
    """The application_name that their sessions have: these are not counted as used by others"""


class OpenedWhenAsked:
    """A database that is opened by the first look that reaches it: `pgparity serve` begins also while it is down.

    Its sessions are read only.
    """

    def __init__(self, dsn: str, *, seconds: float, observer: Observer | None = None) -> None:
        """`seconds`: how long a connection and a statement may take; DataLayerFailed is raised by no method."""
        self._dsn = _read_only(dsn)
        self._observer = observer
        # Less than the whole: the library's own reason is to be there before the time of the look is over.
        self._settings = PoolSettings(
            max_size=_CONNECTIONS,
            min_idle=0,
            warn_above=1.0,
            idle_timeout=60.0,
            connection_timeout=seconds * 0.8,
            statement_timeout=seconds,
            heavy_statement_timeout=seconds,
        )
        self._lock = threading.Lock()
        self._database: PooledDatabase | None = None

    def opened(self) -> PooledDatabase:
        """The database; CallFailed where it cannot be reached."""
        with self._lock:
            if self._database is None:
                began = perf_counter()
                try:
                    self._database = PooledDatabase(self._dsn, settings=self._settings, observer=self._observer)
                except DataLayerFailed:
                    if self._observer is not None:
                        self._observer(CallRecord("other", "", perf_counter() - began, 0, "connection"))
                    raise CallFailed("connection", "connection", _UNREACHED) from None
            return self._database

    def rows(self, statement: Statement) -> list[Row]:
        """Run a statement; raise CallFailed where it cannot be answered."""
        return self.opened().rows(statement)

    def statistics(self) -> PoolStatistics:
        """Connections and waiting calls; zeros where the database was never reached."""
        database = self._database
        return database.statistics() if database is not None else PoolStatistics(0, 0, 0, 0, self._settings.max_size)

    def close(self) -> None:
        """Close every connection."""
        database = self._database
        if database is not None:
            database.close()


class OfEventLoop:
    """An asynchronous database, asked from the threads of the looks: make it in the event loop of the database."""

    def __init__(self, database: AsyncPooledDatabase) -> None:
        self._database = database
        self._loop = asyncio.get_running_loop()

    def rows(self, statement: Statement) -> list[Row]:
        """Run a statement; raise CallFailed where it cannot be answered."""
        return asyncio.run_coroutine_threadsafe(self._database.rows(statement), self._loop).result()

    def statistics(self) -> PoolStatistics:
        """Connections and waiting calls at this moment."""
        return self._database.statistics()

    def close(self) -> None:
        """Nothing: the database is closed in its own loop."""


def _read_only(dsn: str) -> str:
    """The DSN with sessions that may write nothing and are named after this program."""
    options = str(conninfo_to_dict(dsn).get("options") or "")
    settings = f"{options} -c default_transaction_read_only=on".strip()
    return make_conninfo(dsn, options=settings, application_name=APPLICATION_NAME)


def look(
    name: str, database: LookedAt, limits: HealthLimits, services: DeployedServices | None = None
) -> DatabaseState:
    """Ask one database. The connections first, so that the round trip is that of a connection that is open."""
    names = (APPLICATION_NAME, *(services.names if services is not None else OWN_NAMES))
    try:
        found = server_connections(database, own=names)
        began = perf_counter()
        database.rows(_ROUND_TRIP)
    except CallFailed as failed:
        return silent(name, reason_of(failed, database.statistics()))
    return answered(name, (perf_counter() - began) * 1000, _budget(found, services), limits)


def reason_of(failed: CallFailed, pool: PoolStatistics) -> str:
    """Why a database cannot be asked: the library's own words, which hold no value."""
    kind = failed.kind if failed.code in ("connection", "timeout") else f"{failed.kind}, {failed.code}"
    return _and_used_up(f"{failed.message.rstrip('.')} ({kind})", pool)


def no_answer(name: str, database: LookedAt, seconds: float) -> DatabaseState:
    """The state of a database whose look takes too long: its pool is used up, or it does not answer."""
    return silent(name, _and_used_up(f"no answer within {seconds:g} s", database.statistics()))


def _and_used_up(reason: str, pool: PoolStatistics) -> str:
    """The reason, and that all connections are with callers, which may be why."""
    if pool.in_use < pool.max_size:
        return reason
    return f"{reason}; the pool is used up: {pool.in_use} of {pool.max_size} in use, {pool.waiting} calls waiting"


def _budget(found: ServerConnections, services: DeployedServices | None) -> ServerBudget:
    told = ServerBudget(
        maximum=found.maximum,
        reserved=found.superuser_reserved + found.reserved,
        used_by_others=found.used_by_others,
        limit=found.limit,
        left=found.left,
    )
    if services is None:
        return told
    budget = connection_budget(services.number, services.pool_maximum, found)
    more = {"wanted": budget.wanted, "fits": budget.fits, "most_per_service": budget.most_per_service}
    return told.model_copy(update=more)
