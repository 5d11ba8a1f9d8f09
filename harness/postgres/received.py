"""Received: the bytes that came over a session's connection, as the kernel counted them: TLS, protocol and all."""

from __future__ import annotations

import socket
import struct
import sys
from collections.abc import Callable
from typing import Any, Final
from weakref import WeakKeyDictionary

import psycopg

COUNTED: Final = sys.platform == "linux"
"""Whether the system tells: struct tcp_info of Linux 4.1 and later"""
_BYTES_RECEIVED: Final = 128
"""tcpi_bytes_received in struct tcp_info (linux/tcp.h): behind 8 bytes of flags, 24 numbers of 32 bits, 3 of 64"""
_told: WeakKeyDictionary[psycopg.Connection[Any], int] = WeakKeyDictionary()


def bytes_received(connection: psycopg.Connection[Any]) -> int | None:
    """What the connection has received so far; None where it is closed, or the system does not tell.

    A socket of this machine's file system carries nothing out of it, and counts as nothing.
    """
    if connection.closed or not COUNTED:
        return None
    try:
        # The descriptor is libpq's, and stays open.
        with socket.socket(fileno=connection.fileno()) as shared:
            try:
                if shared.family == socket.AF_UNIX:
                    return 0
                answer = shared.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _BYTES_RECEIVED + 8)
            finally:
                shared.detach()
    except (OSError, psycopg.Error):
        return None
    return struct.unpack_from("=Q", answer, _BYTES_RECEIVED)[0] if len(answer) >= _BYTES_RECEIVED + 8 else None


def tell_received(connection: psycopg.Connection[Any], received: Callable[[int], None]) -> None:
    """Tell of what came since it was told of last: a session may be kept, and be another one's then."""
    amount = bytes_received(connection)
    if amount is not None:
        received(amount - _told.get(connection, 0))
        _told[connection] = amount
