"""The settings of a pool, checked at the start and kept; its statistics, and the warning when it is nearly used up."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from psycopg import sql

from harness.datalayer.postgres.database import PooledDatabase
from harness.datalayer.postgres.pool import PoolSettings, PoolStatistics
from harness.datalayer.postgres.statements import Statement
from harness.errors import ConfigurationError, DataLayerFailed

ONE = Statement(sql.SQL("SELECT 1 AS one"), ())
PID = Statement(sql.SQL("SELECT pg_backend_pid() AS pid"), ())


def test_the_settings_are_those_on_record_by_default() -> None:
    settings = PoolSettings()
    assert (settings.max_size, settings.min_idle, settings.idle_timeout, settings.connection_timeout) == (3, 1, 30, 10)
    assert (settings.statement_timeout, settings.heavy_statement_timeout, settings.lifetime) == (30, 60, 3600)
    assert settings.warn_above == 0.8


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"max_size": 0}, "max_size"),
        ({"max_size": 2.5}, "max_size"),
        ({"max_size": True}, "max_size"),
        ({"min_idle": 4}, "min_idle"),
        ({"idle_timeout": 0}, "idle_timeout"),
        ({"connection_timeout": float("nan")}, "connection_timeout"),
        ({"statement_timeout": float("inf")}, "statement_timeout"),
        ({"statement_timeout": "30"}, "statement_timeout"),
        ({"heavy_statement_timeout": 29}, "heavy_statement_timeout"),
        ({"lifetime": -1}, "lifetime"),
        ({"warn_above": 80}, "warn_above"),
        ({"warn_above": 0}, "warn_above"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_by_name(wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        PoolSettings(**wrong)


def test_all_wrong_settings_are_named_together() -> None:
    with pytest.raises(ConfigurationError, match=r"max_size.*lifetime.*warn_above"):
        PoolSettings(max_size=0, lifetime=0, warn_above=2)


def test_a_session_has_the_limits_of_the_settings_and_of_the_dsn(database: str) -> None:
    settings = PoolSettings(statement_timeout=1.5, connection_timeout=2.5)
    pool = PooledDatabase(f"{database}?application_name=bot&options=-c%20work_mem%3D8MB", settings=settings)
    shown = pool.rows(
        Statement(
            sql.SQL(
                "SELECT current_setting('statement_timeout') AS statement, current_setting('TimeZone') AS zone,"
                " current_setting('application_name') AS name, current_setting('work_mem') AS work_mem"
            ),
            (),
        )
    )
    pool.close()
    assert shown == [{"statement": "1500ms", "zone": "UTC", "name": "bot", "work_mem": "8MB"}]


def test_the_statistics_are_those_of_the_moment(database: str) -> None:
    pool = PooledDatabase(database)
    assert pool.statistics() == PoolStatistics(total=1, idle=1, in_use=0, waiting=0, max_size=3)
    with pool.transaction():
        now = pool.statistics()
        assert (now.in_use, now.idle, round(now.use, 2)) == (1, now.total - 1, 0.33)
    assert pool.statistics().in_use == 0
    pool.close()


def test_a_waiting_call_is_counted(database: str) -> None:
    pool = PooledDatabase(database, settings=PoolSettings(max_size=1))
    with pool.transaction():
        thread = threading.Thread(target=lambda: pool.rows(ONE))
        thread.start()
        eventually(lambda: pool.statistics().waiting == 1)
    thread.join(10)
    eventually(lambda: pool.statistics().waiting == 0)
    pool.close()


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def use_all(pool: PooledDatabase, connections: int) -> None:
    """Use so many connections at once, each in a thread of its own, and give them back."""
    together = threading.Barrier(connections)

    def hold() -> None:
        with pool.transaction():
            together.wait(10)

    threads = [threading.Thread(target=hold) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)


def test_use_above_eighty_percent_is_told_once_a_crossing(database: str) -> None:
    told: list[PoolStatistics] = []
    pool = PooledDatabase(database, settings=PoolSettings(max_size=5), on_high_use=told.append)
    use_all(pool, 4)
    assert told == []
    use_all(pool, 5)
    use_all(pool, 1)
    assert [one.use for one in told] == [1.0]
    use_all(pool, 5)
    assert len(told) == 2
    pool.close()


def test_use_above_eighty_percent_is_logged_where_nobody_asked_to_be_told(
    database: str, caplog: pytest.LogCaptureFixture
) -> None:
    pool = PooledDatabase(database, settings=PoolSettings(max_size=1))
    with caplog.at_level(logging.WARNING, "harness.datalayer.postgres.pool"):
        pool.rows(ONE)
    assert [record.getMessage() for record in caplog.records] == [
        "The pool is nearly used up: 1 of 1 connections in use, 0 calls waiting."
    ]
    pool.close()


def test_a_callback_that_fails_fails_no_call(database: str, caplog: pytest.LogCaptureFixture) -> None:
    def fails(_: object) -> None:
        raise LookupError("phone 80005550001")

    pool = PooledDatabase(database, settings=PoolSettings(max_size=1), on_high_use=fails, observer=fails)
    with caplog.at_level(logging.WARNING):
        assert pool.rows(ONE) == [{"one": 1}]
    assert {record.name for record in caplog.records} == {
        "harness.datalayer.postgres.pool",
        "harness.datalayer.observation.observing",
    }
    assert "80005550001" not in caplog.text
    assert pool.statistics().in_use == 0
    pool.close()


def test_connections_beyond_one_are_closed_when_they_were_idle_long_enough(database: str) -> None:
    pool = PooledDatabase(database, settings=PoolSettings(idle_timeout=0.2))
    use_all(pool, 3)
    assert pool.statistics().total == 3
    eventually(lambda: pool.statistics().total == 1)
    assert pool.statistics().idle == 1
    pool.close()


def test_a_connection_is_replaced_after_its_lifetime(database: str) -> None:
    pool = PooledDatabase(database, settings=PoolSettings(lifetime=0.1))
    first = pool.rows(PID)
    eventually(lambda: pool.rows(PID) != first)
    pool.close()


def test_a_dsn_that_asks_for_tls_is_not_answered_without_it(database: str) -> None:
    with pytest.raises(DataLayerFailed):
        PooledDatabase(f"{database}?sslmode=require")
