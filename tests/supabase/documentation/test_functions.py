"""Functions as RPC, what they return (https://docs.postgrest.org/en/v16/references/api/functions.html).

Sections: Table-Valued Functions; Function Inlining; Scalar functions; Untyped functions; and of other pages what
belongs to calls alone: counts and ranges, max-affected. How functions are called is in test_functions_calling.py, what
they do to their transaction and answer in test_functions_transactions.py.
"""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.supabase.documentation.conftest import Serve, Served

DDL = """
CREATE SCHEMA api;
CREATE SCHEMA other;
CREATE SCHEMA hidden;
SET search_path = api;
CREATE TABLE clients (id int PRIMARY KEY, name text, about jsonb);
CREATE TABLE services (id int PRIMARY KEY, title text, price numeric);
CREATE TABLE bookings (id int PRIMARY KEY, client_id int REFERENCES clients, note text, words tsvector);
CREATE TABLE booked_services (
    booking_id int REFERENCES bookings, service_id int REFERENCES services, PRIMARY KEY (booking_id, service_id)
);
CREATE TABLE hidden.remarks (booking_id int REFERENCES bookings, remark text);
INSERT INTO clients VALUES (1, 'Анна', '{"city": "Минск"}'), (2, 'Борис', NULL);
INSERT INTO services VALUES (1, 'стрижка', 1000), (2, 'укладка', 700);
INSERT INTO bookings (id, client_id, note, words) VALUES
    (1, 1, 'it is fun', to_tsvector('english', 'it is fun')), (2, 1, 'long hair', to_tsvector('english', 'long hair')),
    (3, 2, 'impossible', to_tsvector('english', 'impossible')), (4, NULL, NULL, NULL), (5, 2, 'fun', NULL);
INSERT INTO booked_services VALUES (1, 1), (1, 2), (3, 2);
CREATE DOMAIN booking_row AS bookings;
CREATE TYPE chair AS (x int, y int);
CREATE DOMAIN chair_row AS chair;
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE TYPE length AS ENUM ('short', 'long');

CREATE FUNCTION all_bookings() RETURNS SETOF bookings LANGUAGE sql STABLE AS 'SELECT * FROM api.bookings';
CREATE FUNCTION booking(wanted int) RETURNS bookings LANGUAGE sql STABLE
    AS 'SELECT * FROM api.bookings WHERE id = wanted';
CREATE FUNCTION booking_rows(wanted int) RETURNS SETOF booking_row LANGUAGE sql STABLE
    AS 'SELECT b::api.booking_row FROM api.bookings b WHERE id = wanted';
CREATE FUNCTION between_ids(lowest int, highest int) RETURNS TABLE (id int) LANGUAGE sql STABLE
    AS 'SELECT b.id FROM api.bookings b WHERE b.id > lowest AND b.id <= highest ORDER BY 1';
CREATE FUNCTION nobody() RETURNS SETOF clients LANGUAGE sql STABLE AS 'SELECT * FROM api.clients WHERE false';
CREATE FUNCTION pair() RETURNS TABLE (pair text, chair chair) LANGUAGE sql STABLE
    AS $$ SELECT 'a', row(1, 2)::api.chair $$;
CREATE FUNCTION hello(name text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'Hello, ' || name $$;
CREATE FUNCTION numbers() RETURNS int[] LANGUAGE sql IMMUTABLE AS $$ SELECT '{1,2,3}'::int[] $$;
CREATE FUNCTION some_numbers() RETURNS SETOF int LANGUAGE sql IMMUTABLE AS 'VALUES (1), (2), (3)';
CREATE FUNCTION cut() RETURNS length LANGUAGE sql IMMUTABLE AS $$ SELECT 'short'::api.length $$;
CREATE FUNCTION positive_number(val positive) RETURNS positive LANGUAGE sql IMMUTABLE AS 'SELECT val';
CREATE FUNCTION hours() RETURNS int4range LANGUAGE sql IMMUTABLE AS $$ SELECT '[10,20)'::int4range $$;
CREATE FUNCTION best_chair() RETURNS chair LANGUAGE sql IMMUTABLE AS 'SELECT (10, 5)::api.chair';
CREATE FUNCTION best_chair_row() RETURNS chair_row LANGUAGE sql IMMUTABLE
    AS 'SELECT (10, 5)::api.chair::api.chair_row';
CREATE FUNCTION chairs() RETURNS SETOF chair LANGUAGE sql IMMUTABLE
    AS 'SELECT (n, n)::api.chair FROM (VALUES (1), (2)) v(n)';
CREATE FUNCTION nothing() RETURNS void LANGUAGE sql AS 'SELECT';
CREATE FUNCTION null_number() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT NULL::int';
CREATE FUNCTION no_chair() RETURNS chair LANGUAGE sql IMMUTABLE AS 'SELECT NULL::api.chair';
CREATE FUNCTION one_out(num int, OUT num_plus_one int) LANGUAGE sql IMMUTABLE AS 'SELECT num + 1';
CREATE FUNCTION one_inout(INOUT num int) LANGUAGE sql IMMUTABLE AS 'SELECT num + 1';
CREATE FUNCTION many_out(OUT a json, OUT b int) LANGUAGE sql IMMUTABLE AS $$ SELECT '{"c": 1}'::json, 2 $$;
CREATE FUNCTION some_out(OUT a int, OUT b text) RETURNS SETOF record LANGUAGE sql IMMUTABLE
    AS $$ VALUES (1, 'a'), (2, 'b') $$;
CREATE FUNCTION a_record(wanted int) RETURNS record LANGUAGE sql STABLE
    AS 'SELECT c.id, c.name FROM api.clients c WHERE c.id = wanted';
CREATE FUNCTION some_records() RETURNS SETOF record LANGUAGE sql STABLE
    AS 'SELECT c.id, c.name FROM api.clients c ORDER BY c.id';
CREATE FUNCTION other.whose() RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'other' $$;
CREATE FUNCTION whose() RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'api' $$;
CREATE SEQUENCE calls;
CREATE FUNCTION counted() RETURNS bigint LANGUAGE sql AS $$ SELECT nextval('api.calls') $$;
CREATE FUNCTION rename_all() RETURNS SETOF clients LANGUAGE sql AS $$ UPDATE api.clients SET name = 'x' RETURNING * $$;
"""
COUNT = {"Prefer": "count=exact"}


@pytest.fixture(scope="module")
def served(serve: Serve) -> Served:
    return serve(DDL, db_schemas=("api", "other"), db_plan_enabled=True, db_tx_end="rollback-allow-override")


@pytest.fixture(scope="module")
def http(served: Served) -> httpx.Client:
    return served.http


def result(answer: httpx.Response) -> tuple[int, Any]:
    return answer.status_code, answer.json()


def paged(answer: httpx.Response) -> tuple[int, str, bytes]:
    return answer.status_code, answer.headers["content-range"], answer.content


# Functions as RPC: the exposed schemas


def test_the_profile_headers_choose_the_schema(http: httpx.Client) -> None:
    assert http.get("/rpc/whose").json() == "api"
    answer = http.get("/rpc/whose", headers={"Accept-Profile": "other"})
    assert (answer.json(), answer.headers["content-profile"]) == ("other", "other")
    assert http.post("/rpc/whose", headers={"Content-Profile": "other"}).json() == "other"
    assert http.get("/rpc/hello?name=a", headers={"Accept-Profile": "other"}).status_code == 404


def test_a_function_is_called_once_a_request(http: httpx.Client) -> None:
    first = http.post("/rpc/counted").json()
    assert http.post("/rpc/counted", headers=COUNT).json() == first + 1
    assert http.post("/rpc/counted?limit=1", headers=COUNT).json() == first + 2


# Table-Valued Functions


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("select=id&id=gt.1&id=lt.4", [{"id": 2}, {"id": 3}]),
        ("select=id&order=id.desc&limit=2&offset=1", [{"id": 4}, {"id": 3}]),
        ("select=number:id::text&note=eq.fun", [{"number": "5"}]),
        ("select=id&or=(id.eq.1,client_id.is.null)", [{"id": 1}, {"id": 4}]),
        ("select=id&words=fts(english).impossible", [{"id": 3}]),
        ("select=id&note=plfts(english).fun", [{"id": 1}, {"id": 5}]),
        ("select=id&client_id=eq.1&id=not.eq.1", [{"id": 2}]),
    ],
)
def test_rows_can_be_filtered_ordered_and_cut(http: httpx.Client, method: str, query: str, expected: object) -> None:
    assert result(http.request(method, f"/rpc/all_bookings?{query}")) == (200, expected)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_related_rows_can_be_embedded(http: httpx.Client, method: str) -> None:
    wanted = "select=id,who:clients(name),services(title)&id=lt.4&order=id&services.order=title.desc"
    assert result(http.request(method, f"/rpc/all_bookings?{wanted}")) == (
        200,
        [
            {"id": 1, "who": {"name": "Анна"}, "services": [{"title": "укладка"}, {"title": "стрижка"}]},
            {"id": 2, "who": {"name": "Анна"}, "services": []},
            {"id": 3, "who": {"name": "Борис"}, "services": [{"title": "укладка"}]},
        ],
    )


def test_one_row_of_a_table_embeds_as_well(http: httpx.Client) -> None:
    assert result(http.get("/rpc/booking?wanted=1&select=id,clients(name)")) == (
        200,
        {"id": 1, "clients": {"name": "Анна"}},
    )


def test_a_domain_of_a_table_type_is_that_table(http: httpx.Client) -> None:
    assert result(http.post("/rpc/booking_rows?select=id,clients(name)", json={"wanted": 3})) == (
        200,
        [{"id": 3, "clients": {"name": "Борис"}}],
    )


def test_a_table_that_is_not_exposed_cannot_be_embedded(http: httpx.Client) -> None:
    answer = http.get("/rpc/all_bookings?select=*,remarks(*)")
    assert (answer.status_code, answer.json()["code"]) == (400, "PGRST200")


def test_what_is_no_row_of_a_table_has_no_relationships(http: httpx.Client) -> None:
    assert http.get("/rpc/pair?select=*,clients(*)").json()["message"] == (
        "Could not find a relationship between 'record' and 'clients' in the schema cache"
    )
    assert http.get("/rpc/chairs?select=*,clients(*)").json()["message"] == (
        "Could not find a relationship between 'chair' and 'clients' in the schema cache"
    )


def test_no_rows_are_an_empty_list(http: httpx.Client) -> None:
    assert result(http.get("/rpc/nobody")) == (200, [])
    assert result(http.post("/rpc/nobody")) == (200, [])


def test_a_column_may_have_the_name_of_its_function(http: httpx.Client) -> None:
    assert result(http.get("/rpc/pair")) == (200, [{"pair": "a", "chair": {"x": 1, "y": 2}}])
    assert result(http.get("/rpc/pair?select=chair->x&chair->>y=eq.2")) == (200, [{"x": 1}])


def test_rows_as_csv(http: httpx.Client) -> None:
    answer = http.get("/rpc/between_ids?lowest=2&highest=4", headers={"Accept": "text/csv"})
    assert (answer.text, answer.headers["content-type"]) == ("id\n3\n4", "text/csv; charset=utf-8")
    headers = http.head("/rpc/between_ids?lowest=2&highest=4", headers={"Accept": "text/csv"}).headers
    assert headers["content-type"] == "text/csv; charset=utf-8"


def test_rows_as_a_single_object(http: httpx.Client) -> None:
    single = {"Accept": "application/vnd.pgrst.object+json"}
    answer = http.get("/rpc/all_bookings?id=eq.1&select=id", headers=single)
    assert (answer.json(), answer.headers["content-type"]) == (
        {"id": 1},
        "application/vnd.pgrst.object+json; charset=utf-8",
    )
    refused = http.get("/rpc/all_bookings?select=id", headers=single)
    assert (refused.status_code, refused.json()["code"]) == (406, "PGRST116")
    assert http.get("/rpc/hello?name=a", headers=single).text == '"Hello, a"'


@pytest.mark.parametrize("query", ["?lowest=2&highest=4&limit=1&offset=1", "?lowest=2&highest=4"])
def test_ranges_of_rows(http: httpx.Client, query: str) -> None:
    headers = {"Range": "1-1"} if "limit" not in query else {}
    assert paged(http.get(f"/rpc/between_ids{query}", headers=headers)) == (200, "1-1/*", b'[{"id":4}]')
    assert paged(http.get(f"/rpc/between_ids{query}", headers=headers | COUNT)) == (206, "1-1/2", b'[{"id":4}]')


def test_ranges_of_rows_after_post_and_head(http: httpx.Client) -> None:
    wanted = {"lowest": 2, "highest": 5}
    answer = http.post("/rpc/between_ids?limit=2&offset=1", json=wanted, headers=COUNT | {"Range": "0-0"})
    assert paged(answer) == (206, "1-2/3", b'[{"id":4}, \n {"id":5}]')
    answer = http.head("/rpc/between_ids?lowest=2&highest=5&limit=2&offset=1", headers=COUNT | {"Range": "0-0"})
    assert paged(answer) == (206, "1-2/3", b"")
    answer = http.post("/rpc/between_ids", json=wanted, headers=COUNT | {"Range": "1-1"})
    assert paged(answer)[:2] == (200, "0-2/3")


def test_counts_see_inner_joins(http: httpx.Client) -> None:
    assert paged(http.head("/rpc/all_bookings", headers=COUNT))[:2] == (200, "0-4/5")
    query = "select=*,clients!inner(*)&clients.id=eq.1"
    assert paged(http.head(f"/rpc/all_bookings?{query}", headers=COUNT))[:2] == (200, "0-1/2")


@pytest.mark.parametrize("call", ["hello?name=a", "positive_number?val=8", "best_chair", "hours", "null_number"])
def test_a_single_value_or_row_counts_as_one(http: httpx.Client, call: str) -> None:
    answer = http.get(f"/rpc/{call}", headers=COUNT)
    assert (answer.status_code, answer.headers["content-range"]) == (200, "0-0/1")


def test_max_affected_needs_a_function_of_rows(http: httpx.Client) -> None:
    strict = {"Prefer": "handling=strict, max-affected=1"}
    for call in ("hello?name=a", "best_chair", "null_number"):
        assert result(http.get(f"/rpc/{call}", headers=strict)) == (
            400,
            {
                "code": "PGRST128",
                "message": (
                    "Function must return SETOF or TABLE when max-affected preference is used with handling=strict"
                ),
                "details": None,
                "hint": None,
            },
        )
    assert http.post("/rpc/nothing", headers=strict).json()["code"] == "PGRST128"


def test_max_affected_counts_the_returned_rows(http: httpx.Client) -> None:
    answer = http.post("/rpc/rename_all", headers={"Prefer": "handling=strict, max-affected=1"})
    assert (answer.status_code, answer.json()["code"], answer.json()["details"]) == (
        400,
        "PGRST124",
        "The query affects 2 rows",
    )
    answer = http.post("/rpc/rename_all", headers={"Prefer": "handling=strict, max-affected=2"})
    assert (answer.status_code, len(answer.json())) == (200, 2)
    assert answer.headers["preference-applied"] == "handling=strict, max-affected=2"
    assert http.post("/rpc/rename_all", headers={"Prefer": "max-affected=1"}).status_code == 200


# Function Inlining


def test_filters_reach_into_a_function_that_can_be_inlined(http: httpx.Client) -> None:
    plan = http.get("/rpc/all_bookings?id=eq.1", headers={"Accept": "application/vnd.pgrst.plan"})
    assert plan.status_code == 200
    assert "Function Scan" not in plan.text
    assert "(id = 1)" in plan.text


# Scalar functions


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("hello?name=￥", '"Hello, ￥"'),
        ("numbers", "[1,2,3]"),
        ("some_numbers", "[1, 2, 3]"),
        ("cut", '"short"'),
        ("positive_number?val=8", "8"),
        ("hours", '"[10,20)"'),
        ("null_number", "null"),
        ("best_chair", '{"x":10,"y":5}'),
        ("best_chair_row", '{"x":10,"y":5}'),
        ("best_chair?select=y", '{"y":5}'),
        ("chairs", '[{"x":1,"y":1}, \n {"x":2,"y":2}]'),
        ("one_out?num=5", '{"num_plus_one":6}'),
        ("one_inout?num=2", '{"num":3}'),
        ("many_out", '{"a":{"c": 1},"b":2}'),
        ("some_out", '[{"a":1,"b":"a"}, \n {"a":2,"b":"b"}]'),
    ],
)
def test_the_return_type_shapes_the_answer(http: httpx.Client, call: str, expected: str) -> None:
    answer = http.get(f"/rpc/{call}")
    assert (answer.status_code, answer.text) == (200, expected)
    assert answer.headers["content-type"] == "application/json; charset=utf-8"


def test_void_is_204_without_content(http: httpx.Client) -> None:
    answer = http.post("/rpc/nothing")
    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-type" not in answer.headers
    assert "content-length" not in answer.headers


def test_a_media_type_that_there_is_not_is_406(http: httpx.Client) -> None:
    for answer in (
        http.get("/rpc/hello?name=a", headers={"Accept": "audio/mpeg3"}),
        http.post("/rpc/hello", json={"name": "a"}, headers={"Accept": "audio/mpeg3"}),
    ):
        assert result(answer) == (
            406,
            {
                "code": "PGRST107",
                "message": "None of these media types are available: audio/mpeg3",
                "details": None,
                "hint": None,
            },
        )


# Untyped functions


def test_records_are_returned_with_their_columns(http: httpx.Client) -> None:
    assert result(http.get("/rpc/a_record?wanted=2")) == (200, {"id": 2, "name": "Борис"})
    assert result(http.get("/rpc/some_records")) == (200, [{"id": 1, "name": "Анна"}, {"id": 2, "name": "Борис"}])


@pytest.mark.parametrize("query", ["select=id", "id=eq.1"])
def test_records_can_be_neither_filtered_nor_chosen_from(http: httpx.Client, query: str) -> None:
    answer = http.get(f"/rpc/some_records?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "42703")
