"""A TCP proxy that can fall silent: both ends stay connected, and nothing passes any more."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit, urlunsplit


class NetworkCut:
    """Listens on a free port of 127.0.0.1 and passes bytes to `port`, until `cut` and again after `mend`.

    Connections that were open during a cut stay silent for ever, as those of a firewall that forgot them do.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._passing = True
        self._open: list[tuple[socket.socket, socket.socket]] = []
        self._forgotten: list[socket.socket] = []
        self._wake_read, self._wake = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def dsn(self, dsn: str) -> str:
        """The DSN with this proxy in front of its server."""
        parts = urlsplit(dsn)
        port = self._listening.getsockname()[1]
        return urlunsplit(parts._replace(netloc=f"{parts.netloc.rpartition(':')[0]}:{port}"))

    def cut(self) -> None:
        """Pass nothing any more; new connections are accepted and stay silent."""
        self._passing = False
        self._wake.send(b"x")

    def mend(self) -> None:
        """Pass the bytes of new connections."""
        self._passing = True
        self._wake.send(b"x")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._wake.close()
        self._thread.join(10)
        for one in (*(end for pair in self._open for end in pair), *self._forgotten, self._listening, self._wake_read):
            one.close()

    def _serve(self) -> None:
        while True:
            ends = {near: far for pair in self._open for near, far in (pair, pair[::-1])}
            ready, _, _ = select.select([self._listening, self._wake_read, *ends], [], [])
            if self._wake_read in ready and not self._wake_read.recv(1):
                return
            if not self._passing:
                self._forgotten += ends
                self._open.clear()
            if self._listening in ready:
                self._accept()
            if self._passing:
                for near in ready:
                    if near in ends:
                        self._pass(near, ends[near])

    def _accept(self) -> None:
        client, _ = self._listening.accept()
        if self._passing:
            self._open.append((client, socket.create_connection(("127.0.0.1", self._target))))
        else:
            self._forgotten.append(client)

    def _pass(self, near: socket.socket, far: socket.socket) -> None:
        data = b""
        with contextlib.suppress(OSError):
            data = near.recv(65536)
            far.sendall(data)
        if not data:
            self._open = [pair for pair in self._open if near not in pair]
            near.close()
            far.close()
