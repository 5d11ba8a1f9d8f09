"""One suite over every backend: the same methods, rows and failures, whichever of them answers."""

from __future__ import annotations

import inspect
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

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
    lte,
    neq,
    not_,
    not_null,
    or_,
)
from harness.datalayer.interface import AsyncTableRepository, TableRepository
from harness.datalayer.postgres.async_repository import AsyncRepository
from harness.datalayer.postgres.repository import Repository
from harness.datalayer.rows import Row
from harness.datalayer.supabase.async_repository import AsyncSupabaseRepository
from harness.datalayer.supabase.repository import SupabaseRepository
from tests.datalayer.two_backends import BACKENDS, MANY, NASTY, ODD, VISITS, TwoBackends, failure_of

OWN, SECOND = 900100, 900200
BY_ID = [OrderBy("id")]


SYNC: tuple[type[TableRepository[Row]], ...] = (Repository, SupabaseRepository)
ASYNC: tuple[type[AsyncTableRepository[Row]], ...] = (AsyncRepository, AsyncSupabaseRepository)


@dataclass
class Named:
    id: int
    name: str


def names(rows: Sequence[Row]) -> list[str]:
    return [row["name"] for row in rows]


def test_a_text_is_found_exactly_by_eq_in_a_tree_in_a_list_and_by_its_pattern(visits: Any) -> None:
    for text in NASTY:
        literal = "".join(f"\\{character}" if character in "\\%_" else character for character in text)
        for condition in (
            eq("name", text),
            or_(eq("name", text), eq("name", "no such text")),
            in_("name", [text]),
            or_(in_("name", [text, "no such text"])),
            like("name", literal),
            or_(like("name", literal), is_null("id")),
            not_(not_(eq("name", text))),
            and_(eq("tags", [text]), not_(neq("name", text))),
        ):
            assert names(visits.find_many([condition])) == [text], condition


def test_every_filter_finds_what_sql_finds(visits: Any, both: TwoBackends) -> None:
    for condition, where in (
        (eq("number", 3), "number = 3"),
        (neq("number", 3), "number <> 3"),
        (gt("number", 3), "number > 3"),
        (gte("number", 3), "number >= 3"),
        (lt("number", 3), "number < 3"),
        (lte("number", 3), "number <= 3"),
        (like("name", "a%"), "name LIKE 'a%'"),
        (like("name", "a*%"), "name LIKE 'a*%'"),
        (like("name", "_*_"), "name LIKE '_*_'"),
        (ilike("name", "A%B"), "name ILIKE 'A%B'"),
        (ilike("name", "A*B"), "name ILIKE 'A*B'"),
        (ilike("name", "%ЁЖ"), "name ILIKE '%ЁЖ'"),
        (in_("number", [1, 3, 5]), "number IN (1, 3, 5)"),
        (in_("number", []), "false"),
        (in_("name", ["", ""]), "name = ''"),
        (not_(in_("name", [])), "true"),
        (not_(in_("number", [1, 3])), "number NOT IN (1, 3)"),
        (is_null("name"), "name IS NULL"),
        (not_null("name"), "name IS NOT NULL"),
        (not_(is_null("name")), "name IS NOT NULL"),
        (not_(not_null("name")), "name IS NULL"),
        (not_(eq("name", "a")), "NOT name = 'a'"),
        (not_(or_(eq("name", "a"), gt("number", 20))), "NOT (name = 'a' OR number > 20)"),
        (not_(and_(eq("name", "a"), lt("number", 20))), "NOT (name = 'a' AND number < 20)"),
        (or_(and_(gt("number", 3), lt("number", 7)), not_(not_(is_null("name")))), "number IN (4,5,6) OR name IS NULL"),
        (eq("active", value=True), "active"),
        (eq("day", date(2025, 10, 5)), "day = '2025-10-05'"),
        (eq("moment", datetime(2025, 10, 31, 21, tzinfo=UTC)), "moment IS NOT NULL"),
        (eq("moment", "2025-11-01T00:00:00+03:00"), "moment IS NOT NULL"),
        (gt("amount", Decimal("0.5")), "amount > 0.5"),
    ):
        expected = both.execute(f"SELECT id FROM visits WHERE {where} ORDER BY id")
        assert [row["id"] for row in visits.find_many([condition], order_by=BY_ID)] == [one for (one,) in expected]
        assert visits.count([condition]) == len(expected)


@pytest.mark.parametrize("text", ["a", '"', 'a"b', "a.b", "a->b", "(,)", "\\", "%", "per%cent", "{}", "%s"])
def test_names_that_mean_something_to_the_backend_are_names(both: TwoBackends, backend: str, text: str) -> None:
    odd = both.repositories[backend](ODD)
    row = {"order": text, "select": "limit", "a.b->c": text, "per%cent": text}
    assert odd.upsert(row) == row
    assert odd.bulk_upsert([{**row, "select": None}]) == [{**row, "select": None}]
    where = [eq("order", text), eq("a.b->c", text), is_null("select"), eq("per%cent", text), in_("a.b->c", [text])]
    assert odd.find_one(where)["order"] == text
    assert odd.find_many(where, order_by=[OrderBy("a.b->c"), OrderBy("select", nulls_first=True)]) != []
    assert odd.find_page(where, order_by=[OrderBy("per%cent"), OrderBy("order")], limit=1).after is None
    assert odd.find_by_ids("order", [text]) == odd.delete([or_(eq("order", text), eq("select", text))])
    assert odd.count([]) == 0


@pytest.mark.parametrize("name", ["", "a\x00b", "a\nb"])
def test_a_column_that_no_table_can_have_is_invalid_input(visits: Any, name: str) -> None:
    assert failure_of(lambda: visits.find_many([eq(name, 1)]))[0] == "invalid_input"
    assert failure_of(lambda: visits.find_many([or_(eq(name, 1))]))[0] == "invalid_input"
    assert failure_of(lambda: visits.find_many([], order_by=[OrderBy(name)]))[0] == "invalid_input"


def test_a_row_is_found_or_none_and_several_are_a_conflict(visits: Any) -> None:
    assert visits.find_one([eq("number", 5), eq("company_id", OWN)])["name"] == NASTY[4]
    assert visits.find_one([eq("number", 5), eq("company_id", 1)]) is None
    assert failure_of(lambda: visits.find_one([gt("number", 5)])) == ("conflict", "P0003", None)


@pytest.mark.parametrize("nulls_first", [None, True, False])
@pytest.mark.parametrize("descending", [True, False])
def test_nulls_stand_where_the_order_says_or_where_postgresql_puts_them(
    visits: Any, both: TwoBackends, descending: bool, nulls_first: bool | None
) -> None:
    said = {None: "", True: "NULLS FIRST", False: "NULLS LAST"}[nulls_first]
    expected = both.execute(f"SELECT id FROM visits ORDER BY active {'DESC' if descending else 'ASC'} {said}, id DESC")
    order = [OrderBy("active", descending, nulls_first), OrderBy("id", descending=True)]
    assert [row["id"] for row in visits.find_many([], order_by=order)] == [one for (one,) in expected]


def test_limit_and_offset_cut_the_list_where_they_are_told(visits: Any) -> None:
    assert [row["id"] for row in visits.find_many([], order_by=BY_ID, limit=3, offset=2)] == [3, 4, 5]
    assert visits.find_many([], order_by=BY_ID, limit=3, offset=5000) == []
    for wrong in ({"limit": 0}, {"limit": 1001}, {"offset": -1}):
        assert failure_of(lambda wrong=wrong: visits.find_many([], **wrong))[0] == "invalid_input"


def test_a_thousand_rows_are_read_and_one_more_is_truncated(both: TwoBackends, backend: str) -> None:
    many = both.repositories[backend](MANY)
    assert len(many.find_many([lte("id", 1000)])) == 1000
    assert failure_of(lambda: many.find_many([lte("id", 1001)])) == ("truncated", "truncated", None)
    assert failure_of(lambda: many.find_many([])) == ("truncated", "truncated", None)
    assert len(many.find_many([], limit=1000)) == 1000
    assert len(many.find_many([], offset=1500)) == 1000
    assert many.count([]) == 2500


def test_twenty_thousand_ids_are_asked_for_and_each_row_comes_once_in_order(both: TwoBackends, backend: str) -> None:
    many = both.repositories[backend](MANY)
    ids = [*range(20_000, 1500, -1), *range(1501, 2000)]
    assert [row["id"] for row in many.find_by_ids("id", ids)] == list(range(1501, 2501))
    assert [row["id"] for row in many.find_by_ids("id", ids, where=[eq("part", 0)])] == list(range(1503, 2501, 3))
    assert failure_of(lambda: many.find_by_ids("id", range(1, 20_000))) == ("truncated", "truncated", None)
    assert failure_of(lambda: many.find_by_ids("part", [0, 1, 2])) == ("truncated", "truncated", None)
    assert many.find_by_ids("id", []) == []
    assert failure_of(lambda: many.find_by_ids("id", [1, None]))[0] == "invalid_input"


@pytest.mark.parametrize("limit", [1, 7, 999, 1000])
def test_pages_hold_every_row_once_in_order(both: TwoBackends, backend: str, limit: int) -> None:
    many = both.repositories[backend](MANY)
    where = [lte("id", 12 if limit < 10 else 2500)]
    order = [OrderBy("part", descending=True), OrderBy("id")]
    seen, after, pages = [], None, 0
    while pages == 0 or after is not None:
        page = many.find_page(where, order_by=order, limit=limit, after=after)
        seen += [(row["part"], row["id"]) for row in page.rows]
        after, pages = page.after, pages + 1
        assert len(page.rows) == limit or after is None
    expected = both.execute("SELECT part, id FROM many WHERE id <= %s ORDER BY part DESC, id", where[0].value)  # type: ignore[union-attr]
    assert seen == expected
    assert pages == -(-len(expected) // limit)


def test_a_page_without_a_total_order_is_invalid_input(both: TwoBackends, backend: str) -> None:
    many = both.repositories[backend](MANY)
    for order in ([], [OrderBy("part")], [OrderBy("id"), OrderBy("id")]):
        assert failure_of(lambda order=order: many.find_page([], order_by=order, limit=1))[0] == "invalid_input"
    assert failure_of(lambda: many.find_page([], order_by=BY_ID, limit=1001))[0] == "invalid_input"
    assert failure_of(lambda: many.find_page([], order_by=BY_ID, limit=1, after=(1, 2)))[0] == "invalid_input"


PAGED_BY = (
    *("amount", "ratio", "short", "day", "moment", "local", "active", "mood", "tags", "bytes", "uid", "took", "name"),
    *("score", "data"),
)


def test_where_a_page_ends_is_the_same_value_on_every_backend(both: TwoBackends) -> None:
    both.execute("TRUNCATE visits RESTART IDENTITY")
    both.execute(
        "INSERT INTO visits (number, company_id, amount, ratio, short, day, moment, local, active, mood, tags, bytes,"
        " uid, took, name)"
        " SELECT n, 900100, 12345678901234567.890 + n, 0.1, 0.1, '2024-02-29', '2024-02-29T21:00:00.123456Z',"
        " '2024-02-29T21:00', true, 'so, so', '{\"a,b\",NULL}', '\\xdead', '6f2c1f3e-0000-4000-8000-000000000001',"
        " '1 day 02:00', 'Ёж' FROM generate_series(1, 3) AS n"
    )
    for column in PAGED_BY:
        order = [OrderBy(column), OrderBy("id")]
        first = [both.repositories[each](VISITS).find_page([], order_by=order, limit=1) for each in BACKENDS]
        assert [page.after for page in first] == [first[0].after] * len(BACKENDS), column
        assert [page.rows for page in first] == [first[0].rows] * len(BACKENDS), column
        for each in BACKENDS:
            rest = both.repositories[each](VISITS).find_page([], order_by=order, limit=5, after=first[0].after)
            assert [row["id"] for row in rest.rows] == [2, 3], (column, each)


WHOLE: dict[str, Any] = {
    "number": 9_900_001,
    "company_id": OWN,
    "code": "a,b",
    "name": NASTY[20],
    "amount": Decimal("12345678901234567.890"),
    "ratio": float("inf"),
    "short": 0.1,
    "day": date(2024, 2, 29),
    "moment": datetime(2024, 2, 29, 21, 0, 0, 123456, tzinfo=UTC),
    "local": datetime(2024, 2, 29, 21, 0),
    "active": False,
    "mood": "so, so",
    "tags": list(NASTY),
    "numbers": [1, -2],
    "data": {"text": list(NASTY), "n": [1, 1.5, None, True], "deep": {"": {}}},
    "bytes": b"\x00\xff",
    "uid": UUID("6f2c1f3e-0000-4000-8000-000000000001"),
    "took": timedelta(days=-1, seconds=5, microseconds=7),
    "score": 0,
    "odd, (na.me)": "x",
}


def test_a_row_of_every_type_is_written_and_comes_back_in_the_same_json_forms(both: TwoBackends) -> None:
    written = []
    for each in BACKENDS:
        both.execute("TRUNCATE visits RESTART IDENTITY")
        repository = both.repositories[each](VISITS)
        single, (bulk,) = repository.upsert(WHOLE), repository.bulk_upsert([WHOLE])
        assert {**single, "updated_at": bulk["updated_at"]} == bulk == repository.find_one([eq("number", 9_900_001)])
        assert bulk["updated_at"] > single["updated_at"]
        stored = both.execute("SELECT to_jsonb(v) - 'updated_at' FROM visits AS v")
        written.append(json.dumps([{**bulk, "updated_at": None}, stored], sort_keys=True))
    assert written == [written[0]] * len(BACKENDS)


def test_an_upsert_changes_the_given_columns_and_keeps_the_others(visits: Any) -> None:
    before = visits.find_one([eq("number", 7), eq("company_id", OWN)])
    after = visits.upsert({"number": 7, "company_id": OWN, "name": "new"})
    assert {name for name in after if after[name] != before[name]} == {"name", "updated_at"}
    by_code = visits.upsert({"number": 7, "company_id": OWN, "code": "c7", "score": 1}, conflict=["code"])
    assert (by_code["id"], by_code["score"]) == (after["id"], 1)


def test_a_batch_writes_null_where_a_row_lacks_a_column_and_is_returned_in_the_order_of_the_key(visits: Any) -> None:
    written = visits.bulk_upsert(
        [
            {"number": 8, "company_id": SECOND, "score": 1},
            {"number": 7, "company_id": OWN, "name": "x", "data": None},
        ]
    )
    assert [(row["number"], row["name"], row["score"]) for row in written] == [(7, "x", None), (8, None, 1)]
    assert visits.bulk_upsert([]) == []


def test_five_hundred_rows_are_written_and_one_more_is_refused_before_any_is(visits: Any) -> None:
    rows = [{"number": 9_900_000 + n, "company_id": OWN, "name": NASTY[n % len(NASTY)]} for n in range(501)]
    assert failure_of(lambda: visits.bulk_upsert(rows))[0] == "invalid_input"
    assert visits.count([gte("number", 9_900_000)]) == 0
    assert names(visits.bulk_upsert(rows[:500])) == [row["name"] for row in rows[:500]]
    assert visits.count([gte("number", 9_900_000)]) == 500


def test_one_refused_row_keeps_the_whole_batch_out(visits: Any) -> None:
    rows = [{"number": 9_900_000 + n, "company_id": OWN, "score": 1 - n} for n in range(3)]
    assert failure_of(lambda: visits.bulk_upsert(rows)) == ("constraint", "23514", 'visits: score "of" one')
    assert visits.count([gte("number", 9_900_000)]) == 0


def test_a_delete_returns_the_rows_and_without_a_filter_is_refused(
    visits: Any, both: TwoBackends, backend: str
) -> None:
    deleted = visits.delete([in_("number", [9, 3]), or_(not_null("name"), is_null("id"))])
    assert [row["number"] for row in deleted] == [3, 9]
    assert visits.find_many([in_("number", [3, 9])]) == []
    assert visits.delete([eq("number", 3)]) == []
    left = visits.count([])
    assert failure_of(lambda: visits.delete([])) == ("invalid_input", "invalid_input", None)
    assert visits.count([]) == left
    both.execute("INSERT INTO many SELECT n, 9, '' FROM generate_series(10001, 11200) AS n")
    assert [row["id"] for row in both.repositories[backend](MANY).delete([eq("part", 9)])] == list(range(10001, 11201))


@pytest.mark.parametrize("kind", [*SYNC, *ASYNC])
def test_a_repository_takes_the_arguments_of_the_interface(kind: type) -> None:
    interface = TableRepository if kind in SYNC else AsyncTableRepository
    for name in (name for name in vars(interface) if not name.startswith("_")):
        asked, taken = inspect.signature(getattr(interface, name)), inspect.signature(getattr(kind, name))
        assert taken.parameters == asked.parameters, name
        assert inspect.iscoroutinefunction(getattr(kind, name)) is (kind in ASYNC)


def test_rows_are_of_the_type_that_was_asked_for_on_every_backend(both: TwoBackends, backend: str) -> None:
    many = both.repositories[backend](MANY, row_type=Named)
    third, fourth = Named(3, "n3"), Named(4, "n4")
    assert many.find_one([eq("id", 3)]) == third
    assert many.find_one([eq("id", 0)]) is None
    assert many.find_many([in_("id", [4, 3])], order_by=BY_ID) == [third, fourth]
    page = many.find_page([gte("id", 3)], order_by=BY_ID, limit=2)
    assert (page.rows, page.after) == ([third, fourth], (4,))
    assert many.find_by_ids("id", [4, 3]) == [third, fourth]
    assert many.upsert({"id": 3, "part": 0, "name": "n3"}) == third
    assert many.bulk_upsert([{"id": 4, "part": 1, "name": "n4"}]) == [fourth]
    both.execute("INSERT INTO many VALUES (9001, 0, NULL)")
    assert failure_of(lambda: many.find_one([eq("id", 9001)])) == ("internal", "row_type", None)
    both.repositories[backend](MANY).delete([eq("id", 9001)])
