"""Admin Server (https://docs.postgrest.org/en/v16/references/admin_server.html), and the gateway's own `/health`.

Sections: Health Check (Live, Ready), Metrics.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator

import httpx
import psycopg
import pytest
from psycopg import sql

from harness.embedded.server import Server
from harness.errors import ConfigurationError
from harness.gateway.server import GatewayServer
from harness.gateway.settings import GatewaySettings, ListenSettings
from tests.supabase.documentation.conftest import Serve, Served


@pytest.fixture(scope="module")
def served(serve: Serve) -> Served:
    return serve("CREATE TABLE rooms (number int)")


@pytest.fixture
def losing(server: Server) -> Iterator[tuple[GatewayServer, str]]:
    """A gateway with an admin server, and the name of its database, which the test may drop."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    settings = GatewaySettings(db_uri=server.dsn(name), db_anon_role="postgres")
    with GatewayServer.start(settings, ListenSettings(admin_server_port=0)) as running:
        yield running, name
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _drop(server: Server, name: str) -> None:
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


# Health Check


def test_live_and_ready_are_200_without_a_body_while_all_is_well(losing: tuple[GatewayServer, str]) -> None:
    running, _ = losing
    for path in ("/live", "/ready"):
        for method in ("GET", "HEAD"):
            answer = httpx.request(method, f"{running.admin_url}{path}")
            assert (answer.status_code, answer.content) == (200, b"")


def test_ready_is_503_and_live_200_while_the_database_is_gone(
    losing: tuple[GatewayServer, str], server: Server
) -> None:
    running, name = losing
    _drop(server, name)
    assert httpx.get(f"{running.admin_url}/ready").status_code == 503
    assert httpx.get(f"{running.admin_url}/live").status_code == 200


def test_live_is_500_where_the_main_server_takes_no_connections(losing: tuple[GatewayServer, str]) -> None:
    running, _ = losing
    running._servers[0].servers[0].close()
    running._listening[0].close()
    assert httpx.get(f"{running.admin_url}/live").status_code == 500
    assert httpx.get(f"{running.admin_url}/ready").status_code == 500


def test_the_admin_server_serves_nothing_else(losing: tuple[GatewayServer, str]) -> None:
    running, _ = losing
    assert [httpx.get(f"{running.admin_url}/{path}").status_code for path in ("", "rooms", "config")] == [404] * 3


def test_without_its_port_there_is_no_admin_server(served: Served) -> None:
    assert served.gateway.admin_url is None
    assert served.http.get("/live").json()["code"] == "PGRST205"


def test_a_port_of_the_admin_server_that_is_in_use_is_said_and_the_other_port_let_go(served: Served) -> None:
    port = int(served.gateway.url.rpartition(":")[2])
    listen = ListenSettings(admin_server_port=port)
    with pytest.raises(ConfigurationError, match=f"port {port} of 127.0.0.1 is in use") as caught:
        GatewayServer.start(GatewaySettings(db_uri=served.dsn), listen)
    assert "admin-server-port" in caught.value.hint


# The gateway's own /health


def test_health_is_200_while_the_database_answers_and_503_when_it_does_not(
    losing: tuple[GatewayServer, str], server: Server
) -> None:
    running, name = losing
    well = httpx.get(f"{running.url}/health")
    assert (well.status_code, well.json()) == (
        200,
        {"status": "ok", "database": "reachable", "schema_cache": "loaded"},
    )
    assert well.headers["content-type"] == "application/json; charset=utf-8"
    _drop(server, name)
    ill = httpx.get(f"{running.url}/health")
    assert (ill.status_code, ill.json()["status"], ill.json()["database"]) == (503, "unavailable", "unreachable")
    head = httpx.head(f"{running.url}/health")
    assert (head.status_code, head.content) == (503, b"")


def test_health_needs_no_token_and_takes_no_body(serve: Serve) -> None:
    closed = serve("CREATE TABLE x (id int)", db_anon_role=None)
    assert closed.http.get("/health").status_code == 200
    assert closed.http.head("/health").status_code == 200
    assert closed.http.post("/health", json={}).status_code == 401
    assert closed.http.get("/rest/v1/health").status_code == 401


def test_a_relation_named_health_goes_first(serve: Serve) -> None:
    hospital = serve("CREATE TABLE health AS SELECT 'fine' AS state")
    assert hospital.http.get("/health").json() == [{"state": "fine"}]


# Metrics


def test_metrics_count_loads_timeouts_connections_and_tokens(losing: tuple[GatewayServer, str]) -> None:
    running, _ = losing
    httpx.get(f"{running.url}/nowhere")
    running.reload_schema_cache()
    answer = httpx.get(f"{running.admin_url}/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    found = dict(re.findall(r"^(pgrst_\S+) (\S+)$", answer.text, re.MULTILINE))
    assert float(found.pop("pgrst_schema_cache_query_time_seconds")) > 0
    assert found == {
        'pgrst_schema_cache_loads_total{status="SUCCESS"}': "2",
        'pgrst_schema_cache_loads_total{status="FAIL"}': "0",
        "pgrst_db_pool_max": "4",
        "pgrst_db_pool_waiting": "0",
        "pgrst_db_pool_available": "4",
        "pgrst_db_pool_timeouts_total": "0",
        "pgrst_jwt_cache_requests_total": "0",
        "pgrst_jwt_cache_hits_total": "0",
        "pgrst_jwt_cache_evictions_total": "0",
    }
    helps = re.findall(r"^# TYPE (\S+) (gauge|counter)$", answer.text, re.MULTILINE)
    assert {name for name, _ in helps} == {name.partition("{")[0] for name in found} | {
        "pgrst_schema_cache_query_time_seconds"
    }
