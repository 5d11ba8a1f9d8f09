"""A pool in trouble: exhausted, its backend ended, its network cut, its statement too slow; the next call works."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest

from harness.datalayer.envelope import CallFailed
from harness.datalayer.postgres.async_database import AsyncPooledDatabase
from harness.datalayer.postgres.database import PooledDatabase
from harness.datalayer.postgres.pool import PoolSettings
from harness.embedded.server import Server
from tests.datalayer.network_cut import NetworkCut
from tests.datalayer.pools_in_trouble import (
    MARGIN_SECONDS,
    ONE,
    OVERDUE_SECONDS,
    PID,
    SLEEP,
    Asked,
    asking,
    failure,
    in_background,
    opening,
    until_asleep,
)


@pytest.fixture(params=["sync", pytest.param("async", marks=pytest.mark.long)])
def opened(request: pytest.FixtureRequest) -> Iterator[Callable[..., Asked]]:
    with opening(request.param) as open_one:
        yield open_one


def test_an_exhausted_pool_is_a_timeout_and_the_next_call_works(database: str, opened: Callable[..., Asked]) -> None:
    settings = PoolSettings(max_size=2, connection_timeout=0.3, statement_timeout=1.5, heavy_statement_timeout=2)
    pool = opened(database, settings)
    sleeping = [in_background(pool, SLEEP) for _ in range(2)]
    until_asleep(database, 2)
    assert failure(pool, ONE, within=0.3) == ("timeout", "timeout")
    for thread, seen in sleeping:
        thread.join(10)
        assert seen == [("timeout", "57014")]
    assert pool.rows(ONE) == [{"one": 1}]


def test_a_backend_that_is_ended_between_calls_is_not_noticed_by_the_next_call(
    database: str, opened: Callable[..., Asked]
) -> None:
    pool = opened(database)
    for _ in range(3):
        pid = pool.rows(PID)[0]["pid"]
        with psycopg.connect(database, autocommit=True) as admin:
            admin.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
        assert pool.rows(PID)[0]["pid"] != pid


def test_a_backend_that_is_ended_in_a_call_is_a_connection_failure_and_the_call_is_not_made_again(
    database: str, opened: Callable[..., Asked]
) -> None:
    with psycopg.connect(database, autocommit=True) as admin:
        admin.execute("CREATE SEQUENCE calls")
        pool = opened(database)
        thread, seen = in_background(pool, asking("SELECT nextval('calls'), pg_sleep(20)"))
        pids = until_asleep(database)
        admin.execute("SELECT pg_terminate_backend(%s, 5000)", (pids[0],))
        thread.join(10)
        assert seen == [("connection", "57P01")]
        assert pool.rows(ONE) == [{"one": 1}]
        assert admin.execute("SELECT last_value FROM calls").fetchone() == (1,)


def test_a_network_that_is_cut_in_a_call_is_a_timeout_in_time_and_works_after_it_is_mended(
    server: Server, database: str, opened: Callable[..., Asked]
) -> None:
    with NetworkCut(server.port) as network:
        pool = opened(
            network.dsn(database), PoolSettings(connection_timeout=2, statement_timeout=1, heavy_statement_timeout=1)
        )
        threads = [in_background(pool, asking("SELECT pg_sleep(0.3)")) for _ in range(3)]
        for thread, _ in threads:
            thread.join(10)
        network.cut()
        assert failure(pool, ONE, within=OVERDUE_SECONDS) == ("timeout", "timeout")
        assert failure(pool, ONE, within=2)[0] == "connection"
        network.mend()
        assert pool.rows(ONE) == [{"one": 1}]
        assert pool.rows(ONE) == [{"one": 1}]


def test_a_statement_that_takes_too_long_is_a_timeout_and_a_heavy_one_may_take_longer(database: str) -> None:
    pool = PooledDatabase(
        database, settings=PoolSettings(statement_timeout=0.2, heavy_statement_timeout=0.8, connection_timeout=1)
    )
    assert failure(pool, asking("SELECT pg_sleep(0.4)"), within=0.2) == ("timeout", "57014")
    assert len(pool.heavy().rows(asking("SELECT pg_sleep(0.4)"))) == 1
    began = time.monotonic()
    with pytest.raises(CallFailed) as failed:
        pool.heavy().rows(SLEEP)
    assert (failed.value.kind, failed.value.code) == ("timeout", "57014")
    assert 0.8 <= time.monotonic() - began < 0.8 + MARGIN_SECONDS
    assert failure(pool, asking("SELECT pg_sleep(0.4)"), within=0.2) == ("timeout", "57014")
    with pool.heavy().transaction() as bound:
        assert len(bound.rows(asking("SELECT pg_sleep(0.4)"))) == 1
    pool.close()


def test_a_heavy_asyncio_read_may_take_longer(database: str) -> None:
    async def run() -> None:
        settings = PoolSettings(statement_timeout=0.2, heavy_statement_timeout=0.8, connection_timeout=1)
        pool = await AsyncPooledDatabase.open(database, settings=settings)
        assert len(await pool.heavy().rows(asking("SELECT pg_sleep(0.4)"))) == 1
        async with pool.heavy().transaction() as bound:
            assert len(await bound.rows(asking("SELECT pg_sleep(0.4)"))) == 1
        with pytest.raises(CallFailed) as failed:
            await pool.rows(asking("SELECT pg_sleep(0.4)"))
        assert failed.value.code == "57014"
        await pool.close()

    asyncio.run(run())


def test_a_closed_database_says_so(database: str, opened: Callable[..., Asked]) -> None:
    pool = PooledDatabase(database)
    pool.close()
    assert failure(pool, ONE, within=0.1) == ("internal", "closed")


def test_a_task_that_is_cancelled_gives_its_connection_back(database: str) -> None:
    async def run() -> None:
        pool = await AsyncPooledDatabase.open(database, settings=PoolSettings(max_size=1))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(pool.rows(SLEEP), 0.2)
        assert await pool.rows(ONE) == [{"one": 1}]
        assert pool.statistics().in_use == 0
        await pool.close()

    asyncio.run(run())
