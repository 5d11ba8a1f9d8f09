"""The gateway as a server: it starts when it answers, follows another database, lets go of it, and ends."""

from __future__ import annotations

import asyncio
import socket
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import psycopg
import pytest
from psycopg import sql

from harness.embedded.server import Server
from harness.errors import ConfigurationError, LocalStackError
from harness.gateway.application import create_application
from harness.gateway.http.request_log import RequestLine
from harness.gateway.server import GatewayServer
from harness.gateway.settings import GatewaySettings, ListenSettings
from tests.server_versions import since

if TYPE_CHECKING:
    from tests.supabase.conftest import Project


def _settings(dsn: str) -> GatewaySettings:
    return GatewaySettings(db_uri=dsn, db_anon_role="postgres")


def test_a_started_gateway_answers_at_once_on_a_port_of_its_own(database: str) -> None:
    with GatewayServer.start(_settings(database)) as one, GatewayServer.start(_settings(database)) as other:
        assert one.url != other.url
        assert httpx.get(f"{one.url}/nowhere").json()["code"] == "PGRST205"


def test_an_answer_does_not_wait_for_acknowledgements(database: str) -> None:
    """Without TCP_NODELAY every answer takes 40 ms; asyncio sets it on sockets that say their protocol."""
    with GatewayServer.start(_settings(database)) as running:
        assert running._listening[0].proto == socket.IPPROTO_TCP


def test_a_stopped_gateway_is_gone_and_can_be_stopped_again(database: str) -> None:
    running = GatewayServer.start(_settings(database))
    before = threading.active_count()
    running.stop()
    running.stop()
    assert threading.active_count() == before - 1
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{running.url}/")
    with pytest.raises(LocalStackError, match="not running"):
        running.reload_schema_cache()


def test_a_gateway_over_an_unreachable_database_does_not_start_and_shows_no_password() -> None:
    threads = threading.active_count()
    with pytest.raises(LocalStackError) as caught:
        GatewayServer.start(_settings("postgresql://postgres:hush-hush@127.0.0.1:1/postgres"))
    assert "hush-hush" not in str(caught.value) + caught.value.hint
    assert threading.active_count() == threads


def test_a_gateway_over_a_missing_database_does_not_start(server: Server) -> None:
    with pytest.raises(LocalStackError):
        GatewayServer.start(_settings(server.dsn("no_such_database")))


def test_a_repointed_gateway_serves_the_other_database_and_its_schema(database: str, server: Server) -> None:
    name = f"t_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    with psycopg.connect(server.dsn(name), autocommit=True) as connection:
        connection.execute("CREATE TABLE here AS SELECT 1 AS id")
    try:
        with GatewayServer.start(_settings(database)) as running, httpx.Client(base_url=running.url) as client:
            assert client.get("/here").status_code == 404
            running.repoint(server.dsn(name))
            assert client.get("/here").json() == [{"id": 1}]
            running.close_connections()
            with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
                # without FORCE: nobody is connected any more
                admin.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))
            name = ""
            answer = client.get("/here")
            assert (answer.status_code, answer.json()["code"]) == (503, "PGRST000")
            running.repoint(database)
            assert client.get("/here").status_code == 404
    finally:
        if name:
            with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
                admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def test_a_repoint_to_nowhere_is_an_error_and_requests_get_503(database: str) -> None:
    with GatewayServer.start(_settings(database)) as running:
        with pytest.raises(LocalStackError):
            running.repoint("postgresql://postgres:hush@127.0.0.1:1/x")
        assert httpx.get(f"{running.url}/x").status_code == 503
        running.repoint(database)
        assert httpx.get(f"{running.url}/x").status_code == 404


@since(14, "pg_terminate_backend with a timeout")
def test_connections_that_the_server_ended_are_replaced_unnoticed(project: Project) -> None:
    http = project.http()
    assert http.get("/staff").status_code == 200
    with psycopg.connect(project.dsn, autocommit=True) as connection:
        ended = connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'pgparity gateway'"
            " AND datname = current_database()"
        ).fetchall()
    assert ended
    assert http.get("/staff").status_code == 200
    assert http.post("/skills", json={"skill_id": 9}).status_code == 201


def test_the_gateway_keeps_few_connections_however_many_requests_come(project: Project) -> None:
    project.sql("CREATE FUNCTION nap() RETURNS int LANGUAGE sql STABLE AS 'SELECT 1 FROM pg_sleep(0.05)'")
    http = project.http()
    with ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(lambda _: http.get("/rpc/nap").status_code, range(24)))
    assert answers == [200] * 24
    with psycopg.connect(project.dsn) as connection:
        (count,) = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgparity gateway'"
            " AND datname = current_database()"
        ).fetchone() or (None,)
    assert count == 4


def test_where_no_connection_becomes_free_in_time_it_is_pgrst003(project: Project) -> None:
    project.sql("CREATE FUNCTION nap() RETURNS int LANGUAGE sql STABLE AS 'SELECT 1 FROM pg_sleep(1)'")
    settings = GatewaySettings(
        db_uri=project.dsn, db_anon_role="service_role", db_pool=1, db_pool_acquisition_timeout=0.2
    )
    with GatewayServer.start(settings) as running, ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lambda _: httpx.get(f"{running.url}/rpc/nap"), range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 504]
    assert next(answer for answer in answers if answer.status_code == 504).json()["code"] == "PGRST003"


def test_a_line_for_every_request_and_never_a_body_or_key(project: Project) -> None:
    lines: list[RequestLine] = []
    project.gateway.on_request = lines.append
    try:
        project.client().table("companies").insert({"company_id": 900300, "title": "тайна"}).execute()
        project.http().get("/nowhere?id=eq.1", headers={"Prefer": "count=exact"})
    finally:
        project.gateway.on_request = None
    first, second = lines
    assert (first.method, first.path, first.status) == ("POST", "/companies", 201)
    assert first.headers["prefer"] == "return=representation"
    assert (second.method, second.path, second.query, second.status) == ("GET", "/nowhere", "id=eq.1", 404)
    assert 0 < first.seconds < 30
    shown = repr(lines)
    assert "тайна" not in shown
    assert project.keys.service_role_key not in shown


def test_supabases_paths_and_postgrests_own_are_served_alike(project: Project) -> None:
    headers = {"Authorization": f"Bearer {project.keys.service_role_key}", "apikey": project.keys.service_role_key}
    for path in ("/staff?select=staff_id&limit=1", "/rest/v1/staff?select=staff_id&limit=1"):
        assert httpx.get(project.gateway.url + path, headers=headers).json() == [{"staff_id": 1}]


def test_the_application_reads_its_schema_at_the_first_request_where_nobody_starts_it(database: str) -> None:
    async def ask() -> httpx.Response:
        application = create_application(_settings(database))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://gateway") as client:
            answer = await client.get("/nowhere")
        await application.state.gateway.gateway.close_connections()
        return answer

    assert asyncio.run(ask()).json()["code"] == "PGRST205"


def test_the_newer_version_of_postgresql_is_served_alike(newer_database: str) -> None:
    with psycopg.connect(newer_database, autocommit=True) as connection:
        connection.execute(
            """
            CREATE DOMAIN amount AS numeric;
            CREATE TABLE parents (id int PRIMARY KEY, total amount);
            CREATE TABLE children (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent int REFERENCES parents);
            CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT n * 2';
            """
        )
    settings = GatewaySettings(db_uri=newer_database, db_anon_role="postgres")
    with GatewayServer.start(settings) as running, httpx.Client(base_url=running.url) as client:
        prefer = {"Prefer": "return=representation"}
        assert client.post("/parents", json={"id": 1, "total": 1.50}, headers=prefer).text == '[{"id":1,"total":1.5}]'
        assert client.post("/children", json=[{"parent": 1}, {"parent": 1}], headers=prefer).status_code == 201
        assert client.get("/parents?select=id,children(id)").json() == [{"id": 1, "children": [{"id": 1}, {"id": 2}]}]
        assert client.get("/rpc/twice?n=4").json() == 8


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("!4", "127.0.0.1"),
        ("*4", "127.0.0.1"),
        ("!6", "[::1]"),
        ("*6", "[::1]"),
        ("*", "[::1]"),
        ("::1", "[::1]"),
    ],
)
def test_the_special_values_of_server_host_are_postgrests(database: str, host: str, address: str) -> None:
    with GatewayServer.start(_settings(database), ListenSettings(server_host=host)) as running:
        assert running.url.rpartition(":")[0] == f"http://{address}"
        assert httpx.get(f"{running.url}/nowhere").json()["code"] == "PGRST205"
        if host in ("*", "*6"):
            port = running.url.rpartition(":")[2]
            assert httpx.get(f"http://127.0.0.1:{port}/nowhere").status_code == 404


def test_a_host_that_is_not_this_machines_is_said(database: str) -> None:
    with pytest.raises(ConfigurationError, match=r"cannot listen at port 0 of 192\.0\.2\.1"):
        GatewayServer.start(_settings(database), ListenSettings(server_host="192.0.2.1"))
