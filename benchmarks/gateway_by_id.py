"""How long one read by primary key takes through the gateway, beside psycopg alone and HTTP without a database.

    python -m benchmarks.gateway_by_id [--requests 4000] [--rounds 5]

Server, gateway and client are three processes on this machine. A round asks every contender the same number of times,
in turn, so that a slow moment hurts all alike; printed are medians over the rounds.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import http.client
import json
import multiprocessing
import secrets
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from urllib.parse import urlsplit

import psycopg
import uvicorn
import uvloop

from harness.embedded.server import Server
from harness.gateway.settings import new_keys

ROWS = 10_000
_WARM_UP = 300
_MEMORY = 1024**3
_SCHEMA = f"""
CREATE TABLE bookings (
    id int PRIMARY KEY, client text NOT NULL, phone text, at timestamptz NOT NULL, price numeric(10, 2)
);
INSERT INTO bookings
SELECT n, 'client ' || n, '8000555' || lpad(n::text, 4, '0'), timestamptz '2026-01-01' + n * interval '1 hour', n * 1.5
FROM generate_series(1, {ROWS}) AS n;
ANALYZE bookings;
DO $$ BEGIN CREATE ROLE anon; CREATE ROLE service_role; END $$;
GRANT ALL ON bookings TO service_role;
"""


@contextlib.contextmanager
def _gateway(dsn: str) -> Iterator[tuple[str, str]]:
    """The command `pgparity gateway` over a database: its URL, and a key of service_role."""
    keys = new_keys()
    command = [sys.executable, "-m", "harness", "gateway", "--db-uri", dsn, "--jwt-secret", keys.jwt_secret]
    command += ["--anon-key", keys.anon_key, "--service-role-key", keys.service_role_key, "--server-port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline() if process.stdout is not None else ""
        yield str(json.loads(line)["url"]), keys.service_role_key
    finally:
        process.terminate()
        process.wait(30)


def _serve_nothing(ready: Connection) -> None:
    """The smallest ASGI application on the same HTTP server: what HTTP alone costs."""

    async def application(_scope: object, _receive: object, send: Callable[..., object]) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})  # type: ignore[misc]
        await send({"type": "http.response.body", "body": b"[]"})  # type: ignore[misc]

    # with the protocol named, asyncio sets TCP_NODELAY: else the second write waits 40 ms for the client's ACK
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    ready.send(listening.getsockname()[1])
    config = uvicorn.Config(application, log_level="error", access_log=False, lifespan="off", timeout_keep_alive=60)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(uvicorn.Server(config).serve(sockets=[listening]))


@contextlib.contextmanager
def _nothing() -> Iterator[str]:
    here, there = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_serve_nothing, args=(there,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{here.recv()}"
    finally:
        process.terminate()
        process.join(10)


def _over_http(url: str, path: Callable[[], str], headers: dict[str, str]) -> Callable[[], None]:
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port)

    def ask() -> None:
        connection.request("GET", path(), headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{answer.status}: {body!r}")

    return ask


def _milliseconds(ask: Callable[[], None], requests: int) -> list[float]:
    taken = []
    for _ in range(requests):
        began = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - began) * 1000)
    return sorted(taken)


def _some_id() -> int:
    return secrets.randbelow(ROWS) + 1


def measure(requests: int, rounds: int) -> dict[str, dict[str, float]]:
    """Milliseconds at p50, p95 and p99 (medians over the rounds) by contender."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(Server.start(major=16, memory=_MEMORY))
        dsn = server.dsn("postgres")
        direct = stack.enter_context(psycopg.connect(dsn, autocommit=True))
        direct.execute(_SCHEMA)
        url, key = stack.enter_context(_gateway(dsn))
        headers = {"apikey": key, "Authorization": f"Bearer {key}"}

        def statement() -> None:
            direct.execute("SELECT * FROM bookings WHERE id = %s", (_some_id(),)).fetchall()

        contenders = {
            "gateway": _over_http(url, lambda: f"/rest/v1/bookings?select=*&id=eq.{_some_id()}", headers),
            "psycopg": statement,
            "HTTP alone": _over_http(stack.enter_context(_nothing()), lambda: "/", headers),
        }
        for ask in contenders.values():
            _milliseconds(ask, _WARM_UP)
        found: dict[str, list[list[float]]] = {name: [] for name in contenders}
        for _ in range(rounds):
            for name, ask in contenders.items():
                found[name].append(_milliseconds(ask, requests))
    return {
        name: {
            f"p{share}": statistics.median(taken[min(len(taken) - 1, len(taken) * share // 100)] for taken in of_rounds)
            for share in (50, 95, 99)
        }
        for name, of_rounds in found.items()
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--requests", type=int, default=2000, help="requests a contender and round")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    found = measure(given.requests, given.rounds)
    print(f"{'':12} {'p50 ms':>8} {'p95 ms':>8} {'p99 ms':>8}")
    for name, shares in found.items():
        print(f"{name:12} " + " ".join(f"{value:8.3f}" for value in shares.values()))
    ratio = found["gateway"]["p50"] / (found["psycopg"]["p50"] + found["HTTP alone"]["p50"])
    print(f"the gateway takes {ratio:.2f} times what its statement and an empty HTTP answer take together (p50)")


if __name__ == "__main__":
    main()
