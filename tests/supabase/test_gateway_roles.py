"""Keys, tokens, roles and row-level security (docs: "Authentication", "Transactions"; hosted Supabase's API keys)."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx
import psycopg
import pytest
from postgrest.exceptions import APIError

from harness.gateway.access import tokens
from harness.gateway.server import GatewayServer
from harness.gateway.settings import GatewaySettings

if TYPE_CHECKING:
    from tests.supabase.conftest import Project


@pytest.fixture
def guarded(project: Project) -> Project:
    """Clients hidden from all but service_role, except those of company 900200 for anon."""
    project.sql(
        """
        ALTER TABLE clients ENABLE ROW LEVEL SECURITY;
        CREATE POLICY second ON clients FOR ALL TO anon USING (company_id = 900200) WITH CHECK (company_id = 900200);
        CREATE POLICY own ON clients FOR SELECT TO authenticated
            USING (phone = current_setting('request.jwt.claims', true)::json ->> 'phone');
        """
    )
    return project


def test_row_level_security_hides_rows_without_an_error(guarded: Project) -> None:
    anon, service = guarded.client(guarded.keys.anon_key), guarded.client()
    assert [row["id"] for row in anon.table("clients").select("id").order("id").execute().data] == [3, 4]
    assert len(service.table("clients").select("id").execute().data) == 4
    assert anon.table("clients").update({"name": "x"}).eq("id", 1).execute().data == []
    assert anon.table("clients").delete().eq("id", 2).execute().data == []
    assert len(service.table("clients").select("id").execute().data) == 4


def test_an_insert_against_a_policy_is_42501(guarded: Project) -> None:
    with pytest.raises(APIError) as caught:
        guarded.client(guarded.keys.anon_key).table("clients").insert({"company_id": 900100}).execute()
    assert caught.value.code == "42501"


def test_a_policy_sees_the_claims_of_the_token(guarded: Project) -> None:
    key = guarded.key_for("authenticated", phone="70005550002", sub="7")
    assert guarded.client(key).table("clients").select("id").execute().data == [{"id": 2}]
    assert guarded.client(guarded.key_for("authenticated")).table("clients").select("id").execute().data == []


def test_a_missing_privilege_is_401_for_anon_and_403_for_others(project: Project) -> None:
    project.sql("CREATE TABLE secrets (id int)")
    anon = project.http(project.keys.anon_key).get("/secrets")
    assert (anon.status_code, anon.json()["code"], anon.headers["www-authenticate"]) == (401, "42501", "Bearer")
    assert project.http().get("/secrets").status_code == 403


def test_the_transaction_knows_role_claims_and_request(project: Project) -> None:
    project.sql(
        """
        CREATE FUNCTION seen() RETURNS json LANGUAGE sql STABLE AS $$
            SELECT json_build_object(
                'role', current_user, 'claims', current_setting('request.jwt.claims')::json,
                'method', current_setting('request.method'), 'path', current_setting('request.path'),
                'header', current_setting('request.headers')::json ->> 'x-mark',
                'cookie', current_setting('request.cookies')::json ->> 'c', 'zone', current_setting('TimeZone'),
                'search_path', current_setting('search_path'), 'read_only', current_setting('transaction_read_only'))
        $$
        """
    )
    key = project.key_for("authenticated", sub="7")
    seen = project.http(key).get("/rpc/seen", headers={"X-Mark": "here", "Cookie": "c=1"}).json()
    assert seen == {
        "role": "authenticated",
        "claims": {"role": "authenticated", "sub": "7"},
        "method": "GET",
        "path": "/rpc/seen",
        "header": "here",
        "cookie": "1",
        "zone": "UTC",
        "search_path": '"public", "public"',
        "read_only": "on",
    }


def test_nothing_of_a_transaction_stays_in_the_connection(project: Project) -> None:
    project.sql("CREATE FUNCTION whoami() RETURNS text LANGUAGE sql STABLE AS 'SELECT current_user::text'")
    seen = [
        project.http(key).get("/rpc/whoami").json()
        for key in (project.keys.service_role_key, project.keys.anon_key, project.key_for("authenticated")) * 4
    ]
    assert seen == ["service_role", "anon", "authenticated"] * 4


@pytest.fixture
def hasty(project: Project) -> Iterator[str]:
    """A role with settings of its own."""
    with psycopg.connect(project.dsn, autocommit=True) as connection:
        connection.execute("CREATE ROLE hasty; ALTER ROLE hasty SET statement_timeout = '150ms'")
        connection.execute("ALTER ROLE hasty SET default_transaction_isolation = 'repeatable read'")
        connection.execute("GRANT USAGE ON SCHEMA public TO hasty")
        yield "hasty"
        connection.execute("DROP OWNED BY hasty; DROP ROLE hasty")


def test_settings_of_a_role_are_applied_to_its_transactions_alone(project: Project, hasty: str) -> None:
    project.sql(
        """
        CREATE FUNCTION slow(seconds float8) RETURNS text LANGUAGE sql STABLE AS 'SELECT pg_sleep($1)::text';
        CREATE FUNCTION timeouts() RETURNS text LANGUAGE sql STABLE
            AS $$ SELECT current_setting('statement_timeout') || ' ' || current_setting('transaction_isolation') $$;
        """
    )
    key = project.key_for(hasty)
    assert project.client(key).rpc("timeouts").execute().data == "150ms repeatable read"
    assert project.client().rpc("timeouts").execute().data == "0 read committed"
    answer = project.http(key).post("/rpc/slow", json={"seconds": 2})
    assert (answer.status_code, answer.json()["code"]) == (500, "57014")
    assert project.http().post("/rpc/slow", json={"seconds": 0.2}).status_code == 200


def test_a_role_that_does_not_exist_is_401(project: Project) -> None:
    answer = project.http(project.key_for("nobody_here")).get("/clients")
    assert (answer.status_code, answer.json()["code"]) == (401, "22023")


def test_a_token_without_a_role_is_anon(guarded: Project) -> None:
    key = tokens.sign({"sub": "7"}, guarded.keys.jwt_secret)
    assert len(guarded.http(key).get("/clients").json()) == 2


def test_a_request_without_an_api_key_is_refused_at_the_door(project: Project) -> None:
    plain = httpx.get(f"{project.gateway.url}/rest/v1/clients")
    assert plain.status_code == 401
    assert plain.json() == {
        "message": "No API key found in request",
        "hint": "No `apikey` request header or url param was found.",
    }


def test_an_unknown_api_key_is_refused_and_not_taken_for_anon(project: Project) -> None:
    with pytest.raises(APIError) as caught:
        project.client("made-up").table("clients").select("*").execute()
    assert caught.value.message == "Invalid API key"
    assert caught.value.code is None


def test_an_api_key_alone_says_the_role(guarded: Project) -> None:
    url = f"{guarded.gateway.url}/rest/v1/clients?select=id"
    assert len(httpx.get(url, headers={"apikey": guarded.keys.service_role_key}).json()) == 4
    assert len(httpx.get(url, headers={"apikey": guarded.keys.anon_key}).json()) == 2


def test_the_bearer_token_goes_before_the_api_key(guarded: Project) -> None:
    token = guarded.key_for("authenticated", phone="80005550001")
    headers = {"apikey": guarded.keys.anon_key, "Authorization": f"Bearer {token}"}
    answer = httpx.get(f"{guarded.gateway.url}/rest/v1/clients?select=id", headers=headers)
    assert answer.json() == [{"id": 1}]


@pytest.mark.parametrize(
    ("claims", "code", "message"),
    [
        ({"exp": 1}, "PGRST303", "JWT expired"),
        ({"nbf": 99999999999}, "PGRST303", "JWT not yet valid"),
        ({"iat": 99999999999}, "PGRST303", "JWT issued at future"),
        ({"exp": "soon"}, "PGRST303", "The JWT 'exp' claim must be a number"),
    ],
)
def test_a_token_of_another_time_is_pgrst303(
    project: Project, claims: dict[str, object], code: str, message: str
) -> None:
    headers = {"apikey": project.keys.anon_key, "Authorization": f"Bearer {project.key_for('anon', **claims)}"}
    answer = httpx.get(f"{project.gateway.url}/rest/v1/clients", headers=headers)
    assert (answer.status_code, answer.json()["code"], answer.json()["message"]) == (401, code, message)
    assert answer.headers["www-authenticate"].startswith('Bearer error="invalid_token"')


def _forged(project: Project) -> Iterator[str]:
    yield tokens.sign({"role": "service_role"}, "another secret that is long enough to be one")
    head, body, signature = project.keys.anon_key.split(".")
    claims = tokens.sign({"role": "service_role"}, "x").split(".")[1]
    yield f"{head}.{claims}.{signature}"
    unsigned = tokens._encoded(json.dumps({"alg": "none"}).encode())
    yield f"{unsigned}.{claims}."
    yield f"{head}.{body}"
    yield "x.y.z"
    yield "ё.ё.ё"


def test_a_forged_token_is_pgrst301(project: Project) -> None:
    for token in _forged(project):
        headers = [("apikey", project.keys.anon_key), ("Authorization", f"Bearer {token}".encode())]
        answer = httpx.get(f"{project.gateway.url}/rest/v1/clients", headers=headers)  # type: ignore[arg-type]
        assert (answer.status_code, answer.json()["code"]) == (401, "PGRST301"), token


def test_without_a_secret_a_token_is_pgrst300(project: Project) -> None:
    with GatewayServer.start(GatewaySettings(db_uri=project.dsn)) as running:
        answer = httpx.get(f"{running.url}/clients", headers={"Authorization": f"Bearer {project.keys.anon_key}"})
    assert (answer.status_code, answer.json()["code"]) == (500, "PGRST300")


def test_without_an_anonymous_role_a_token_is_required(project: Project) -> None:
    settings = GatewaySettings(db_uri=project.dsn, db_anon_role=None, jwt_secret=project.keys.jwt_secret)
    with GatewayServer.start(settings) as running:
        answer = httpx.get(f"{running.url}/clients")
        assert (answer.status_code, answer.json()["code"]) == (401, "PGRST302")
        headers = {"Authorization": f"Bearer {project.keys.service_role_key}"}
        assert httpx.get(f"{running.url}/clients", headers=headers).status_code == 200


def test_plain_keys_that_are_no_tokens_are_known_as_well(project: Project) -> None:
    settings = GatewaySettings(db_uri=project.dsn, anon_key="sb_publishable_x", service_role_key="sb_secret_x")
    project.sql("REVOKE ALL ON companies FROM anon")
    with GatewayServer.start(settings) as running:
        secret = {"apikey": "sb_secret_x", "Authorization": "Bearer sb_secret_x"}
        assert httpx.get(f"{running.url}/rest/v1/companies", headers=secret).status_code == 200
        assert httpx.get(f"{running.url}/rest/v1/companies", headers={"apikey": "sb_publishable_x"}).status_code == 401


def test_a_secret_never_shows_in_settings_or_keys(project: Project) -> None:
    settings = GatewaySettings(db_uri=project.dsn, jwt_secret=project.keys.jwt_secret, anon_key=project.keys.anon_key)
    for shown in (repr(settings), repr(project.keys)):
        assert project.keys.jwt_secret not in shown
        assert project.keys.anon_key not in shown
        assert project.dsn not in shown


def test_new_keys_are_different_every_time_and_valid_for_years(project: Project) -> None:
    claims = tokens.verify(project.keys.service_role_key, project.keys.jwt_secret)
    assert claims["role"] == "service_role"
    expires = claims["exp"]
    assert isinstance(expires, int)
    assert expires > time.time() + 300_000_000


def test_a_pre_request_function_runs_first_and_may_refuse(project: Project) -> None:
    project.sql(
        """
        CREATE FUNCTION door() RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
            IF current_setting('request.headers')::json ->> 'x-pass' IS NULL THEN
                RAISE insufficient_privilege USING MESSAGE = 'no pass';
            END IF;
        END $$
        """
    )
    settings = GatewaySettings(db_uri=project.dsn, db_pre_request="public.door")
    with GatewayServer.start(settings) as running:
        assert httpx.get(f"{running.url}/companies").json()["message"] == "no pass"
        assert httpx.get(f"{running.url}/companies", headers={"X-Pass": "1"}).status_code == 200
