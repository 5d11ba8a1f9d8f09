"""A small pool of connections that runs one statement a call and gives rows as dicts in JSON forms."""

from __future__ import annotations

from typing import Any, Final, Protocol

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool, PoolTimeout

from harness.datalayer.envelope import CallFailed, failure
from harness.datalayer.json_forms import use_json_forms
from harness.datalayer.statements import Statement
from harness.errors import ConfigurationError, DataLayerFailed

Row = dict[str, Any]

_SESSION: Final = "-c TimeZone=UTC -c DateStyle=ISO -c statement_timeout=30s"
_CONNECT_SECONDS: Final = 10
_IDLE_SECONDS: Final = 30
_LIFETIME_SECONDS: Final = 3600


class Database(Protocol):
    """What a repository needs of a database."""

    def rows(self, statement: Statement) -> list[Row]:
        """Run a statement; raise CallFailed where it cannot be answered."""
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...


class PooledDatabase:
    """A database behind a pool of at most `max_size` connections, one of them kept open."""

    def __init__(self, dsn: str, *, max_size: int = 3) -> None:
        """Connect once to prove that it works; raise DataLayerFailed, with no password in it, where it does not."""
        settings = _connection_settings(dsn)
        try:
            psycopg.connect(**settings).close()
        except psycopg.Error as error:
            raise _unreachable(error.sqlstate or type(error).__name__) from None
        self._pool: ConnectionPool[psycopg.Connection[DictRow]] = ConnectionPool(
            kwargs={**settings, "autocommit": True, "row_factory": dict_row, "prepare_threshold": None},
            connection_class=psycopg.Connection[DictRow],
            configure=use_json_forms,
            min_size=1,
            max_size=max_size,
            timeout=_CONNECT_SECONDS,
            max_idle=_IDLE_SECONDS,
            max_lifetime=_LIFETIME_SECONDS,
            open=False,
        )
        try:
            self._pool.open(wait=True, timeout=_CONNECT_SECONDS)
        except PoolTimeout:
            self._pool.close()
            raise _unreachable("no connection for the pool in time") from None

    def rows(self, statement: Statement) -> list[Row]:
        """Run a statement in a transaction of its own and return its rows."""
        try:
            with self._pool.connection() as connection:
                return connection.execute(statement.text, statement.parameters).fetchall()
        except PoolTimeout:
            raise CallFailed("timeout", "timeout", "No connection of the pool became free in time.") from None
        except psycopg.Error as error:
            raise _failure(error) from None

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()


def _connection_settings(dsn: str) -> dict[str, Any]:
    try:
        settings = conninfo_to_dict(dsn)
    except psycopg.ProgrammingError:
        raise ConfigurationError(
            "The DSN of the data layer is malformed.",
            hint="Write postgresql://role:password@host:port/database, with special characters percent-encoded.",
        ) from None
    settings.setdefault("connect_timeout", _CONNECT_SECONDS)
    settings.setdefault("application_name", "datalayer")
    settings["client_encoding"] = "UTF8"
    settings["options"] = f"{settings.get('options', '')} {_SESSION}".strip()
    return settings


def _unreachable(reason: str) -> DataLayerFailed:
    return DataLayerFailed(
        f"The data layer cannot connect to its database ({reason}).",
        hint="Check host, port, database, role and password of its DSN.",
    )


def _failure(error: psycopg.Error) -> CallFailed:
    if error.sqlstate:
        return failure(error.sqlstate, error.diag.message_primary)
    if isinstance(error, psycopg.OperationalError):
        return CallFailed("connection", "connection", "The connection to the database failed or was lost.")
    name = type(error).__name__
    return CallFailed("internal", name, f"The driver refused the statement or its values ({name}).")
