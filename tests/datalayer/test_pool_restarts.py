"""A server that crashes, comes back, or is gone: calls between say so in time, calls after it work."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest

from harness.datalayer.postgres.pool import PoolSettings
from harness.embedded.server import Server
from tests.datalayer.pools_in_trouble import ONE, SLEEP, Asked, failure, in_background, opening, until_asleep
from tests.datalayer.salons import until


@pytest.fixture(params=["sync", pytest.param("async", marks=pytest.mark.long)])
def opened(request: pytest.FixtureRequest) -> Iterator[Callable[..., Asked]]:
    with opening(request.param) as open_one:
        yield open_one


def until_it_answers(dsn: str) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            psycopg.connect(dsn, connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the server does not come back")


def crash(server: Server, dsn: str) -> None:
    """Kill one backend: the postmaster ends all others and starts again."""
    with psycopg.connect(dsn) as victim:
        pid = victim.info.backend_pid
        subprocess.run(["kill", "-9", str(pid)], check=True)
        with pytest.raises(psycopg.OperationalError):
            victim.execute("SELECT pg_sleep(10)")
    until_it_answers(dsn)


@pytest.fixture(scope="module")
def own_server() -> Iterator[Server]:
    """A server that may be crashed."""
    with Server.start(major=18, settings={"restart_after_crash": "on"}) as running:
        yield running


def test_a_server_that_restarts_between_calls_is_not_noticed_by_the_next_call(
    own_server: Server, opened: Callable[..., Asked]
) -> None:
    dsn = own_server.dsn()
    pool = opened(dsn)
    assert pool.rows(ONE) == [{"one": 1}]
    crash(own_server, dsn)
    assert pool.rows(ONE) == [{"one": 1}]


def test_a_server_that_restarts_in_a_call_is_a_connection_failure_and_the_next_call_works(
    own_server: Server, opened: Callable[..., Asked]
) -> None:
    dsn = own_server.dsn()
    pool = opened(dsn, PoolSettings(connection_timeout=1, statement_timeout=15, heavy_statement_timeout=15))
    thread, seen = in_background(pool, SLEEP)
    until_asleep(dsn)
    crash(own_server, dsn)
    thread.join(10)
    assert [kind for kind, _ in seen] == ["connection"]
    assert pool.rows(ONE) == [{"one": 1}]


def test_a_server_that_is_gone_is_a_connection_failure_in_time_and_no_log_names_host_or_role(
    opened: Callable[..., Asked], caplog: pytest.LogCaptureFixture
) -> None:
    with Server.start(major=18) as running:
        pool = opened(running.dsn())
        assert pool.rows(ONE) == [{"one": 1}]
        running.stop()
        for _ in range(2):
            assert failure(pool, ONE, within=1)[0] == "connection"
        # The pool says so where it tries to connect anew, in a thread of its own.
        assert until(lambda: "OperationalError" in caplog.text)
        told = caplog.text.replace("harness.datalayer.postgres", "")
        assert not any(word in told for word in (running.host, running.user, running.password, str(running.port)))
