"""Authentication (https://docs.postgrest.org/en/v16/references/auth.html).

Sections: Overview of role system, JWT Authentication, JWT Role Extraction, Custom Validation; the others are in
test_authentication_tokens.py.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from harness.embedded.server import Server
from harness.errors import ConfigurationError
from harness.gateway.access import tokens
from harness.gateway.server import GatewayServer
from harness.gateway.settings import GatewaySettings
from tests.supabase.documentation.conftest import SECRET, Serve, Served
from tests.supabase.documentation.till import DDL, ask, refusal


@pytest.fixture(scope="module")
def served(serve: Serve) -> Served:
    """A salon whose till only service_role may see."""
    return serve(DDL, grants=False, db_schemas=("api",))


@pytest.fixture
def gateways(served: Served) -> Iterator[Any]:
    """Starts gateways over the salon with other settings; their URLs."""
    running: list[GatewayServer] = []

    def start(**settings: Any) -> str:
        chosen = GatewaySettings(db_uri=served.dsn, db_schemas=("api",), **settings)
        running.append(GatewayServer.start(chosen))
        return running[-1].url

    yield start
    for one in running:
        one.stop()


# Overview of role system


def test_overview_without_a_token_the_anonymous_role_is_taken_on(served: Served) -> None:
    assert served.http.get("/rpc/whoami").json() == "anon"


def test_overview_what_anonymous_may_not_see_is_401(served: Served) -> None:
    answer = served.http.get("/tills")
    assert answer.status_code == 401
    assert answer.json() == {
        "code": "42501",
        "message": "permission denied for table tills",
        "details": None,
        "hint": None,
    }
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-length"] == str(len(answer.content))


def test_overview_what_a_user_may_not_see_is_403(served: Served) -> None:
    answer = served.as_role("authenticated").get("/tills")
    assert (answer.status_code, answer.json()["code"]) == (403, "42501")
    assert "www-authenticate" not in answer.headers


def test_overview_functions_are_guarded_alike(served: Served) -> None:
    assert served.http.post("/rpc/open_till", json={}).status_code == 401
    assert served.as_role("authenticated").post("/rpc/open_till", json={}).status_code == 403
    assert served.as_role("service_role").post("/rpc/open_till", json={}).json() == 1


def test_overview_without_an_anonymous_role_a_token_is_required(gateways: Any) -> None:
    url = gateways(db_anon_role=None, jwt_secret=SECRET)
    answer = ask(url, None)
    assert refusal(answer) == (401, "PGRST302", "Anonymous access is disabled", None)
    assert answer.headers["www-authenticate"] == "Bearer"
    assert refusal(ask(url, tokens.sign({"sub": "7"}, SECRET)))[:2] == (401, "PGRST302")
    assert ask(url, tokens.sign({"role": "authenticated"}, SECRET)).json() == "authenticated"


def test_overview_a_role_that_may_not_be_taken_on_is_403(served: Served, server: Server) -> None:
    role = f"door_{int(time.time() * 1000)}"
    with psycopg.connect(served.dsn, autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {role} LOGIN NOINHERIT PASSWORD 'x'; GRANT anon TO {role}".encode())
    dsn = make_conninfo(served.dsn, user=role, password="x")
    settings = GatewaySettings(db_uri=dsn, db_schemas=("api",), jwt_secret=SECRET)
    try:
        with GatewayServer.start(settings) as running:
            assert ask(running.url, None).json() == "anon"
            answer = ask(running.url, tokens.sign({"role": "service_role"}, SECRET))
            assert refusal(answer)[:3] == (403, "42501", 'permission denied to set role "service_role"')
    finally:
        with psycopg.connect(served.dsn, autocommit=True) as admin:
            admin.execute(f"DROP ROLE {role}".encode())


def test_overview_a_role_that_does_not_exist_is_401(served: Served) -> None:
    answer = served.as_role("nobody_here").get("/bookings")
    assert refusal(answer)[:3] == (401, "22023", 'role "nobody_here" does not exist')


# JWT Authentication: Bearer Authentication


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_bearer_scheme_in_any_case(served: Served, scheme: str) -> None:
    token = tokens.sign({"role": "authenticated"}, SECRET)
    answer = served.http.get("/rpc/whoami", headers={"Authorization": f"{scheme} {token}"})
    assert answer.json() == "authenticated"


def test_another_scheme_is_anonymous(served: Served) -> None:
    assert served.http.get("/rpc/whoami", headers={"Authorization": "Basic eDp5"}).json() == "anon"


def test_a_token_without_a_role_is_anonymous_but_its_claims_are_known(served: Served) -> None:
    claims = served.as_role(None, sub="7").get("/rpc/claims").json()
    assert claims == {"sub": "7", "role": "anon"}


def test_standard_and_own_claims_reach_the_database(served: Served) -> None:
    own = {"iss": "salon", "jti": "x", "nbf": 1, "exp": 9999999999, "https://salon.example/vip": True, "n": 1.5}
    assert served.as_role("authenticated", **own).get("/rpc/claims").json() == {"role": "authenticated", **own}


def test_a_request_after_a_refused_one_is_served(served: Served) -> None:
    assert served.as_role("authenticated").get("/tills").status_code == 403
    assert served.as_role("service_role").get("/tills").status_code == 200


# JWT Role Extraction


@pytest.mark.parametrize(
    ("path", "claims", "role"),
    [
        ("$.salon.roles[1]", {"salon": {"roles": ["other", "authenticated"]}}, "authenticated"),
        (
            "$['https://salon.example/role'].key",
            {"https://salon.example/role": {"key": "authenticated"}},
            "authenticated",
        ),
        ("$.roles[?(@ == 'authenticated')]", {"roles": ["other", "authenticated"]}, "authenticated"),
        ("$.roles[?search(@, '^auth')]", {"roles": ["other", "authenticated"]}, "authenticated"),
        ("$.roles[7]", {"roles": ["authenticated"], "role": "service_role"}, "anon"),
        ("$.aud", {"aud": "authenticated"}, "authenticated"),
    ],
)
def test_role_extraction(gateways: Any, path: str, claims: dict[str, Any], role: str) -> None:
    url = gateways(jwt_secret=SECRET, jwt_role_claim_key=path)
    token = tokens.sign(claims, SECRET)
    assert ask(url, token).json() == role
    assert ask(url, token, "/rpc/claims").json() == {**claims, "role": role}


def test_a_role_that_is_no_string_does_not_exist(served: Served) -> None:
    token = tokens.sign({"role": {"a": 1}}, SECRET)
    answer = ask(served.gateway.url, token)
    assert refusal(answer)[:3] == (401, "22023", 'role "{"a":1}" does not exist')


def test_a_wrong_path_is_refused(served: Served) -> None:
    settings = GatewaySettings(db_uri=served.dsn, jwt_role_claim_key=".role")
    with pytest.raises(ConfigurationError, match="failed to parse jwt-role-claim-key") as caught:
        GatewayServer.start(settings)
    assert "$.role" in caught.value.hint


# Custom Validation


def test_custom_validation_by_a_function_before_every_request(gateways: Any) -> None:
    url = gateways(jwt_secret=SECRET, db_pre_request="public.check_user")
    answer = ask(url, tokens.sign({"sub": "banned"}, SECRET))
    assert answer.status_code == 400
    assert answer.json() == {
        "code": "P0001",
        "message": "Not in this salon",
        "details": None,
        "hint": "Ask at the desk",
    }
    assert ask(url, tokens.sign({"sub": "other"}, SECRET)).json() == "anon"
    assert ask(url, tokens.sign({"sub": "promoted"}, SECRET)).json() == "service_role"
