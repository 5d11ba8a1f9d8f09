"""A TCP forwarder on 127.0.0.1: bytes pass unchanged, an inspector reads those of the client as they pass."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Protocol

HOST = "127.0.0.1"
_CHUNK = 65536
_JOIN_SECONDS = 5.0


class End(Protocol):
    """One end of a connection: a socket, or what can be used like one."""

    def recv(self, size: int, /) -> bytes:
        """Bytes that arrived; b'' at the end of the stream."""

    def sendall(self, data: bytes, /) -> None:
        """Send all of the bytes."""

    def shutdown(self, how: int, /) -> None:
        """End one direction, or both."""

    def close(self) -> None:
        """Give it back."""


Connect = Callable[[], End]
"""Opens a connection to the server that the forwarder leads to; OSError where it cannot"""


class Inspector(Protocol):
    """Reads one connection's traffic. It is used by one thread."""

    def from_client(self, data: bytes) -> tuple[bytes, bytes]:
        """What to send on to the server, and what to answer to the client in the server's stead.

        ValueError where the bytes are not of the protocol: the connection is closed.
        """


def tcp(host: str, port: int) -> Connect:
    """Connect over TCP."""

    def connect() -> socket.socket:
        connection = socket.create_connection((host, port), timeout=10)
        connection.settimeout(None)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    return connect


def unix_socket(path: str) -> Connect:
    """Connect to a socket in the file system."""

    def connect() -> socket.socket:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(path)
        except OSError:
            connection.close()
            raise
        return connection

    return connect


class _Link:
    """One connection of a client and its counterpart to the server, and the two threads between them."""

    def __init__(self, client: End, server: End, inspector: Inspector) -> None:
        self._client, self._server, self._inspector = client, server, inspector
        self._open_ends = 2
        self._lock = threading.Lock()
        self.threads = (
            threading.Thread(target=self._to_server, name="relay to server", daemon=True),
            threading.Thread(target=self._to_client, name="relay to client", daemon=True),
        )

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    @property
    def over(self) -> bool:
        return not any(thread.is_alive() for thread in self.threads)

    def cut(self) -> None:
        """End both halves at once; the threads notice and close the sockets."""
        for end in (self._client, self._server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _to_server(self) -> None:
        try:
            while data := self._client.recv(_CHUNK):
                onward, answer = self._inspector.from_client(data)
                if answer:
                    self._client.sendall(answer)
                if onward:
                    self._server.sendall(onward)
        except (OSError, ValueError):
            self.cut()
        self._ended(self._server)

    def _to_client(self) -> None:
        try:
            while data := self._server.recv(_CHUNK):
                self._client.sendall(data)
        except OSError:
            self.cut()
        self._ended(self._client)

    def _ended(self, receiver: End) -> None:
        """Pass an end of stream on; whoever is last closes both sockets."""
        with contextlib.suppress(OSError):
            receiver.shutdown(socket.SHUT_WR)
        with self._lock:
            self._open_ends -= 1
            last = self._open_ends == 0
        if last:
            self._client.close()
            self._server.close()


class Forwarder:
    """Listens on a free port of 127.0.0.1 and forwards each connection; `close` ends its sockets and threads."""

    def __init__(self, connect: Connect, inspector: Callable[[], Inspector]) -> None:
        self._connect = connect
        self._inspector = inspector
        self._lock = threading.Lock()
        self._links: list[_Link] = []
        self._closed = False
        self._listener = socket.create_server((HOST, 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, name="relay", daemon=True)
        self._thread.start()

    def cut(self) -> None:
        """Close every open connection and return when their threads have ended; new connections are taken."""
        with self._lock:
            links, self._links = self._links, []
        for link in links:
            link.cut()
        for link in links:
            for thread in link.threads:
                thread.join(_JOIN_SECONDS)

    def close(self) -> None:
        """Take no more connections and cut the open ones; a second call does nothing."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        # Closing a listening socket does not wake the thread that waits in accept(): a last connection does.
        with contextlib.suppress(OSError), socket.create_connection((HOST, self.port), timeout=1):
            pass
        self._thread.join(_JOIN_SECONDS)
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                if self._closed:
                    client.close()
                    return
            self._open(client)

    def _open(self, client: socket.socket) -> None:
        try:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            server = self._connect()
        except OSError:
            client.close()
            return
        link = _Link(client, server, self._inspector())
        with self._lock:
            self._links = [each for each in self._links if not each.over]
            self._links.append(link)
        link.start()
