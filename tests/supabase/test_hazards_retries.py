"""What the client does when a request fails: which it sends again, how often, and after which pauses."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

import httpx
import psycopg
import pytest
import supabase
from postgrest.exceptions import APIError
from supabase.lib.client_options import AsyncClientOptions, SyncClientOptions

from harness.embedded.server import free_port
from harness.gateway.application import RequestLine

if TYPE_CHECKING:
    from tests.supabase.conftest import Project

_sync: Any = import_module("postgrest._sync.request_builder")
_async: Any = import_module("postgrest._async.request_builder")
FAILING = """
CREATE FUNCTION failing(state text) RETURNS SETOF int LANGUAGE plpgsql STABLE AS $$
BEGIN RAISE EXCEPTION USING ERRCODE = state, MESSAGE = 'said'; END $$;
CREATE FUNCTION nap(seconds float8) RETURNS int LANGUAGE sql STABLE AS 'SELECT 1 FROM pg_sleep(seconds)';
"""


@pytest.fixture
def failing(project: Project) -> Project:
    project.sql(FAILING)
    return project


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The client's pauses between attempts, in seconds, instead of the pauses themselves."""
    made: list[float] = []

    async def pause(seconds: float) -> None:
        made.append(seconds)

    monkeypatch.setattr(_sync.time, "sleep", made.append)
    monkeypatch.setattr(_async, "asyncio", type("Pauses", (), {"sleep": staticmethod(pause)}))
    return made


@pytest.fixture
def attempts(failing: Project) -> Iterator[list[RequestLine]]:
    """What reached the gateway."""
    lines: list[RequestLine] = []
    failing.gateway.on_request = lines.append
    yield lines
    failing.gateway.on_request = None


@pytest.fixture
def patient(failing: Project) -> Iterator[Any]:
    """The client as it is by default: it tries again."""
    with httpx.Client(timeout=10) as http:
        options = SyncClientOptions(httpx_client=http, auto_refresh_token=False)
        yield supabase.create_client(failing.gateway.url, failing.keys.service_role_key, options)


@pytest.mark.parametrize("state", ["PT503", "PT520", "08006"])
@pytest.mark.parametrize("head", [False, True], ids=["GET", "HEAD"])
def test_get_and_head_are_tried_three_times_again_within_7_seconds(
    patient: Any, attempts: list[RequestLine], pauses: list[float], state: str, head: bool
) -> None:
    with pytest.raises(APIError) as caught:
        patient.rpc("failing", {"state": state}, get=True, head=head).execute()
    assert caught.value.code == state
    assert [line.status for line in attempts] == [503 if state == "08006" else int(state[2:])] * 4
    assert pauses == [1, 2, 4]


def test_writes_and_calls_with_post_are_tried_once(
    patient: Any, attempts: list[RequestLine], pauses: list[float]
) -> None:
    with pytest.raises(APIError):
        patient.rpc("failing", {"state": "PT503"}).execute()
    assert ([line.status for line in attempts], pauses) == ([503], [])


def test_other_errors_are_not_tried_again(patient: Any, attempts: list[RequestLine], pauses: list[float]) -> None:
    for state in ("PT500", "PT504", "PT429", "40001"):
        with pytest.raises(APIError):
            patient.rpc("failing", {"state": state}, get=True).execute()
    assert (len(attempts), pauses) == (4, [])


def test_retries_can_be_switched_off_for_a_client_or_a_request(
    failing: Project, patient: Any, attempts: list[RequestLine], pauses: list[float]
) -> None:
    impatient = failing.client()  # postgrest_client_retry=False
    for query in (
        impatient.rpc("failing", {"state": "PT503"}, get=True),
        patient.rpc("failing", {"state": "PT503"}, get=True).retry(False),
    ):
        with pytest.raises(APIError):
            query.execute()
    assert (len(attempts), pauses) == (2, [])


def test_a_database_that_comes_back_meanwhile_is_not_noticed(
    failing: Project, patient: Any, attempts: list[RequestLine], monkeypatch: pytest.MonkeyPatch
) -> None:
    failing.gateway.close_connections()
    with psycopg.connect(failing.dsn.replace(_name(failing.dsn), "postgres"), autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {_name(failing.dsn)} ALLOW_CONNECTIONS false".encode())

        def comes_back(_: float) -> None:
            admin.execute(f"ALTER DATABASE {_name(failing.dsn)} ALLOW_CONNECTIONS true".encode())

        monkeypatch.setattr(_sync.time, "sleep", comes_back)
        assert patient.table("skills").select("title").eq("skill_id", 1).execute().data == [{"title": "cut"}]
    assert [line.status for line in attempts] == [503, 200]


def _name(dsn: str) -> str:
    return str(psycopg.conninfo.conninfo_to_dict(dsn)["dbname"])


def test_a_network_error_is_tried_again_and_raised_as_httpx_has_it(pauses: list[float]) -> None:
    with httpx.Client(timeout=10) as http:
        options = SyncClientOptions(httpx_client=http, auto_refresh_token=False)
        nobody = supabase.create_client(f"http://127.0.0.1:{free_port()}", "key", options)
        with pytest.raises(httpx.ConnectError):
            nobody.table("clients").select("*").execute()
        assert pauses == [1, 2, 4]
        with pytest.raises(httpx.ConnectError):
            nobody.table("clients").insert({}).execute()
    assert pauses == [1, 2, 4]


def test_a_timeout_of_the_client_is_not_tried_again(failing: Project, pauses: list[float]) -> None:
    with httpx.Client(timeout=0.1) as http:
        options = SyncClientOptions(httpx_client=http, auto_refresh_token=False)
        client = supabase.create_client(failing.gateway.url, failing.keys.service_role_key, options)
        with pytest.raises(httpx.ReadTimeout):
            client.rpc("nap", {"seconds": 0.5}, get=True).execute()
    assert pauses == []


def test_the_asynchronous_client_tries_again_just_so(
    failing: Project, attempts: list[RequestLine], pauses: list[float]
) -> None:
    async def ask() -> None:
        async with httpx.AsyncClient(timeout=10) as http:
            options = AsyncClientOptions(httpx_client=http, auto_refresh_token=False)
            client = await supabase.create_async_client(failing.gateway.url, failing.keys.service_role_key, options)
            with pytest.raises(APIError):
                await client.rpc("failing", {"state": "PT503"}, get=True).execute()

    asyncio.run(ask())
    assert (len(attempts), pauses) == (4, [1, 2, 4])
