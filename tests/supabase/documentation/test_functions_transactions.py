"""What a function does to its transaction and answer (https://docs.postgrest.org/en/v16/references/transactions.html).

Sections, as far as they concern calls: Function Settings; Response Headers; Response Status Code; Pre-Request.
"""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.supabase.documentation.conftest import Serve, Served

DDL = """
CREATE SCHEMA api;
SET search_path = api;
CREATE TABLE clients (id int PRIMARY KEY, name text);
INSERT INTO clients VALUES (1, 'Анна'), (2, 'Борис');
CREATE FUNCTION isolation() RETURNS text LANGUAGE sql STABLE SET default_transaction_isolation = 'serializable'
    AS $$ SELECT current_setting('transaction_isolation') $$;
CREATE FUNCTION limits() RETURNS json LANGUAGE sql STABLE SET statement_timeout = '1234ms' SET work_mem = '5MB'
    AS $$ SELECT json_build_array(current_setting('statement_timeout'), current_setting('work_mem')) $$;
CREATE FUNCTION slow() RETURNS void LANGUAGE sql SET statement_timeout = '10ms' AS 'SELECT pg_sleep(10)';
CREATE FUNCTION with_headers() RETURNS SETOF clients LANGUAGE plpgsql STABLE AS $$
BEGIN
    PERFORM set_config('response.headers', '[{"X-One": "a; b"}, {"X-Two": "c"}]', true);
    RETURN QUERY SELECT * FROM api.clients;
END $$;
CREATE FUNCTION with_cookies() RETURNS void LANGUAGE plpgsql AS $$
BEGIN PERFORM set_config('response.headers', '[{"Set-Cookie": "a=1"}, {"Set-Cookie": "b=2"}]', true); END $$;
CREATE FUNCTION with_status(status text) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN PERFORM set_config('response.status', status, true); RETURN '{"message": "no"}'; END $$;
CREATE FUNCTION with_bad_headers(headers text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN PERFORM set_config('response.headers', headers, true); END $$;
CREATE FUNCTION asserted() RETURNS void LANGUAGE plpgsql AS $$ BEGIN ASSERT false; END $$;
CREATE FUNCTION paid() RETURNS void LANGUAGE plpgsql AS $$
BEGIN RAISE SQLSTATE 'PT402' USING MESSAGE = 'Payment Required', DETAIL = 'Quota', HINT = 'Upgrade'; END $$;
CREATE FUNCTION all_clients() RETURNS SETOF clients LANGUAGE sql STABLE AS 'SELECT * FROM api.clients';
CREATE FUNCTION before() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    path text := current_setting('request.path', true);
    method text := current_setting('request.method', true);
    accept text := current_setting('request.headers', true)::json ->> 'accept';
BEGIN
    IF path = '/rpc/all_clients' THEN
        PERFORM set_config('response.headers', '[{"Content-Type": "application/custom+json"}]', true);
    ELSIF method IN ('GET', 'HEAD') AND accept = 'text/csv' THEN
        PERFORM set_config(
            'response.headers', '[{"Content-Disposition": "attachment; filename=clients.csv"}]', true
        );
    ELSE
        PERFORM set_config('response.headers', '[{"X-Before": "yes"}]', true);
    END IF;
END $$;
"""


@pytest.fixture(scope="module")
def served(serve: Serve) -> Served:
    return serve(DDL, db_schemas=("api",), db_tx_end="rollback-allow-override")


@pytest.fixture(scope="module")
def http(served: Served) -> httpx.Client:
    return served.http


@pytest.fixture(scope="module")
def prepared(serve: Serve) -> httpx.Client:
    """A gateway that calls a function before every request."""
    return serve(DDL, db_schemas=("api",), db_pre_request="api.before", db_tx_end="rollback-allow-override").http


def result(answer: httpx.Response) -> tuple[int, Any]:
    return answer.status_code, answer.json()


# Function Settings


def test_hoisted_settings_hold_for_the_transaction(http: httpx.Client) -> None:
    assert http.get("/rpc/isolation").json() == "serializable"
    assert http.get("/rpc/limits").json() == ["1234ms", "5MB"]
    answer = http.post("/rpc/slow")
    assert (answer.status_code, answer.json()["code"]) == (500, "57014")


def test_settings_that_are_not_hoisted_are_the_functions_own(serve: Serve) -> None:
    ddl = """
        CREATE SCHEMA api;
        CREATE FUNCTION api.waits() RETURNS void LANGUAGE sql SET statement_timeout = '10ms' AS 'SELECT pg_sleep(0.1)';
    """
    served = serve(ddl, db_schemas=("api",), db_hoisted_tx_settings=("work_mem",))
    assert served.http.post("/rpc/waits").status_code == 204


# Response Headers; Response Status Code


def test_a_function_sets_response_headers(http: httpx.Client) -> None:
    answer = http.get("/rpc/with_headers?id=eq.2&select=id")
    assert (answer.json(), answer.headers["x-one"], answer.headers["x-two"]) == ([{"id": 2}], "a; b", "c")


def test_a_response_header_may_come_twice(http: httpx.Client) -> None:
    answer = http.post("/rpc/with_cookies")
    assert (answer.status_code, answer.headers.get_list("set-cookie")) == (204, ["a=1", "b=2"])
    assert "content-type" not in answer.headers


@pytest.mark.parametrize("headers", ['{"X": "a"}', '[{"X": 1}]', "[1]", "no json"])
def test_wrong_response_headers_are_pgrst111(http: httpx.Client, headers: str) -> None:
    answer = http.post("/rpc/with_bad_headers", json={"headers": headers})
    assert (answer.status_code, answer.json()["code"]) == (500, "PGRST111")


def test_a_function_sets_the_response_status(http: httpx.Client) -> None:
    assert result(http.get("/rpc/with_status?status=403")) == (403, {"message": "no"})
    assert http.get("/rpc/with_status?status=204").content == b""
    assert http.get("/rpc/with_status?status=304").content == b""
    assert result(http.get("/rpc/with_status?status=bad")) == (
        500,
        {
            "code": "PGRST112",
            "message": "response.status guc must be a valid status code",
            "details": None,
            "hint": None,
        },
    )


def test_errors_of_a_function_have_their_status(http: httpx.Client) -> None:
    assert http.post("/rpc/asserted").status_code == 500
    assert result(http.post("/rpc/paid")) == (
        402,
        {"code": "PT402", "message": "Payment Required", "details": "Quota", "hint": "Upgrade"},
    )


# Pre-Request


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/clients", {"id": 9}, 201),
        ("PATCH", "/clients?id=eq.1", {"name": "x"}, 204),
        ("PUT", "/clients?id=eq.1", {"id": 1, "name": "x"}, 204),
        ("DELETE", "/clients?id=eq.1", None, 204),
        ("POST", "/rpc/with_status", {"status": "204"}, 204),
    ],
)
def test_a_function_before_the_request_sets_headers_of_writes(
    prepared: httpx.Client, method: str, path: str, body: object, status: int
) -> None:
    answer = prepared.request(method, path, json=body)
    assert (answer.status_code, answer.headers["x-before"]) == (status, "yes")
    assert path.startswith("/rpc") or "content-type" not in answer.headers


def test_a_function_before_the_request_sets_headers_of_reads(prepared: httpx.Client) -> None:
    assert prepared.get("/clients?id=eq.1").headers["x-before"] == "yes"
    answer = prepared.head("/clients", headers={"Accept": "text/csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == "attachment; filename=clients.csv"


def test_a_function_before_the_request_overrides_the_content_type(prepared: httpx.Client) -> None:
    assert prepared.head("/rpc/all_clients").headers["content-type"] == "application/custom+json"
    answer = prepared.get("/rpc/all_clients?id=eq.1")
    assert (answer.headers["content-type"], answer.json()) == ("application/custom+json", [{"id": 1, "name": "Анна"}])
