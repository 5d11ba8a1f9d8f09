"""A relay for HTTP/1.1: it reads the heads of requests, never bodies, keys or cookies.

Framing of requests: RFC 9112, sections 3, 6 and 7.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from harness.core.statements import RestRequest
from harness.wire.forward import HOST, tcp
from harness.wire.journal import Exchange, ServerIdentity
from harness.wire.relay import Relay

_LONGEST_HEAD = 1 << 20
_LONGEST_CHUNK_LINE = 4096


class RequestReader:
    """Reads what one client sends: heads of requests; their bodies only to know where the next head begins."""

    def __init__(self, record: Callable[[RestRequest], None]) -> None:
        self._record = record
        self._line = bytearray()
        self._left = 0
        self._state: Callable[[bytes], int] = self._head

    def from_client(self, data: bytes) -> tuple[bytes, bytes]:
        """Read on; everything is passed on as it is."""
        position = 0
        while position < len(data):
            position += self._state(data[position:])
        return data, b""

    def _until(self, data: bytes, end: bytes, longest: int) -> tuple[bytes | None, int]:
        """Collect up to a delimiter: (all of it or None, the bytes taken)."""
        if not self._line and (found := data.find(end)) >= 0:
            return data[: found + len(end)], found + len(end)
        before = len(self._line)
        self._line += data
        found = self._line.find(end, max(0, before - len(end) + 1))
        if found < 0:
            if len(self._line) > longest:
                raise ValueError("not an HTTP request that can be followed")
            return None, len(data)
        whole = bytes(self._line[: found + len(end)])
        self._line.clear()
        return whole, len(whole) - before

    def _head(self, data: bytes) -> int:
        if not self._line and data[:1] in b"\r\n":
            return 1  # empty lines before a request line are allowed
        head, taken = self._until(data, b"\r\n\r\n", _LONGEST_HEAD)
        if head is None:
            return taken
        first, *lines = head.decode("latin-1").split("\r\n")
        verb, _, rest = first.partition(" ")
        target, _, version = rest.rpartition(" ")
        if not target or not version.startswith("HTTP/1."):
            raise ValueError("not HTTP/1.1")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        path, _, query = target.partition("?")
        self._record(
            RestRequest(
                verb=verb,
                path=path,
                query=query,
                prefer=headers.get("prefer", ""),
                profile=headers.get("accept-profile") or headers.get("content-profile") or "",
            )
        )
        self._left = int(headers.get("content-length") or 0)
        if "upgrade" in headers.get("connection", "").lower():
            self._state = self._opaque
        elif "chunked" in headers.get("transfer-encoding", "").lower():
            self._state = self._chunk_size
        elif self._left:
            self._state = self._body
        return taken

    def _body(self, data: bytes) -> int:
        taken = min(self._left, len(data))
        self._left -= taken
        if self._left == 0:
            self._state = self._head
        return taken

    def _chunk_size(self, data: bytes) -> int:
        line, taken = self._until(data, b"\r\n", _LONGEST_CHUNK_LINE)
        if line is not None:
            size = int(line.split(b";")[0], 16)
            self._left = size + 2  # the chunk ends in CRLF
            self._state = self._chunk if size else self._trailer
        return taken

    def _chunk(self, data: bytes) -> int:
        taken = min(self._left, len(data))
        self._left -= taken
        if self._left == 0:
            self._state = self._chunk_size
        return taken

    def _trailer(self, data: bytes) -> int:
        line, taken = self._until(data, b"\r\n", _LONGEST_HEAD)
        if line == b"\r\n":
            self._left = 0
            self._state = self._head
        return taken

    def _opaque(self, data: bytes) -> int:
        return len(data)


def http_relay(server: ServerIdentity, url: str) -> Relay:
    """A relay to the gateway at an http:// URL that serves `server`'s database."""
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname is None:
        raise ValueError("a relay leads to an http:// URL")

    def reader(relay: Relay) -> RequestReader:
        return RequestReader(lambda request: relay.record(Exchange(database=server.database, request=request)))

    return Relay(server, tcp(parts.hostname, parts.port or 80), reader)


def url_through(relay: Relay) -> str:
    """The base URL that leads through a relay."""
    return f"http://{HOST}:{relay.port}"
