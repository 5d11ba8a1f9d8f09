"""A database behind a small pool for asyncio: what `database` is for threads, with the same rules and failures."""

from __future__ import annotations

import contextlib
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import NoReturn, Protocol, TypeVar

import psycopg

from harness.datalayer.envelope import CallFailed
from harness.datalayer.observation.observing import Observer, observed
from harness.datalayer.postgres.async_connection_pool import BoundedAsyncPool
from harness.datalayer.postgres.connections import GRACE_SECONDS, BoundedAsyncConnection, allowed
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
from harness.datalayer.rows import Row

T = TypeVar("T")


class AsyncDatabase(Protocol):
    """What an asyncio repository needs of a database."""

    async def rows(self, statement: Statement) -> list[Row]:
        """Run a statement; raise CallFailed where it cannot be answered."""
        ...

    async def close(self) -> None:
        """Give back what it holds."""
        ...


class AsyncPooledDatabase:
    """A database behind a pool, for the tasks of one event loop. `open` makes one."""

    def __init__(self, pool: BoundedAsyncPool, observer: Observer | None, *, heavy: bool = False) -> None:
        self._pool = pool
        self._observer = observer
        self._heavy = heavy

    @classmethod
    async def open(
        cls,
        dsn: str,
        *,
        settings: PoolSettings | None = None,
        observer: Observer | None = None,
        on_high_use: OnHighUse | None = None,
    ) -> AsyncPooledDatabase:
        """Connect once to prove that it works; raise DataLayerFailed, with no password in it, where it does not."""
        pool = BoundedAsyncPool(dsn, settings or PoolSettings(), on_high_use)
        return cls(await pool.opened(), observer)

    def heavy(self) -> AsyncPooledDatabase:
        """The same database and pool, with the statement timeout for heavy reads: `heavy_statement_timeout`."""
        return AsyncPooledDatabase(self._pool, self._observer, heavy=True)

    async def rows(self, statement: Statement) -> list[Row]:
        """Run a statement in a transaction of its own and return its rows."""
        if self._observer is None:
            return await self._rows(statement)
        with observed(self._observer, statement.kind, statement.table) as call:
            rows = await self._rows(statement)
            call.rows = len(rows)
        return rows

    @contextlib.asynccontextmanager
    async def transaction(self, *, isolation: Isolation | None = None) -> AsyncIterator[AsyncTransactionDatabase]:
        """`PooledDatabase.transaction`: a database bound to one connection, all or nothing, no nesting."""
        beginning = begin(isolation)
        async with contextlib.AsyncExitStack() as stack:
            state = stack.enter_context(entered(self._pool))
            if self._observer is not None:
                stack.enter_context(observed(self._observer, "transaction", ""))
            connection = await self._pool.take()
            stack.push_async_callback(self._pool.give, connection)
            if self._heavy:
                stack.enter_context(allowed(connection, self._pool.settings.heavy_statement_timeout + GRACE_SECONDS))
            try:
                await self._begun(connection, beginning)
                yield AsyncTransactionDatabase(connection, state, self._observer)
                state.check()
            except BaseException:
                await _rolled_back(connection)
                raise
            await _committed(connection)

    async def with_transaction(
        self,
        work: Callable[[AsyncTransactionDatabase], Awaitable[T]],
        *,
        isolation: Isolation | None = None,
        attempts: int = 1,
    ) -> T:
        """`PooledDatabase.with_transaction`: run `work` in a transaction, again where PostgreSQL asks for it."""
        attempts_left = checked_attempts(attempts)
        while True:
            attempts_left -= 1
            try:
                async with self.transaction(isolation=isolation) as bound:
                    answer = await work(bound)
            except CallFailed as failed:
                if not attempts_left or not may_be_repeated(failed):
                    raise
            else:
                return answer

    def statistics(self) -> PoolStatistics:
        """Connections and waiting calls at this moment."""
        return self._pool.statistics()

    async def close(self) -> None:
        """Close every connection, also those of `heavy()`."""
        await self._pool.close()

    async def _rows(self, statement: Statement) -> list[Row]:
        connection = await self._pool.take()
        try:
            if self._heavy:
                return await self._heavy_rows(connection, statement)
            return await (await connection.execute(statement.text, statement.parameters)).fetchall()
        except REFUSALS as error:
            raise failure_of(error) from None
        finally:
            await self._pool.give(connection)

    async def _heavy_rows(self, connection: BoundedAsyncConnection, statement: Statement) -> list[Row]:
        with allowed(connection, self._pool.settings.heavy_statement_timeout + GRACE_SECONDS):
            async with connection.transaction():
                await self._raise_timeout(connection)
                return await (await connection.execute(statement.text, statement.parameters)).fetchall()

    async def _begun(self, connection: BoundedAsyncConnection, beginning: psycopg.sql.SQL) -> None:
        try:
            await connection.execute(beginning)
            if self._heavy:
                await self._raise_timeout(connection)
        except psycopg.Error as error:
            raise failure_of(error) from None

    async def _raise_timeout(self, connection: BoundedAsyncConnection) -> None:
        milliseconds = math.ceil(self._pool.settings.heavy_statement_timeout * 1000)
        await connection.execute(SET_STATEMENT_TIMEOUT, (str(milliseconds),))


class AsyncTransactionDatabase:
    """The one connection of a transaction, as a database for repositories; of no use after its end."""

    def __init__(self, connection: BoundedAsyncConnection, state: OpenTransaction, observer: Observer | None) -> None:
        self._connection = connection
        self._state = state
        self._observer = observer

    async def rows(self, statement: Statement) -> list[Row]:
        """Run a statement inside the transaction and return its rows."""
        if self._observer is None:
            return await self._rows(statement)
        with observed(self._observer, statement.kind, statement.table) as call:
            rows = await self._rows(statement)
            call.rows = len(rows)
        return rows

    def transaction(self, **_: object) -> NoReturn:
        """Refused: transactions do not nest."""
        raise nested_transaction()

    async def with_transaction(self, *_: object, **__: object) -> NoReturn:
        """Refused: transactions do not nest."""
        raise nested_transaction()

    async def close(self) -> None:
        """Nothing: the transaction gives its connection back."""

    async def _rows(self, statement: Statement) -> list[Row]:
        if self._state.over:
            raise transaction_over()
        try:
            return await (await self._connection.execute(statement.text, statement.parameters)).fetchall()
        except REFUSALS as error:
            raise self._state.remember(failure_of(error)) from None


async def _rolled_back(connection: BoundedAsyncConnection) -> None:
    """End the transaction whatever state it is in: a connection that cannot say so is closed, which ends it too."""
    try:
        await connection.rollback()
    except psycopg.Error:
        await connection.close()


async def _committed(connection: BoundedAsyncConnection) -> None:
    try:
        await connection.commit()
    except psycopg.Error as error:
        raise failure_of_commit(error, lost=connection.closed) from None
