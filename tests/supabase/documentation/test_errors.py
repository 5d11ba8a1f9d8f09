"""Errors: Errors from PostgreSQL, HTTP Status Codes, Errors from PostgREST, Proxy-Status
(https://docs.postgrest.org/en/v16/references/errors.html).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from tests.supabase.documentation.conftest import Serve, Served

DDL = """
CREATE SCHEMA api;
CREATE TABLE api.clients (id int PRIMARY KEY, name text NOT NULL, age int CHECK (age > 0));
INSERT INTO api.clients VALUES (1, 'Anna', 30);
CREATE TABLE api.visits (id int PRIMARY KEY, client_id int CONSTRAINT visits_of REFERENCES api.clients);
INSERT INTO api.visits VALUES (1, 1);
CREATE FUNCTION api.raising(state text, said text DEFAULT 'said', detail text DEFAULT NULL, hint text DEFAULT NULL)
RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF detail IS NULL AND hint IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = state, MESSAGE = said;
    ELSIF hint IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = state, MESSAGE = said, DETAIL = detail;
    END IF;
    RAISE EXCEPTION USING ERRCODE = state, MESSAGE = said, DETAIL = detail, HINT = hint;
END $$;
CREATE FUNCTION api.really_writing() RETURNS void LANGUAGE sql AS 'UPDATE api.clients SET name = name';
CREATE FUNCTION api.writing() RETURNS void LANGUAGE sql STABLE AS 'SELECT api.really_writing()';
CREATE FUNCTION api.several() RETURNS int LANGUAGE sql STABLE AS
    'SELECT (SELECT n FROM generate_series(1, 2) AS n)';
CREATE FUNCTION api.missing() RETURNS int LANGUAGE plpgsql STABLE AS 'BEGIN RETURN nowhere(1); END';
CREATE FUNCTION api.gone() RETURNS int LANGUAGE plpgsql STABLE AS 'BEGIN RETURN (SELECT 1 FROM nowhere); END';
"""


@pytest.fixture(scope="module")
def served(serve: Serve) -> Served:
    """A database that can fail in every way."""
    return serve(DDL, db_schemas=("api",), db_tx_end="rollback-allow-override")


@pytest.fixture(scope="module")
def http(served: Served) -> httpx.Client:
    """An anonymous client of it."""
    return served.http


def error(answer: httpx.Response) -> tuple[int, str, str, Any, Any]:
    """Status, code, message, details and hint, after a look at what every error has."""
    body = answer.json()
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["proxy-status"] == f"PostgREST; error={body['code']}"
    assert list(body) == ["code", "details", "hint", "message"]
    return answer.status_code, body["code"], body["message"], body["details"], body["hint"]


# Errors from PostgreSQL


def test_an_error_of_postgresql_comes_through_as_it_is(http: httpx.Client) -> None:
    assert error(http.post("/clients", json={"name": None, "id": 7})) == (
        400,
        "23502",
        'null value in column "name" of relation "clients" violates not-null constraint',
        "Failing row contains (7, null, null).",
        None,
    )
    assert error(http.post("/visits", json={"id": 2, "client_id": 9})) == (
        409,
        "23503",
        'insert or update on table "visits" violates foreign key constraint "visits_of"',
        'Key (client_id)=(9) is not present in table "clients".',
        None,
    )
    assert error(http.post("/clients", json={"id": 1, "name": "x"}))[:2] == (409, "23505")
    assert error(http.post("/clients", json={"id": 2, "name": "x", "age": 0}))[:2] == (400, "23514")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/rpc/several", 500, "21000"),
        ("/rpc/missing", 404, "42883"),
        ("/rpc/gone", 404, "42P01"),
        ("/rpc/writing", 405, "25006"),
        ("/clients?nowhere=eq.1", 400, "42703"),
        ("/clients?id=eq.x", 400, "22P02"),
        ("/clients?id=like.x", 404, "42883"),
    ],
)
def test_what_postgresql_finds_wrong_has_its_status(http: httpx.Client, path: str, status: int, code: str) -> None:
    assert error(http.get(path))[:2] == (status, code)


# HTTP Status Codes


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("01000", 400),
        ("02000", 400),
        ("03000", 400),
        ("08000", 503),
        ("08P01", 503),
        ("09000", 500),
        ("0A000", 400),
        ("0B000", 400),
        ("0L000", 403),
        ("0LP01", 403),
        ("0P000", 403),
        ("20000", 400),
        ("21000", 500),
        ("22012", 400),
        ("22023", 400),
        ("23000", 400),
        ("23001", 400),
        ("23502", 400),
        ("23503", 409),
        ("23505", 409),
        ("23514", 400),
        ("23P01", 400),
        ("24000", 400),
        ("25000", 500),
        ("25006", 405),
        ("25P02", 500),
        ("26000", 400),
        ("28000", 403),
        ("28P01", 403),
        ("2B000", 400),
        ("2D000", 500),
        ("2F000", 400),
        ("34000", 400),
        ("38000", 500),
        ("39000", 500),
        ("39P01", 500),
        ("3B000", 500),
        ("3D000", 400),
        ("3F000", 400),
        ("40000", 500),
        ("40001", 500),
        ("40P01", 500),
        ("42000", 400),
        ("42501", 401),
        ("42601", 400),
        ("42703", 400),
        ("42883", 404),
        ("42P01", 404),
        ("42P10", 400),
        ("42P17", 500),
        ("44000", 400),
        ("53000", 503),
        ("53300", 503),
        ("53400", 500),
        ("54000", 500),
        ("54001", 500),
        ("55000", 500),
        ("55P03", 500),
        ("57000", 500),
        ("57014", 500),
        ("57P01", 503),
        ("57P02", 500),
        ("58000", 500),
        ("58030", 500),
        ("F0000", 500),
        ("HV000", 500),
        ("P0000", 500),
        ("P0001", 400),
        ("P0002", 500),
        ("XX000", 500),
        ("XX001", 500),
        ("ZZ999", 400),
    ],
)
def test_a_sqlstate_has_its_http_status(http: httpx.Client, state: str, status: int) -> None:
    assert error(http.get(f"/rpc/raising?state={state}")) == (status, state, "said", None, None)


def test_what_may_not_be_done_is_401_for_who_is_not_known_and_403_for_who_is(served: Served) -> None:
    answer = served.http.get("/rpc/raising?state=42501")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    answer = served.as_role("authenticated").get("/rpc/raising?state=42501")
    assert (answer.status_code, "www-authenticate" in answer.headers) == (403, False)


@pytest.mark.parametrize(
    ("state", "said", "status"),
    [
        ("22023", 'role "nobody" does not exist', 401),
        ("22023", "roles are many", 400),
        ("21000", "UPDATE requires a WHERE clause", 400),
        ("21000", "more than one row", 500),
        ("42883", "function xmlagg(record) does not exist", 406),
    ],
)
def test_some_messages_change_the_status(http: httpx.Client, state: str, said: str, status: int) -> None:
    assert error(http.get("/rpc/raising", params={"state": state, "said": said})) == (status, state, said, None, None)


# Errors from PostgREST: Group 1


@pytest.mark.parametrize(
    ("query", "message", "details"),
    [
        ("id=1", 'filter (1)" (line 1, column 1)', 'unexpected "1" expecting "not" or operator (eq, gt, ...)'),
        ("id=", 'filter ()" (line 1, column 1)', 'unexpected end of input expecting "not" or operator (eq, gt, ...)'),
        ("id=eq", 'filter (eq)" (line 1, column 3)', "unexpected end of input expecting operator (eq, gt, ...)"),
        (
            "id=noop.1",
            'filter (noop.1)" (line 1, column 1)',
            'unexpected "o" expecting "not" or operator (eq, gt, ...)',
        ),
        ("id=not.1", 'filter (not.1)" (line 1, column 5)', 'unexpected "1" expecting operator (eq, gt, ...)'),
        ("id=eq().1", 'filter (eq().1)" (line 1, column 4)', 'unexpected ")" expecting operator (eq, gt, ...)'),
        ("id=fts().x", 'filter (fts().x)" (line 1, column 5)', 'unexpected ")" expecting operator (eq, gt, ...)'),
        ("id=is().x", 'filter (is().x)" (line 1, column 3)', 'unexpected "(" expecting operator (eq, gt, ...)'),
        ("id=in.1", 'filter (in.1)" (line 1, column 4)', 'unexpected "1" expecting "("'),
        ("id=in.(1", 'filter (in.(1)" (line 1, column 6)', 'unexpected end of input expecting "," or ")"'),
        (
            "id=is.nil",
            'filter (is.nil)" (line 1, column 5)',
            'unexpected "i" expecting isVal: (null, not_null, true, false, unknown)',
        ),
        (
            "id->=eq.1",
            'tree path (id->)" (line 1, column 5)',
            'unexpected end of input expecting "-", digit or any non reserved character different from: .,>()',
        ),
        (".id=eq.1", 'tree path (.id)" (line 1, column 1)', 'unexpected "." expecting field name (* or [a..z0..9_$])'),
        ("or=)(", 'logic tree ()()" (line 1, column 3)', 'unexpected ")" expecting "("'),
        (
            "or=(id.in.1,2,id.eq.3)",
            'logic tree ((id.in.1,2,id.eq.3))" (line 1, column 10)',
            'unexpected "1" expecting "("',
        ),
        (
            "and=(ord(id.eq.1,id.eq.1),id.eq.2)",
            'logic tree ((ord(id.eq.1,id.eq.1),id.eq.2))" (line 1, column 7)',
            'unexpected "d" expecting "("',
        ),
        (
            "or=(id.eq.1,not.xor(id.eq.2,id.eq.3))",
            'logic tree ((id.eq.1,not.xor(id.eq.2,id.eq.3)))" (line 1, column 16)',
            'unexpected "x" expecting logic operator (and, or)',
        ),
        (
            "columns=&select=*",
            'columns parameter ()" (line 1, column 1)',
            "unexpected end of input expecting field name (* or [a..z0..9_$])",
        ),
        (
            "on_conflict=a,,b",
            'on_conflict parameter (a,,b)" (line 1, column 3)',
            'unexpected "," expecting field name (* or [a..z0..9_$])',
        ),
        ("id=é", 'filter (é)" (line 1, column 1)', 'unexpected "\\233" expecting "not" or operator (eq, gt, ...)'),
        (
            "order=id%09%09.x",
            'order (id\t\t.x)" (line 1, column 18)',
            'unexpected "x" expecting "asc", "desc", "nullsfirst" or "nullslast"',
        ),
    ],
)
def test_pgrst100_tells_the_place_and_what_was_expected(
    http: httpx.Client, query: str, message: str, details: str
) -> None:
    found = error(http.get(f"/clients?{query}"))
    assert found == (400, "PGRST100", f'"failed to parse {message}', details, None)


def test_of_several_mistakes_the_order_of_reading_decides(http: httpx.Client) -> None:
    """Order first, then trees, columns, select, filters and on_conflict."""
    wrong = {"on_conflict": "", "id": "x", "select": ",", "columns": "", "or": "x", "order": ""}
    told = ["on_conflict parameter", "filter", "select parameter", "columns parameter", "logic tree", "order"]
    wrong["select"] = "id,"
    for count in range(1, len(wrong) + 1):
        some = dict(list(wrong.items())[:count])
        assert error(http.get("/clients", params=some))[2].startswith(f'"failed to parse {told[count - 1]} (')


def test_what_is_wrong_with_the_request_is_told_before_what_is_wrong_with_its_names(http: httpx.Client) -> None:
    assert error(http.get("/nowhere?id=1"))[1] == "PGRST100"
    assert error(http.get("/nowhere?limit=-1"))[1] == "PGRST103"
    assert error(http.get("/nowhere", headers={"Accept": "image/png"}))[1] == "PGRST205"


# Errors from PostgREST: Group 2


def test_an_unknown_table_is_pgrst205_with_what_was_perhaps_meant(http: httpx.Client) -> None:
    message = "Could not find the table 'api.client' in the schema cache"
    hint = "Perhaps you meant the table 'api.clients'"
    assert error(http.get("/client")) == (404, "PGRST205", message, None, hint)
    assert error(http.get("/xyz"))[3:] == (None, None)


def test_an_unknown_column_of_a_write_is_pgrst204(http: httpx.Client) -> None:
    message = "Could not find the 'nowhere' column of 'clients' in the schema cache"
    assert error(http.post("/clients", json={"nowhere": 1})) == (400, "PGRST204", message, None, None)


def test_an_unknown_function_is_pgrst202(http: httpx.Client) -> None:
    assert error(http.post("/rpc/nonexistent", json={"a": 1, "b": 2})) == (
        404,
        "PGRST202",
        "Could not find the function api.nonexistent(a, b) in the schema cache",
        (
            "Searched for the function api.nonexistent with parameters a, b or with a single unnamed json/jsonb "
            "parameter, but no matches were found in the schema cache."
        ),
        None,
    )


# Proxy-Status Header


@pytest.mark.parametrize(
    ("path", "code"),
    [("/nowhere", "PGRST205"), ("/clients?id=eq.x", "22P02"), ("/clients?select=id::nonesuch", "42704")],
)
def test_the_code_is_in_proxy_status_where_there_is_no_body(http: httpx.Client, path: str, code: str) -> None:
    answer = http.head(path)
    assert (answer.content, answer.headers["proxy-status"]) == (b"", f"PostgREST; error={code}")
