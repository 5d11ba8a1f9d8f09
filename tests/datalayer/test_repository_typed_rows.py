"""Rows as models: a repository gives what it was asked for, and mypy knows the type."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from pydantic import BaseModel

from harness.datalayer.envelope import CallFailed
from harness.datalayer.filters import OrderBy, eq, not_null
from harness.datalayer.interface import TableRepository
from harness.datalayer.postgres.database import PooledDatabase
from harness.datalayer.postgres.repository import Repository
from harness.embedded.server import Server
from tests.datalayer.every_type import EVERY_TYPE, every_type_database


class Dated(BaseModel):
    id: int
    day: date | None
    amounts: list[Decimal] | None


@dataclass(frozen=True)
class Worded:
    id: int
    words: str


@pytest.fixture(scope="module")
def pool(server: Server) -> Iterator[PooledDatabase]:
    with every_type_database(server) as dsn:
        pool = PooledDatabase(dsn)
        yield pool
        pool.close()


@pytest.fixture(autouse=True)
def two_rows(pool: PooledDatabase) -> None:
    table = Repository(pool, EVERY_TYPE)
    table.delete([not_null("id")])
    table.bulk_upsert(
        [{"id": 1, "words": "a", "day": "2024-02-29", "amounts": ["1.10"]}, {"id": 2, "words": "80005550001"}]
    )


def test_every_method_gives_models(pool: PooledDatabase) -> None:
    table: TableRepository[Dated] = Repository(pool, EVERY_TYPE, row_type=Dated)
    first = Dated(id=1, day=date(2024, 2, 29), amounts=[Decimal("1.1")])
    second = Dated(id=2, day=None, amounts=None)
    order = [OrderBy("id")]
    assert table.find_one([eq("id", 1)]) == first
    assert table.find_one([eq("id", 3)]) is None
    assert table.find_many([], order_by=order) == [first, second]
    assert table.find_by_ids("id", [2]) == [second]
    page = table.find_page([], order_by=order, limit=1)
    assert (page.rows, page.after) == ([first], (1,))
    assert table.upsert({"id": 1, "words": "b"}) == first
    assert table.bulk_upsert([{"id": 2}, {"id": 1}]) == [first, second]
    assert table.delete([eq("id", 1)]) == [first]


def test_a_dataclass_takes_the_columns_that_it_has(pool: PooledDatabase) -> None:
    table = Repository(pool, EVERY_TYPE, row_type=Worded)
    found = table.find_one([eq("id", 1)])
    assert found == Worded(1, "a")


def test_a_row_that_is_not_of_its_type_is_a_failure_that_names_the_field_and_no_value(pool: PooledDatabase) -> None:
    class Numbered(BaseModel):
        id: int
        words: int
        missing: str

    Repository(pool, EVERY_TYPE).upsert({"id": 2, "words": "Мария"})
    with pytest.raises(CallFailed) as failed:
        Repository(pool, EVERY_TYPE, row_type=Numbered).find_one([eq("id", 2)])
    assert (failed.value.kind, failed.value.code) == ("internal", "row_type")
    assert "missing, words" in failed.value.message
    assert "Мария" not in failed.value.message
    assert failed.value.__suppress_context__
