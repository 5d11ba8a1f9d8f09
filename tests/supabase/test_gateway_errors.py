"""Errors: codes, statuses and bodies (docs: "Errors"), and the staleness of the schema cache ("Schema Cache")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import psycopg
import pytest
from postgrest.exceptions import APIError

if TYPE_CHECKING:
    from tests.supabase.conftest import Project

RAISING = """
CREATE FUNCTION raising(state text, said text DEFAULT 'said', detail text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF detail IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = state, MESSAGE = said;
    END IF;
    RAISE EXCEPTION USING ERRCODE = state, MESSAGE = said, DETAIL = detail;
END $$
"""


@pytest.fixture
def raising(project: Project) -> httpx.Client:
    project.sql(RAISING)
    return project.http()


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("08006", 503),
        ("09000", 500),
        ("0L000", 403),
        ("0P000", 403),
        ("21000", 500),
        ("22P02", 400),
        ("23502", 400),
        ("23503", 409),
        ("23505", 409),
        ("23514", 400),
        ("25006", 405),
        ("25001", 500),
        ("28000", 403),
        ("2D000", 500),
        ("38000", 500),
        ("39000", 500),
        ("3B000", 500),
        ("40001", 500),
        ("42501", 403),
        ("42703", 400),
        ("42883", 404),
        ("42P01", 404),
        ("42P10", 400),
        ("42P17", 500),
        ("53300", 503),
        ("53400", 500),
        ("54001", 500),
        ("55P03", 500),
        ("57014", 500),
        ("57P01", 503),
        ("58030", 500),
        ("F0000", 500),
        ("HV000", 500),
        ("P0001", 400),
        ("P0002", 500),
        ("XX000", 500),
        ("PT418", 418),
        ("PT9XX", 500),
        ("ZZ999", 400),
    ],
)
def test_a_sqlstate_has_its_http_status(raising: httpx.Client, state: str, status: int) -> None:
    answer = raising.post("/rpc/raising", json={"state": state})
    assert answer.status_code == status
    assert answer.json() == {"code": state, "message": "said", "details": None, "hint": None}
    assert answer.headers["proxy-status"] == f"PostgREST; error={state}"


def test_raise_pgrst_says_the_whole_answer(raising: httpx.Client) -> None:
    said = '{"code": "123", "message": "Payment Required", "details": "Quota exceeded", "hint": "Upgrade"}'
    detail = '{"status": 402, "headers": {"X-Powered-By": "Nerd Rage"}}'
    answer = raising.post("/rpc/raising", json={"state": "PGRST", "said": said, "detail": detail})
    assert (answer.status_code, answer.headers["x-powered-by"]) == (402, "Nerd Rage")
    assert answer.json() == {
        "code": "123",
        "message": "Payment Required",
        "details": "Quota exceeded",
        "hint": "Upgrade",
    }


@pytest.mark.parametrize(("said", "detail"), [("no json", "{}"), ('{"code": "1", "message": "m"}', "no json")])
def test_raise_pgrst_without_its_json_is_pgrst121(raising: httpx.Client, said: str, detail: str) -> None:
    answer = raising.post("/rpc/raising", json={"state": "PGRST", "said": said, "detail": detail})
    assert (answer.status_code, answer.json()["code"]) == (500, "PGRST121")


def test_an_unknown_table_is_pgrst205_with_a_suggestion(reader: Any) -> None:
    with pytest.raises(APIError) as caught:
        reader.table("client").select("*").execute()
    assert caught.value.code == "PGRST205"
    assert caught.value.message == "Could not find the table 'public.client' in the schema cache"
    assert caught.value.hint == "Perhaps you meant the table 'public.clients'"


def test_an_error_has_postgrests_four_keys(reads: httpx.Client) -> None:
    answer = reads.get("/clients?id=what")
    assert answer.status_code == 400
    assert answer.json() == {
        "code": "PGRST100",
        "message": '"failed to parse filter (what)" (line 1, column 1)',
        "details": 'unexpected "w" expecting "not" or operator (eq, gt, ...)',
        "hint": None,
    }
    assert answer.headers["content-type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/", 501, "PGRST127"),
        ("GET", "/a/b", 404, "PGRST125"),
        ("PATCH", "/rpc/f", 405, "PGRST101"),
        ("POST", "/companies", 400, "PGRST102"),
        ("GET", "/companies?limit=-1", 416, "PGRST103"),
    ],
)
def test_a_request_that_cannot_be_is_refused(
    reads: httpx.Client, method: str, path: str, status: int, code: str
) -> None:
    answer = reads.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("content_type", ["text/csv", "application/x-www-form-urlencoded"])
def test_bodies_that_are_not_implemented_are_501(reads: httpx.Client, content_type: str) -> None:
    answer = reads.post("/companies", content=b"a=1", headers={"Content-Type": content_type})
    assert answer.status_code == 501


def test_a_very_long_url_is_refused_by_the_client(reader: Any) -> None:
    with pytest.raises(httpx.InvalidURL):
        reader.table("clients").select("id").in_("id", list(range(20_000))).execute()


def test_a_new_table_is_unknown_until_the_cache_is_reloaded(project: Project) -> None:
    with_cache = project.http()
    project.gateway.reload_schema_cache()
    _silently(project, "CREATE TABLE late (id int); GRANT ALL ON late TO service_role")
    assert with_cache.get("/late").json()["code"] == "PGRST205"
    project.gateway.reload_schema_cache()
    assert with_cache.get("/late").json() == []


def test_a_new_column_can_be_read_at_once_but_not_inserted(project: Project) -> None:
    _silently(project, "ALTER TABLE companies ADD COLUMN late int")
    http = project.http()
    assert http.get("/companies?select=late&late=is.null").status_code == 200
    assert http.post("/companies", json={"company_id": 1, "title": "x", "late": 1}).json()["code"] == "PGRST204"
    project.gateway.reload_schema_cache()
    assert http.post("/companies", json={"company_id": 1, "title": "x", "late": 1}).status_code == 201


def test_a_dropped_table_is_42p01_until_the_cache_is_reloaded(project: Project) -> None:
    _silently(project, "DROP TABLE passports")
    answer = project.http().get("/passports")
    assert (answer.status_code, answer.json()["code"]) == (404, "42P01")
    project.gateway.reload_schema_cache()
    assert project.http().get("/passports").json()["code"] == "PGRST205"


def test_a_changed_type_is_no_stale_plan(project: Project) -> None:
    http = project.http()
    for _ in range(8):
        assert http.get("/bookings?select=title&id=eq.1").json() == [{"title": "стрижка"}]
    _silently(project, "ALTER TABLE bookings ALTER COLUMN title TYPE int USING 7")
    for _ in range(8):
        assert http.get("/bookings?select=title&id=eq.1").json() == [{"title": 7}]


def _silently(project: Project, text: str) -> None:
    """DDL that nobody tells the gateway of."""
    with psycopg.connect(project.dsn, autocommit=True) as connection:
        connection.execute(text.encode())
