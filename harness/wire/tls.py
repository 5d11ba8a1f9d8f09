"""A TLS connection that one thread may read while another writes: OpenSSL's own objects do not allow that."""

from __future__ import annotations

import select
import socket
import ssl
import threading

from harness.wire.forward import Connect

_CONNECT_SECONDS = 10


class TlsConnection:
    """The part of a socket's interface that a forwarder uses, over TLS. Reading and writing take turns.

    See the note of https://docs.python.org/3/library/ssl.html on threads: an SSLSocket is not to be used by two.
    """

    def __init__(self, wrapped: ssl.SSLSocket) -> None:
        self._wrapped = wrapped
        self._lock = threading.Lock()
        wrapped.setblocking(False)

    def recv(self, size: int) -> bytes:
        """Up to `size` bytes; b'' at the end of the stream."""
        while True:
            with self._lock:
                try:
                    return self._wrapped.recv(size)
                except ssl.SSLWantReadError:
                    wanted = True
                except ssl.SSLWantWriteError:
                    wanted = False
                except ssl.SSLEOFError:
                    return b""
            self._wait(reading=wanted)

    def sendall(self, data: bytes) -> None:
        """All of the bytes."""
        left = memoryview(data)
        while left:
            with self._lock:
                try:
                    left = left[self._wrapped.send(left) :]
                    continue
                except ssl.SSLWantReadError:
                    wanted = True
                except ssl.SSLWantWriteError:
                    wanted = False
            self._wait(reading=wanted)

    def shutdown(self, _how: int) -> None:
        """End the connection: over TLS one half does not end without the other."""
        socket.socket.shutdown(self._wrapped, socket.SHUT_RDWR)

    def close(self) -> None:
        """Give the socket back."""
        self._wrapped.close()

    def _wait(self, *, reading: bool) -> None:
        descriptor = self._wrapped.fileno()
        if descriptor < 0:
            raise OSError("the connection is closed")
        select.select([descriptor] if reading else [], [] if reading else [descriptor], [], 1.0)


def tls(host: str, port: int, *, context: ssl.SSLContext | None = None) -> Connect:
    """Connect over TLS, with the server's certificate checked against its name."""
    trusted = context or ssl.create_default_context()
    trusted.set_alpn_protocols(["http/1.1"])

    def connect() -> TlsConnection:
        plain = socket.create_connection((host, port), timeout=_CONNECT_SECONDS)
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return TlsConnection(trusted.wrap_socket(plain, server_hostname=host))
        except BaseException:
            plain.close()
            raise

    return connect
