"""A database behind a small pool: one statement a call, several in a transaction, rows as dicts in JSON forms."""

from __future__ import annotations

import contextlib
import copy
import math
from collections.abc import Callable, Iterator
from typing import NoReturn, Protocol, TypeVar

import psycopg

from harness.datalayer.envelope import CallFailed
from harness.datalayer.observation.observing import Observer, observed
from harness.datalayer.postgres.connection_pool import BoundedPool
from harness.datalayer.postgres.connections import GRACE_SECONDS, BoundedConnection, allowed
from harness.datalayer.postgres.driver_failures import (
    REFUSALS,
    failure_of,
    failure_of_commit,
    nested_transaction,
    transaction_over,
)
from harness.datalayer.postgres.pool import OnHighUse, PoolSettings, PoolStatistics
from harness.datalayer.postgres.statements import Statement
from harness.datalayer.postgres.transactions import (
    SET_STATEMENT_TIMEOUT,
    Isolation,
    OpenTransaction,
    begin,
    checked_attempts,
    entered,
    may_be_repeated,
)
from harness.datalayer.rows import Row as Row

T = TypeVar("T")


class Database(Protocol):
    """What a repository needs of a database."""

    def rows(self, statement: Statement) -> list[Row]:
        """Run a statement; raise CallFailed where it cannot be answered."""
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...


class PooledDatabase:
    """A database behind a pool. Threads may share one; each call takes a connection for as long as it lasts."""

    def __init__(
        self,
        dsn: str,
        *,
        max_size: int | None = None,
        settings: PoolSettings | None = None,
        observer: Observer | None = None,
        on_high_use: OnHighUse | None = None,
    ) -> None:
        """Connect once to prove that it works; raise DataLayerFailed, with no password in it, where it does not.

        `max_size` is short for settings that are the default in all else. What `sslmode` of the DSN does:
        `pool.connection_parameters`.
        """
        if settings is None:
            settings = PoolSettings() if max_size is None else PoolSettings(max_size=max_size, min_idle=1)
        self._pool = BoundedPool(dsn, settings, on_high_use)
        self._observer = observer
        self._heavy = False

    def heavy(self) -> PooledDatabase:
        """The same database and pool, with the statement timeout for heavy reads: `heavy_statement_timeout`."""
        heavy = copy.copy(self)
        heavy._heavy = True  # noqa: SLF001 - of this class
        return heavy

    def rows(self, statement: Statement) -> list[Row]:
        """Run a statement in a transaction of its own and return its rows."""
        if self._observer is None:
            return self._rows(statement)
        with observed(self._observer, statement.kind, statement.table) as call:
            rows = self._rows(statement)
            call.rows = len(rows)
        return rows

    @contextlib.contextmanager
    def transaction(self, *, isolation: Isolation | None = None) -> Iterator[TransactionDatabase]:
        """A database bound to one connection: what runs on it is committed together at the end, or not at all.

        Make the repositories to be used inside over the database that this gives: those over the pool are not part of
        the transaction. An exception rolls back and goes on; so does a failed statement whose failure was swallowed.
        A transaction inside another one is refused (nested_transaction).
        """
        beginning = begin(isolation)
        with contextlib.ExitStack() as stack:
            state = stack.enter_context(entered(self._pool))
            if self._observer is not None:
                stack.enter_context(observed(self._observer, "transaction", ""))
            connection = self._pool.take()
            stack.callback(self._pool.give, connection)
            if self._heavy:
                stack.enter_context(allowed(connection, self._pool.settings.heavy_statement_timeout + GRACE_SECONDS))
            try:
                self._begun(connection, beginning)
                yield TransactionDatabase(connection, state, self._observer)
                state.check()
            except BaseException:
                _rolled_back(connection)
                raise
            _committed(connection)

    def with_transaction(
        self, work: Callable[[TransactionDatabase], T], *, isolation: Isolation | None = None, attempts: int = 1
    ) -> T:
        """Run `work` in a transaction and return what it returns; commit, or roll back on any error.

        With `attempts` above 1, all of `work` is run again when PostgreSQL rolled back only because of other
        transactions (40001 serialization_failure, 40P01 deadlock_detected): it may then have no other effects.
        """
        attempts_left = checked_attempts(attempts)
        while True:
            attempts_left -= 1
            try:
                with self.transaction(isolation=isolation) as bound:
                    answer = work(bound)
            except CallFailed as failed:
                if not attempts_left or not may_be_repeated(failed):
                    raise
            else:
                return answer

    def statistics(self) -> PoolStatistics:
        """Connections and waiting calls at this moment."""
        return self._pool.statistics()

    def close(self) -> None:
        """Close every connection, also those of `heavy()`."""
        self._pool.close()

    def _rows(self, statement: Statement) -> list[Row]:
        connection = self._pool.take()
        try:
            if self._heavy:
                return self._heavy_rows(connection, statement)
            return connection.execute(statement.text, statement.parameters).fetchall()
        except REFUSALS as error:
            raise failure_of(error) from None
        finally:
            self._pool.give(connection)

    def _heavy_rows(self, connection: BoundedConnection, statement: Statement) -> list[Row]:
        with (
            allowed(connection, self._pool.settings.heavy_statement_timeout + GRACE_SECONDS),
            connection.transaction(),
        ):
            self._raise_timeout(connection)
            return connection.execute(statement.text, statement.parameters).fetchall()

    def _begun(self, connection: BoundedConnection, beginning: psycopg.sql.SQL) -> None:
        try:
            connection.execute(beginning)
            if self._heavy:
                self._raise_timeout(connection)
        except psycopg.Error as error:
            raise failure_of(error) from None

    def _raise_timeout(self, connection: BoundedConnection) -> None:
        milliseconds = math.ceil(self._pool.settings.heavy_statement_timeout * 1000)
        connection.execute(SET_STATEMENT_TIMEOUT, (str(milliseconds),))


class TransactionDatabase:
    """The one connection of a transaction, as a database for repositories; of no use after its end."""

    def __init__(self, connection: BoundedConnection, state: OpenTransaction, observer: Observer | None) -> None:
        self._connection = connection
        self._state = state
        self._observer = observer

    def rows(self, statement: Statement) -> list[Row]:
        """Run a statement inside the transaction and return its rows."""
        if self._observer is None:
            return self._rows(statement)
        with observed(self._observer, statement.kind, statement.table) as call:
            rows = self._rows(statement)
            call.rows = len(rows)
        return rows

    def transaction(self, **_: object) -> NoReturn:
        """Refused: transactions do not nest."""
        raise nested_transaction()

    def with_transaction(self, *_: object, **__: object) -> NoReturn:
        """Refused: transactions do not nest."""
        raise nested_transaction()

    def close(self) -> None:
        """Nothing: the transaction gives its connection back."""

    def _rows(self, statement: Statement) -> list[Row]:
        if self._state.over:
            raise transaction_over()
        try:
            return self._connection.execute(statement.text, statement.parameters).fetchall()
        except REFUSALS as error:
            raise self._state.remember(failure_of(error)) from None


def _rolled_back(connection: BoundedConnection) -> None:
    """End the transaction whatever state it is in: a connection that cannot say so is closed, which ends it too."""
    try:
        connection.rollback()
    except psycopg.Error:
        connection.close()


def _committed(connection: BoundedConnection) -> None:
    try:
        connection.commit()
    except psycopg.Error as error:
        raise failure_of_commit(error, lost=connection.closed) from None
