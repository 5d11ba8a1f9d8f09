"""What stands between an application and its Supabase project fails in every way: the failure says so, and in time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import pytest

from harness.datalayer.envelope import CallFailed
from harness.datalayer.filters import eq, in_
from harness.datalayer.rows import Table
from harness.datalayer.supabase import client as supabase_client
from harness.datalayer.supabase.async_repository import AsyncSupabaseRepository
from harness.datalayer.supabase.repository import SupabaseRepository
from harness.errors import ConfigurationError, DataLayerFailed
from harness.gateway.access import tokens
from tests.datalayer.two_backends import MANY, TwoBackends

SECRET = "80005550001"
KEY = "a.key.b"


@contextmanager
def answering(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[tuple[str, list[str]]]:
    """A server that does what it is told with every request, and its list of the requests that came."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            super().handle_one_request()
            self.close_connection = True

        def do_GET(self) -> None:
            seen.append(self.command)
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer(self)

        do_POST = do_DELETE = do_GET  # noqa: N815 - the names that the base class calls

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", seen
        server.shutdown()
        thread.join()


def saying(status: int, body: str, content_type: str = "text/html") -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", content_type)
        handler.send_header("Content-Length", str(len(body.encode())))
        handler.end_headers()
        handler.wfile.write(body.encode())

    return answer


def cut_in_the_middle(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'[{"id": 1},')


def cut_before_an_answer(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.close()


def no_gzip(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Encoding", "gzip")
    handler.send_header("Content-Length", "4")
    handler.end_headers()
    handler.wfile.write(b"oops")


def failures_of(url: str, key: str = KEY, table: Table = MANY, **limits: float) -> list[CallFailed]:
    """The failures of a read, a count, a write and a delete, sync and then async."""
    return [*_sync_failures(url, key, table, limits), *asyncio.run(_async_failures(url, key, table, limits))]


def _sync_failures(url: str, key: str, table: Table, limits: dict[str, float]) -> list[CallFailed]:
    client = supabase_client.supabase_client(url, key, **limits)  # type: ignore[arg-type]
    repository, found = SupabaseRepository(client, table), []
    for call in (
        lambda: repository.find_many([eq("name", SECRET)]),
        lambda: repository.count([]),
        lambda: repository.upsert({"id": 1, "part": 1, "name": SECRET}),
        lambda: repository.delete([eq("name", SECRET)]),
    ):
        with pytest.raises(CallFailed) as failed:
            call()
        found.append(failed.value)
    supabase_client.close(client)
    return found


async def _async_failures(url: str, key: str, table: Table, limits: dict[str, float]) -> list[CallFailed]:
    client = await supabase_client.async_supabase_client(url, key, **limits)  # type: ignore[arg-type]
    repository, found = AsyncSupabaseRepository(client, table), []
    for call in (
        lambda: repository.find_many([eq("name", SECRET)]),
        lambda: repository.count([]),
        lambda: repository.upsert({"id": 1, "part": 1, "name": SECRET}),
        lambda: repository.delete([eq("name", SECRET)]),
    ):
        with pytest.raises(CallFailed) as failed:
            await call()
        found.append(failed.value)
    await supabase_client.close_async(client)
    return found


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (saying(502, f"<html>Bad Gateway {SECRET}</html>"), ("connection", "502")),
        (saying(503, ""), ("connection", "503")),
        (saying(504, "<html>Gateway Time-out</html>"), ("timeout", "504")),
        (saying(522, "error code: 522"), ("timeout", "522")),
        (saying(540, "Project paused"), ("connection", "540")),
        (saying(429, "slow down"), ("connection", "429")),
        (saying(414, "<html>Request-URI Too Large</html>"), ("invalid_input", "414")),
        (saying(431, ""), ("invalid_input", "431")),
        (saying(401, '{"message": "Invalid API key", "hint": "x"}', "application/json"), ("permission", "401")),
        (saying(503, '{"message": "name resolution failed"}', "application/json"), ("connection", "503")),
        (saying(500, '{"error": "' + SECRET + '"}', "application/json"), ("internal", "internal")),
        (saying(200, f"<html>Log in to the hotel {SECRET}</html>"), ("connection", "not_json")),
        (saying(200, '{"id": 1}', "application/json"), ("connection", "not_json")),
        (saying(200, "[1, 2]", "application/json"), ("connection", "not_json")),
        (cut_in_the_middle, ("connection", "connection")),
        (cut_before_an_answer, ("connection", "connection")),
        (no_gzip, ("connection", "connection")),
    ],
)
def test_an_answer_that_is_not_postgrests_is_a_failure_of_the_kind_that_it_means(
    answer: Callable[[BaseHTTPRequestHandler], None], expected: tuple[str, str]
) -> None:
    with answering(answer) as (url, seen):
        found = failures_of(url)
    assert {(one.kind, one.code) for one in found} == {expected}
    assert not any(SECRET in one.message or KEY in one.message for one in found)
    assert seen == ["GET", "GET", "POST", "DELETE"] * 2, "each was sent once"


def test_a_server_that_does_not_answer_is_a_timeout_when_the_limit_is_over() -> None:
    over = Event()

    def silent(_: BaseHTTPRequestHandler) -> None:
        over.wait(20)

    with answering(silent) as (url, _):
        before = time.monotonic()
        found = failures_of(url, read_seconds=0.2)
        took = time.monotonic() - before
        over.set()
    assert {(one.kind, one.code) for one in found} == {("timeout", "timeout")}
    assert took < 8 * 1.0


def test_a_server_that_is_not_there_is_a_connection_failure() -> None:
    assert {(one.kind, one.code) for one in failures_of("http://127.0.0.1:1")} == {("connection", "connection")}


def test_a_read_is_sent_again_only_where_that_was_asked_for_and_a_write_never() -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        first = len(seen) == 1
        saying(503 if first else 200, "" if first else "[]", "application/json")(handler)

    with answering(answer) as (url, seen):
        client = supabase_client.supabase_client(url, KEY, retry_reads=True)
        assert SupabaseRepository(client, MANY).find_many([]) == []
        assert seen == ["GET", "GET"]
        seen.clear()
        with pytest.raises(CallFailed):
            SupabaseRepository(client, MANY).upsert({"id": 1})
        assert seen == ["POST"]
        supabase_client.close(client)


def test_after_close_every_call_fails_and_says_that_the_client_is_closed() -> None:
    client = supabase_client.supabase_client("http://127.0.0.1:1", KEY)
    supabase_client.close(client)
    with pytest.raises(CallFailed) as failed:
        SupabaseRepository(client, MANY).find_many([])
    assert (failed.value.kind, failed.value.code) == ("internal", "closed")


def test_a_list_that_no_url_can_hold_is_invalid_input_that_names_the_way_out() -> None:
    client = supabase_client.supabase_client("http://127.0.0.1:1", KEY)
    with pytest.raises(CallFailed, match="find_by_ids") as failed:
        SupabaseRepository(client, MANY).find_many([in_("id", range(20_000))])
    assert failed.value.kind == "invalid_input"
    supabase_client.close(client)


def test_a_wrong_key_and_an_expired_one_are_failures_of_permission(both: TwoBackends) -> None:
    expired = tokens.sign({"role": "service_role", "exp": 1_000_000_000}, both.keys.jwt_secret)
    for key in ("wrong", expired, tokens.sign({"role": "service_role"}, "x" * 40)):
        found = failures_of(both.gateway.url, key)
        assert {one.kind for one in found} == {"permission"}
        assert not any(key in one.message for one in found)


def test_a_table_that_the_schema_cache_does_not_know_yet_is_a_missing_table_until_it_is_reloaded(
    both: TwoBackends,
) -> None:
    both.execute("CREATE TABLE late (id int PRIMARY KEY, part int, name text)")
    both.execute("GRANT ALL ON late TO service_role")
    late = Table("late", key=("id",), has_updated_at=False)
    found = failures_of(both.gateway.url, both.keys.service_role_key, late)
    assert {(one.kind, one.code) for one in found} == {("internal", "42P01")}
    both.gateway.reload_schema_cache()
    assert both.repositories["supabase"](late).upsert({"id": 1}) == {"id": 1, "part": None, "name": None}


def test_a_project_is_proved_at_the_start_or_fails_it(both: TwoBackends) -> None:
    with supabase(both.gateway.url, both.keys.service_role_key) as client:
        supabase_client.prove(client, "many")
    for url, key, reason in (
        (both.gateway.url, "wrong", "permission"),
        ("http://127.0.0.1:1", both.keys.service_role_key, "connection"),
        (both.gateway.url + "/elsewhere", both.keys.service_role_key, ""),
    ):
        with supabase(url, key) as client, pytest.raises(DataLayerFailed) as failed:
            supabase_client.prove(client, "many")
        assert reason in failed.value.message
        assert key not in f"{failed.value.message}{failed.value.hint}"
        assert "\n" not in failed.value.message
        assert failed.value.hint


@contextmanager
def supabase(url: str, key: str) -> Iterator[Any]:
    client = supabase_client.supabase_client(url, key)
    yield client
    supabase_client.close(client)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("", "hunter2"),
        ("not a url", "hunter2"),
        ("https://", "hunter2"),
        ("http://[x", "hunter2"),
        ("ftp://project.example", "hunter2"),
        ("https://a:hunter2@project.example", "key"),
        ("https://project.example", ""),
        ("https://project.example", "hunter2\n"),
        ("https://project.example", "hunter2 "),
        ("https://project.example", "ключ hunter2"),
    ],
)
def test_a_url_or_key_that_cannot_be_used_is_an_error_at_once_and_the_key_is_not_in_it(url: str, key: str) -> None:
    with pytest.raises(ConfigurationError) as failed:
        supabase_client.supabase_client(url, key)
    with pytest.raises(ConfigurationError):
        asyncio.run(supabase_client.async_supabase_client(url, key))
    assert "hunter2" not in f"{failed.value.message}{failed.value.hint}"
    assert "\n" not in failed.value.message
    assert failed.value.hint
    assert failed.value.__context__ is None or failed.value.__suppress_context__
