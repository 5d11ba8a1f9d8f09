"""One suite over every backend: what cannot be written or asked fails with the same kind, code and constraint."""

from __future__ import annotations

from typing import Any

import pytest

from harness.datalayer.envelope import CallFailed
from harness.datalayer.filters import (
    Filter,
    OrderBy,
    and_,
    eq,
    in_,
    like,
    lte,
    neq,
    not_,
    not_null,
    or_,
)
from harness.datalayer.rows import Row, Table
from harness.embedded.server import Server
from tests.datalayer.two_backends import BACKENDS, MANY, TwoBackends, failure_of, two_backends

OWN = 900100
BY_ID = [OrderBy("id")]
ROW = {"number": 9_900_001, "company_id": OWN}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({**ROW, "code": "c1"}, ("conflict", "23505", "visits_code")),
        ({**ROW, "company_id": 900999}, ("constraint", "23503", "visits_company")),
        ({**ROW, "score": -1}, ("constraint", "23514", 'visits: score "of" one')),
        ({**ROW, "number": None}, ("constraint", "23502", None)),
        ({**ROW, "score": "Анна"}, ("invalid_input", "22P02", None)),
        ({**ROW, "score": 2**40}, ("invalid_input", "22003", None)),
        ({**ROW, "score": 1.5}, ("invalid_input", "22P02", None)),
        ({**ROW, "day": "2025-02-29"}, ("invalid_input", "22008", None)),
        ({**ROW, "mood": "so"}, ("invalid_input", "22P02", None)),
        ({**ROW, "name": "a\x00b"}, ("invalid_input", "22P05", None)),
        ({**ROW, "data": {"a": "\x00"}}, ("invalid_input", "22P05", None)),
        ({**ROW, "data": float("nan")}, ("invalid_input", "invalid_input", None)),
        ({**ROW, "name": 1j}, ("invalid_input", "invalid_input", None)),
        ({**ROW, "name": "\ud800"}, ("invalid_input", "invalid_input", None)),
        ({**ROW, "no such column": 1}, ("internal", "42703", None)),
        ({}, ("constraint", "23502", None)),
    ],
    ids=lambda value: repr(value)[-40:] if isinstance(value, dict) else "",
)
def test_a_row_that_cannot_be_written_fails_alike_everywhere_and_its_values_stay_untold(
    visits: Any, row: Row, expected: tuple[str, str, str | None]
) -> None:
    assert failure_of(lambda: visits.upsert(row)) == expected
    assert failure_of(lambda: visits.bulk_upsert([row])) == expected
    with pytest.raises(CallFailed) as failed:
        visits.upsert(row)
    assert not any(str(value) in failed.value.message for value in row.values() if value != OWN)
    assert failed.value.__cause__ is None
    assert failed.value.__context__ is None or failed.value.__suppress_context__


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ([eq("number", "Анна")], ("invalid_input", "22P02")),
        ([in_("number", ["1", "x"])], ("invalid_input", "22P02")),
        ([or_(eq("day", "вчера"))], ("invalid_input", "22007")),
        ([eq("mood", "so")], ("invalid_input", "22P02")),
        ([eq("number", 2**70)], ("invalid_input", "22003")),
        ([eq("name", "a\x00")], ("invalid_input", "invalid_input")),
        ([eq("name", "\ud800")], ("invalid_input", "invalid_input")),
        ([like("name", "\x00*")], ("invalid_input", "invalid_input")),
        ([like("name", "a\\")], ("invalid_input", "22025")),
        ([like("name", "%*\\")], ("invalid_input", "22025")),
        ([eq("name", 1j)], ("invalid_input", "invalid_input")),
        ([eq("no such column", 1)], ("internal", "42703")),
        ([like("number", "1%")], ("internal", "42883")),
    ],
)
def test_a_filter_that_cannot_be_asked_fails_alike_everywhere(
    visits: Any, where: list[Filter], expected: tuple[str, str]
) -> None:
    for call in (visits.find_one, visits.find_many, visits.count, visits.delete):
        assert failure_of(lambda call=call: call(where)) == (*expected, None)


def test_filters_nested_beyond_reason_are_invalid_input(visits: Any) -> None:
    deep = eq("number", 3)
    for _ in range(49):
        deep = not_(and_(deep, not_null("id")))
    assert visits.count([deep]) == visits.count([neq("number", 3)])
    for _ in range(10):
        deep = not_(and_(deep, not_null("id")))
    assert failure_of(lambda: visits.count([deep]))[0] == "invalid_input"


def test_what_the_role_or_the_schema_forbids_fails_alike_everywhere(both: TwoBackends, backend: str) -> None:
    hidden = both.repositories[backend](Table("hidden", key=("id",), has_updated_at=False))
    missing = both.repositories[backend](Table("no such table", key=("id",), has_updated_at=False))
    many = both.repositories[backend](Table("many", key=("part",), has_updated_at=False))
    for call in (lambda: hidden.find_many([]), lambda: hidden.count([]), lambda: hidden.upsert({"id": 1})):
        assert failure_of(call) == ("permission", "42501", None)
    for call in (lambda: missing.find_many([]), lambda: missing.count([]), lambda: missing.delete([eq("id", 1)])):
        assert failure_of(call) == ("internal", "42P01", None)
    assert failure_of(lambda: many.upsert({"id": 1, "part": 1})) == ("internal", "42P10", None)
    row = {"id": 1, "part": 1}
    many = both.repositories[backend](MANY)
    assert failure_of(lambda: many.bulk_upsert([row, row])) == ("conflict", "21000", None)


def test_a_statement_that_takes_too_long_is_a_timeout(server: Server) -> None:
    slow = Table("slow", key=("id",), has_updated_at=False)
    with two_backends(server, seconds=1) as impatient:
        for each in BACKENDS:
            assert failure_of(lambda each=each: impatient.repositories[each](slow).find_many([])) == (
                "timeout",
                "57014",
                None,
            )


def test_a_cap_smaller_than_the_usual_one_is_truncated_too_and_pages_read_on(server: Server) -> None:
    with two_backends(server, max_rows=120) as capped:
        for each in ("supabase", "async supabase"):
            many = capped.repositories[each](MANY)
            assert failure_of(lambda many=many: many.find_many([]))[0] == "truncated"
            assert failure_of(lambda many=many: many.find_many([], limit=500))[0] == "truncated"
            assert failure_of(lambda many=many: many.find_by_ids("part", [1]))[0] == "truncated"
            assert len(many.find_many([], limit=120)) == 120
            assert len(many.find_many([lte("id", 119)])) == 119
            page = many.find_page([], order_by=BY_ID, limit=1000)
            assert ([row["id"] for row in page.rows], page.after) == (list(range(1, 1001)), (1000,))


def test_a_row_that_a_trigger_keeps_out_is_a_failure_and_not_an_answer(both: TwoBackends, backend: str) -> None:
    both.execute("CREATE FUNCTION kept_out() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'")
    both.execute("CREATE TRIGGER kept_out BEFORE INSERT ON many FOR EACH ROW EXECUTE FUNCTION kept_out()")
    many = both.repositories[backend](MANY)
    try:
        assert failure_of(lambda: many.upsert({"id": 90_000, "part": 1})) == ("internal", "not_written", None)
        assert many.bulk_upsert([{"id": 90_000, "part": 1}]) == []
    finally:
        both.execute("DROP FUNCTION kept_out CASCADE")
