"""Who may ask the health endpoints, and what those are told who may not."""

from __future__ import annotations

import base64
import http.client
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from harness.core.serve_section import ServeSection
from harness.datalayer.envelope import Envelope
from harness.errors import ConfigurationError
from harness.service.access import Access, hosts_of, is_loopback
from harness.service.application import application
from harness.service.monitor import Observed
from harness.service.server import HealthServer
from harness.service.standalone import access_of

TOKEN = "a-token-of-more-than-16-characters"
PATHS = (
    "/",
    "/now",
    "/health/database",
    "/health/database/metrics",
    "/health/sessions",
    "/metrics",
    "/runs/a/report.html",
)


def _client(access: Access | None) -> Iterator[httpx.Client]:
    with (
        HealthServer.start(application(Observed(), access), "127.0.0.1", 0) as server,
        httpx.Client(base_url=server.url) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def guarded() -> Iterator[httpx.Client]:
    """Endpoints with a token, on loopback."""
    yield from _client(Access(TOKEN, hosts_of("127.0.0.1", ["Health.Example.org"])))


@pytest.fixture(scope="module")
def unguarded() -> Iterator[httpx.Client]:
    """Endpoints without rules, as in an application that has its own."""
    yield from _client(None)


def _basic(text: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(text.encode()).decode()}"}


@pytest.mark.parametrize("path", PATHS)
def test_without_the_token_only_that_the_process_lives_is_told(guarded: httpx.Client, path: str) -> None:
    answer = guarded.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert answer.headers["www-authenticate"].startswith("Basic ")
    assert guarded.get("/health/live").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": f"Bearer {TOKEN[:-1]}"},
        {"Authorization": "Bearer"},
        {"Authorization": TOKEN},
        {"Authorization": "Basic !!!"},
        {"Authorization": b"Bearer \xff\xfe"},
        {"Authorization": b"Basic \xff\xfe"},
        _basic(TOKEN),
        _basic(f"{TOKEN}:"),
        _basic(f"user:{TOKEN}x"),
    ],
)
def test_a_wrong_token_opens_nothing(guarded: httpx.Client, headers: Any) -> None:
    assert guarded.get("/health/database", headers=headers).status_code == 401


@pytest.mark.parametrize(
    "headers", [{"Authorization": f"Bearer {TOKEN}"}, {"Authorization": f"bearer  {TOKEN}"}, _basic(f"anybody:{TOKEN}")]
)
def test_the_token_opens_as_bearer_and_as_password(guarded: httpx.Client, headers: dict[str, str]) -> None:
    assert guarded.get("/health/database", headers=headers).status_code == 200
    assert guarded.get("/", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("host", "code"),
    [
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost.evil.example:80", 421),
        ("", 421),
        ("[::2]", 421),
        ("localhost", 200),
        ("LOCALHOST:8600", 200),
        ("127.0.0.1:1", 200),
        ("[::1]:8600", 200),
        ("health.example.org", 200),
    ],
)
def test_on_loopback_only_its_own_names_are_answered(guarded: httpx.Client, host: str, code: int) -> None:
    assert guarded.get("/health/live", headers={"Host": host}).status_code == code


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_nothing_but_reading_is_answered(unguarded: httpx.Client, method: str) -> None:
    answer = unguarded.request(method, "/health/live")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("path", ["/health/live", "/health/database", "/metrics", "/"])
def test_head_is_answered_as_get_without_a_body(unguarded: httpx.Client, path: str) -> None:
    answer = unguarded.head(path)
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    "path", ["/nothing", "/runs/../report.html", "/runs/%2e%2e/report.html", "/runs/a%2Fb/report.html"]
)
def test_what_is_not_there_is_a_problem_of_its_own(unguarded: httpx.Client, path: str) -> None:
    connection = http.client.HTTPConnection(unguarded.base_url.host, unguarded.base_url.port, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")
    connection.close()


def test_answers_are_kept_by_nobody_and_framed_by_nobody(unguarded: httpx.Client) -> None:
    headers = unguarded.get("/").headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "server" not in headers


def test_an_endpoint_that_fails_tells_nothing_of_why(caplog: pytest.LogCaptureFixture) -> None:
    def fails(_: int) -> Envelope:
        raise ValueError("postgresql://user:secret@host")

    with HealthServer.start(application(Observed(sessions=fails, company_id=1)), "127.0.0.1", 0) as server:
        answer = httpx.get(f"{server.url}/health/sessions")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "secret" not in answer.text + caplog.text
    assert "ValueError" in caplog.text


def test_mounted_in_an_application_the_endpoints_answer_below_its_path() -> None:
    mounted = Starlette(routes=[Mount("/pgparity", application(Observed(), Access(TOKEN)))])
    with HealthServer.start(mounted, "127.0.0.1", 0) as server:
        assert httpx.get(f"{server.url}/pgparity/health/live").status_code == 200
        assert httpx.get(f"{server.url}/pgparity/health/database").status_code == 401
        headers = {"Authorization": f"Bearer {TOKEN}"}
        assert httpx.get(f"{server.url}/pgparity/", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("[::1]", True), ("localhost", True)]
    + [(host, False) for host in ("0.0.0.0", "::", "*", "10.0.0.1", "localhost.example", "")],
)
def test_only_loopback_counts_as_this_machine(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


@pytest.mark.parametrize("value", ["", "abcdefg", "ä" * 20, "with\nline feed of twenty"])
def test_a_token_that_is_none_is_refused(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_TOKEN", value)
    with pytest.raises(ConfigurationError) as refused:
        access_of("127.0.0.1", "env:A_TOKEN", ServeSection())
    assert not value or value not in refused.value.message


def test_a_token_is_shown_by_no_repr() -> None:
    assert TOKEN not in repr(Access(TOKEN))
