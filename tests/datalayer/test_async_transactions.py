"""Transactions of asyncio tasks: all or nothing, no nesting, and a cancelled one leaves nothing behind."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial

import pytest
from psycopg import sql

from harness.datalayer.envelope import CallFailed
from harness.datalayer.postgres.async_database import AsyncPooledDatabase, AsyncTransactionDatabase
from harness.datalayer.postgres.async_repository import AsyncRepository
from harness.datalayer.postgres.database import PooledDatabase
from harness.datalayer.postgres.pool import PoolSettings
from harness.datalayer.postgres.statements import Statement
from tests.datalayer.clients_and_bookings import BOOKINGS, CLIENTS, create, stored


@pytest.fixture
def dsn(database: str) -> str:
    create(database)
    return database


@pytest.fixture
def pool(dsn: str) -> Iterator[PooledDatabase]:
    pool = PooledDatabase(dsn)
    yield pool
    pool.close()


def test_transactions_of_tasks_are_all_or_nothing_and_do_not_nest(dsn: str, pool: PooledDatabase) -> None:
    async def client(database: AsyncTransactionDatabase, number: int, price: int) -> int:
        await AsyncRepository(database, CLIENTS).upsert({"yclients_id": number})
        await AsyncRepository(database, BOOKINGS).upsert({"record_id": number, "yclients_id": number, "price": price})
        return number

    async def run() -> None:
        opened = await AsyncPooledDatabase.open(dsn)

        async def nested(database: AsyncTransactionDatabase) -> None:
            await AsyncRepository(database, CLIENTS).upsert({"yclients_id": 50})
            await opened.with_transaction(partial(client, number=51, price=1))

        async def swallowed(database: AsyncTransactionDatabase) -> None:
            with pytest.raises(CallFailed):
                await client(database, 60, -1)

        works = [opened.with_transaction(partial(client, number=n, price=5 - n)) for n in range(8)]
        answers = await asyncio.gather(*works, return_exceptions=True)
        assert answers[:6] == [0, 1, 2, 3, 4, 5]
        assert [one.code for one in answers[6:] if isinstance(one, CallFailed)] == ["23514", "23514"]
        with pytest.raises(CallFailed, match="inside another"):
            await opened.with_transaction(nested)
        with pytest.raises(CallFailed) as failed:
            await opened.with_transaction(swallowed)
        assert failed.value.code == "23514"
        await opened.close()

    asyncio.run(run())
    assert stored(pool) == ([0, 1, 2, 3, 4, 5], [0, 1, 2, 3, 4, 5])


def test_a_task_that_is_cancelled_in_a_transaction_rolls_back_and_gives_its_connection_back(
    dsn: str, pool: PooledDatabase
) -> None:
    async def run() -> None:
        opened = await AsyncPooledDatabase.open(dsn, settings=PoolSettings(max_size=1))

        async def work(database: AsyncTransactionDatabase) -> None:
            await AsyncRepository(database, CLIENTS).upsert({"yclients_id": 1})
            await database.rows(Statement(sql.SQL("SELECT pg_sleep(20)"), ()))

        with pytest.raises(TimeoutError):
            await asyncio.wait_for(opened.with_transaction(work), 0.2)
        assert await AsyncRepository(opened, CLIENTS).count([]) == 0
        await opened.close()

    asyncio.run(run())
    assert stored(pool) == ([], [])
