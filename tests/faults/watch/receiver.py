"""A real HTTP server in place of whoever is told: keeps what is posted, and can be slow, refuse, or trickle."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.http_receiver import receiving_by


@dataclass
class Receiver:
    """What was taken: notices that were answered with 2xx; and every attempt with its headers."""

    url: str = ""
    answers: Callable[[int], int] = field(default=lambda _attempt: 200)
    """The status of the nth attempt, from 1"""
    delay: float = 0.0
    trickle: bool = False
    taken: list[dict[str, Any]] = field(default_factory=list)
    attempts: list[dict[str, str]] = field(default_factory=list)

    def changes(self) -> list[tuple[str, str]]:
        """Id and change, in the order in which they were taken."""
        return [(each["id"], each["change"]) for notice in self.taken for each in notice["changes"]]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a free port of this machine."""
    receiver = Receiver()
    lock = threading.Lock()
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with lock:
                receiver.attempts.append(dict(self.headers.items()))
                status = receiver.answers(len(receiver.attempts))
            ended.wait(receiver.delay)
            if receiver.trickle:
                try:
                    for letter in b"HTTP/1.1 200 OK" * 100:
                        self.wfile.write(bytes([letter]))
                        if ended.wait(0.05):
                            return
                except OSError:
                    return
            if 200 <= status < 300:
                with lock:
                    receiver.taken.append(body)
            try:
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", f"{receiver.url}elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()
            except OSError:
                pass

    with receiving_by(Handler) as port:
        receiver.url = f"http://127.0.0.1:{port}/alerts/secret-path"
        try:
            yield receiver
        finally:
            ended.set()


def until(holds: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
