"""Filters of the repository base: what each one finds, nested in any way, on columns of any type."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from harness.datalayer.envelope import CallFailed, InvalidInput
from harness.datalayer.filters import (
    OrderBy,
    and_,
    eq,
    gt,
    gte,
    ilike,
    in_,
    is_null,
    like,
    lt,
    neq,
    not_,
    not_null,
    or_,
)
from harness.datalayer.postgres.database import PooledDatabase
from harness.datalayer.postgres.repository import Repository
from harness.embedded.server import Server
from tests.datalayer.every_type import EVERY_TYPE, ODD_NAME, UUID_TEXT, every_type_database


@pytest.fixture(scope="module")
def pool(server: Server) -> Iterator[PooledDatabase]:
    with every_type_database(server) as dsn:
        pool = PooledDatabase(dsn)
        yield pool
        pool.close()


@pytest.fixture
def rows(pool: PooledDatabase) -> Iterator[Repository]:
    table = Repository(pool, EVERY_TYPE)
    yield table
    table.delete([not_null("id")])


@pytest.fixture
def filtered(rows: Repository) -> Repository:
    rows.bulk_upsert(
        [
            {"id": 1, "words": "a", "whole": 1, "tags": ["x"], "feeling": "sad", "document": {"k": 1}},
            {"id": 2, "words": "5", "whole": 2, "single": 0.1, "day": "2024-02-29", "flag": True},
            {"id": 3, "words": "%_*,()", "whole": None, "other_key": UUID_TEXT},
            {"id": 4, "words": None, "whole": 4, "raw": "\\xff", "moment": "2024-02-29T21:00:00+00:00", ODD_NAME: "%s"},
        ]
    )
    return rows


@pytest.mark.parametrize(
    ("where", "ids"),
    [
        ([], [1, 2, 3, 4]),
        ([or_(eq("whole", 1), is_null("words"))], [1, 4]),
        ([or_(eq("whole", 1), and_(gte("whole", 2), lt("whole", 4)))], [1, 2]),
        ([not_(eq("whole", 1))], [2, 4]),
        ([not_(is_null("whole"))], [1, 2, 4]),
        ([not_(or_(eq("whole", 1), eq("whole", 2)))], [4]),
        ([not_(and_(gt("whole", 1), like("words", "%")))], [1]),
        ([not_(in_("whole", [1, 2]))], [4]),
        ([not_(in_("whole", []))], [1, 2, 3, 4]),
        ([in_("whole", [])], []),
        ([not_(not_(eq("whole", 1)))], [1]),
        ([or_(in_("words", ["a", "5"])), neq("whole", 1)], [2]),
        ([eq("words", 5)], [2]),
        ([eq("words", "%_*,()")], [3]),
        ([in_("words", ["%_*,()", 5])], [2, 3]),
        ([eq("single", 0.1)], [2]),
        ([in_("single", [0.1])], [2]),
        ([in_("other_key", [UUID(UUID_TEXT)])], [3]),
        ([in_("other_key", [UUID_TEXT])], [3]),
        ([in_("day", ["2024-02-29", date(2020, 1, 1)])], [2]),
        ([in_("feeling", ["sad"])], [1]),
        ([eq("feeling", "sad")], [1]),
        ([eq("tags", ["x"])], [1]),
        ([eq("document", {"k": 1})], [1]),
        ([eq("flag", True)], [2]),
        ([eq("raw", b"\xff")], [4]),
        ([eq("moment", datetime(2024, 2, 29, 21, tzinfo=UTC))], [4]),
        ([ilike("words", "A")], [1]),
        ([eq(ODD_NAME, "%s")], [4]),
        ([in_(ODD_NAME, ["%s"]), or_(not_null(ODD_NAME))], [4]),
    ],
)
def test_filters_mean_what_they_say(filtered: Repository, where: list[Any], ids: list[int]) -> None:
    assert sorted(row["id"] for row in filtered.find_many(where)) == ids
    assert filtered.count(where) == len(ids)


def test_a_value_that_a_column_cannot_have_is_invalid_input(filtered: Repository) -> None:
    for one in (lt("id", Decimal("2.5")), eq("day", "31.10.2025"), in_("feeling", ["no such mood"]), eq("id", "x\x00")):
        with pytest.raises(CallFailed) as failed:
            filtered.find_many([one])
        assert failed.value.kind == "invalid_input"


def test_filters_without_end_are_refused_before_any_query(filtered: Repository) -> None:
    one = eq("id", 1)
    for _ in range(5000):
        one = not_(one)
    with pytest.raises(InvalidInput, match="levels"):
        filtered.count([one])


def test_a_filter_that_joins_nothing_is_refused() -> None:
    for join in (or_, and_):
        with pytest.raises(InvalidInput, match=join.__name__):
            join()


def test_twenty_thousand_ids_are_one_call_and_more_than_a_thousand_rows_are_said(rows: Repository) -> None:
    for start in (0, 500):
        rows.bulk_upsert([{"id": start + n} for n in range(500)])
    found = rows.find_by_ids("id", list(range(20_000, -1, -1)))
    assert [row["id"] for row in found] == list(range(1000))
    rows.upsert({"id": 1000})
    with pytest.raises(CallFailed) as failed:
        rows.find_by_ids("id", list(range(20_000)))
    assert failed.value.kind == "truncated"
    assert [row["id"] for row in rows.find_by_ids("id", [3, 3, 1], where=[gt("id", 1)])] == [3]


def test_a_thousand_rows_are_read_and_one_more_is_said_and_a_limit_ends_there(rows: Repository) -> None:
    for start in (0, 500):
        rows.bulk_upsert([{"id": start + n, "whole": n} for n in range(500)])
    assert len(rows.find_many([])) == 1000
    rows.upsert({"id": 1000})
    with pytest.raises(CallFailed) as failed:
        rows.find_many([])
    assert failed.value.kind == "truncated"
    assert len(rows.find_many([], limit=1000)) == 1000
    assert [row["id"] for row in rows.find_many([], order_by=[OrderBy("id")], limit=5, offset=998)] == [998, 999, 1000]
    for limit, offset in ((1001, 0), (0, 0), (-1, 0), (1, -1)):
        with pytest.raises(InvalidInput):
            rows.find_many([], limit=limit, offset=offset)


def test_one_row_is_found_none_is_none_and_several_are_a_conflict(filtered: Repository) -> None:
    found = filtered.find_one([eq("whole", 1)])
    assert found is not None
    assert found["id"] == 1
    assert filtered.find_one([eq("whole", 77)]) is None
    with pytest.raises(CallFailed) as failed:
        filtered.find_one([gt("whole", 0)])
    assert (failed.value.kind, failed.value.code) == ("conflict", "P0003")
