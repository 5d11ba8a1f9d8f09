"""Relays before real servers: what passes is unchanged, what is seen is attested, closing leaves nothing behind."""

from __future__ import annotations

import http.server
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator

import psycopg
import pytest

from harness.core.record import Side
from harness.embedded.server import Server
from harness.wire import Relay, ServerIdentity, dsn_through, http_relay, postgres_relay, url_through


def identity(server: Server) -> ServerIdentity:
    return ServerIdentity(
        side=Side.SOURCE,
        address=f"{server.host}:{server.port}",
        database="postgres",
        system_identifier=str(server.system_identifier),
    )


@pytest.fixture
def relay(server: Server) -> Iterator[Relay]:
    relay = postgres_relay(identity(server), host=server.host, port=server.port)
    yield relay
    relay.close()


def dsn(relay: Relay, server: Server, database: str = "postgres") -> str:
    return dsn_through(relay, user=server.user, password=server.password, database=database)


def test_a_session_through_the_relay_is_attested_with_address_database_and_system_identifier(
    relay: Relay, server: Server
) -> None:
    marker = relay.marker()
    with psycopg.connect(dsn(relay, server)) as connection:
        assert connection.execute("SELECT %s::int + 1", (41,)).fetchone() == (42,)
    (seen,) = relay.attest(marker)
    assert (seen.side, seen.address, seen.database) == (Side.SOURCE, f"127.0.0.1:{server.port}", "postgres")
    assert (seen.system_identifier, seen.exchanges) == (str(server.system_identifier), 1)


def test_another_database_of_the_same_server_shows_in_the_attestation(relay: Relay, server: Server) -> None:
    marker = relay.marker()
    with psycopg.connect(dsn(relay, server, "template1")) as connection:
        connection.execute("SELECT 1")
    assert [each.database for each in relay.attest(marker)] == ["template1"]


def test_statements_are_counted_once_prepared_or_not(relay: Relay, server: Server) -> None:
    with psycopg.connect(dsn(relay, server), autocommit=True, prepare_threshold=2) as connection:
        marker = relay.marker()
        for number in range(6):
            connection.execute("SELECT %s::int", (number,))
    executed = [each.sql for each in relay.since(marker) if each.executed]
    assert executed == ["SELECT $1::int"] * 6
    assert relay.attest(marker)[0].exchanges == 6


def test_a_statement_that_the_server_refuses_to_prepare_is_seen(relay: Relay, server: Server) -> None:
    with psycopg.connect(dsn(relay, server), autocommit=True) as connection:
        marker = relay.marker()
        with pytest.raises(psycopg.errors.UndefinedColumn):
            connection.execute("SELECT nonsense", prepare=True)
    assert "SELECT nonsense" in [each.sql for each in relay.since(marker)]
    assert relay.attest(marker)[0].exchanges == 1


def test_large_answers_copies_and_pipelines_pass_unchanged(relay: Relay, server: Server) -> None:
    with psycopg.connect(dsn(relay, server)) as connection:
        text = "x" * 3_000_000
        assert connection.execute("SELECT %s || 'y'", (text,)).fetchone() == (text + "y",)
        connection.execute("CREATE TEMP TABLE copied (n int, t text)")
        with connection.cursor() as cursor, cursor.copy("COPY copied FROM STDIN") as copy:
            for number in range(20_000):
                copy.write_row((number, "Q" * 20))
        assert connection.execute("SELECT count(*), sum(n) FROM copied").fetchone() == (20_000, 199_990_000)
        with connection.pipeline():
            answers = [connection.execute("SELECT %s::int", (number,)) for number in range(50)]
        assert [answer.fetchone() for answer in answers] == [(number,) for number in range(50)]


def test_a_running_statement_can_be_cancelled_through_the_relay(relay: Relay, server: Server) -> None:
    with psycopg.connect(dsn(relay, server)) as connection:
        threading.Timer(0.1, connection.cancel_safe).start()
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute("SELECT pg_sleep(10)")


def test_cutting_ends_sessions_and_lets_new_ones_in(relay: Relay, server: Server) -> None:
    with psycopg.connect(dsn(relay, server)) as connection:
        connection.execute("SELECT 1")
        relay.cut()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    with psycopg.connect(dsn(relay, server)) as connection:
        assert connection.execute("SELECT 2").fetchone() == (2,)


def test_a_closed_relay_leaves_no_thread_no_port_and_no_session(server: Server) -> None:
    before = set(threading.enumerate())
    relay = postgres_relay(identity(server), host=server.host, port=server.port)
    connections = [psycopg.connect(dsn(relay, server)) for _ in range(3)]
    relay.close()
    relay.close()
    assert set(threading.enumerate()) - before == set()
    with pytest.raises(OSError), socket.create_connection(("127.0.0.1", relay.port), timeout=1):  # noqa: PT011
        pass
    for connection in connections:
        connection.close()


def test_a_relay_to_a_server_that_is_not_there_closes_the_connection(server: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    relay = postgres_relay(identity(server), host="127.0.0.1", port=port)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(dsn(relay, server), connect_timeout=2)
    relay.close()


def test_the_socket_of_a_server_can_be_reached_through_a_relay(server: Server) -> None:
    relay = postgres_relay(identity(server), host=str(server.socket_directory), port=server.port)
    try:
        with psycopg.connect(dsn(relay, server)) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        relay.close()


def test_an_exchange_through_the_relay_costs_less_than_a_millisecond(relay: Relay, server: Server) -> None:
    def fastest(target: str) -> float:
        with psycopg.connect(target, autocommit=True) as connection:
            times = []
            for number in range(300):
                started = time.perf_counter()
                connection.execute("SELECT %s::int", (number,)).fetchone()
                times.append(time.perf_counter() - started)
        return sorted(times)[len(times) // 2]

    assert fastest(dsn(relay, server)) - fastest(server.dsn("postgres")) < 0.001


class _Echo(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base's
        pass


def test_requests_through_the_relay_pass_unchanged_and_are_attested(server: Server) -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Echo) as echo:
        threading.Thread(target=echo.serve_forever, daemon=True).start()
        relay = http_relay(identity(server), f"http://127.0.0.1:{echo.server_port}")
        try:
            body = bytes(range(256)) * 5000
            request = urllib.request.Request(f"{url_through(relay)}/rest/v1/t?a=eq.1", data=body)
            request.add_header("apikey", "SECRET")
            with urllib.request.urlopen(request) as answer:
                assert answer.read() == body
            (seen,) = relay.since(0)
            assert seen.request is not None
            assert (seen.request.verb, seen.request.path, seen.request.query) == ("POST", "/rest/v1/t", "a=eq.1")
            assert "SECRET" not in repr(seen)
            assert [each.exchanges for each in relay.attest(0)] == [1]
        finally:
            relay.close()
            echo.shutdown()
