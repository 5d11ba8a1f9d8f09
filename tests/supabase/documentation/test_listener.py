"""Listener (https://docs.postgrest.org/en/v16/references/listener.html), and the reloading that it asks for.

Sections: Listener, Automatic Recovery; "Schema Cache", section Reloading with NOTIFY; "Configuration", section
Configuration Reload with NOTIFY.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import httpx
import psycopg
import pytest

from harness.gateway.server import GatewayServer
from harness.gateway.settings import GatewaySettings
from tests.server_versions import since
from tests.supabase.documentation.conftest import Serve, Served


@pytest.fixture(scope="module")
def served(serve: Serve) -> Served:
    return serve("CREATE TABLE rooms AS SELECT 1 AS number UNION SELECT 2")


class Listening:
    """A gateway that listens, its log, and settings that a reload of the configuration reads."""

    def __init__(self, served: Served, **settings: object) -> None:
        self.served = served
        self.log: list[str] = []
        chosen = {"db_channel_enabled": True, **settings}
        self.settings = GatewaySettings(db_uri=served.dsn, **chosen)  # type: ignore[arg-type]
        self.server = GatewayServer.start(self.settings, read_settings=lambda: self.settings, log=self.log.append)
        self.http = httpx.Client(base_url=self.server.url)
        self.eventually(lambda: self.said("Listening for database notifications"))

    def said(self, text: str) -> int:
        return sum(text in line for line in self.log)

    def eventually(self, holds: Callable[[], object]) -> None:
        deadline = time.monotonic() + 10
        while not holds():
            assert time.monotonic() < deadline, "\n".join(self.log)
            time.sleep(0.01)

    def backends(self) -> list[int]:
        """The processes that listen."""
        query = (
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'pgparity gateway' AND query LIKE 'LISTEN %'"
            " AND datname = current_database()"
        )
        with psycopg.connect(self.served.dsn) as connection:
            return [pid for (pid,) in connection.execute(query).fetchall()]

    def close(self) -> None:
        self.http.close()
        self.server.stop()


@pytest.fixture
def listening(served: Served) -> Iterator[Listening]:
    found = Listening(served)
    yield found
    found.close()


def _sql(served: Served, text: str) -> None:
    served.sql(text, reload=False)


# Listener


@pytest.mark.parametrize("notify", ["NOTIFY pgrst", "NOTIFY pgrst, ''", "NOTIFY pgrst, 'reload schema'"])
def test_a_notification_reloads_the_schema_cache(served: Served, listening: Listening, notify: str) -> None:
    name = f"t{time.monotonic_ns()}"
    _sql(served, f"CREATE TABLE {name} AS SELECT 1 AS id; GRANT SELECT ON {name} TO anon")
    stale = listening.http.get(f"/{name}")
    assert (stale.status_code, stale.json()["code"]) == (404, "PGRST205")
    _sql(served, notify)
    listening.eventually(lambda: listening.http.get(f"/{name}").status_code == 200)
    assert listening.said('Received a schema cache reload message on the "pgrst" channel') == 1


def test_a_notification_reloads_the_configuration_and_the_settings_of_roles(
    served: Served, listening: Listening
) -> None:
    _sql(served, "CREATE TABLE lamps AS SELECT 1 AS id; GRANT SELECT ON lamps TO anon")
    listening.settings = replace(listening.settings, db_max_rows=1)
    assert len(listening.http.get("/rooms").json()) == 2
    _sql(served, "NOTIFY pgrst, 'reload config'")
    listening.eventually(lambda: listening.said("Config reloaded"))
    assert len(listening.http.get("/rooms").json()) == 1
    # the schema cache is not part of the configuration
    assert listening.http.get("/lamps").status_code == 404


def test_other_notifications_do_nothing(served: Served, listening: Listening) -> None:
    _sql(served, "NOTIFY pgrst, 'reload everything'; NOTIFY other")
    _sql(served, "NOTIFY pgrst")
    listening.eventually(lambda: listening.said("Schema cache loaded") == 2)
    assert listening.said("Received") == 1


def test_the_channel_may_have_any_name(served: Served) -> None:
    named = Listening(served, db_channel='my "own" channel')
    try:
        _sql(served, 'NOTIFY "my ""own"" channel"')
        named.eventually(lambda: named.said("Schema cache loaded") == 2)
    finally:
        named.close()


def test_the_listener_takes_no_connection_of_the_pool(served: Served) -> None:
    single = Listening(served, db_pool=1)
    try:
        assert single.http.get("/rooms").status_code == 200
        assert len(single.backends()) == 1
    finally:
        single.close()
    assert single.backends() == []


def test_without_the_setting_nothing_listens(served: Served) -> None:
    settings = GatewaySettings(db_uri=served.dsn)
    with GatewayServer.start(settings) as running:
        assert httpx.get(f"{running.url}/rooms").status_code == 200
        with psycopg.connect(served.dsn) as connection:
            query = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN %' AND datname = current_database()"
            assert connection.execute(query).fetchone() == (0,)


# Automatic Recovery


@since(14, "pg_terminate_backend with a timeout")
def test_a_lost_listener_listens_again_and_reloads_what_it_may_have_missed(
    served: Served, listening: Listening
) -> None:
    (before,) = listening.backends()
    _sql(served, "CREATE TABLE chairs AS SELECT 1 AS id; GRANT SELECT ON chairs TO anon")
    _sql(served, f"SELECT pg_terminate_backend({before}, 5000)")
    listening.eventually(lambda: listening.said("Listening for database notifications") == 2)
    listening.eventually(lambda: listening.http.get("/chairs").status_code == 200)
    assert listening.said("retrying in 1 seconds") == 1
    assert listening.said("Config reloaded") == 1
    assert listening.backends() != [before]


@since(14, "pg_terminate_backend with a timeout")
def test_no_password_stands_in_the_log(served: Served) -> None:
    found = Listening(served)
    try:
        password = str(psycopg.conninfo.conninfo_to_dict(served.dsn)["password"])
        (before,) = found.backends()
        _sql(served, f"SELECT pg_terminate_backend({before}, 5000)")
        found.eventually(lambda: found.said("retrying"))
        assert password not in "\n".join(found.log)
    finally:
        found.close()
