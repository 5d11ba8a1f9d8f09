"""Transactions (https://docs.postgrest.org/en/v16/references/transactions.html).

Sections: Access Mode, Isolation Level, Transaction-Scoped Settings (Request Headers, Cookies and JWT claims; Request
Path and Method; Request Role and Search Path; Response Headers; Response Status Code; Impersonated Role Settings),
Transaction End, Aborting transactions, Pre-Request. Function settings are in test_functions_transactions.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from harness.gateway.access import tokens
from harness.gateway.server import GatewayServer
from harness.gateway.settings import GatewaySettings
from tests.server_versions import since
from tests.supabase.documentation.conftest import SECRET, Serve, Served

DDL = """
CREATE SCHEMA api;
CREATE SCHEMA "tools @ hand";
CREATE TABLE api.rooms (number int PRIMARY KEY, CHECK (number > 0));
INSERT INTO api.rooms VALUES (1);
CREATE SEQUENCE api.turns;
CREATE VIEW api.turn AS SELECT nextval('api.turns') AS number;
CREATE FUNCTION api.setting(name text) RETURNS text STABLE LANGUAGE sql AS 'SELECT current_setting($1, true)';
CREATE FUNCTION api.volatile_setting(name text) RETURNS text LANGUAGE sql AS 'SELECT current_setting($1, true)';
CREATE FUNCTION "tools @ hand".tool() RETURNS text LANGUAGE sql AS $$ SELECT 'scissors' $$;
GRANT USAGE ON SCHEMA "tools @ hand" TO anon;
CREATE FUNCTION api.with_tool() RETURNS text STABLE LANGUAGE plpgsql AS 'BEGIN RETURN tool(); END';
CREATE FUNCTION api.teapot() RETURNS json LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('response.status', '418', true);
    RETURN json_build_object('message', 'short and stout');
END $$;
CREATE FUNCTION api.cached() RETURNS int LANGUAGE sql AS $$
    SELECT set_config('response.headers', '[{"Cache-Control": "public"}, {"Cache-Control": "max-age=9"}]', true);
    SELECT 1
$$;
CREATE FUNCTION api.fail_after_insert() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO api.rooms VALUES (77);
    RAISE EXCEPTION 'stop';
END $$;
CREATE FUNCTION public.before_each() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('request.headers')::json ->> 'user-agent' LIKE 'OldBrowser%' THEN
        PERFORM set_config('response.headers', '[{"Cache-Control": "no-store"}]', true);
    END IF;
    PERFORM set_config('app.seen', current_setting('request.path'), true);
END $$;
"""


@pytest.fixture(scope="module")
def served(serve: Serve) -> Served:
    return serve(
        DDL,
        db_schemas=("api",),
        db_extra_search_path=("public", "tools @ hand"),
        db_pre_request="before_each",
        app_settings=(("app.settings.colour", "green"), ("app.settings.Quote", 'it\'s "so"')),
    )


def _setting(client: httpx.Client, name: str, **headers: str) -> Any:
    return client.get("/rpc/setting", params={"name": name}, headers=headers).json()


# Access Mode


def test_get_and_head_run_read_only(served: Served) -> None:
    answer = served.http.get("/turn")
    assert (answer.status_code, answer.json()["code"]) == (405, "25006")
    assert answer.json()["message"] == "cannot execute nextval() in a read-only transaction"
    assert served.http.head("/turn").status_code == 405


@pytest.mark.parametrize(
    ("method", "function", "mode"),
    [
        ("GET", "setting", "on"),
        ("GET", "volatile_setting", "on"),
        ("POST", "setting", "on"),
        ("POST", "volatile_setting", "off"),
    ],
)
def test_the_access_mode_of_functions_depends_on_method_and_volatility(
    served: Served, method: str, function: str, mode: str
) -> None:
    name = {"name": "transaction_read_only"}
    sent: dict[str, Any] = {"params": name} if method == "GET" else {"json": name}
    assert served.http.request(method, f"/rpc/{function}", **sent).json() == mode


# Isolation Level


@pytest.fixture
def careful(served: Served) -> Iterator[httpx.Client]:
    """A client of a role with settings of its own."""
    served.sql(
        """
        CREATE ROLE careful_salon_role;
        ALTER ROLE careful_salon_role SET default_transaction_isolation TO 'serializable';
        ALTER ROLE careful_salon_role SET statement_timeout TO '7s';
        ALTER ROLE careful_salon_role SET log_min_duration_statement TO '123';
        GRANT USAGE ON SCHEMA api TO careful_salon_role;
        """
    )
    yield served.as_role("careful_salon_role")
    served.sql("DROP OWNED BY careful_salon_role; DROP ROLE careful_salon_role")


def test_the_isolation_level_is_read_committed_unless_the_role_says_otherwise(
    served: Served, careful: httpx.Client
) -> None:
    assert _setting(served.http, "transaction_isolation") == "read committed"
    assert _setting(careful, "transaction_isolation") == "serializable"


# Transaction-Scoped Settings: Request Headers, Cookies and JWT claims


def test_headers_cookies_and_claims_are_json(served: Served) -> None:
    found = served.as_role("authenticated", sub="7", Имя="Вера").get(
        "/rpc/setting?name=request.jwt.claims", headers={"Cookie": "a=1; session=x=y;b"}
    )
    assert found.text == r'"{\"role\":\"authenticated\",\"sub\":\"7\",\"Имя\":\"Вера\"}"'
    asked = {"X-Mark": "here", "Cookie": "a=1; session=x=y; b"}
    assert '"x-mark":"here"' in _setting(served.http, "request.headers", **asked)
    assert "cookie" not in _setting(served.http, "request.headers", **asked)
    assert _setting(served.http, "request.cookies", **asked) == '{"a":"1","session":"x=y","b":""}'
    assert _setting(served.http, "request.cookies") == "{}"
    assert _setting(served.http, "request.jwt.claims") == '{"role":"anon"}'


# Request Path and Method


@pytest.mark.parametrize("prefix", ["", "/rest/v1"])
def test_path_and_method_are_text(served: Served, prefix: str) -> None:
    assert served.http.get(f"{prefix}/rpc/setting?name=request.path").json() == "/rpc/setting"
    assert served.http.post(f"{prefix}/rpc/setting", json={"name": "request.method"}).json() == "POST"


# Request Role and Search Path


def test_the_role_and_the_search_path_are_set(served: Served) -> None:
    assert _setting(served.http, "role") == "anon"
    assert _setting(served.http, "search_path") == '"api", "public", "tools @ hand"'
    assert served.http.get("/rpc/with_tool").json() == "scissors"


def test_the_search_path_may_have_no_extra_schema(serve: Serve) -> None:
    bare = serve(DDL, db_schemas=("api",), db_extra_search_path=())
    assert _setting(bare.http, "search_path") == '"api"'
    assert bare.http.get("/rpc/with_tool").json()["code"] == "42883"


# app.settings


def test_app_settings_are_known_in_every_transaction(served: Served) -> None:
    assert _setting(served.http, "app.settings.colour") == "green"
    assert _setting(served.http, "app.settings.quote") == 'it\'s "so"'


# Response Headers, Response Status Code


def test_response_headers_are_added_one_by_one(served: Served) -> None:
    answer = served.http.post("/rpc/cached", json={})
    assert answer.json() == 1
    assert answer.headers.get_list("cache-control") == ["public", "max-age=9"]


def test_response_status_replaces_the_status(served: Served) -> None:
    answer = served.http.post("/rpc/teapot", json={})
    assert (answer.status_code, answer.json()) == (418, {"message": "short and stout"})


# Impersonated Role Settings


@since(15, "GRANT SET ON PARAMETER")
def test_settings_of_the_role_are_applied_but_not_privileged_ones(served: Served, careful: httpx.Client) -> None:
    role = f"gate_{served.dsn.rpartition('_')[2]}"
    served.sql(f"CREATE ROLE {role} LOGIN NOINHERIT PASSWORD 'x'; GRANT careful_salon_role TO {role}")
    dsn = make_conninfo(served.dsn, user=role, password="x")
    settings = GatewaySettings(db_uri=dsn, db_schemas=("api",), db_anon_role="careful_salon_role", db_pre_request=None)
    try:
        with GatewayServer.start(settings) as running, httpx.Client(base_url=running.url) as client:
            assert _setting(client, "statement_timeout") == "7s"
            assert _setting(client, "log_min_duration_statement") == "-1"
            served.sql(f"GRANT SET ON PARAMETER log_min_duration_statement TO {role}")
            running.reload_schema_cache()
            assert _setting(client, "log_min_duration_statement") == "123ms"
    finally:
        served.sql(f"DROP OWNED BY {role}; DROP ROLE {role}")


# Transaction End


def _rooms(served: Served) -> list[int]:
    return [row["number"] for row in served.http.get("/rooms?order=number").json()]


@pytest.mark.parametrize(
    ("db_tx_end", "preference", "kept", "applied"),
    [
        ("commit", None, True, None),
        ("commit", "rollback", True, None),
        ("commit-allow-override", "rollback", False, "tx=rollback"),
        ("commit-allow-override", None, True, None),
        ("rollback", None, False, None),
        ("rollback", "commit", False, None),
        ("rollback-allow-override", None, False, None),
        ("rollback-allow-override", "commit", True, "tx=commit"),
    ],
)
def test_db_tx_end_and_the_preference_tx(
    served: Served, db_tx_end: Any, preference: str | None, kept: bool, applied: str | None
) -> None:
    settings = GatewaySettings(db_uri=served.dsn, db_schemas=("api",), db_tx_end=db_tx_end)
    prefer = {} if preference is None else {"Prefer": f"tx={preference}"}
    with GatewayServer.start(settings) as running:
        answer = httpx.post(f"{running.url}/rooms", json={"number": 50}, headers=prefer)
    assert answer.status_code == 201
    assert answer.headers.get("preference-applied") == applied
    found = served.sql("DELETE FROM api.rooms WHERE number = 50 RETURNING 1", reload=False)
    assert bool(found) is kept


# Aborting transactions


def test_a_failure_leaves_nothing_behind(served: Served) -> None:
    assert served.http.post("/rooms", json=[{"number": 60}, {"number": -1}]).json()["code"] == "23514"
    assert served.http.post("/rpc/fail_after_insert", json={}).json()["message"] == "stop"
    assert _rooms(served) == [1]


def test_nothing_of_a_transaction_stays_in_the_connection(served: Served) -> None:
    settings = GatewaySettings(db_uri=served.dsn, db_schemas=("api",), db_pool=1, jwt_secret=SECRET)
    token = tokens.sign({"role": "service_role", "sub": "7"}, SECRET)
    with GatewayServer.start(settings) as running, httpx.Client(base_url=running.url) as client:
        assert _setting(client, "role", Authorization=f"Bearer {token}") == "service_role"
        assert _setting(client, "request.jwt.claims") == '{"role":"anon"}'
        assert client.post("/rpc/fail_after_insert", json={}).status_code == 400
        assert _setting(client, "role") == "anon"


# Pre-Request


def test_the_function_runs_before_the_query_and_may_set_headers(served: Served) -> None:
    plain = served.http.get("/rooms")
    assert "cache-control" not in plain.headers
    assert served.http.get("/rooms", headers={"User-Agent": "OldBrowser 7"}).headers["cache-control"] == "no-store"
    assert _setting(served.http, "app.seen") == "/rpc/setting"


def test_a_function_that_does_not_exist_fails_every_request(served: Served) -> None:
    settings = GatewaySettings(db_uri=served.dsn, db_schemas=("api",), db_pre_request="api.nothing")
    with GatewayServer.start(settings) as running:
        answer = httpx.get(f"{running.url}/rooms")
    assert (answer.status_code, answer.json()["code"]) == (404, "42883")
    with psycopg.connect(served.dsn) as connection:
        assert connection.execute("SELECT count(*) FROM api.rooms").fetchone() == (1,)
