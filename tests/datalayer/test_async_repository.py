"""The asyncio repository: every method does what the other one does, on the same rows."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any

import pytest
from pydantic import BaseModel

from harness.datalayer.envelope import CallFailed
from harness.datalayer.filters import OrderBy, and_, eq, gt, in_, is_null, not_, not_null, or_
from harness.datalayer.interface import AsyncTableRepository, TableRepository
from harness.datalayer.observation.observing import CallRecord
from harness.datalayer.postgres.async_database import AsyncPooledDatabase
from harness.datalayer.postgres.async_repository import AsyncRepository
from harness.datalayer.postgres.database import PooledDatabase
from harness.datalayer.postgres.repository import Repository
from harness.embedded.server import Server
from tests.datalayer.every_type import EVERY_TYPE, every_type_database

ORDER = [OrderBy("whole", descending=True), OrderBy("id")]
CALLS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("upsert", ({"id": 1, "whole": 5, "document": {"a": [1]}},), {}),
    (
        "bulk_upsert",
        ([{"id": n, "whole": n % 2 or None, "moment": "2024-02-29T21:00:00+03:00"} for n in range(9)],),
        {},
    ),
    ("bulk_upsert", ([],), {}),
    ("bulk_upsert", ([{"id": 1}, {"id": 1}],), {}),
    ("bulk_upsert", ([{"id": n} for n in range(501)],), {}),
    ("find_one", ([eq("id", 1)],), {}),
    ("find_one", ([eq("id", 99)],), {}),
    ("find_one", ([eq("whole", 1)],), {}),
    ("find_many", ([or_(eq("id", 3), and_(is_null("whole"), not_(gt("id", 4))))],), {"order_by": ORDER}),
    ("find_many", ([],), {"order_by": ORDER, "limit": 3, "offset": 2}),
    ("find_many", ([],), {"limit": 1001}),
    ("find_many", ([eq("nobody", 1)],), {}),
    ("find_page", ([],), {"order_by": ORDER, "limit": 4}),
    ("find_page", ([],), {"order_by": ORDER, "limit": 4, "after": (None, 6)}),
    ("find_page", ([],), {"order_by": [OrderBy("whole")], "limit": 4}),
    ("find_by_ids", ("id", list(range(20_000))), {"where": [not_null("whole")]}),
    ("find_by_ids", ("id", []), {}),
    ("count", ([in_("id", [1, 2, 77])],), {}),
    ("delete", ([],), {}),
    ("delete", ([gt("id", 5)],), {}),
    ("count", ([],), {}),
]


@pytest.fixture(scope="module")
def dsn(server: Server) -> Iterator[str]:
    with every_type_database(server) as dsn:
        yield dsn


def without_time(answer: Any) -> Any:
    if isinstance(answer, dict):
        return {**answer, "updated_at": None}
    if isinstance(answer, list):
        return [without_time(one) for one in answer]
    return answer


def of(call: Callable[[], Any]) -> Any:
    try:
        answer = call()
    except CallFailed as failed:
        return failed.kind, failed.code, failed.message
    return (without_time(answer.rows), answer.after) if hasattr(answer, "after") else without_time(answer)


async def of_awaited(call: Callable[[], Awaitable[Any]]) -> Any:
    try:
        answer = await call()
    except CallFailed as failed:
        return failed.kind, failed.code, failed.message
    return (without_time(answer.rows), answer.after) if hasattr(answer, "after") else without_time(answer)


def test_every_method_answers_as_the_other_repository_does(dsn: str) -> None:
    pool = PooledDatabase(dsn)
    table: TableRepository = Repository(pool, EVERY_TYPE)
    expected = [of(partial(getattr(table, n), *a, **k)) for n, a, k in CALLS]
    table.delete([not_null("id")])

    async def run() -> list[Any]:
        opened = await AsyncPooledDatabase.open(dsn)
        same: AsyncTableRepository = AsyncRepository(opened, EVERY_TYPE)
        try:
            return [await of_awaited(partial(getattr(same, n), *a, **k)) for n, a, k in CALLS]
        finally:
            await opened.close()

    answers = asyncio.run(run())
    table.delete([not_null("id")])
    pool.close()
    for call, answer, wanted in zip(CALLS, answers, expected, strict=True):
        assert answer == wanted, call[0]


def test_both_have_the_same_methods_with_the_same_parameters() -> None:
    def methods(of: type) -> dict[str, Any]:
        found = {name: member for name, member in vars(of).items() if inspect.isfunction(member) and name[0] != "_"}
        return {name: inspect.signature(member) for name, member in found.items()}

    assert methods(Repository) == methods(AsyncRepository)
    assert methods(Repository) == methods(TableRepository) == methods(AsyncTableRepository)
    assert {name for name, _, _ in CALLS} == set(methods(Repository))


def test_twenty_tasks_share_three_connections(dsn: str) -> None:
    seen: list[CallRecord] = []

    async def run() -> None:
        opened = await AsyncPooledDatabase.open(dsn, observer=seen.append)
        table = AsyncRepository(opened, EVERY_TYPE)
        await asyncio.gather(*[table.upsert({"id": 100 + n}) for n in range(20)])
        assert await table.count([gt("id", 99)]) == 20
        assert opened.statistics().total <= 3
        assert len(await table.delete([gt("id", 99)])) == 20
        await opened.close()

    asyncio.run(run())
    assert [one.kind for one in seen] == ["upsert"] * 20 + ["count", "delete"]
    assert [one.rows for one in seen] == [1] * 20 + [1, 20]


def test_rows_are_models_where_they_are_asked_for(dsn: str) -> None:
    class Numbered(BaseModel):
        id: int
        whole: int | None

    async def run() -> Numbered:
        opened = await AsyncPooledDatabase.open(dsn)
        try:
            return await AsyncRepository(opened, EVERY_TYPE, row_type=Numbered).upsert({"id": 1, "whole": 5})
        finally:
            await opened.close()

    assert asyncio.run(run()) == Numbered(id=1, whole=5)


def test_calls_that_are_cancelled_twice_give_their_connections_back(dsn: str) -> None:
    """As a time limit does, and a caller who hangs up a moment later."""

    chance = random.Random(900100)

    async def cancelled(database: AsyncPooledDatabase) -> None:
        task = asyncio.create_task(AsyncRepository(database, EVERY_TYPE).find_many([]))
        await asyncio.sleep(chance.uniform(0, 0.004))
        task.cancel()
        await asyncio.sleep(chance.uniform(0, 0.001))
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, CallFailed):
            await task

    async def run() -> None:
        database = await AsyncPooledDatabase.open(dsn)
        try:
            for _ in range(250):
                await asyncio.gather(*(cancelled(database) for _ in range(6)))
            await AsyncRepository(database, EVERY_TYPE).count([])
            statistics = database.statistics()
            # The pool replaces the connections that were closed in a task of its own.
            deadline = time.monotonic() + 10
            while statistics.idle != statistics.total and time.monotonic() < deadline:
                await asyncio.sleep(0.01)
                statistics = database.statistics()
            assert (statistics.in_use, statistics.idle) == (0, statistics.total)
        finally:
            await database.close()

    asyncio.run(run())
