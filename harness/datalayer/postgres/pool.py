"""How large a pool is and how long it waits: its settings, its statistics, the warning when it is nearly used up."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row

from harness.datalayer.postgres.json_forms import JSON_FORMS
from harness.errors import ConfigurationError, DataLayerFailed

_LOG: Final = logging.getLogger(__name__)
_MOST_CONNECTIONS: Final = 1000
_RECONNECT_SECONDS: Final = 0.1
"""For so long psycopg_pool tries by itself, with pauses that double: a server may come back in the middle of one."""


@dataclass(frozen=True, slots=True)
class PoolSettings:
    """The size of a pool, its times in seconds, and the share in use above which it warns.

    `connection_timeout` bounds both the making of a connection and the wait for a free one. `statement_timeout` is
    what the server allows a statement, `heavy_statement_timeout` what it allows one of `heavy()`. An answer that is
    not there a second after that counts as lost. Raises ConfigurationError where the values make no sense.
    """

    max_size: int = 3
    min_idle: int = 1
    idle_timeout: float = 30.0
    connection_timeout: float = 10.0
    statement_timeout: float = 30.0
    heavy_statement_timeout: float = 60.0
    lifetime: float = 3600.0
    warn_above: float = 0.8

    def __post_init__(self) -> None:
        """Check all settings and name every one that is wrong."""
        wrong = [*self._wrong_sizes(), *self._wrong_times()]
        if not 0 < self.warn_above <= 1:
            wrong.append("warn_above has to be above 0 and at most 1")
        if wrong:
            raise ConfigurationError(f"The pool's settings are wrong: {'; '.join(wrong)}.", hint="Mend the settings.")

    def _wrong_sizes(self) -> list[str]:
        wrong = []
        if not _is_whole(self.max_size) or not 1 <= self.max_size <= _MOST_CONNECTIONS:
            wrong.append(f"max_size has to be a whole number from 1 to {_MOST_CONNECTIONS}")
        elif not _is_whole(self.min_idle) or not 0 <= self.min_idle <= self.max_size:
            wrong.append("min_idle has to be a whole number from 0 to max_size")
        return wrong

    def _wrong_times(self) -> list[str]:
        names = ("idle_timeout", "connection_timeout", "statement_timeout", "heavy_statement_timeout", "lifetime")
        wrong = [f"{name} has to be seconds above 0" for name in names if not _is_seconds(getattr(self, name))]
        if not wrong and self.heavy_statement_timeout < self.statement_timeout:
            wrong.append("heavy_statement_timeout has to be at least statement_timeout")
        return wrong


@dataclass(frozen=True, slots=True)
class PoolStatistics:
    """Connections of a pool at one moment: all, idle, in use; calls that wait for one; the share of max_size in use."""

    total: int
    idle: int
    in_use: int
    waiting: int
    max_size: int

    @property
    def use(self) -> float:
        """Connections in use as a share of the most that there may be, 0 to 1."""
        return self.in_use / self.max_size


OnHighUse = Callable[[PoolStatistics], None]
"""Is told once whenever the use of a pool rises above `warn_above`."""


class PoolUse:
    """Counts the connections that are in use, and tells when they become too many: once a crossing."""

    def __init__(self, settings: PoolSettings, on_high_use: OnHighUse | None) -> None:
        self._most = settings.max_size * settings.warn_above
        self._on_high_use = on_high_use or _log_high_use
        self._lock = threading.Lock()
        self._in_use = 0

    @property
    def in_use(self) -> int:
        """How many connections are with a caller."""
        return self._in_use

    def taken(self, statistics: Callable[[], PoolStatistics]) -> None:
        """Count a connection that a caller got."""
        with self._lock:
            self._in_use += 1
            crossed = self._in_use > self._most >= self._in_use - 1
        if crossed:
            try:
                self._on_high_use(statistics())
            except Exception as error:  # noqa: BLE001 - who is told of the use of a pool cannot fail a call
                _LOG.warning("The callback for a pool's high use failed (%s).", type(error).__name__)

    def given_back(self) -> None:
        """Count a connection that came back."""
        with self._lock:
            self._in_use -= 1


def statistics_of(measures: Mapping[str, int], settings: PoolSettings, in_use: int) -> PoolStatistics:
    """What `get_stats` of psycopg_pool measured."""
    return PoolStatistics(
        total=measures.get("pool_size", 0),
        idle=measures.get("pool_available", 0),
        in_use=in_use,
        waiting=measures.get("requests_waiting", 0),
        max_size=settings.max_size,
    )


def connection_parameters(dsn: str, settings: PoolSettings) -> dict[str, Any]:
    """What every connection of a pool is made with: the DSN's own parameters, and a session in UTC with time limits.

    TLS is what the DSN says, and nothing here weakens it. libpq's default, sslmode=prefer, encrypts where the server
    offers to and proves nothing; `require` refuses a connection without TLS; only `verify-full` checks that the
    certificate is signed by a trusted authority and is of the host that was asked for.
    https://www.postgresql.org/docs/current/libpq-ssl.html
    """
    try:
        parameters: dict[str, Any] = conninfo_to_dict(dsn)
    except psycopg.ProgrammingError:
        raise ConfigurationError(
            "The DSN of the data layer is malformed.",
            hint="Write postgresql://role:password@host:port/database, with special characters percent-encoded.",
        ) from None
    seconds = max(1, math.ceil(settings.connection_timeout))
    parameters.setdefault("connect_timeout", seconds)
    parameters.setdefault("application_name", "datalayer")
    # A cut network is noticed although nothing is acknowledged, or nothing is sent: milliseconds, seconds.
    parameters.setdefault("tcp_user_timeout", seconds * 1000)
    parameters.setdefault("keepalives_idle", seconds)
    parameters.setdefault("keepalives_interval", max(1, seconds // 3))
    parameters.setdefault("keepalives_count", 3)
    parameters["client_encoding"] = "UTF8"
    limit = math.ceil(settings.statement_timeout * 1000)
    session = f"-c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=postgres -c statement_timeout={limit}"
    parameters["options"] = f"{parameters.get('options', '')} {session}".strip()
    return parameters


def pool_arguments(parameters: Mapping[str, Any], settings: PoolSettings) -> dict[str, Any]:
    """What a pool of psycopg_pool is made with, whether it is one for threads or for an event loop."""
    return {
        "kwargs": {
            **parameters,
            "autocommit": True,
            "row_factory": dict_row,
            "prepare_threshold": None,
            "context": JSON_FORMS,
        },
        "min_size": settings.min_idle,
        "max_size": settings.max_size,
        "max_idle": settings.idle_timeout,
        "max_lifetime": settings.lifetime,
        "reconnect_timeout": _RECONNECT_SECONDS,
        "open": False,
    }


def unreachable(reason: str) -> DataLayerFailed:
    """The error of a database that cannot be reached at the start, with no password in it."""
    return DataLayerFailed(
        f"The data layer cannot connect to its database ({reason}).",
        hint="Check host, port, database, role and password of its DSN.",
    )


def _log_high_use(statistics: PoolStatistics) -> None:
    _LOG.warning(
        "The pool is nearly used up: %d of %d connections in use, %d calls waiting.",
        statistics.in_use,
        statistics.max_size,
        statistics.waiting,
    )


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_seconds(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value > 0
