"""What else is known of @supabase/lite and is no matter of one request: a fact that is none any more fails."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import psycopg
import pytest

from tests.client_suite.asking import Place


def _headers(key: str) -> dict[str, str]:
    return {"apikey": key, "Authorization": f"Bearer {key}"}


def _run(place: Place, statement: str) -> None:
    with psycopg.connect(place.dsn, autocommit=True) as connection:
        connection.execute(statement.encode())


@pytest.fixture
def hurried(lite: Place) -> Iterator[Place]:
    """The role anon may take a tenth of a second for a statement."""
    _run(lite, "ALTER ROLE anon SET statement_timeout = '100ms'")
    yield lite
    _run(lite, "ALTER ROLE anon RESET statement_timeout")


def test_a_timeout_of_a_role_does_not_count(hurried: Place) -> None:
    """Impersonated Role Settings: PostgREST applies them; this statement would end with 57014."""
    began = time.monotonic()
    answer = httpx.get(f"{hurried.url}/rest/v1/rpc/nap?seconds=0.4", headers=_headers(hurried.keys["anon"]))
    assert (answer.status_code, time.monotonic() - began > 0.4) == (200, True)


def test_the_schema_is_read_once_at_the_start(lite: Place) -> None:
    """Schema Cache Reloading: PostgREST reads it anew after NOTIFY pgrst."""
    _run(lite, "CREATE TABLE late (id int); GRANT ALL ON late TO service_role; NOTIFY pgrst, 'reload schema'")
    time.sleep(0.5)
    answer = httpx.get(f"{lite.url}/rest/v1/late", headers=_headers(lite.keys["service_role"]))
    assert answer.status_code == 404


def test_it_adds_schemas_to_the_database(lite: Place) -> None:
    found = lite.stored("SELECT nspname FROM pg_namespace WHERE nspname IN ('auth', 'supabase_migrations') ORDER BY 1")
    assert found == [("auth",), ("supabase_migrations",)]


def test_with_keys_configured_an_unknown_key_is_refused_as_on_hosted_projects(lite: Place) -> None:
    """Without any in its configuration it would take every key for anon."""
    answer = httpx.get(f"{lite.url}/rest/v1/notes?select=id", headers=_headers("sb_secret_made_up"))
    assert answer.status_code == 401


def test_without_admin_a_request_without_a_key_is_refused(lite: Place) -> None:
    """With it, which is the default on loopback, it would be service_role's."""
    assert httpx.get(f"{lite.url}/rest/v1/notes").status_code == 401
