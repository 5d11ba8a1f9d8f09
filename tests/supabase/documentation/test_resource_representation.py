"""Resource Representation: Response Format, Builtin Media Type Handlers, Singular or Plural, Stripped Nulls
(https://docs.postgrest.org/en/v16/references/api/resource_representation.html), and the headers of a read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from tests.supabase.documentation.conftest import Serve

DDL = """
CREATE SCHEMA api;
CREATE TABLE api.staff (id int PRIMARY KEY, name text, mentor_id int, skills text[], extra jsonb);
INSERT INTO api.staff VALUES
    (1, 'Вера', NULL, NULL, '{"a": null, "b": 1}'), (2, 'Глеб, "мл."', 1, '{cut,"a b"}', NULL),
    (3, NULL, 1, '{}', NULL);
CREATE FUNCTION api.everyone() RETURNS SETOF api.staff LANGUAGE sql STABLE AS 'SELECT * FROM api.staff ORDER BY id';
CREATE FUNCTION api.varied() RETURNS SETOF api.staff LANGUAGE sql STABLE AS $$
    SELECT set_config('response.headers', '[{"Vary": "Accept"}, {"X-Own": "1"}, {"Content-Location": "/mine"}]', true);
    SELECT * FROM api.staff;
$$;
"""
JSON = "application/json; charset=utf-8"
OBJECT = "application/vnd.pgrst.object+json"
ARRAY = "application/vnd.pgrst.array+json"


@pytest.fixture(scope="module")
def http(serve: Serve) -> httpx.Client:
    """An anonymous client of a salon's staff."""
    return serve(DDL, db_schemas=("api",), db_tx_end="rollback-allow-override").http


def accepting(http: httpx.Client, accept: str, path: str = "/staff?id=eq.1&select=id") -> httpx.Response:
    """The answer to a read with an Accept header."""
    return http.get(path, headers={"Accept": accept})


# Response Format


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("application/json", JSON),
        ("APPLICATION/Json", JSON),
        ("application/json; charset=utf-8", JSON),
        ("application/json;charset=UTF-8;q=0.3", JSON),
        ("*/*", JSON),
        ("text/unknown, */*", JSON),
        ("text/csv", "text/csv; charset=utf-8"),
        ("text/csv; version=1", "text/csv; charset=utf-8"),
        ("text/csv, */*", "text/csv; charset=utf-8"),
        ("*/*, text/csv", "text/csv; charset=utf-8"),
        ("text/csv, application/json", "text/csv; charset=utf-8"),
        ("application/json, text/csv", JSON),
        ("text/csv;q=0.5, application/json", JSON),
        ("text/csv; q=0.5, application/json; q=0.4", "text/csv; charset=utf-8"),
        ("text/csv;q=0.5, application/json;q=0.7, text/html;q=0.9", JSON),
        ("text/csv;q=none, application/json;q=0.9", "text/csv; charset=utf-8"),
        ("application/json, text/csv;version=1", "text/csv; charset=utf-8"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", JSON),
    ],
)
def test_the_most_wanted_of_the_accepted_formats_is_given(http: httpx.Client, accept: str, content_type: str) -> None:
    answer = accepting(http, accept)
    assert (answer.status_code, answer.headers["content-type"]) == (200, content_type)


def test_without_an_accept_header_json_is_given(http: httpx.Client) -> None:
    request = http.build_request("GET", "/staff?select=id&id=eq.1")
    del request.headers["accept"]
    answer = http.send(request)
    assert (answer.text, answer.headers["content-type"]) == ('[{"id":1}]', JSON)


# Builtin Media Type Handlers


@pytest.mark.parametrize(
    ("accept", "told"),
    [
        ("unknown/unknown", "unknown/unknown"),
        ("text/html, image/png;q=0.5", "text/html, image/png"),
        ("image/png;q=0.5, text/html", "text/html, image/png"),
        ("Text/HTML; level=1", "Text/HTML;level=1"),
        ("text/plain", "text/plain"),
        ("application/octet-stream", "application/octet-stream"),
        ("application/openapi+json", "application/openapi+json"),
        ("application/*", "application/*"),
        ("nonsense", "nonsense"),
        ("application/vnd.pgrst.plan", 'application/vnd.pgrst.plan+text; for="application/json"'),
        ("", ""),
    ],
)
def test_a_format_that_there_is_not_is_pgrst107(http: httpx.Client, accept: str, told: str) -> None:
    answer = accepting(http, accept)
    assert answer.status_code == 406
    assert answer.json() == {
        "code": "PGRST107",
        "details": None,
        "hint": None,
        "message": f"None of these media types are available: {told}",
    }
    assert answer.headers["content-type"] == JSON


@pytest.mark.parametrize("method", ["GET", "HEAD", "PATCH", "DELETE"])
def test_every_method_negotiates(http: httpx.Client, method: str) -> None:
    body: dict[str, Any] = {"json": {"name": "x"}} if method == "PATCH" else {}
    answer = http.request(method, "/staff?id=eq.1", headers={"Accept": "image/png"}, **body)
    assert (answer.status_code, answer.headers["proxy-status"]) == (406, "PostgREST; error=PGRST107")


def test_csv_has_a_header_and_postgresqls_way_to_quote(http: httpx.Client) -> None:
    answer = accepting(http, "text/csv", "/staff?select=id,name,skills&order=id")
    assert answer.text == 'id,name,skills\n1,Вера,\n2,"Глеб, ""мл.""","{cut,""a b""}"\n3,,{}'


def test_csv_of_no_rows_is_a_line_break(http: httpx.Client) -> None:
    assert accepting(http, "text/csv", "/staff?id=eq.0").text == "\n"


def test_json_is_postgresqls_own_text(http: httpx.Client) -> None:
    answer = http.get("/staff?select=id,skills&order=id&limit=2")
    assert answer.text == '[{"id":1,"skills":null}, \n {"id":2,"skills":["cut","a b"]}]'
    assert http.get("/staff?id=eq.0").text == "[]"


def test_a_column_that_is_selected_twice_comes_twice(http: httpx.Client) -> None:
    assert http.get("/staff?select=id,id,id:name&id=eq.1").text == '[{"id":1,"id":1,"id":"Вера"}]'


# Singular or Plural


@pytest.mark.parametrize(
    "accept", [OBJECT, "application/vnd.pgrst.object", "Application/Vnd.Pgrst.Object+Json", f"{OBJECT};charset=utf-8"]
)
def test_a_singular_answer_is_one_object(http: httpx.Client, accept: str) -> None:
    answer = accepting(http, accept)
    assert (answer.status_code, answer.text) == (200, '{"id":1}')
    assert answer.headers["content-type"] == f"{OBJECT}; charset=utf-8"
    assert answer.headers["content-range"] == "0-0/*"


@pytest.mark.parametrize(
    ("path", "rows"), [("/staff?id=eq.0", 0), ("/staff", 3), ("/rpc/everyone", 3), ("/staff?limit=2", 2)]
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_other_than_one_row_is_no_singular_answer(http: httpx.Client, method: str, path: str, rows: int) -> None:
    answer = http.request(method, path, headers={"Accept": OBJECT})
    assert (answer.status_code, answer.headers["proxy-status"]) == (406, "PostgREST; error=PGRST116")
    assert answer.headers["content-type"] == JSON
    if method == "GET":
        assert answer.json() == {
            "code": "PGRST116",
            "details": f"The result contains {rows} rows",
            "hint": None,
            "message": "Cannot coerce the result to a single JSON object",
        }


def test_a_singular_function_answers_its_row(http: httpx.Client) -> None:
    answer = accepting(http, OBJECT, "/rpc/everyone?id=eq.2&select=id")
    assert (answer.status_code, answer.text) == (200, '{"id":2}')


# Stripped Nulls


def test_stripped_nulls_leaves_out_what_is_null(http: httpx.Client) -> None:
    answer = accepting(http, f"{ARRAY};nulls=stripped", "/staff?select=id,name,mentor_id,extra&order=id")
    assert answer.json() == [
        {"id": 1, "name": "Вера", "extra": {"b": 1}},
        {"id": 2, "name": 'Глеб, "мл."', "mentor_id": 1},
        {"id": 3, "mentor_id": 1},
    ]
    assert answer.headers["content-type"] == f"{ARRAY};nulls=stripped; charset=utf-8"


@pytest.mark.parametrize(
    ("accept", "text", "content_type"),
    [
        (f"{OBJECT};nulls=stripped", '{"id":1}', f"{OBJECT};nulls=stripped; charset=utf-8"),
        (f"{OBJECT}; nulls=stripped; charset=utf-8", '{"id":1}', f"{OBJECT};nulls=stripped; charset=utf-8"),
        ("application/vnd.pgrst.object;nulls=stripped", '{"id":1}', f"{OBJECT};nulls=stripped; charset=utf-8"),
        ("application/vnd.pgrst.array;nulls=stripped", '[{"id":1}]', f"{ARRAY};nulls=stripped; charset=utf-8"),
        (ARRAY, '[{"id":1,"mentor_id":null}]', JSON),
        (f"{ARRAY};nulls=kept", '[{"id":1,"mentor_id":null}]', JSON),
        ("application/json;nulls=stripped", '[{"id":1,"mentor_id":null}]', JSON),
    ],
)
def test_nulls_are_stripped_from_the_vendored_types_alone(
    http: httpx.Client, accept: str, text: str, content_type: str
) -> None:
    answer = accepting(http, accept, "/staff?select=id,mentor_id&id=eq.1")
    assert (answer.status_code, answer.text, answer.headers["content-type"]) == (200, text, content_type)


def test_a_stripped_singular_answer_needs_one_row_too(http: httpx.Client) -> None:
    answer = accepting(http, f"{OBJECT};nulls=stripped", "/staff")
    assert (answer.status_code, answer.json()["code"]) == (406, "PGRST116")


def test_writes_strip_nulls_too(http: httpx.Client) -> None:
    answer = http.patch(
        "/staff?id=eq.2&select=id,mentor_id,name",
        json={"mentor_id": None},
        headers={"Prefer": "return=representation", "Accept": f"{ARRAY};nulls=stripped"},
    )
    assert answer.json() == [{"id": 2, "name": 'Глеб, "мл."'}]


# Headers of a read


def test_a_read_says_its_length_range_place_and_what_it_varies_by(http: httpx.Client) -> None:
    answer = http.get("/staff?select=id&id=lt.3&order=id")
    headers = {name: value for name, value in answer.headers.items() if name not in ("date", "server")}
    assert headers == {
        "content-type": JSON,
        "content-length": str(len(answer.content)),
        "content-range": "0-1/*",
        "content-location": "/staff?id=lt.3&order=id&select=id",
        "vary": "Accept, Prefer, Range",
    }


def test_head_has_the_headers_but_the_length_and_no_body(http: httpx.Client) -> None:
    answer = http.head("/staff?select=id")
    assert (answer.status_code, answer.content) == (200, b"")
    assert "content-length" not in answer.headers
    assert answer.headers["content-range"] == "0-2/*"
    assert answer.headers["content-type"] == JSON
    assert answer.headers["content-location"] == "/staff?select=id"


@pytest.mark.parametrize(
    ("query", "location"),
    [
        ("", "/staff"),
        ("?name=eq.x&id=eq.1", "/staff?id=eq.1&name=eq.x"),
        ("?id=gt.1&select=id&id=lt.9", "/staff?id=gt.1,lt.9&select=id"),
        ("?name=eq.a%20b&select=id,name", "/staff?name=eq.a%20b&select=id%2Cname"),
        ("?name=eq.a+b*%28~_-.", "/staff?name=eq.a%20b%2A%28~_-."),
        ("?select=id&id", "/staff?id=&select=id"),
        ("?name=eq.%D0%B0", "/staff?name=eq.%C3%90%C2%B0"),
    ],
)
def test_content_location_has_the_parameters_in_order(http: httpx.Client, query: str, location: str) -> None:
    assert http.get(f"/staff{query}").headers["content-location"] == location


def test_functions_have_no_content_location(http: httpx.Client) -> None:
    assert "content-location" not in http.get("/rpc/everyone").headers


def test_an_error_does_not_say_what_it_varies_by(http: httpx.Client) -> None:
    answer = http.get("/nowhere")
    assert (answer.status_code, "vary" in answer.headers) == (404, False)
    assert answer.headers["content-length"] == str(len(answer.content))


def test_writes_and_options_vary_too(http: httpx.Client) -> None:
    for answer in (http.patch("/staff?id=eq.1", json={"name": "x"}), http.options("/staff")):
        assert answer.headers["vary"] == "Accept, Prefer, Range"


def test_the_database_may_say_what_an_answer_varies_by(http: httpx.Client) -> None:
    answer = http.get("/rpc/varied")
    assert answer.headers.get_list("vary") == ["Accept"]
    assert (answer.headers["x-own"], answer.headers["content-location"]) == ("1", "/mine")
