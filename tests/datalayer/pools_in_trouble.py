"""Pools of both kinds, asked in one way, and what a failing call is measured by."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg import sql

from harness.datalayer.envelope import CallFailed
from harness.datalayer.postgres.async_database import AsyncPooledDatabase
from harness.datalayer.postgres.database import PooledDatabase
from harness.datalayer.postgres.pool import PoolSettings
from harness.datalayer.postgres.statements import Statement

BRIEF = PoolSettings(connection_timeout=1, statement_timeout=1, heavy_statement_timeout=2)
OVERDUE_SECONDS = 2.0
"""statement_timeout and the second of grace"""
MARGIN_SECONDS = 8.0
"""What a busy machine may take on top of what the settings allow"""


def asking(text: str) -> Statement:
    return Statement(sql.SQL(text), ())


ONE = asking("SELECT 1 AS one")
SLEEP = asking("SELECT pg_sleep(20)")
PID = asking("SELECT pg_backend_pid() AS pid")


class AsyncAsSync:
    """An asyncio database that is called like the other one, each call on one loop."""

    def __init__(self, dsn: str, settings: PoolSettings) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._database = self._run(lambda: AsyncPooledDatabase.open(dsn, settings=settings))

    def rows(self, statement: Statement) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._run(lambda: self._database.rows(statement))
        return rows

    def close(self) -> None:
        self._run(self._database.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _run(self, call: Callable[[], Awaitable[Any]]) -> Any:
        async def run() -> Any:
            return await call()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(30)


Asked = PooledDatabase | AsyncAsSync


@contextmanager
def opening(kind: str) -> Iterator[Callable[..., Asked]]:
    """Opens pools of a kind, sync or async, and closes them at the end."""
    made: list[Asked] = []

    def open_one(dsn: str, settings: PoolSettings = BRIEF) -> Asked:
        made.append(PooledDatabase(dsn, settings=settings) if kind == "sync" else AsyncAsSync(dsn, settings))
        return made[-1]

    try:
        yield open_one
    finally:
        for one in made:
            one.close()


def failure(database: Asked, statement: Statement, *, within: float) -> tuple[str, str]:
    began = time.monotonic()
    with pytest.raises(CallFailed) as failed:
        database.rows(statement)
    assert time.monotonic() - began < within + MARGIN_SECONDS
    return failed.value.kind, failed.value.code


def in_background(database: Asked, statement: Statement) -> tuple[threading.Thread, list[tuple[str, str]]]:
    seen: list[tuple[str, str]] = []

    def run() -> None:
        try:
            database.rows(statement)
        except CallFailed as failed:
            seen.append((failed.kind, failed.code))

    thread = threading.Thread(target=run)
    thread.start()
    return thread, seen


def until_asleep(dsn: str, calls: int = 1) -> list[int]:
    """The backends that run pg_sleep, once there are so many."""
    deadline = time.monotonic() + 10
    with psycopg.connect(dsn, autocommit=True) as admin:
        while time.monotonic() < deadline:
            found = admin.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
            ).fetchall()
            if len(found) >= calls:
                return [row[0] for row in found]
            time.sleep(0.02)
    raise AssertionError("no backend sleeps")
