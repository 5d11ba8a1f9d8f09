"""The context of a failure: the same table and filters from the repositories of both backends, sync and async."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from harness.datalayer.envelope import CallFailed
from harness.datalayer.filters import Filter, OrderBy, and_, eq, gt, ilike, in_, is_null, like, not_, not_null, or_
from harness.datalayer.observation.failure_context import CallContext, context_of, filter_shape, places_of
from harness.datalayer.rows import Table
from harness.embedded.server import Server
from tests.datalayer.two_backends import BACKENDS, VISITS, TwoBackends, two_backends

WHERE = [or_(eq("fired", "x"), eq("name", "Анна")), not_(eq("number", 80005550101))]
SHAPES = ("OR(fired =, name =)", "NOT(number =)")


@pytest.fixture(scope="module")
def backends(server: Server) -> Iterator[TwoBackends]:
    with two_backends(server) as both:
        yield both


def failure_of(call: Callable[[], object]) -> CallFailed:
    with pytest.raises(CallFailed) as failed:
        call()
    return failed.value


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("call", "filters"),
    [
        (lambda visits: visits.find_one(WHERE), SHAPES),
        (lambda visits: visits.find_many(WHERE, order_by=[OrderBy("name")]), SHAPES),
        (lambda visits: visits.find_page(WHERE, order_by=[OrderBy("id")], limit=5), SHAPES),
        (lambda visits: visits.count(WHERE), SHAPES),
        (lambda visits: visits.delete(WHERE), SHAPES),
        (lambda visits: visits.find_by_ids("fired", ["8000555", "Анна"], where=WHERE), (*SHAPES, "fired IN (2)")),
        (lambda visits: visits.upsert({"number": 1, "company_id": 80005550101, "name": "Анна"}), ()),
        (lambda visits: visits.bulk_upsert([{"number": 1, "company_id": 7, "name": "Анна"}]), ()),
    ],
    ids=["find_one", "find_many", "find_page", "count", "delete", "find_by_ids", "upsert", "bulk_upsert"],
)
def test_each_call_is_told_with_its_table_its_columns_and_its_operators(
    backends: TwoBackends, backend: str, call: Callable[[Any], object], filters: tuple[str, ...]
) -> None:
    visits = backends.repositories[backend](VISITS)
    found = context_of(failure_of(lambda: call(visits)))
    assert found.table == "visits"
    assert set(found.filters) == set(filters)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_table_with_a_name_that_could_be_data_is_not_told(backends: TwoBackends, backend: str) -> None:
    clients = backends.repositories[backend](Table("Анна 80005550101", ("id",)))
    assert context_of(failure_of(lambda: clients.count([]))) == CallContext("other", ())


def test_an_error_outside_a_repository_has_places_and_no_context() -> None:
    def deep(n: int) -> None:
        if n == 0:
            raise KeyError("80005550101")
        deep(n - 1)

    with pytest.raises(KeyError) as raised:
        deep(100)
    assert context_of(raised.value) == CallContext(None, ())
    places = places_of(raised.value)
    assert (len(places), places[-1].function) == (50, "deep")
    assert places[-1].module.endswith("test_failure_context")


@pytest.mark.parametrize(
    ("condition", "shape"),
    [
        (eq("phone", "80005550101"), "phone ="),
        (gt("rating", 5), "rating >"),
        (like("name", "Анна%"), "name LIKE"),
        (ilike("name", "Анна%"), "name ILIKE"),
        (in_("id", [1, 2, 3]), "id IN (3)"),
        (is_null("email"), "email IS NULL"),
        (not_null("email"), "email IS NOT NULL"),
        (or_(eq("a", "x"), and_(eq("b", 1), not_(eq("c", 2)))), "OR(a =, AND(b =, NOT(c =)))"),
        (eq("Анна", 1), "other ="),
        (eq("phone_80005550101", 1), "other ="),
    ],
)
def test_a_filter_is_shown_by_its_columns_and_operators(condition: Filter, shape: str) -> None:
    assert filter_shape(condition) == shape
