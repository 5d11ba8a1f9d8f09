"""Tables and views, section Bulk Insert: bodies in CSV, and answers in CSV and other forms to writes
(https://docs.postgrest.org/en/v16/references/api/tables_views.html#bulk-insert).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from tests.supabase.documentation.conftest import Serve

DDL = """
CREATE SCHEMA api;
CREATE TABLE api.people (name text, age int, height text);
CREATE TABLE api.companies (company_id int PRIMARY KEY, title text, currency text DEFAULT 'RUB');
INSERT INTO api.companies VALUES (900100, 'Salon', 'RUB');
CREATE TABLE api.visits (id serial, company_id int, note text, bill json);
CREATE FUNCTION api.describe(a text, b text) RETURNS text LANGUAGE sql AS $$SELECT a || coalesce(b, '-')$$;
"""
CSV = {"Content-Type": "text/csv"}
FULL = {**CSV, "Prefer": "return=representation"}
BOTH = {**FULL, "Accept": "text/csv"}


@pytest.fixture(scope="module")
def http(serve: Serve) -> httpx.Client:
    """An anonymous client of a database whose rows stay as they are."""
    return serve(DDL, db_schemas=("api",), db_tx_end="rollback-allow-override").http


# Bulk Insert: CSV


def test_csv_rows_are_inserted_under_the_names_of_the_header(http: httpx.Client) -> None:
    answer = http.post("/people", content="name,age,height\nJ Doe,62,70\nJonas,10,55\n", headers=FULL)
    assert answer.status_code == 201
    assert answer.json() == [{"name": "J Doe", "age": 62, "height": "70"}, {"name": "Jonas", "age": 10, "height": "55"}]
    answer = http.post("/people", content="name,age\nJ Doe,62", headers={**CSV, "Prefer": "count=exact"})
    assert (answer.status_code, answer.content, answer.headers["content-range"]) == (201, b"", "*/1")


def test_csv_answers_csv(http: httpx.Client) -> None:
    answer = http.post("/people", content='height,name\n70,Jonas\nNULL,"a, b"\n', headers=BOTH)
    assert (answer.status_code, answer.text) == (201, 'name,age,height\nJonas,,70\n"a, b",,')
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    answer = http.post("/companies?select=company_id", content="company_id,title\n1,x\n2,y\n", headers=BOTH)
    assert (answer.text, answer.headers["content-range"]) == ("company_id\n1\n2", "*/*")


@pytest.mark.parametrize(
    ("body", "rows"),
    [
        ("name,age\nNULL,NULL\n", [(None, None)]),
        ('name,age\n"NULL",1\n', [(None, 1)]),
        ("name,age\n,1\nnull,2\n NULL,3\n", [("", 1), ("null", 2), (" NULL", 3)]),
        ('name,age\n"a, ""b""\nc",1\n', [('a, "b"\nc', 1)]),
        ("name,age\r\nÉva,1\r\n\r\nb,2\r\n", [("Éva", 1), ("b", 2)]),
        ('"name","age"\n"a"," 2 "\n', [("a", 2)]),
        ("name,age\na,1,left,over\n", [("a", 1)]),
        ("name,age,name\na,1,b\n", [("b", 1)]),
        ("name,age\n{1,2},1".replace("{1,2}", '"{1,2}"'), [("{1,2}", 1)]),
    ],
)
def test_csv_fields_are_text_and_the_word_null_is_null(
    http: httpx.Client, body: str, rows: list[tuple[str | None, int | None]]
) -> None:
    answer = http.post("/people?select=name,age", content=body.encode(), headers=FULL)
    assert answer.json() == [{"name": name, "age": age} for name, age in rows]


def test_csv_columns_that_no_line_reaches_keep_their_defaults(http: httpx.Client) -> None:
    answer = http.post("/companies", content="company_id,title,currency\n1,x\n2,y\n", headers=FULL)
    assert [row["currency"] for row in answer.json()] == ["RUB", "RUB"]


def test_csv_lines_of_unequal_length_are_pgrst102(http: httpx.Client) -> None:
    for body in ("name,height\nfoo,bar\nbaz", "name,height\nfoo\nbar,baz"):
        answer = http.post("/people", content=body, headers=CSV)
        assert answer.status_code == 400
        assert answer.json() == {
            "code": "PGRST102",
            "message": "All lines must have same number of fields",
            "details": None,
            "hint": None,
        }


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", 'parse error (not enough input) at ""'),
        ("name,age", 'parse error (not enough input) at ""'),
        ('name\na"b\n', 'parse error (endOfInput) at "\\"b\\n"'),
    ],
)
def test_csv_that_cannot_be_read_is_pgrst102(http: httpx.Client, body: str, message: str) -> None:
    answer = http.post("/people", content=body, headers=CSV)
    assert (answer.status_code, answer.json()["code"], answer.json()["message"]) == (400, "PGRST102", message)


def test_csv_of_the_header_alone_inserts_nothing(http: httpx.Client) -> None:
    answer = http.post(
        "/people", content="name,helicopter\n", headers={**FULL, "Prefer": FULL["Prefer"] + ",count=exact"}
    )
    assert (answer.status_code, answer.json(), answer.headers["content-range"]) == (201, [], "*/0")


def test_csv_knows_unknown_columns_and_ignores_columns(http: httpx.Client) -> None:
    answer = http.post("/people?columns=name", content="name, age\na,1\n", headers=CSV)
    message = "Could not find the ' age' column of 'people' in the schema cache"
    assert (answer.status_code, answer.json()["code"], answer.json()["message"]) == (400, "PGRST204", message)


def test_csv_upserts_updates_replaces_and_calls(http: httpx.Client) -> None:
    merge = {**CSV, "Prefer": "resolution=merge-duplicates, return=representation"}
    answer = http.post("/companies", content="company_id,title\n900100,x\n", headers=merge)
    assert (answer.status_code, answer.json()[0]["title"], answer.json()[0]["currency"]) == (200, "x", "RUB")
    answer = http.patch("/companies?company_id=eq.900100&select=title", content="title\nNULL\n", headers=FULL)
    assert (answer.status_code, answer.json()) == (200, [{"title": None}])
    answer = http.put("/companies?company_id=eq.5&select=title", content="company_id,title\n5,z\n", headers=FULL)
    assert (answer.status_code, answer.json()) == (201, [{"title": "z"}])
    assert http.post("/rpc/describe", content="a,b\nx,NULL\ny,z\n", headers=CSV).json() == "x-"


def test_csv_with_missing_default_still_sets_null_for_null(http: httpx.Client) -> None:
    prefer = {**CSV, "Prefer": "missing=default, return=representation"}
    answer = http.post("/companies?select=currency", content="company_id,currency\n1,NULL\n2,USD\n", headers=prefer)
    assert answer.json() == [{"currency": None}, {"currency": "USD"}]


def test_csv_with_a_nul_is_22p05(http: httpx.Client) -> None:
    answer = http.post("/people", content=b"name\na\x00b\n", headers=CSV)
    assert (answer.status_code, answer.json()["code"]) == (400, "22P05")


# answers to writes in other media types


@pytest.mark.parametrize(("method", "body"), [("PATCH", {"note": None}), ("DELETE", None)])
def test_csv_answers_to_other_writes(http: httpx.Client, method: str, body: Any) -> None:
    headers = {"Prefer": "return=representation", "Accept": "text/csv"}
    answer = http.request(method, "/companies?company_id=eq.900100", json=body and {"title": "x"}, headers=headers)
    title = "x" if body else "Salon"
    assert (answer.status_code, answer.text) == (200, f"company_id,title,currency\n900100,{title},RUB")
    answer = http.request(method, "/companies?company_id=eq.1", json=body and {"title": "x"}, headers=headers)
    assert (answer.status_code, answer.text) == (200, "\n")


@pytest.mark.parametrize(
    ("accept", "content_type", "text"),
    [
        (
            "application/vnd.pgrst.array+json;nulls=stripped",
            "application/vnd.pgrst.array+json;nulls=stripped; charset=utf-8",
            '[{"company_id":7,"bill":{"a":1}}]',
        ),
        (
            "application/vnd.pgrst.object+json;nulls=stripped",
            "application/vnd.pgrst.object+json;nulls=stripped; charset=utf-8",
            '{"company_id":7,"bill":{"a":1}}',
        ),
        (
            "application/vnd.pgrst.object+json",
            "application/vnd.pgrst.object+json; charset=utf-8",
            '{"company_id":7,"note":null,"bill":{"a":1,"b":null}}',
        ),
        (
            "application/vnd.pgrst.array+json",
            "application/json; charset=utf-8",
            '[{"company_id":7,"note":null,"bill":{"a":1,"b":null}}]',
        ),
    ],
)
def test_nulls_stripped_and_single_objects_of_writes(
    http: httpx.Client, accept: str, content_type: str, text: str
) -> None:
    body = '{"company_id":7,"bill":{"a":1,"b":null}}'
    headers = {"Prefer": "return=representation", "Accept": accept}
    answer = http.post("/visits?select=company_id,note,bill", content=body, headers=headers)
    assert (answer.status_code, answer.text, answer.headers["content-type"]) == (201, text, content_type)


def test_a_media_type_that_there_is_not_is_406_and_nothing_is_written(http: httpx.Client) -> None:
    answer = http.post("/companies", json={"company_id": 1}, headers={"Accept": "image/png", "Prefer": "tx=commit"})
    assert (answer.status_code, answer.json()["code"]) == (406, "PGRST107")
    assert http.get("/companies?company_id=eq.1").json() == []
