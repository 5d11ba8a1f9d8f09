"""Keyset pages: whatever the order, the pages one after the other are the rows of one read, each once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.datalayer.envelope import InvalidInput
from harness.datalayer.filters import OrderBy, gt, not_null
from harness.datalayer.postgres.database import PooledDatabase, Row
from harness.datalayer.postgres.repository import Repository
from harness.embedded.server import Server
from tests.datalayer.every_type import EVERY_TYPE, UUID_TEXT, every_type_database

COLUMNS: dict[str, st.SearchStrategy[Any]] = {
    "whole": st.integers(-2, 2),
    "words": st.sampled_from(["", "a", "A", "Ё", "ё", "a,b", '"', "\\", "%", "NULL", "null", "()"]),
    "any_number": st.sampled_from(
        [Decimal("1.10000000000000000001"), Decimal("1.10000000000000000002"), Decimal("1.1"), 5, "NaN", "-0.0"]
    ),
    "single": st.sampled_from([0.1, 0.2, 16777217, "NaN", "-Infinity", 1e-40]),
    "moment": st.sampled_from(
        [
            "infinity",
            "-infinity",
            "0044-03-15 12:00+00 BC",
            datetime(2024, 2, 29, 21, 0, 0, 1, UTC),
            "2024-02-29 21:00+00",
        ]
    ),
    "feeling": st.sampled_from(["sad", "so-so", 'happy, "really"']),
    "tags": st.lists(st.sampled_from(["a", "b,c", None, ""]), max_size=2),
    "document": st.sampled_from([{"a": 1}, [1], "x", 1.5, {}]),
    "raw": st.binary(max_size=2),
    "span": st.sampled_from(["1 mon", "30 days", "1 day", "24:00:00"]),
    "flag": st.booleans(),
}


@pytest.fixture(scope="module")
def pool(server: Server) -> Iterator[PooledDatabase]:
    with every_type_database(server) as dsn:
        pool = PooledDatabase(dsn)
        yield pool
        pool.close()


@st.composite
def orders(draw: st.DrawFn) -> list[OrderBy]:
    """Up to three columns in any direction, and the key somewhere among them."""
    columns = draw(st.lists(st.sampled_from(sorted(COLUMNS)), max_size=3, unique=True))
    columns.insert(draw(st.integers(0, len(columns))), "id")
    nulls = st.sampled_from([None, True, False])
    return [OrderBy(column, descending=draw(st.booleans()), nulls_first=draw(nulls)) for column in columns]


@st.composite
def tables(draw: st.DrawFn) -> list[Row]:
    """Up to a dozen rows with many NULLs and many equal values."""
    row = st.fixed_dictionaries({name: st.none() | values for name, values in COLUMNS.items()})
    return [{"id": n, **values} for n, values in enumerate(draw(st.lists(row, max_size=12)))]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given_rows=tables(), order_by=orders(), limit=st.integers(1, 5))
def test_pages_in_any_order_are_the_rows_of_one_read(
    pool: PooledDatabase, given_rows: list[Row], order_by: list[OrderBy], limit: int
) -> None:
    table = Repository(pool, EVERY_TYPE)
    table.delete([not_null("id")])
    table.bulk_upsert(given_rows)
    assert _paged(table, order_by, limit) == table.find_many([], order_by=order_by)


def _paged(table: Repository, order_by: list[OrderBy], limit: int) -> list[Row]:
    rows: list[Row] = []
    after: tuple[object, ...] | None = None
    while True:
        page = table.find_page([], order_by=order_by, limit=limit, after=after)
        rows += page.rows
        if page.after is None:
            return rows
        assert len(page.rows) == limit
        after = page.after


@pytest.fixture
def rows(pool: PooledDatabase) -> Repository:
    table = Repository(pool, EVERY_TYPE)
    table.delete([not_null("id")])
    for start in (0, 500):
        table.bulk_upsert([{"id": start + n, "whole": n % 3} for n in range(500)])
    return table


def test_the_last_page_says_that_it_is_the_last_when_it_is_full(rows: Repository) -> None:
    page = rows.find_page([], order_by=[OrderBy("id")], limit=1000)
    assert (len(page.rows), page.after) == (1000, None)
    page = rows.find_page([], order_by=[OrderBy("id")], limit=999)
    assert (len(page.rows), page.after) == (999, (998,))
    page = rows.find_page([], order_by=[OrderBy("id")], limit=999, after=page.after)
    assert ([row["id"] for row in page.rows], page.after) == ([999], None)


def test_a_page_is_of_the_rows_that_match_and_has_the_columns_of_the_table(rows: Repository) -> None:
    order = [OrderBy("whole", descending=True), OrderBy("id")]
    page = rows.find_page([gt("id", 990)], order_by=order, limit=4)
    assert page.rows == rows.find_many([gt("id", 990)], order_by=order, limit=4)
    assert page.after == (page.rows[-1]["whole"], page.rows[-1]["id"])
    rest = rows.find_page([gt("id", 990)], order_by=order, limit=50, after=page.after)
    assert [*page.rows, *rest.rows] == rows.find_many([gt("id", 990)], order_by=order)


def test_rows_that_were_deleted_or_came_before_do_not_shift_the_next_page(rows: Repository) -> None:
    page = rows.find_page([], order_by=[OrderBy("id")], limit=10)
    rows.delete([gt("id", 3), not_null("id")])
    rows.bulk_upsert([{"id": -1}, {"id": 11}])
    rest = rows.find_page([], order_by=[OrderBy("id")], limit=10, after=page.after)
    assert [row["id"] for row in rest.rows] == [11]


def test_another_unique_key_of_the_table_may_order_pages(rows: Repository) -> None:
    rows.upsert({"id": 5000, "other_key": UUID_TEXT})
    page = rows.find_page([not_null("other_key")], order_by=[OrderBy("other_key")], limit=1)
    assert [row["id"] for row in page.rows] == [5000]


@pytest.mark.parametrize(
    ("order_by", "limit", "after", "named"),
    [
        ([], 10, None, "order_by"),
        ([OrderBy("whole")], 10, None, "unique key"),
        ([OrderBy("id"), OrderBy("id")], 10, None, "twice"),
        ([OrderBy("id")], 0, None, "limit"),
        ([OrderBy("id")], 1001, None, "limit"),
        ([OrderBy("id")], 10, (), "after"),
        ([OrderBy("id")], 10, (1, 2), "after"),
    ],
)
def test_a_page_that_cannot_be_exact_is_refused_before_any_query(
    rows: Repository, order_by: list[OrderBy], limit: int, after: tuple[object, ...] | None, named: str
) -> None:
    with pytest.raises(InvalidInput, match=named):
        rows.find_page([], order_by=order_by, limit=limit, after=after)
