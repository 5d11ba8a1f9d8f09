"""Pagination and Count: Limits and Pagination, Exact Count, Planned Count, Estimated Count
(https://docs.postgrest.org/en/v16/references/api/pagination_count.html).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from tests.supabase.documentation.conftest import Serve

DDL = """
CREATE SCHEMA api;
CREATE TABLE api.visits (id int PRIMARY KEY);
INSERT INTO api.visits SELECT generate_series(1, 15);
CREATE TABLE api.nothing (id int PRIMARY KEY);
CREATE TABLE api.many (id int PRIMARY KEY);
INSERT INTO api.many SELECT generate_series(1, 3000);
CREATE FUNCTION api.between("from" int, "to" int) RETURNS SETOF api.visits LANGUAGE sql STABLE
    AS 'SELECT * FROM api.visits WHERE id > $1 AND id <= $2';
-- the planner cannot look into functions with settings: their ROWS is its estimate
CREATE FUNCTION api.guessed() RETURNS SETOF api.visits LANGUAGE sql STABLE SET search_path = api ROWS 2019
    AS 'SELECT * FROM api.visits LIMIT 5';
CREATE VIEW api.guessed_view AS SELECT * FROM api.guessed();
CREATE FUNCTION api.few() RETURNS SETOF api.visits LANGUAGE sql STABLE SET search_path = api ROWS 1
    AS 'SELECT * FROM api.visits LIMIT 3';
CREATE VIEW api.few_view AS SELECT * FROM api.few();
ANALYZE;
"""


@pytest.fixture(scope="module")
def http(serve: Serve) -> httpx.Client:
    """An anonymous client without a cap on rows."""
    return serve(DDL, db_schemas=("api",)).http


@pytest.fixture(scope="module")
def capped(serve: Serve) -> httpx.Client:
    """An anonymous client that is given two rows at most."""
    return serve(DDL, db_schemas=("api",), db_max_rows=2).http


def ids(answer: httpx.Response) -> list[int]:
    """The ids in an answer."""
    return [row["id"] for row in answer.json()]


def counting(method: str) -> dict[str, str]:
    """The header that asks for a count."""
    return {"Prefer": f"count={method}"}


# Limits and Pagination


@pytest.mark.parametrize(
    ("query", "expected", "content_range"),
    [
        ("", list(range(1, 16)), "0-14/*"),
        ("limit=3", [1, 2, 3], "0-2/*"),
        ("limit=3&offset=2", [3, 4, 5], "2-4/*"),
        ("offset=13", [14, 15], "13-14/*"),
        ("offset=0", list(range(1, 16)), "0-14/*"),
        ("offset=-4", list(range(1, 16)), "0-14/*"),
        ("offset=99", [], "*/*"),
        ("limit=0", [], "*/*"),
        ("limit=99", list(range(1, 16)), "0-14/*"),
        ("limit=three", list(range(1, 16)), "0-14/*"),
        ("offset=two", list(range(1, 16)), "0-14/*"),
        ("limit=1&limit=2", [1, 2], "0-1/*"),
    ],
)
def test_limit_and_offset_choose_a_page(
    http: httpx.Client, query: str, expected: list[int], content_range: str
) -> None:
    answer = http.get(f"/visits?order=id&{query}")
    assert (answer.status_code, ids(answer), answer.headers["content-range"]) == (200, expected, content_range)


@pytest.mark.parametrize(
    ("wanted", "expected", "content_range"),
    [
        ("0-1", [1, 2], "0-1/*"),
        ("0-0", [1], "0-0/*"),
        ("12-", [13, 14, 15], "12-14/*"),
        ("10-100", [11, 12, 13, 14, 15], "10-14/*"),
        ("20-", [], "*/*"),
        ("items=0-1", list(range(1, 16)), "0-14/*"),
        ("-5", list(range(1, 16)), "0-14/*"),
    ],
)
def test_a_range_header_chooses_a_page(
    http: httpx.Client, wanted: str, expected: list[int], content_range: str
) -> None:
    answer = http.get("/visits?order=id", headers={"Range-Unit": "items", "Range": wanted})
    assert (answer.status_code, ids(answer), answer.headers["content-range"]) == (200, expected, content_range)


@pytest.mark.parametrize(
    ("query", "wanted", "expected", "content_range"),
    [
        ("limit=3", "0-1", [1, 2], "0-1/*"),
        ("limit=2", "0-9", [1, 2], "0-1/*"),
        ("limit=4&offset=1", "2-9", [3, 4, 5], "2-4/*"),
        ("offset=5", "0-6", [6, 7], "5-6/*"),
        ("limit=0", "3-9", [], "*/*"),
    ],
)
def test_header_and_parameters_are_both_meant(
    http: httpx.Client, query: str, wanted: str, expected: list[int], content_range: str
) -> None:
    answer = http.get(f"/visits?order=id&{query}", headers={"Range": wanted})
    assert (answer.status_code, ids(answer), answer.headers["content-range"]) == (200, expected, content_range)


@pytest.mark.parametrize(
    ("query", "wanted", "details"),
    [
        ("limit=-1", "", "Limit should be greater than or equal to zero."),
        ("limit=0&offset=5", "", "Limit should be greater than or equal to zero."),
        ("limit=none&offset=5", "", "Limit should be greater than or equal to zero."),
        ("limit=2", "5-9", "Limit should be greater than or equal to zero."),
        ("", "1-0", "The lower boundary must be lower than or equal to the upper boundary in the Range header."),
    ],
)
def test_a_range_that_no_row_can_be_in_is_pgrst103(http: httpx.Client, query: str, wanted: str, details: str) -> None:
    answer = http.get(f"/visits?{query}", headers={"Range": wanted} if wanted else {})
    assert answer.status_code == 416
    assert answer.json() == {
        "code": "PGRST103",
        "details": details,
        "hint": None,
        "message": "Requested range not satisfiable",
    }
    assert answer.headers["proxy-status"] == "PostgREST; error=PGRST103"
    assert "content-range" not in answer.headers


def test_a_range_header_counts_for_get_alone(http: httpx.Client) -> None:
    assert http.head("/visits", headers={"Range": "0-1"}).headers["content-range"] == "0-14/*"
    answer = http.post("/rpc/between", json={"from": 0, "to": 15}, headers={"Range": "0-1"})
    assert answer.headers["content-range"] == "0-14/*"


def test_functions_have_pages_too(http: httpx.Client) -> None:
    answer = http.get("/rpc/between?from=0&to=15&order=id", headers={"Range": "10-100"})
    assert (ids(answer), answer.headers["content-range"]) == ([11, 12, 13, 14, 15], "10-14/*")
    answer = http.get("/rpc/between?from=2&to=2")
    assert (answer.json(), answer.headers["content-range"]) == ([], "*/*")


# Exact Count


@pytest.mark.parametrize(
    ("query", "status", "content_range"),
    [
        ("", 200, "0-14/15"),
        ("limit=3", 206, "0-2/15"),
        ("limit=15", 200, "0-14/15"),
        ("limit=3&offset=3", 206, "3-5/15"),
        ("offset=12", 206, "12-14/15"),
        ("offset=15", 206, "*/15"),
        ("limit=0", 206, "*/15"),
        ("id=gt.8", 200, "0-6/7"),
        ("id=gt.8&limit=2", 206, "0-1/7"),
        ("id=gt.99", 200, "*/0"),
    ],
)
@pytest.mark.parametrize("path", ["/visits?", "/rpc/between?from=0&to=15&"])
def test_an_exact_count_tells_a_part_from_everything(
    http: httpx.Client, path: str, query: str, status: int, content_range: str
) -> None:
    for method in ("GET", "HEAD"):
        answer = http.request(method, f"{path}order=id&{query}", headers=counting("exact"))
        assert (answer.status_code, answer.headers["content-range"]) == (status, content_range)
        assert answer.headers["preference-applied"] == "count=exact"


@pytest.mark.parametrize(
    ("path", "headers", "rows"),
    [
        ("/visits?offset=100", {}, 15),
        ("/visits?id=gt.8&offset=8", {}, 7),
        ("/nothing?offset=1", {}, 0),
        ("/visits", {"Range": "100-199"}, 15),
        ("/rpc/between?from=0&to=15&offset=100", {}, 15),
        ("/rpc/between?from=2&to=2", {"Range": "1-2"}, 0),
    ],
)
def test_a_page_behind_the_end_is_pgrst103_with_the_headers_of_a_read(
    http: httpx.Client, path: str, headers: dict[str, str], rows: int
) -> None:
    offset = headers.get("Range", "").partition("-")[0] or path.rpartition("=")[2]
    answer = http.get(path, headers={**headers, **counting("exact")})
    assert (answer.status_code, answer.headers["content-range"]) == (416, f"*/{rows}")
    assert answer.json() == {
        "code": "PGRST103",
        "details": f"An offset of {offset} was requested, but there are only {rows} rows.",
        "hint": None,
        "message": "Requested range not satisfiable",
    }
    assert answer.headers["preference-applied"] == "count=exact"
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert "proxy-status" not in answer.headers


def test_errors_may_be_minimal_there_too(serve: Serve) -> None:
    terse = serve(DDL, db_schemas=("api",), client_error_verbosity="minimal").http
    answer = terse.get("/visits?offset=100", headers=counting("exact"))
    assert answer.json() == {"code": "PGRST103", "message": "Requested range not satisfiable"}


def test_an_unknown_kind_of_count_is_no_count(http: httpx.Client) -> None:
    answer = http.get("/visits?limit=1", headers=counting("none"))
    assert (answer.status_code, answer.headers["content-range"]) == (200, "0-0/*")
    assert "preference-applied" not in answer.headers


# Planned Count


@pytest.mark.parametrize(
    ("path", "status", "content_range"),
    [
        ("/visits", 200, "0-14/15"),
        ("/visits?limit=2&offset=3", 206, "3-4/15"),
        ("/guessed_view", 206, "0-4/2019"),
        ("/guessed_view?limit=2", 206, "0-1/2019"),
        ("/guessed_view?id=lt.3", 206, "0-1/673"),
        ("/few_view", 200, "0-2/1"),
    ],
)
def test_a_planned_count_is_the_planners_estimate(
    http: httpx.Client, path: str, status: int, content_range: str
) -> None:
    for method in ("GET", "HEAD"):
        answer = http.request(method, path, headers=counting("planned"))
        assert (answer.status_code, answer.headers["content-range"]) == (status, content_range)


# Estimated Count


@pytest.mark.parametrize(
    ("path", "status", "content_range"),
    [
        ("/guessed_view", 206, "0-1/2019"),
        ("/guessed_view?id=lt.3", 200, "0-1/2"),
        ("/few_view", 206, "0-1/3"),
        ("/many?limit=1", 206, "0-0/3000"),
        ("/visits?id=eq.1", 200, "0-0/1"),
    ],
)
def test_an_estimated_count_is_exact_up_to_the_cap(
    capped: httpx.Client, path: str, status: int, content_range: str
) -> None:
    answer = capped.head(path, headers=counting("estimated"))
    assert (answer.status_code, answer.headers["content-range"]) == (status, content_range)
    assert answer.headers["preference-applied"] == "count=estimated"


@pytest.mark.parametrize(("path", "content_range"), [("/guessed_view", "0-4/2019"), ("/few_view", "0-2/3")])
def test_an_estimated_count_is_the_larger_one_where_there_is_no_cap(
    http: httpx.Client, path: str, content_range: str
) -> None:
    assert http.head(path, headers=counting("estimated")).headers["content-range"] == content_range


def test_calls_have_no_planned_count(http: httpx.Client) -> None:
    answer = http.get("/rpc/guessed?limit=2", headers=counting("planned"))
    assert (answer.status_code, answer.headers["content-range"]) == (200, "0-1/*")
    answer = http.get("/rpc/guessed?limit=2", headers=counting("estimated"))
    assert (answer.status_code, answer.headers["content-range"]) == (206, "0-1/5")


# The cap on rows (configuration: db-max-rows)


@pytest.mark.parametrize(
    ("path", "headers", "expected", "status", "content_range"),
    [
        ("/visits?order=id", {}, [1, 2], 200, "0-1/*"),
        ("/visits?order=id&limit=9", {}, [1, 2], 200, "0-1/*"),
        ("/visits?order=id&limit=1", {}, [1], 200, "0-0/*"),
        ("/visits?order=id&offset=4", {}, [5, 6], 200, "4-5/*"),
        ("/visits?order=id", {"Range": "0-0"}, [1], 200, "0-0/*"),
        ("/visits?order=id", {"Range": "3-9"}, [4, 5], 200, "3-4/*"),
        ("/visits?order=id", {"Prefer": "count=exact"}, [1, 2], 206, "0-1/15"),
        ("/visits?order=id&id=lt.3", {"Prefer": "count=exact"}, [1, 2], 200, "0-1/2"),
        ("/visits?order=id", {"Prefer": "count=planned"}, [1, 2], 206, "0-1/15"),
        ("/rpc/between?from=0&to=15&order=id", {}, [1, 2], 200, "0-1/*"),
    ],
)
def test_the_cap_holds_whatever_the_limit_says(
    capped: httpx.Client, path: str, headers: Any, expected: list[int], status: int, content_range: str
) -> None:
    answer = capped.get(path, headers=headers)
    assert (answer.status_code, ids(answer), answer.headers["content-range"]) == (status, expected, content_range)
