"""A network that fails: a proxy before a server that cuts, resets or stalls connections, by bytes or as it is told."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

from psycopg import conninfo

Way = Literal["to the server", "to the client"]
How = Literal["cut", "reset", "stall"]
PIECE: Final = 4096
"""Bytes that are forwarded at once, so that a fault falls inside of messages"""
Hearing = Callable[[Way, bytes], Iterable[bytes]]
"""Given what one connection brought, what is to be sent on, one after the other; OSError: the connection ends"""
RESET: Final = struct.pack("ii", 1, 0)
"""SO_LINGER of no seconds: closing sends RST and drops what was not read"""


@dataclass(frozen=True)
class Failure:
    """What happens to all connections once so many bytes went one way."""

    how: How
    way: Way
    after: int


@dataclass
class Proxy:
    """Listens on a free port of this machine and forwards to a server; `failure` happens once, and not after it."""

    dsn: str = field(repr=False)
    """Of the server's database"""
    failure: Failure | None = None
    hearing: Callable[[], Hearing] = lambda: lambda _, data: (data,)
    """Asked for each connection"""
    happened: threading.Event = field(default_factory=threading.Event)
    sent: dict[str, int] = field(default_factory=lambda: {"to the server": 0, "to the client": 0})

    def __post_init__(self) -> None:
        known = conninfo.conninfo_to_dict(self.dsn)
        self._server = (str(known["host"]), int(known["port"] or 5432))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._sockets: list[socket.socket] = []
        self._reset: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._resume = threading.Event()
        self._resume.set()
        self._closed = False
        self._begin(self._accept)

    @property
    def through(self) -> str:
        """The DSN that leads through the proxy; nothing is encrypted on the way."""
        host, port = self._listener.getsockname()
        return conninfo.make_conninfo(self.dsn, host=host, port=port, sslmode="disable", gssencmode="disable")

    def drop(self) -> None:
        """End every connection, those that stall too, on both sides."""
        self._end("cut")
        self._resume.set()

    def reset(self) -> None:
        """End every connection with RST."""
        self._end("reset")

    def close(self) -> None:
        """End all of it."""
        self._closed = True
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.drop()
        for thread in self._threads:
            thread.join(30)
        for each in self._sockets:
            each.close()

    def _begin(self, target: object, *arguments: object) -> None:
        assert callable(target)
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._closed:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self._server)
            except OSError:
                client.close()
                continue
            with self._lock:
                self._pairs.append((client, server))
                self._sockets += [client, server]
            for each in (client, server):
                # Messages are sent on one by one: the kernel would hold each back until the one before is acknowledged.
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            hearing = self.hearing()
            self._begin(self._forward, client, server, "to the server", hearing)
            self._begin(self._forward, server, client, "to the client", hearing)

    def _forward(self, reader: socket.socket, writer: socket.socket, way: Way, hearing: Hearing) -> None:
        try:
            while piece := reader.recv(PIECE):
                self._account(way, len(piece))
                self._resume.wait()
                for part in hearing(way, piece):
                    writer.sendall(part)
        except OSError:
            pass
        finally:
            with self._lock:
                for each in (reader, writer):
                    with contextlib.suppress(OSError):
                        if each in self._reset:
                            each.close()
                        else:
                            each.shutdown(socket.SHUT_RDWR)

    def _account(self, way: Way, count: int) -> None:
        with self._lock:
            self.sent[way] += count
            failure = self.failure
            if failure is None or self.happened.is_set() or failure.way != way or self.sent[way] < failure.after:
                return
            self.happened.set()
        if failure.how == "stall":
            self._resume.clear()
        else:
            self._end(failure.how)

    def _end(self, how: How) -> None:
        # Under the lock: a socket that one thread closed before the other was woken would stay open for good.
        with self._lock:
            pairs, self._pairs = self._pairs, []
            self._reset |= {each for pair in pairs for each in pair} if how == "reset" else set()
            for each in (each for pair in pairs for each in pair):
                with contextlib.suppress(OSError):
                    if how == "reset":
                        # A socket is closed when no thread waits in it: this ends the waiting, and the peer hears none.
                        each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                        each.shutdown(socket.SHUT_RD)
                    else:
                        each.shutdown(socket.SHUT_RDWR)
