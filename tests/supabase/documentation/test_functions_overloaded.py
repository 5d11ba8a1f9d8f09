"""Functions as RPC, which of them a call means (https://docs.postgrest.org/en/v16/references/api/functions.html).

Sections: Overloaded functions; Functions with a single unnamed JSON parameter, and with a single unnamed parameter,
where they are the last resort; and the errors where no function fits (PGRST202) or several do (PGRST203).
"""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.supabase.documentation.conftest import Serve, Served

DDL = """
CREATE SCHEMA api;
CREATE SCHEMA hidden;
CREATE TYPE api.length AS ENUM ('short', 'long');
CREATE FUNCTION api.price(base int, extra int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT base + extra';
CREATE FUNCTION api.greeting(name text) RETURNS text LANGUAGE sql STABLE AS 'SELECT name';
CREATE FUNCTION api.whole_text(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE FUNCTION api.duration(visit int) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'visit' $$;
CREATE FUNCTION api.duration(visit int, since date) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'since' $$;
CREATE FUNCTION api.duration(visit text, master text, note text) RETURNS text LANGUAGE sql IMMUTABLE
    AS $$ SELECT 'three' $$;
CREATE FUNCTION api.defaulted(note text DEFAULT '') RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'note' $$;
CREATE FUNCTION api.defaulted(must int) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'must' $$;
CREATE FUNCTION api.defaulted(a int, note text DEFAULT '') RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'a' $$;
CREATE FUNCTION api.same(code text, num int DEFAULT 0) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
CREATE FUNCTION api.same(code char) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 2';
CREATE FUNCTION api.same(code api.length) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 3';
CREATE FUNCTION hidden.secret() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
CREATE FUNCTION api.noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE PROCEDURE api.tidy() LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION api.two_unnamed(int, int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
CREATE FUNCTION api.either() RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'nothing' $$;
CREATE FUNCTION api.either(x int, y int) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'named' $$;
CREATE FUNCTION api.either(json) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'json ' || $1 $$;
CREATE FUNCTION api.either(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'text ' || $1 $$;
CREATE FUNCTION api.either(bytea) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'bytea ' || length($1) $$;
CREATE FUNCTION api.both(json) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
CREATE FUNCTION api.both(jsonb) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 2';
CREATE FUNCTION api.whole_int(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';
"""
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TEXT = {"Content-Type": "text/plain"}
BYTES = {"Content-Type": "application/octet-stream"}


@pytest.fixture(scope="module")
def served(serve: Serve) -> Served:
    return serve(DDL, db_schemas=("api",))


@pytest.fixture(scope="module")
def http(served: Served) -> httpx.Client:
    return served.http


def result(answer: httpx.Response) -> tuple[int, Any]:
    return answer.status_code, answer.json()


def not_found(called: str, looked_for: str, hint: str | None) -> tuple[int, dict[str, str | None]]:
    """PGRST202: what was called, as its message says it, and what was searched for, as its details do."""
    return 404, {
        "code": "PGRST202",
        "message": f"Could not find the function api.{called} in the schema cache",
        "details": f"Searched for the function api.{looked_for}, but no matches were found in the schema cache.",
        "hint": None if hint is None else f"Perhaps you meant to call the function api.{hint}",
    }


# Overloaded functions


@pytest.mark.parametrize(
    ("fields", "expected"),
    [("visit=1", "visit"), ("visit=1&since=2018-07-01", "since"), ("visit=1&master=2&note=3", "three")],
)
def test_the_names_of_the_arguments_choose_among_overloads(http: httpx.Client, fields: str, expected: str) -> None:
    assert result(http.get(f"/rpc/duration?{fields}")) == (200, expected)
    assert result(http.post("/rpc/duration", content=fields, headers=FORM)) == (200, expected)


@pytest.mark.parametrize(("given", "expected"), [({}, "note"), ({"must": 1}, "must"), ({"a": 4}, "a")])
def test_defaults_count_in_the_choice(http: httpx.Client, given: dict[str, int], expected: str) -> None:
    assert result(http.post("/rpc/defaulted", json=given)) == (200, expected)


def test_the_same_names_with_other_types_are_ambiguous(http: httpx.Client) -> None:
    answer = http.get("/rpc/same?code=short")
    assert answer.status_code == 300
    assert answer.json()["message"] == (
        "Could not choose the best candidate function between: api.same(code => api.length),"
        " api.same(code => character), api.same(code => text, num => integer)"
    )


def test_an_unknown_function_is_not_found_with_the_nearest_name(http: httpx.Client) -> None:
    answer = http.get("/rpc/greetin")
    assert result(answer) == not_found("greetin without parameters", "greetin without parameters", "greeting")
    assert result(http.get("/rpc/nothing_like_it?x=1")) == not_found(
        "nothing_like_it(x)", "nothing_like_it with parameter x", None
    )


def test_unknown_arguments_are_not_found_with_the_nearest_overload(http: httpx.Client) -> None:
    assert result(http.get("/rpc/greeting?nam=Peter")) == not_found(
        "greeting(nam)", "greeting with parameter nam", "greeting(name)"
    )
    assert result(http.get("/rpc/price?extra=1&base=1&zzz=1")) == not_found(
        "price(base, extra, zzz)", "price with parameters base, extra, zzz", "price(base, extra)"
    )
    assert result(http.get("/rpc/duration?visit=1&master=2&wrong=3")) == not_found(
        "duration(master, visit, wrong)",
        "duration with parameters master, visit, wrong",
        "duration(master, note, visit)",
    )
    assert result(http.get("/rpc/duration?q=1")) == not_found("duration(q)", "duration with parameter q", None)


def test_a_call_without_arguments_that_needs_some_is_not_found(http: httpx.Client) -> None:
    looked_for = "greeting without parameters or with a single unnamed json/jsonb parameter"
    assert result(http.post("/rpc/greeting", json={})) == not_found("greeting without parameters", looked_for, None)


@pytest.mark.parametrize("name", ["secret", "noted", "tidy", "two_unnamed"])
def test_what_is_no_callable_function_of_the_schema_is_not_found(http: httpx.Client, name: str) -> None:
    answer = http.post(f"/rpc/{name}", json={})
    assert (answer.status_code, answer.json()["code"]) == (404, "PGRST202")


# Functions with a single unnamed JSON parameter, and with a single unnamed parameter


def test_an_unnamed_json_argument_is_the_last_resort_among_overloads(http: httpx.Client) -> None:
    assert http.post("/rpc/either", json={}).json() == "nothing"
    assert http.post("/rpc/either", json={"x": 1, "y": 2}).json() == "named"
    assert http.post("/rpc/either", content=b'{"x": 1}').json() == 'json {"x": 1}'


def test_a_raw_body_chooses_the_unnamed_argument_of_its_type(http: httpx.Client) -> None:
    assert http.post("/rpc/either", content=b"a,b", headers=TEXT).json() == "text a,b"
    assert http.post("/rpc/either", content=b"\x00\xff", headers=BYTES).json() == "bytea 2"


def test_unnamed_json_and_jsonb_are_ambiguous(http: httpx.Client) -> None:
    assert result(http.post("/rpc/both", json={"A": 1})) == (
        300,
        {
            "code": "PGRST203",
            "message": (
                "Could not choose the best candidate function between: api.both( => json), api.both( => jsonb)"
            ),
            "details": None,
            "hint": (
                "Try renaming the parameters or the function itself in the database"
                " so function overloading can be resolved"
            ),
        },
    )


def test_csv_is_never_an_unnamed_argument(http: httpx.Client) -> None:
    answer = http.post("/rpc/either", content=b"a,b\n1,2\n4,6", headers={"Content-Type": "text/csv"})
    assert result(answer) == not_found("either(a, b)", "either with parameters a, b", "either(x, y)")


@pytest.mark.parametrize(
    ("media", "argument"), [("text/plain", "text"), ("text/xml", "xml"), ("application/octet-stream", "bytea")]
)
def test_a_raw_body_needs_an_unnamed_argument_of_its_type(http: httpx.Client, media: str, argument: str) -> None:
    answer = http.post("/rpc/whole_int", content=b"a simple text", headers={"Content-Type": media})
    looked_for = f"whole_int with a single unnamed {argument} parameter"
    assert result(answer) == not_found("whole_int", looked_for, None)


def test_json_needs_an_unnamed_json_argument(http: httpx.Client) -> None:
    answer = http.post("/rpc/whole_int", json={"x": 1, "y": 2})
    looked_for = "whole_int with parameters x, y or with a single unnamed json/jsonb parameter"
    assert result(answer) == not_found("whole_int(x, y)", looked_for, None)


def test_get_ignores_the_content_type(http: httpx.Client) -> None:
    assert http.get("/rpc/either", headers=TEXT).json() == "nothing"
    assert http.get("/rpc/either", headers=BYTES).json() == "nothing"
