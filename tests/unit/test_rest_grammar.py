"""Filters as PostgREST's query string says them: what is quoted, what is a tree, what a chunk of ids may weigh."""

from __future__ import annotations

from collections.abc import Generator
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest

from harness.datalayer.envelope import InvalidInput
from harness.datalayer.filters import Filter, OrderBy, and_, eq, ilike, in_, is_null, like, lt, neq, not_, not_null, or_
from harness.datalayer.rows import Table
from harness.datalayer.supabase.rest_grammar import Parameter, order_terms, parameters
from harness.datalayer.supabase.rest_requests import Answer, Request
from harness.datalayer.supabase.rest_steps import MOST_BYTES_OF_IDS, find_by_ids
from harness.datalayer.supabase.rest_values import bodies_of, text_of

CLIENTS = Table("clients", key=("id",))


@pytest.mark.parametrize(
    ("condition", "key", "operator", "value"),
    [
        (eq("name", 'a,"b" (c)'), "name", "eq", 'a,"b" (c)'),
        (eq("is_active", value=True), "is_active", "eq", "true"),
        (lt("price", Decimal("1.10")), "price", "lt", "1.10"),
        (neq("date", date(2024, 2, 29)), "date", "neq", "2024-02-29"),
        (in_("name", ["a", "", 'b"\\']), "name", "in", r'(a,"","b\"\\")'),
        (in_("name", [""]), "name", "eq", ""),
        (in_("name", []), "name", "in", "()"),
        (is_null("name"), "name", "is", "null"),
        (not_null("name"), "name", "not.is", "null"),
        (like("name", "a%_"), "name", "like", "a%_"),
        (like("name", "a.*%_\\%"), "name", "match", r"^a\.\*.*.\%$"),
        (ilike("name", "*"), "name", "imatch", r"^\*$"),
        (eq("order", 1), None, "or", '"order".eq."1"'),
        (eq("a.b", 1), None, "or", '"a.b".eq."1"'),
        (or_(eq("a", 1), is_null("b")), None, "or", 'a.eq."1",b.is.null'),
        (not_(or_(eq("a", 1), in_("b", [2]))), None, "not.or", 'a.eq."1",b.in.(2)'),
        (not_(and_(eq("a", 1), not_null("b"))), None, "or", 'not.and(a.eq."1",b.not.is.null)'),
        (not_(eq("a", "x")), None, "or", 'a.not.eq."x"'),
        (not_(not_(eq("a", "x"))), None, "or", 'not.and(a.not.eq."x")'),
        (not_(is_null("a")), None, "or", "a.not.is.null"),
    ],
)
def test_a_filter_is_said_so(condition: Filter, key: str | None, operator: str, value: str) -> None:
    assert parameters([condition]) == [Parameter(key, operator, value)]


def test_filters_that_all_have_to_hold_are_parameters_beside_each_other() -> None:
    assert parameters([and_(eq("a", 1), and_(eq("b", 2))), eq("c", 3)]) == [
        Parameter("a", "eq", "1"),
        Parameter("b", "eq", "2"),
        Parameter("c", "eq", "3"),
    ]


def test_an_order_says_where_nulls_stand_only_where_the_caller_does() -> None:
    assert order_terms([OrderBy("a"), OrderBy("b c", descending=True, nulls_first=False)]) == [
        ("a", False, None),
        ('"b c"', True, False),
    ]


def test_an_array_is_a_literal_whose_elements_are_quoted() -> None:
    assert text_of("tags", ["a,b", 'c"', None, ["\\"]]) == r'{"a,b","c\"",NULL,{"\\"}}'


def test_a_body_keeps_every_digit_and_refuses_what_json_has_no_form_for() -> None:
    row = {"price": Decimal("12345678901234567.890"), "ratio": float("inf"), "data": {"n": 1}}
    assert bodies_of([row], {"data"}) == [{"price": "12345678901234567.890", "ratio": "inf", "data": {"n": 1}}]
    with pytest.raises(InvalidInput):
        bodies_of([{"data": float("nan")}], {"data"})


def answered_with_nothing(steps: Generator[Request, Answer, Any]) -> list[Request]:
    asked = [next(steps)]
    try:
        while True:
            asked.append(steps.send(Answer([], 0)))
    except StopIteration:
        return asked


@pytest.mark.parametrize("ids", [range(20_000), ["Ёж" * 40 + str(n) for n in range(300)], ['"' * 9] * 3])
def test_no_request_for_many_ids_has_a_url_that_proxies_refuse_and_every_id_is_in_one(ids: list[object]) -> None:
    asked = answered_with_nothing(find_by_ids(CLIENTS, "id", ids, where=[]))
    lists = [request.where[0].value for request in asked]
    assert all(len(quote(text, safe="")) <= MOST_BYTES_OF_IDS + 10 for text in lists)
    members = [member for text in lists for member in text.removeprefix("(").removesuffix(")").split(",")]
    assert len(members) == len(set(members)) == len(set(ids))
