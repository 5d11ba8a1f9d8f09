"""Everything that the builders of supabase-py can send, through both unmodified clients, over HTTP.

The cases are those of tests/client_suite. A method or parameter of a builder that no case uses fails a test here.
"""

from __future__ import annotations

import asyncio
import uuid
import warnings
from collections.abc import Iterator
from types import ModuleType

import httpx
import postgrest._async.client
import postgrest._async.request_builder
import postgrest._sync.client
import postgrest._sync.request_builder
import postgrest.base_client
import postgrest.base_request_builder
import psycopg
import pytest
import supabase
from postgrest import AsyncPostgrestClient, SyncPostgrestClient
from psycopg import sql

from harness.embedded.server import Server
from harness.gateway.access import tokens
from harness.gateway.server import GatewayServer
from harness.gateway.settings import GatewaySettings, Keys
from tests.api_roles import create_api_roles
from tests.client_suite import CASES
from tests.client_suite.asking import AsyncAsking, Place, SyncAsking, asked_and_restored
from tests.client_suite.case import Case, same
from tests.client_suite.exercised import builders, parts, public_functions, recorded
from tests.server_versions import since

pytestmark = since(14, "multiranges, of which the suite has columns")

MODULES: tuple[ModuleType, ...] = (
    postgrest.base_client,
    postgrest.base_request_builder,
    postgrest._sync.client,
    postgrest._sync.request_builder,
    postgrest._async.client,
    postgrest._async.request_builder,
)
OWN_TESTS = {
    "BasePostgrestClient.auth": "test_auth_sets_the_token_of_a_client",
    "BasePostgrestClient.auth(username)": "test_auth_with_a_user_name_is_no_bearer_token",
    "BasePostgrestClient.auth(password)": "test_auth_with_a_user_name_is_no_bearer_token",
    "SyncPostgrestClient.aclose": "test_a_closed_client_sends_nothing",
    "AsyncPostgrestClient.aclose": "test_a_closed_client_sends_nothing",
    "SyncPostgrestClient.from_table": "test_the_deprecated_name_of_table_still_asks",
    "AsyncPostgrestClient.from_table": "test_the_deprecated_name_of_table_still_asks",
}
"""What changes a client, or warns, and so has a test of its own instead of a case"""
OF_DATA = {"table", "from_", "schema", "rpc", "postgrest"}
OF_OTHER_SERVICES = {
    "storage",
    "functions",
    "channel",
    "get_channels",
    "remove_channel",
    "remove_all_channels",
    "create",
}


@pytest.fixture(scope="module")
def place(server: Server, keys: Keys) -> Iterator[Place]:
    """The gateway over a database with the tables and rows of the cases."""
    create_api_roles(server)
    name = f"t_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    settings = GatewaySettings(
        db_uri=server.dsn(name),
        db_schemas=("public", "archive"),
        jwt_secret=keys.jwt_secret,
        anon_key=keys.anon_key,
        service_role_key=keys.service_role_key,
        safe_update=True,
    )
    Place("", {}, server.dsn(name)).prepare()
    with GatewayServer.start(settings) as running:
        yield Place(running.url, {"anon": keys.anon_key, "service_role": keys.service_role_key}, server.dsn(name))
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="module", params=[SyncAsking, AsyncAsking], ids=["sync", "async"])
def asking(place: Place, request: pytest.FixtureRequest) -> Iterator[SyncAsking | AsyncAsking]:
    opened: SyncAsking | AsyncAsking = request.param(place)
    yield opened
    opened.close()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_gateway_answers(case: Case, asking: SyncAsking | AsyncAsking, place: Place) -> None:
    with asked_and_restored(asking, case, place) as outcome:
        assert same(outcome, case.expected), f"expected {case.expected}, got {outcome}"
        if case.stored is not None:
            query, rows = case.stored
            assert place.stored(query) == rows


def test_every_case_has_a_name_of_its_own() -> None:
    names = [case.name for case in CASES]
    assert sorted(names) == sorted(set(names))


def test_no_case_leaves_anything_behind(place: Place) -> None:
    """What the cases read is what `rows.sql` has: nobody forgot to say that a case writes."""
    tables = ("kinds", "companies", "clients", "staff", "bookings", "notes", "words", "numbers", "archive.visits")
    queries = [f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} AS t" for table in tables]
    before = [place.stored(query) for query in queries]
    place.restore()
    assert [place.stored(query) for query in queries] == before


def test_every_method_and_parameter_of_the_builders_is_used_by_a_case(place: Place) -> None:
    functions = public_functions(builders(MODULES))
    both = SyncAsking(place), AsyncAsking(place)
    executed = set()
    with recorded(functions) as used:
        for asking in both:
            for case in CASES:
                built = case.ask(asking.clients[case.role])
                executed.add(type(built).execute.__qualname__)
    for asking in both:
        asking.close()
    unused = parts(functions) - used - executed - set(OWN_TESTS)
    assert unused == set()


def test_a_builder_method_that_is_new_would_be_found() -> None:
    class NewBuilder(postgrest.SyncSelectRequestBuilder):
        def sample(self, percent: int, *, seed: int = 0) -> None:
            """Not there yet."""

    new = parts(public_functions([NewBuilder])) - parts(public_functions([postgrest.SyncSelectRequestBuilder]))
    assert {name.rpartition(".")[2] for name in new} == {"sample", "sample(seed)"}


def test_what_has_a_test_of_its_own_has_it_here() -> None:
    assert set(OWN_TESTS.values()) <= set(globals())
    assert set(OWN_TESTS) <= parts(public_functions(builders(MODULES)))


def test_the_client_has_no_way_to_data_that_is_not_known_here() -> None:
    for kind in (supabase.Client, supabase.AsyncClient):
        assert {name for name in dir(kind) if not name.startswith("_")} == OF_DATA | OF_OTHER_SERVICES


def _headers(key: str) -> dict[str, str]:
    return {"apikey": key, "Authorization": f"Bearer {key}"}


def test_auth_sets_the_token_of_a_client(place: Place, keys: Keys) -> None:
    with SyncPostgrestClient(f"{place.url}/rest/v1", headers=_headers(keys.anon_key)) as client:
        assert client.from_("notes").select("id").order("id").execute().data == [{"id": 1}]
        client.auth(tokens.sign({"role": "service_role"}, keys.jwt_secret))
        assert client.from_("notes").select("id").order("id").execute().data == [{"id": 1}, {"id": 2}]


def test_auth_with_a_user_name_is_no_bearer_token(place: Place, keys: Keys) -> None:
    """It goes out as Basic, which names no role: the API key decides."""
    with SyncPostgrestClient(f"{place.url}/rest/v1", headers={"apikey": keys.anon_key}) as client:
        client.auth(None, username="salon", password="secret")
        assert client.from_("notes").select("id").execute().data == [{"id": 1}]


def test_the_deprecated_name_of_table_still_asks(place: Place, asking: SyncAsking | AsyncAsking) -> None:
    client = asking.clients["service_role"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        case = Case("from_table", lambda c: c.postgrest.from_table("skills").select("title").eq("skill_id", 1), None)  # type: ignore[arg-type]
        assert client is not None
        outcome = asking(case)
    assert outcome.data == [{"title": "cut"}]  # type: ignore[union-attr]


async def _closed_and_asked(place: Place, key: str) -> None:
    client = AsyncPostgrestClient(f"{place.url}/rest/v1", headers=_headers(key), retry_enabled=False)
    assert (await client.from_("skills").select("title").eq("skill_id", 1).execute()).data == [{"title": "cut"}]
    await client.aclose()
    await client.from_("skills").select("title").execute()


def test_a_closed_client_sends_nothing(place: Place, keys: Keys) -> None:
    client = SyncPostgrestClient(f"{place.url}/rest/v1", headers=_headers(keys.anon_key), retry_enabled=False)
    assert client.from_("skills").select("title").eq("skill_id", 1).execute().data == [{"title": "cut"}]
    client.aclose()
    with pytest.raises(RuntimeError, match="closed"):
        client.from_("skills").select("title").execute()
    with pytest.raises(RuntimeError, match="closed"):
        asyncio.run(_closed_and_asked(place, keys.anon_key))


def test_the_client_speaks_to_postgrests_own_paths_as_well(place: Place, keys: Keys) -> None:
    with SyncPostgrestClient(place.url, headers=_headers(keys.service_role_key), schema="archive") as client:
        assert client.from_("visits").select("year").eq("id", 1).execute().data == [{"year": 2023}]
        assert client.rpc("years", {}).execute().data == [2023, 2024]


def test_the_client_tells_who_it_is(place: Place, keys: Keys) -> None:
    """The database may read it in request.headers."""
    with httpx.Client(headers={**_headers(keys.anon_key), "X-Client-Info": "supabase-py/2"}) as http:
        assert http.get(f"{place.url}/rest/v1/skills?select=title&skill_id=eq.1").json() == [{"title": "cut"}]
