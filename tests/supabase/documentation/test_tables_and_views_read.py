"""Tables and views, section Read: GET and HEAD, Vertical Filtering, Renaming Columns, Casting Columns, Ordering
(https://docs.postgrest.org/en/v16/references/api/tables_views.html#read).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from tests.supabase.documentation.conftest import Serve

DDL = """
CREATE SCHEMA api;
CREATE TYPE api.mood AS ENUM ('calm', 'merry');
CREATE TABLE api.people (
    id int PRIMARY KEY, full_name text, age int, height numeric, salary numeric(10, 2), joined timestamptz,
    mood api.mood, count int, t text, extra jsonb
);
INSERT INTO api.people VALUES
    (1, 'Anna B', 30, 1.70, 90000.00, '2024-02-29 10:00+03', 'merry', 7, 'x', '{"rank": 2}'),
    (2, 'Boris C', 20, 1.80, 120000.00, NULL, 'calm', 8, 'y', '{"rank": 10}'),
    (3, 'Vera D', 20, NULL, NULL, NULL, NULL, 9, 'z', NULL);
CREATE VIEW api.adults AS SELECT id, age FROM api.people WHERE age > 18;
CREATE MATERIALIZED VIEW api.heights AS SELECT id, height FROM api.people;
CREATE TABLE api.empty (id int);
CREATE FUNCTION api.shout(api.people) RETURNS text LANGUAGE sql STABLE AS 'SELECT upper($1.full_name)';
CREATE SCHEMA private;
CREATE FUNCTION private.whisper(api.people) RETURNS text LANGUAGE sql STABLE AS 'SELECT lower($1.full_name)';
"""


@pytest.fixture(scope="module")
def http(serve: Serve) -> httpx.Client:
    """An anonymous client of people."""
    return serve(DDL, db_schemas=("api",)).http


def rows(http: httpx.Client, query: str, table: str = "people") -> Any:
    """The rows that a query finds."""
    answer = http.get(f"/{table}?{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


# GET and HEAD


def test_a_relation_of_every_kind_is_read(http: httpx.Client) -> None:
    assert rows(http, "order=id", "adults") == [{"id": 1, "age": 30}, {"id": 2, "age": 20}, {"id": 3, "age": 20}]
    assert rows(http, "id=eq.1", "heights") == [{"id": 1, "height": 1.70}]
    assert rows(http, "", "empty") == []


def test_head_answers_as_get_but_for_the_body(http: httpx.Client) -> None:
    got, headed = (http.request(method, "/people?select=id&limit=2") for method in ("GET", "HEAD"))
    assert (headed.status_code, headed.content) == (200, b"")
    for name in ("content-type", "content-range", "content-location", "vary"):
        assert headed.headers[name] == got.headers[name]


def test_head_fails_as_get_does(http: httpx.Client) -> None:
    answer = http.head("/people?id=what")
    assert (answer.status_code, answer.content) == (400, b"")
    assert answer.headers["proxy-status"] == "PostgREST; error=PGRST100"


def test_columns_may_be_called_as_the_statement_calls_its_parts(http: httpx.Client) -> None:
    assert rows(http, "select=count,t&id=eq.1") == [{"count": 7, "t": "x"}]
    assert rows(http, "select=id&count=eq.8&t=eq.y") == [{"id": 2}]


# Vertical Filtering


def test_select_says_which_columns_are_given_and_in_which_order(http: httpx.Client) -> None:
    assert http.get("/people?select=age,full_name&id=eq.1").text == '[{"age":30,"full_name":"Anna B"}]'


@pytest.mark.parametrize("select", ["", "select=&", "select=*&"])
def test_every_column_is_the_default(http: httpx.Client, select: str) -> None:
    columns = ["id", "full_name", "age", "height", "salary", "joined", "mood", "count", "t", "extra"]
    assert list(rows(http, f"{select}id=eq.1")[0]) == columns


def test_a_star_may_have_company(http: httpx.Client) -> None:
    assert list(rows(http, "select=*,again:id&limit=1", "adults")[0]) == ["id", "age", "again"]


def test_blanks_around_a_column_do_not_matter(http: httpx.Client) -> None:
    assert rows(http, "select= id , full_name &id=eq.1") == [{"id": 1, "full_name": "Anna B"}]


@pytest.mark.parametrize(
    ("query", "column"), [("select=nowhere", "nowhere"), ("nowhere=eq.1", "nowhere"), ("order=nowhere", "nowhere")]
)
def test_an_unknown_column_is_42703_from_postgresql(http: httpx.Client, query: str, column: str) -> None:
    answer = http.get(f"/people?{query}")
    assert answer.status_code == 400
    assert answer.json() == {
        "code": "42703",
        "details": None,
        "hint": None,
        "message": f"column people.{column} does not exist",
    }


def test_the_function_of_a_row_is_a_column_where_its_schema_is_searched(http: httpx.Client) -> None:
    assert rows(http, "select=id,shout&shout=like.ANNA*&order=shout") == [{"id": 1, "shout": "ANNA B"}]
    assert http.get("/people?select=whisper").json()["code"] == "42703"


@pytest.mark.parametrize(
    ("select", "column", "details"),
    [
        (
            "id,full[]",
            8,
            'unexpected \'[\' expecting letter, digit, "-", "->>", "->", "::", ".", ")", "," or end of input',
        ),
        ("id,,age", 4, 'unexpected "," expecting "...", field name (* or [a..z0..9_$]), "*" or "count()"'),
        ("id,", 4, 'unexpected end of input expecting "...", field name (* or [a..z0..9_$]), "*" or "count()"'),
        ("id::", 5, "unexpected end of input expecting letter or digit"),
        ("id:", 4, "unexpected end of input expecting field name (* or [a..z0..9_$])"),
        ("id.avg", 7, 'unexpected end of input expecting "()"'),
        (
            "people(id",
            10,
            'unexpected end of input expecting letter, digit, "-", "->>", "->", "::", ".", ")", "," or end of input',
        ),
        ('"id', 4, 'unexpected end of input expecting "\\\\" or "\\""'),
    ],
)
def test_a_malformed_select_is_refused_with_its_place(
    http: httpx.Client, select: str, column: int, details: str
) -> None:
    answer = http.get(f"/people?select={select}")
    assert answer.status_code == 400
    assert answer.json() == {
        "code": "PGRST100",
        "details": details,
        "hint": None,
        "message": f'"failed to parse select parameter ({select})" (line 1, column {column})',
    }


# Renaming Columns


def test_a_column_is_renamed_by_an_alias_and_a_colon(http: httpx.Client) -> None:
    assert rows(http, "select=fullName:full_name,howOld:age&id=eq.1") == [{"fullName": "Anna B", "howOld": 30}]


def test_an_alias_may_be_anything_in_quotes(http: httpx.Client) -> None:
    assert rows(http, 'select="a.b, c":id,имя:age,two words:id&id=eq.1') == [{"a.b, c": 1, "имя": 30, "two words": 1}]


def test_filters_and_order_go_by_the_columns_own_name(http: httpx.Client) -> None:
    assert rows(http, "select=years:age&age=eq.30&order=age") == [{"years": 30}]
    assert http.get("/people?select=years:age&years=eq.30").json()["code"] == "42703"


# Casting Columns


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ("salary::text", {"salary": "90000.00"}),
        ("pay:salary::int", {"pay": 90000}),
        ("joined::date", {"joined": "2024-02-29"}),
        ("joined::timestamp without time zone", {"joined": "2024-02-29T07:00:00"}),
        ("age::double precision", {"age": 30}),
        ("age::bigint", {"age": 30}),
        ("mood::text", {"mood": "merry"}),
        ("t::varchar", {"t": "x"}),
        ("extra->rank::text", {"rank": "2"}),
    ],
)
def test_a_column_is_cast_by_two_colons_and_a_type(http: httpx.Client, select: str, expected: Any) -> None:
    assert rows(http, f"select={select}&id=eq.1") == [expected]


def test_an_unknown_type_is_postgresqls_error(http: httpx.Client) -> None:
    answer = http.get("/people?select=id::nonesuch")
    assert answer.status_code == 400
    assert answer.json() == {
        "code": "42704",
        "details": None,
        "hint": None,
        "message": 'type "nonesuch" does not exist',
    }


def test_a_filter_cannot_cast(http: httpx.Client) -> None:
    """What follows the name of a column in a key is not looked at, as in PostgREST."""
    assert rows(http, "select=id&age::text=eq.30") == [{"id": 1}]
    assert http.get("/people?or=(age::text.eq.30)").json()["code"] == "PGRST100"


# Ordering


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("age.desc,height.asc", [1, 2, 3]),
        ("age,id.desc", [3, 2, 1]),
        ("age.asc,id.asc", [2, 3, 1]),
        ("height", [1, 2, 3]),
        ("height.asc", [1, 2, 3]),
        ("height.desc", [3, 2, 1]),
        ("height.nullsfirst", [3, 1, 2]),
        ("height.nullslast", [1, 2, 3]),
        ("height.desc.nullslast", [2, 1, 3]),
        ("height.desc.nullsfirst", [3, 2, 1]),
        ("mood.nullslast,id", [2, 1, 3]),
        ("mood.asc.nullsfirst", [3, 2, 1]),
        ("extra->>rank", [2, 1, 3]),
        ("extra->rank", [1, 2, 3]),
        ("shout.desc", [3, 2, 1]),
    ],
)
def test_order_has_terms_directions_and_a_place_for_nulls(http: httpx.Client, order: str, expected: list[int]) -> None:
    assert [row["id"] for row in rows(http, f"select=id&order={order}")] == expected


def test_of_several_orders_the_first_counts(http: httpx.Client) -> None:
    assert [row["id"] for row in rows(http, "select=id&order=id.desc&order=id.asc")] == [3, 2, 1]


@pytest.mark.parametrize(
    ("order", "column", "details"),
    [
        ("id.ac", 4, 'unexpected "c" expecting "asc", "desc", "nullsfirst" or "nullslast"'),
        ("id.descc", 8, "unexpected 'c' expecting delimiter (.), \",\" or end of input"),
        ("id.nulsfist", 4, 'unexpected "n" expecting "asc", "desc", "nullsfirst" or "nullslast"'),
        ("id.nullslasttt", 13, "unexpected 't' expecting \",\" or end of input"),
        ("id.smth34", 4, 'unexpected "s" expecting "asc", "desc", "nullsfirst" or "nullslast"'),
        ("id.asc.nlsfst", 8, 'unexpected "l" expecting "nullsfirst" or "nullslast"'),
        ("id.asc.nullslasttt", 17, "unexpected 't' expecting \",\" or end of input"),
        ("id.desc , age", 8, "unexpected ' ' expecting delimiter (.), \",\" or end of input"),
        ("id.asc.smth34", 8, 'unexpected "s" expecting "nullsfirst" or "nullslast"'),
        ("", 1, "unexpected end of input expecting field name (* or [a..z0..9_$])"),
        (
            "age(id,t)",
            4,
            'unexpected \'(\' expecting letter, digit, "-", "->>", "->", delimiter (.), "," or end of input',
        ),
    ],
)
def test_a_malformed_order_is_refused_with_its_place(http: httpx.Client, order: str, column: int, details: str) -> None:
    answer = http.get(f"/people?order={order}")
    assert answer.status_code == 400
    assert answer.json() == {
        "code": "PGRST100",
        "details": details,
        "hint": None,
        "message": f'"failed to parse order ({order})" (line 1, column {column})',
    }
