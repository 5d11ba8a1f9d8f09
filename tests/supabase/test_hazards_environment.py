"""Where a REST answer differs from a direct one: errors, timeouts. One fact that callers meet in each test.

What the tests of the gateway's own behaviour already say by name is not said again here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import httpx
import psycopg
import pytest
import supabase
from postgrest.exceptions import APIError
from postgrest.types import CountMethod
from supabase.lib.client_options import SyncClientOptions

if TYPE_CHECKING:
    from tests.supabase.conftest import Project

FAILING = """
CREATE FUNCTION failing(state text) RETURNS SETOF int LANGUAGE plpgsql STABLE AS $$
BEGIN RAISE EXCEPTION USING ERRCODE = state, MESSAGE = 'said', DETAIL = 'why', HINT = 'do'; END $$;
CREATE FUNCTION said(status text, body json) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN PERFORM set_config('response.status', status, true); RETURN body; END $$;
CREATE FUNCTION nap(seconds float8) RETURNS int LANGUAGE sql STABLE AS 'SELECT 1 FROM pg_sleep(seconds)';
"""


@pytest.fixture
def failing(project: Project) -> Project:
    project.sql(FAILING)
    return project


# errors


def test_an_api_error_has_the_four_fields_of_postgresqls_error(failing: Project) -> None:
    with pytest.raises(APIError) as caught:
        failing.client().rpc("failing", {"state": "P0001"}).execute()
    error = caught.value
    assert (error.code, error.message, error.details, error.hint) == ("P0001", "said", "why", "do")
    assert error.json() == {"code": "P0001", "message": "said", "details": "why", "hint": "do"}


def test_the_code_of_an_error_is_its_sqlstate_where_it_comes_from_postgresql(failing: Project) -> None:
    for state in ("23505", "42703", "57014", "ZZ999"):
        with pytest.raises(APIError) as caught:
            failing.client().rpc("failing", {"state": state}).execute()
        assert caught.value.code == state


@pytest.mark.parametrize(
    ("ask", "through_rest", "statement", "direct"),
    [
        (lambda c: c.table("nowhere").select("*"), "PGRST205", "SELECT * FROM nowhere", "42P01"),
        (lambda c: c.rpc("nowhere"), "PGRST202", "SELECT nowhere()", "42883"),
        (lambda c: c.table("staff").select("fired"), "42703", "SELECT fired FROM staff", "42703"),
        (
            lambda c: c.table("staff").select("name").eq("fired", 1),
            "42703",
            "SELECT name FROM staff WHERE fired = 1",
            "42703",
        ),
        (
            lambda c: c.table("staff").insert({"staff_id": 9, "name": "x", "fired": 1}),
            "PGRST204",
            "INSERT INTO staff (staff_id, name, fired) VALUES (9, 'x', 1)",
            "42703",
        ),
    ],
    ids=["table", "function", "column of a select", "column of a filter", "column of an insert"],
)
def test_what_is_missing_has_a_code_of_postgrests_own_or_postgresqls(
    project: Project, ask: Callable[[Any], Any], through_rest: str, statement: str, direct: str
) -> None:
    with pytest.raises(APIError) as caught:
        ask(project.client()).execute()
    assert caught.value.code == through_rest
    with psycopg.connect(project.dsn) as connection, pytest.raises(psycopg.Error) as refused:
        connection.execute(statement.encode())
    assert refused.value.sqlstate == direct


def test_a_body_that_is_no_object_makes_the_code_the_http_status(failing: Project) -> None:
    with pytest.raises(APIError) as caught:
        failing.client().rpc("said", {"status": "418", "body": "short and stout"}).execute()
    assert (caught.value.code, caught.value.details) == ("418", '"short and stout"')


def test_an_object_without_the_usual_keys_leaves_every_field_none(failing: Project) -> None:
    with pytest.raises(APIError) as caught:
        failing.client().rpc("said", {"status": "418", "body": {"error": "x"}}).execute()
    error = caught.value
    assert (error.code, error.message, error.details, error.hint) == (None, None, None, None)


def test_a_function_that_was_dropped_is_42883_until_the_cache_is_reloaded(failing: Project) -> None:
    with psycopg.connect(failing.dsn, autocommit=True) as connection:
        connection.execute("DROP FUNCTION nap")
    answer = failing.http().get("/rpc/nap?seconds=0")
    assert (answer.status_code, answer.json()["code"]) == (404, "42883")
    failing.gateway.reload_schema_cache()
    assert failing.http().get("/rpc/nap?seconds=0").json()["code"] == "PGRST202"


# timeouts


@pytest.fixture
def hurried(failing: Project) -> Iterator[Project]:
    """anon has a timeout of its own, as on hosted projects (3 s there)."""
    with psycopg.connect(failing.dsn, autocommit=True) as connection:
        connection.execute("ALTER ROLE anon SET statement_timeout = '100ms'")
        failing.gateway.reload_schema_cache()
        try:
            yield failing
        finally:
            connection.execute("ALTER ROLE anon RESET statement_timeout")


def test_a_role_over_its_statement_timeout_is_57014_and_others_are_not(hurried: Project) -> None:
    with pytest.raises(APIError) as caught:
        hurried.client(hurried.keys.anon_key).rpc("nap", {"seconds": 2}).execute()
    assert (caught.value.code, caught.value.message) == ("57014", "canceling statement due to statement timeout")
    assert hurried.client().rpc("nap", {"seconds": 0.2}).execute().data == 1


@pytest.mark.filterwarnings("ignore:The '(timeout|verify)' parameter is deprecated:DeprecationWarning")
def test_the_client_waits_120_seconds_and_with_a_client_of_ones_own_httpxs_5(project: Project) -> None:
    key = project.keys.service_role_key
    plain = supabase.create_client(project.gateway.url, key, SyncClientOptions(auto_refresh_token=False))
    with httpx.Client() as http:
        own = supabase.create_client(project.gateway.url, key, SyncClientOptions(httpx_client=http))
        assert plain.postgrest.session.timeout == httpx.Timeout(120)
        assert own.postgrest.session.timeout == httpx.Timeout(5)
    plain.postgrest.aclose()


# what an application can see


def test_event_hooks_of_httpx_see_url_status_and_content_range(project: Project) -> None:
    seen: list[tuple[str, int, str | None]] = []

    def look(response: httpx.Response) -> None:
        seen.append((response.url.path, response.status_code, response.headers.get("content-range")))

    with httpx.Client(event_hooks={"response": [look]}) as http:
        options = SyncClientOptions(httpx_client=http, auto_refresh_token=False)
        client = supabase.create_client(project.gateway.url, project.keys.service_role_key, options)
        client.table("skills").select("*", count=CountMethod.exact).execute()
        client.table("skills").insert({"skill_id": 9}).execute()
    assert seen == [("/rest/v1/skills", 200, "0-1/2"), ("/rest/v1/skills", 201, "*/*")]


def test_writes_send_return_representation_unless_told_otherwise(project: Project) -> None:
    sent: list[str] = []
    with httpx.Client(event_hooks={"request": [lambda request: sent.append(request.headers["prefer"])]}) as http:
        options = SyncClientOptions(httpx_client=http, auto_refresh_token=False)
        table = supabase.create_client(project.gateway.url, project.keys.service_role_key, options).table("skills")
        table.insert({"skill_id": 9, "title": "x"}).execute()
        table.update({"title": "y"}).eq("skill_id", 9).execute()
        answer = table.delete().eq("skill_id", 9).execute()
    assert sent == ["return=representation"] * 3
    assert answer.data == [{"skill_id": 9, "title": "y"}]


def test_a_body_with_duplicate_keys_has_the_last_one_in_python(failing: Project) -> None:
    raw = failing.http().post(
        "/rpc/said",
        content=b'{"status": "200", "body": {"a": 1, "a": 2}}',
        headers={"Content-Type": "application/json"},
    )
    assert raw.text == '{"a": 1, "a": 2}'
    assert json.loads(raw.text) == {"a": 2}
