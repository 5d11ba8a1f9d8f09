"""Observability (https://docs.postgrest.org/en/v16/references/observability.html).

Sections: Logs, Server Version Header, Trace Header, Server-Timing Header; and from "HTTP Server" and "Errors" what
every answer carries. Metrics are in test_admin_server.py.
"""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from harness import __version__
from harness.gateway.access import tokens
from harness.gateway.http.request_log import is_logged
from harness.gateway.server import GatewayServer
from harness.gateway.settings import GatewaySettings
from tests.supabase.documentation.conftest import SECRET, Serve, Served

DDL = """
CREATE TABLE rooms (number int PRIMARY KEY);
INSERT INTO rooms VALUES (1);
CREATE FUNCTION explode() RETURNS int LANGUAGE sql AS 'SELECT 1 FROM pg_sleep(0) WHERE 1 / 0 = 1';
"""


@pytest.fixture(scope="module")
def served(serve: Serve) -> Served:
    return serve(
        DDL, server_timing_enabled=True, server_trace_header="X-Request-Id", db_tx_end="rollback-allow-override"
    )


# Logs


@pytest.mark.parametrize(
    ("level", "logged"),
    [("crit", []), ("error", [500]), ("warn", [500, 404]), ("info", [500, 404, 200]), ("debug", [500, 404, 200])],
)
def test_log_level_says_which_requests_are_logged(served: Served, level: Any, logged: list[int]) -> None:
    lines: list[str] = []
    settings = GatewaySettings(db_uri=served.dsn, log_level=level)
    with GatewayServer.start(settings, log=lines.append) as running:
        lines.clear()
        httpx.get(f"{running.url}/rooms", headers={"Authorization": "Bearer a.b.c"})
        httpx.get(f"{running.url}/unknown")
        httpx.get(f"{running.url}/rooms")
    found = [
        re.fullmatch(r'127\.0\.0\.1 - (\S+) \[.+\] "(.+)" (\d+) (\d+) "" "python-httpx/.+"', line) for line in lines
    ]
    assert [int(line.group(3)) if line else None for line in found] == logged
    shown = [(line.group(1), line.group(2)) for line in found if line]
    assert (
        shown
        == [("-", "GET /rooms HTTP/1.1"), ("anon", "GET /unknown HTTP/1.1"), ("anon", "GET /rooms HTTP/1.1")][
            : len(logged)
        ]
    )


def test_what_a_level_logs_the_next_one_does_too() -> None:
    levels: tuple[Any, ...] = ("crit", "error", "warn", "info", "debug")
    counts = [sum(is_logged(status, level) for status in range(100, 600)) for level in levels]
    assert counts == sorted(counts)


def test_the_role_of_a_token_stands_in_the_line_even_where_the_database_refuses(served: Served) -> None:
    lines: list[str] = []
    settings = GatewaySettings(db_uri=served.dsn, log_level="warn", jwt_secret=SECRET)
    with GatewayServer.start(settings, log=lines.append) as running:
        lines.clear()
        token = tokens.sign({"role": "nobody_here"}, SECRET)
        httpx.get(f"{running.url}/rooms", headers={"Authorization": f"Bearer {token}"})
    (line,) = lines
    assert line.startswith("127.0.0.1 - nobody_here [")


def test_a_preflight_request_is_not_logged_but_options_is(served: Served) -> None:
    lines: list[str] = []
    settings = GatewaySettings(db_uri=served.dsn, log_level="info")
    with GatewayServer.start(settings, log=lines.append) as running:
        lines.clear()
        preflight = {"Origin": "http://a.example", "Access-Control-Request-Method": "POST"}
        httpx.options(f"{running.url}/rooms", headers=preflight)
        httpx.options(f"{running.url}/rooms")
    (line,) = lines
    assert '"OPTIONS /rooms HTTP/1.1" 200 0' in line


# Server Version Header


@pytest.mark.parametrize("path", ["/rooms", "/nowhere", "/"])
def test_the_server_names_itself_and_not_postgrest(served: Served, path: str) -> None:
    assert served.http.head(path).headers.get_list("server") == [f"pgparity/{__version__}"]


# Trace Header


@pytest.mark.parametrize("path", ["/rooms", "/nowhere"])
def test_the_trace_header_comes_back(served: Served, path: str) -> None:
    assert served.http.get(path, headers={"X-Request-Id": "a b"}).headers["x-request-id"] == "a b"
    assert "x-request-id" not in served.http.get(path).headers


# Server-Timing Header


def _stages(answer: httpx.Response) -> list[str]:
    parts = [re.fullmatch(r"([a-z]+);dur=[0-9]+\.[0-9]", part) for part in answer.headers["server-timing"].split(", ")]
    assert all(parts)
    return [part.group(1) for part in parts if part]


ALL = ["jwt", "parse", "plan", "transaction", "response"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/rooms", None),
        ("HEAD", "/rooms", None),
        ("POST", "/rooms", {"number": 2}),
        ("PATCH", "/rooms?number=eq.1", {"number": 3}),
        ("PUT", "/rooms?number=eq.1", {"number": 1}),
        ("DELETE", "/rooms?number=eq.1", None),
        ("GET", "/", None),
    ],
)
def test_every_stage_of_a_request_is_timed(served: Served, method: str, path: str, body: Any) -> None:
    answer = served.http.request(method, path, json=body)
    assert answer.status_code < 300
    assert _stages(answer) == ALL


def test_options_has_no_transaction(served: Served) -> None:
    assert _stages(served.http.request("OPTIONS", "/rooms")) == ["jwt", "parse", "plan", "response"]


def test_nothing_is_timed_unless_the_setting_asks_for_it(serve: Serve) -> None:
    assert "server-timing" not in serve("CREATE TABLE x (id int)").http.get("/x").headers


# HTTP Server, Errors


def test_every_answer_says_how_long_it_is(served: Served) -> None:
    for path in ("/rooms", "/nowhere", "/", "/rooms?number=eq.x"):
        answer = served.http.get(path)
        assert answer.headers["content-length"] == str(len(answer.content))
    assert "content-length" not in served.http.patch("/rooms?number=eq.1", json={"number": 5}).headers


def test_client_error_verbosity(serve: Serve) -> None:
    terse = serve(DDL, client_error_verbosity="minimal")
    unknown = terse.http.get("/rooom")
    assert unknown.json() == {
        "code": "PGRST205",
        "message": "Could not find the table 'public.rooom' in the schema cache",
    }
    assert unknown.headers["proxy-status"] == "PostgREST; error=PGRST205"
    assert set(terse.http.post("/rpc/explode").json()) == {"code", "message"}
