"""Received: the bytes that came over an endpoint's sessions, as the kernel counted them: TLS, protocol and all."""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from weakref import WeakKeyDictionary, WeakSet

import psycopg

COUNTED: Final = sys.platform == "linux"
"""Whether the system tells: struct tcp_info of Linux 4.1 and later"""
_CANCEL_SECONDS: Final = 3.0
_BYTES_RECEIVED: Final = 128
"""tcpi_bytes_received in struct tcp_info (linux/tcp.h): behind 8 bytes of flags, 24 numbers of 32 bits, 3 of 64"""

Connection = psycopg.Connection[Any]


@dataclass(slots=True)
class Received:
    """Observes the sessions of one endpoint: counts what they receive, and can end them all at once."""

    bytes: int = 0
    cut: bool = False
    """Sessions are ended as they come"""
    _told: WeakKeyDictionary[Connection, int] = field(default_factory=WeakKeyDictionary)
    """Of connections that are kept after their session: what was counted of them before"""
    _seen: WeakSet[Connection] = field(default_factory=WeakSet)
    """All that may be open, those too that are kept and belong to no session at the moment"""
    _lock: threading.RLock = field(default_factory=threading.RLock)
    """A signal may end all sessions while this thread counts what one received"""

    def opened(self, connection: Connection) -> None:
        """A session begins."""
        with self._lock:
            self._seen.add(connection)
            if self.cut:
                _shut(connection)

    def ended(self, connection: Connection) -> None:
        """A session ends: what it received is counted. Of a connection that broke, nothing is known."""
        amount = bytes_received(connection)
        with self._lock:
            if amount is not None:
                self.bytes += amount - self._told.get(connection, 0)
                self._told[connection] = amount

    def cut_off(self) -> None:
        """End all sessions that are open, and those that are opened until `cut` is taken back; returns at once.

        What a server works on is cancelled first. Whoever waits for an answer gets an error of its connection: nothing
        else ends a wait for a server that keeps the connection and never says a word.
        """
        with self._lock:
            self.cut = True
            for connection in self._seen:
                threading.Thread(target=_end, args=(connection,), daemon=True).start()


def bytes_received(connection: Connection) -> int | None:
    """What the connection has received so far; None where it is closed, or the system does not tell.

    A socket of this machine's file system carries nothing out of it, and counts as nothing.
    """
    if connection.closed or not COUNTED:
        return None
    try:
        with _socket_of(connection) as shared:
            if shared.family == socket.AF_UNIX:
                return 0
            answer = shared.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _BYTES_RECEIVED + 8)
    except (OSError, psycopg.Error):
        return None
    return struct.unpack_from("=Q", answer, _BYTES_RECEIVED)[0] if len(answer) >= _BYTES_RECEIVED + 8 else None


@contextlib.contextmanager
def _socket_of(connection: Connection) -> Iterator[socket.socket]:
    """The connection's socket; the descriptor is libpq's, and stays open."""
    shared = socket.socket(fileno=connection.fileno())
    try:
        yield shared
    finally:
        shared.detach()


def _end(connection: Connection) -> None:
    with contextlib.suppress(psycopg.Error):
        if not connection.closed:
            connection.cancel_safe(timeout=_CANCEL_SECONDS)
    _shut(connection)


def _shut(connection: Connection) -> None:
    with contextlib.suppress(OSError, psycopg.Error), _socket_of(connection) as shared:
        shared.shutdown(socket.SHUT_RDWR)
