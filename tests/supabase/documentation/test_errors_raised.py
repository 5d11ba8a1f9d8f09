"""Errors: Custom Errors, RAISE errors with HTTP Status Codes, Add HTTP Headers with RAISE
(https://docs.postgrest.org/en/v16/references/errors.html#custom-errors), and overrides of an answer that are wrong.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from tests.supabase.documentation.conftest import Serve

DDL = """
CREATE SCHEMA api;
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
CREATE FUNCTION api.refusing() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'I refuse!' USING DETAIL = 'Pretty simple', HINT = 'There is nothing you can do.';
END $$;
CREATE FUNCTION api.odd_headers(value text) RETURNS void LANGUAGE sql STABLE AS
    $$SELECT set_config('response.headers', $1, true)$$;
CREATE FUNCTION api.odd_status(value text) RETURNS void LANGUAGE sql STABLE AS
    $$SELECT set_config('response.status', $1, true)$$;
"""


@pytest.fixture(scope="module")
def http(serve: Serve) -> httpx.Client:
    """An anonymous client of functions that raise what they are told to."""
    return serve(DDL, db_schemas=("api",)).http


def error(answer: httpx.Response) -> tuple[int, str, str, Any, Any]:
    """Status, code, message, details and hint, after a look at what every error has."""
    body = answer.json()
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["proxy-status"] == f"PostgREST; error={body['code']}"
    assert list(body) == ["code", "details", "hint", "message"]
    return answer.status_code, body["code"], body["message"], body["details"], body["hint"]


# Custom Errors


def test_raise_says_message_detail_and_hint(http: httpx.Client) -> None:
    assert error(http.post("/rpc/refusing")) == (
        400,
        "P0001",
        "I refuse!",
        "Pretty simple",
        "There is nothing you can do.",
    )


# RAISE errors with HTTP Status Codes


@pytest.mark.parametrize(("state", "status"), [("PT402", 402), ("PT418", 418), ("PT599", 599), ("PT4XX", 500)])
def test_a_state_of_pt_and_a_number_is_that_status(http: httpx.Client, state: str, status: int) -> None:
    raised = {"state": state, "said": "Payment Required", "detail": "Quota exceeded", "hint": "Upgrade your plan"}
    found = error(http.get("/rpc/raising", params=raised))
    assert found == (status, state, "Payment Required", "Quota exceeded", "Upgrade your plan")


# Add HTTP Headers with RAISE


def raised(http: httpx.Client, said: str, detail: str | None) -> httpx.Response:
    """The answer to RAISE SQLSTATE 'PGRST'."""
    arguments = {"state": "PGRST", "said": said} | ({} if detail is None else {"detail": detail})
    return http.get("/rpc/raising", params=arguments)


def test_a_state_of_pgrst_says_the_whole_answer(http: httpx.Client) -> None:
    said = json.dumps({"code": "123", "message": "Payment Required", "details": "Quota exceeded", "hint": "Upgrade"})
    detail = json.dumps({"status": 402, "headers": {"X-Powered-By": "Nerd Rage", "X-More": "2"}})
    answer = raised(http, said, detail)
    assert error(answer) == (402, "123", "Payment Required", "Quota exceeded", "Upgrade")
    assert (answer.headers["x-powered-by"], answer.headers["x-more"]) == ("Nerd Rage", "2")


def test_details_hint_and_status_text_may_be_missing_or_null(http: httpx.Client) -> None:
    said, detail = '{"code": "a", "message": "b"}', '{"status": 419, "status_text": "Page Expired", "headers": {}}'
    assert error(raised(http, said, detail)) == (419, "a", "b", None, None)
    said, detail = '{"code": "a", "message": "b", "hint": null}', '{"status": 200, "headers": {}, "status_text": null}'
    assert error(raised(http, said, detail)) == (200, "a", "b", None, None)


@pytest.mark.parametrize(
    "said",
    ["INVALID", "[]", "{}", '{"code": "a"}', '{"code": 1, "message": "b"}', '{"code":"a","message":"b","hint":1}'],
)
def test_a_message_that_cannot_be_read_is_pgrst121(http: httpx.Client, said: str) -> None:
    assert error(raised(http, said, '{"status": 402, "headers": {}}')) == (
        500,
        "PGRST121",
        "Could not parse JSON in the \"RAISE SQLSTATE 'PGRST'\" error",
        f"Invalid JSON value for MESSAGE: '{said}'",
        "MESSAGE must be a JSON object with obligatory keys: 'code', 'message' and optional keys: 'details', 'hint'.",
    )


@pytest.mark.parametrize(
    ("detail", "details"),
    [
        (None, "DETAIL is missing in the RAISE statement"),
        ("INVALID", "Invalid JSON value for DETAIL: 'INVALID'"),
        ('{"status": 402}', "Invalid JSON value for DETAIL: '{\"status\": 402}'"),
        ('{"headers": {}}', "Invalid JSON value for DETAIL: '{\"headers\": {}}'"),
        ('{"status":"402","headers":{}}', 'Invalid JSON value for DETAIL: \'{"status":"402","headers":{}}\''),
        ('{"status":402,"headers":{"a":1}}', 'Invalid JSON value for DETAIL: \'{"status":402,"headers":{"a":1}}\''),
    ],
)
def test_a_detail_that_cannot_be_read_is_pgrst121(http: httpx.Client, detail: str | None, details: str) -> None:
    assert error(raised(http, '{"code": "a", "message": "b"}', detail)) == (
        500,
        "PGRST121",
        "Could not parse JSON in the \"RAISE SQLSTATE 'PGRST'\" error",
        details,
        "DETAIL must be a JSON object with obligatory keys: 'status', 'headers' and optional key: 'status_text'.",
    )


# Overrides that are wrong


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("no json", "PGRST111"),
        ('{"X-Own": "1"}', "PGRST111"),
        ('[{"X-Own": 1}]', "PGRST111"),
        ('[{"X-One": "1", "X-Two": "2"}]', "PGRST111"),
        ("[1]", "PGRST111"),
    ],
)
def test_headers_of_the_database_have_to_be_a_list_of_pairs(http: httpx.Client, value: str, expected: str) -> None:
    assert error(http.get("/rpc/odd_headers", params={"value": value})) == (
        500,
        expected,
        "response.headers guc must be a JSON array composed of objects with a single key and a string value",
        None,
        None,
    )


def test_a_status_of_the_database_has_to_be_a_number(http: httpx.Client) -> None:
    message = "response.status guc must be a valid status code"
    assert error(http.get("/rpc/odd_status?value=fine")) == (500, "PGRST112", message, None, None)
