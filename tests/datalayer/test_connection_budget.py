"""The connection budget: its arithmetic, and what servers say that have few connections."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import sql

from harness.datalayer.postgres.async_database import AsyncPooledDatabase
from harness.datalayer.postgres.connection_budget import (
    BudgetExceeded,
    ServerConnections,
    checked_budget,
    connection_budget,
    server_connections,
    server_connections_async,
)
from harness.datalayer.postgres.database import PooledDatabase
from harness.embedded.server import Server
from harness.errors import ConfigurationError

COUNTS = st.integers(0, 500)
SERVERS = st.builds(ServerConnections, COUNTS, COUNTS, COUNTS, COUNTS, st.none() | COUNTS)


@pytest.fixture(scope="module")
def small_server() -> Iterator[Server]:
    """A server with 30 connections, 5 of them for superusers."""
    settings = {"max_connections": "30", "superuser_reserved_connections": "5"}
    with Server.start(settings=settings) as running:
        yield running


@pytest.fixture
def small_database(small_server: Server) -> Iterator[PooledDatabase]:
    pooled = PooledDatabase(small_server.dsn())
    # Sessions of an earlier test end a moment after their connections do.
    deadline = time.monotonic() + 10
    while server_connections(pooled).used_by_others:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    yield pooled
    pooled.close()


def test_seven_services_with_pools_of_20_exceed_what_a_server_of_30_leaves() -> None:
    with pytest.raises(BudgetExceeded) as refused:
        checked_budget(7, 20, ServerConnections(30, 5, 0, 0))
    assert refused.value.message == (
        "The connection budget is exceeded: "
        "7 services x 20 = 140 connections, the server leaves 25; at most 3 a service."
    )
    assert checked_budget(7, 3, ServerConnections(30, 5, 0, 0)).wanted == 21


@settings(deadline=None)
@given(SERVERS, st.integers(1, 50), st.integers(1, 50))
def test_a_budget_fits_exactly_when_all_full_pools_are_within_what_is_left(
    server: ServerConnections, services: int, pool_maximum: int
) -> None:
    budget = connection_budget(services, pool_maximum, server)
    assert budget.fits == (services * pool_maximum <= server.left)
    assert budget.fits == (pool_maximum <= budget.most_per_service)


@settings(deadline=None)
@given(SERVERS, st.integers(1, 50))
def test_the_largest_pool_named_fits_and_one_more_does_not(server: ServerConnections, services: int) -> None:
    most = connection_budget(services, 1, server).most_per_service
    if most:
        assert connection_budget(services, most, server).fits
    assert not connection_budget(services, most + 1, server).fits


@settings(deadline=None)
@given(SERVERS)
def test_what_is_left_is_never_negative_and_never_above_a_limit(server: ServerConnections) -> None:
    assert 0 <= server.left <= server.maximum
    assert server.limit is None or server.left <= server.limit


@pytest.mark.parametrize(("services", "pool_maximum"), [(0, 3), (7, 0), (-1, 3)])
def test_a_budget_of_nothing_is_refused(services: int, pool_maximum: int) -> None:
    with pytest.raises(ConfigurationError, match="at least one"):
        connection_budget(services, pool_maximum, ServerConnections(30, 5, 0, 0))


def test_a_server_says_what_it_has_and_what_others_use(small_server: Server, small_database: PooledDatabase) -> None:
    assert server_connections(small_database) == ServerConnections(30, 5, 0, 0)
    with ExitStack() as others:
        for _ in range(4):
            others.enter_context(psycopg.connect(small_server.dsn(), application_name="reports"))
        after = server_connections(small_database)
        assert (after.used_by_others, after.left) == (4, 21)
        with pytest.raises(BudgetExceeded, match="the server leaves 21; at most 3 a service"):
            checked_budget(7, 20, after)


@pytest.mark.usefixtures("small_database")
def test_the_session_that_asks_is_not_counted_whatever_its_name(small_server: Server) -> None:
    pooled = PooledDatabase(f"{small_server.dsn()}?application_name=budget", max_size=1)
    found = server_connections(pooled)
    pooled.close()
    assert found.used_by_others == 0


def test_connections_of_the_services_themselves_are_not_counted_twice(
    small_server: Server, small_database: PooledDatabase
) -> None:
    with psycopg.connect(small_server.dsn(), application_name="bot"):
        assert server_connections(small_database, own=["datalayer", "bot"]).used_by_others == 0
        assert server_connections(small_database).used_by_others == 1


@pytest.mark.usefixtures("small_database")
def test_a_role_that_sees_nothing_of_other_sessions_counts_them_all_the_same(small_server: Server) -> None:
    with psycopg.connect(small_server.dsn(), autocommit=True) as admin:
        admin.execute("CREATE ROLE service LOGIN PASSWORD 'service' CONNECTION LIMIT 6")
        try:
            pooled = PooledDatabase(small_server.dsn(user="service", password="service"))
            found = server_connections(pooled)
            pooled.close()
        finally:
            admin.execute("DROP ROLE service")
    assert (found.used_by_others, found.limit, found.left) == (1, 6, 6)


def test_a_connection_limit_of_the_database_is_kept(small_server: Server) -> None:
    with psycopg.connect(small_server.dsn(), autocommit=True) as admin:
        admin.execute("CREATE ROLE limited LOGIN PASSWORD 'limited'")
        admin.execute("CREATE DATABASE limited CONNECTION LIMIT 4")
        pooled = PooledDatabase(small_server.dsn("limited", user="limited", password="limited"))
        assert server_connections(pooled).left == 4
        pooled.close()
        # PostgreSQL holds no superuser to a limit.
        pooled = PooledDatabase(small_server.dsn("limited"))
        assert server_connections(pooled).limit is None
        pooled.close()
        for kind in ("DATABASE", "ROLE"):
            admin.execute(sql.SQL("DROP {} limited").format(sql.SQL(kind)))


def test_connections_reserved_for_roles_are_not_left() -> None:
    settings = {"max_connections": "20", "superuser_reserved_connections": "3", "reserved_connections": "2"}
    with Server.start(settings=settings, major=18) as running:
        pooled = PooledDatabase(running.dsn())
        found = server_connections(pooled)
        pooled.close()
    assert (found.maximum, found.superuser_reserved, found.reserved) == (20, 3, 2)
    assert found.left == 15 - found.used_by_others


def test_an_asynchronous_database_is_asked_the_same(small_server: Server, small_database: PooledDatabase) -> None:
    async def ask() -> ServerConnections:
        pooled = await AsyncPooledDatabase.open(small_server.dsn())
        found = await server_connections_async(pooled)
        await pooled.close()
        return found

    assert asyncio.run(ask()) == server_connections(small_database)
