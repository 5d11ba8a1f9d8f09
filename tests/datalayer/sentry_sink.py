"""A real HTTP server in place of Sentry: keeps what is sent to it, and can be slow or refuse."""

from __future__ import annotations

import gzip
import importlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.http_receiver import receiving_by


class Sink:
    """What came in: the bodies, decompressed, and their events."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.headers: list[str] = []
        self.status = 200
        self.released = threading.Event()
        self.released.set()
        self.dsn = ""

    def events(self) -> list[dict[str, Any]]:
        """The events of all envelopes: https://develop.sentry.dev/sdk/data-model/envelopes/"""
        found = []
        for body in self.bodies:
            lines = body.split(b"\n")
            for header, payload in zip(lines[1::2], lines[2::2], strict=False):
                assert json.loads(header)["type"] == "event"
                found.append(json.loads(payload))
        return found

    def wait_for(self, count: int, seconds: float = 10.0) -> list[dict[str, Any]]:
        """The events, as soon as there are so many."""
        deadline = time.monotonic() + seconds
        while len(self.bodies) < count:
            assert time.monotonic() < deadline, f"{len(self.bodies)} of {count} events came"
            time.sleep(0.01)
        return self.events()


@contextmanager
def sentry_sink() -> Iterator[Sink]:
    """A sink on a free port of this machine, and its DSN."""
    sink = Sink()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            sink.released.wait(20)
            sink.headers.append(str(self.headers))
            sink.bodies.append(_decompressed(body, self.headers.get("Content-Encoding")))
            self.send_response(sink.status)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

    with receiving_by(Handler) as port:
        sink.dsn = f"http://public@127.0.0.1:{port}/1"
        try:
            yield sink
        finally:
            sink.released.set()


def _decompressed(body: bytes, encoding: str | None) -> bytes:
    if encoding == "br":
        return bytes(importlib.import_module("brotli").decompress(body))
    return gzip.decompress(body) if encoding == "gzip" else body
