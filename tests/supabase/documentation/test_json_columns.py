"""Tables and views, sections JSON Columns and Composite / Array Columns
(https://docs.postgrest.org/en/v16/references/api/tables_views.html#json-columns).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
import pytest

if TYPE_CHECKING:
    from tests.supabase.documentation.conftest import Serve

DDL = """
CREATE SCHEMA api;
CREATE TABLE api.visits (id int PRIMARY KEY, bill json, extra jsonb);
INSERT INTO api.visits VALUES
    (1, '{"total": 30, "goods": [{"title": "wax", "n": 2}, {"title": "gel", "n": 1}]}', '{"e": 1, "mark": "B"}'),
    (2, '{"total": 5, "goods": []}', '{"a": {"b": 2}, "mark": "A"}'),
    (3, '{"total": 25, "payer": {"name": "Anna"}}', '{"c": [1, 2, 3]}'),
    (4, NULL, '[[1, 2], {"d": "test"}, {"0xy": [5, {"23-xy-45": [6, 7]}], "1": "one"}]'),
    (5, NULL, '{"!@#$%^&*_d": {"!@#$%^&*_e": 3}, "with.dot": 1, "a,b": 2, " pad ": 3, "имя": 4, "-": 5}');
CREATE TYPE api.place AS (lat numeric, long numeric, tags text[]);
CREATE TABLE api.salons (id int PRIMARY KEY, place api.place, languages text[], grid int[], hours int4range);
INSERT INTO api.salons VALUES
    (1, '(53.9,27.5,"{a,b}")', '{ru,be}', '{{1,2,3},{4,5,6}}', '[9,18)'),
    (2, '(19.741755,-155.844437,)', '{en}', '{{11,12,13},{14,15,16}}', NULL);
CREATE FUNCTION api.places() RETURNS TABLE (id int, at api.place) LANGUAGE sql STABLE
    AS 'SELECT id, place FROM api.salons';
CREATE FUNCTION api.level(api.visits) RETURNS jsonb LANGUAGE sql STABLE AS 'SELECT $1.extra';
"""


@pytest.fixture(scope="module")
def http(serve: Serve) -> httpx.Client:
    """An anonymous client of visits with bills, and of salons with places."""
    return serve(DDL, db_schemas=("api",)).http


def rows(http: httpx.Client, query: str, table: str = "visits") -> Any:
    """The rows that a query finds."""
    answer = http.get(f"/{table}?{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


# JSON Columns: select


@pytest.mark.parametrize(
    ("select", "at", "expected"),
    [
        ("bill->total", 1, {"total": 30}),
        ("bill->>total", 1, {"total": "30"}),
        ("bill->>total::int", 1, {"total": 30}),
        ("sum:bill->>total::int", 1, {"sum": 30}),
        ("bill->goods->0->>title", 1, {"title": "wax"}),
        ("bill->goods->-1->title", 1, {"title": "gel"}),
        ("bill->goods->>-1::json", 1, {"goods": {"title": "gel", "n": 1}}),
        ("bill->goods->0", 1, {"goods": {"title": "wax", "n": 2}}),
        ("bill->payer->>name", 3, {"name": "Anna"}),
        ("bill->nothing->>here", 3, {"here": None}),
        ("extra->c->>1::int", 3, {"c": 2}),
        ("extra->0->>1", 4, {"extra": "2"}),
        ("extra->2->0xy->1->23-xy-45->>1::int", 4, {"23-xy-45": 7}),
        ('extra->2->>"1"', 4, {"1": "one"}),
        ("extra->!@#$%^&*_d->>!@#$%^&*_e::int", 5, {"!@#$%^&*_e": 3}),
        ('extra->"with.dot"', 5, {"with.dot": 1}),
        ('extra->"a,b"', 5, {"a,b": 2}),
        ('extra->" pad "', 5, {" pad ": 3}),
        ('extra->"-"', 5, {"-": 5}),
        ("extra->имя", 5, {"имя": 4}),
        ("a:bill->total,b:bill->>total", 2, {"a": 5, "b": "5"}),
        ("level->mark", 1, {"mark": "B"}),
    ],
)
def test_a_path_selects_what_it_leads_to(http: httpx.Client, select: str, at: int, expected: Any) -> None:
    assert rows(http, f"select={quote(select)}&id=eq.{at}") == [expected]


def test_a_wrong_cast_of_a_path_is_postgresqls_error(http: httpx.Client) -> None:
    answer = http.get("/visits?select=extra->>mark::integer")
    assert answer.status_code == 400
    assert answer.json()["message"] == 'invalid input syntax for type integer: "B"'


@pytest.mark.parametrize(("path", "of"), [("->1", "integer"), ("->b", "unknown")])
def test_no_arrow_follows_a_double_one(http: httpx.Client, path: str, of: str) -> None:
    answer = http.get(f"/visits?select=bill->>total{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "42883")
    assert answer.json()["message"] == f"operator does not exist: text -> {of}"


@pytest.mark.parametrize(
    ("select", "column", "details"),
    [
        ("bill->>--34", 9, 'unexpected "-" expecting digit'),
        ("bill->>-78xy", 11, 'unexpected \'x\' expecting digit, "->", "::", ".", "," or end of input'),
        ("bill->>-xy-4", 9, 'unexpected "x" expecting digit'),
        (
            "bill->(d->>e",
            7,
            'unexpected "(" expecting "-", digit or any non reserved character different from: .,>()',
        ),
        (
            "bill->",
            7,
            'unexpected end of input expecting "-", digit or any non reserved character different from: .,>()',
        ),
    ],
)
def test_a_malformed_path_is_refused(http: httpx.Client, select: str, column: int, details: str) -> None:
    answer = http.get(f"/visits?select={select}")
    assert answer.status_code == 400
    assert answer.json() == {
        "code": "PGRST100",
        "message": f'"failed to parse select parameter ({select})" (line 1, column {column})',
        "details": details,
        "hint": None,
    }


def test_an_index_that_no_integer_holds_is_postgresqls_error(http: httpx.Client) -> None:
    answer = http.get("/visits?select=extra->99999999999999999999")
    assert (answer.status_code, answer.json()["code"]) == (400, "22003")
    answer = http.get(f"/visits?select=extra->{'9' * 5000}")
    assert (answer.status_code, answer.json()["code"]) == (400, "22003")


# JSON Columns: filters


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ("bill->payer->>name=eq.Anna", [3]),
        ("bill->payer->>name=eq.Nobody", []),
        ("bill->payer->>name=not.eq.Anna", []),
        ("bill->>total=eq.30", [1]),
        ("bill->>total=gt.3", [1, 2]),
        ("extra->e=eq.1", [1]),
        ("extra->e=gte.1", [1]),
        ('extra->a=eq.{"b":2}', [2]),
        ("extra->c=eq.[1,2,3]", [3]),
        ("extra->c=cs.[2]", [3]),
        ('extra=eq.{"c":[1,2,3]}', [3]),
        ('extra=cs.{"mark":"A"}', [2]),
        ('extra->1=eq.{"d":"test"}', [4]),
        ("extra->0->>-1=eq.2", [4]),
        ("extra->-1->0xy->0=eq.5", [4]),
        ("bill->goods->0->>title=in.(wax,soap)", [1]),
        ("bill->>total=is.null", [4, 5]),
        ("extra->!@%23$%^%26*_d->>!@%23$%^%26*_e=eq.3", [5]),
        ('extra->>"with.dot"=eq.1', [5]),
        ("or=(extra->a->>b.eq.2, extra->>e.eq.1)", [1, 2]),
        ('and=(extra->>"a,b".eq.2,extra->имя.eq.4)', [5]),
        ("or=(extra->c->0.eq.1,extra->0->>0.eq.1)", [3, 4]),
        ("level->>mark=eq.A", [2]),
    ],
)
def test_a_path_is_filtered_by(http: httpx.Client, filters: str, expected: list[int]) -> None:
    assert [row["id"] for row in rows(http, f"select=id&order=id&{filters}")] == expected


def test_json_that_is_not_jsonb_has_no_equality(http: httpx.Client) -> None:
    answer = http.get("/visits?bill->total=eq.30")
    assert (answer.status_code, answer.json()["code"]) == (404, "42883")


# JSON Columns: order


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("bill->>total.asc.nullslast,id", [3, 1, 2, 4, 5]),
        ("bill->>total.desc.nullslast,id", [2, 1, 3, 4, 5]),
        ("extra->>mark.nullsfirst,id", [3, 4, 5, 2, 1]),
        ("extra->mark.desc.nullslast,id.desc", [1, 2, 5, 4, 3]),
        ("extra->0->0.nullslast,id", [4, 1, 2, 3, 5]),
    ],
)
def test_a_path_is_ordered_by(http: httpx.Client, order: str, expected: list[int]) -> None:
    assert [row["id"] for row in rows(http, f"select=id&order={order}")] == expected


# Composite / Array Columns


def test_arrows_lead_into_composites_and_arrays(http: httpx.Client) -> None:
    select = "id,place->>lat,place->long,primary_language:languages->0"
    assert rows(http, f"select={select}&place->lat=lte.20", "salons") == [
        {"id": 2, "lat": "19.741755", "long": -155.844437, "primary_language": "en"}
    ]


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ("a:grid->0->0,b:grid->1->>2,c:grid->-1->-1", {"a": 1, "b": "6", "c": 6}),
        ("languages->>1", {"languages": "be"}),
        ("languages->9", {"languages": None}),
        ("place->tags->0", {"tags": "a"}),
        ("place->>nowhere", {"nowhere": None}),
    ],
)
def test_a_path_into_an_array_or_composite_selects(http: httpx.Client, select: str, expected: Any) -> None:
    assert rows(http, f"select={select}&id=eq.1", "salons") == [expected]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ("grid->0->0=eq.11", [2]),
        ("grid->1->>1=eq.5", [1]),
        ("languages->>0=like.r*", [1]),
        ("place->>lat=gt.2", [1]),
        ('place->tags=cs.["a"]', [1]),
        ("or=(languages->>0.eq.en,place->lat.gt.50)", [1, 2]),
    ],
)
def test_a_path_into_an_array_or_composite_is_filtered_by(
    http: httpx.Client, filters: str, expected: list[int]
) -> None:
    assert [row["id"] for row in rows(http, f"select=id&order=id&{filters}", "salons")] == expected


@pytest.mark.parametrize(
    ("order", "expected"), [("place->lat", [2, 1]), ("place->>long.desc", [1, 2]), ("grid->0->0.desc", [2, 1])]
)
def test_a_path_into_an_array_or_composite_is_ordered_by(http: httpx.Client, order: str, expected: list[int]) -> None:
    assert [row["id"] for row in rows(http, f"select=id&order={order}", "salons")] == expected


def test_a_composite_that_a_function_returns_has_fields_too(http: httpx.Client) -> None:
    assert rows(http, "select=at->lat&at->long=gt.0&order=at->>lat.desc", "rpc/places") == [{"lat": 53.9}]
