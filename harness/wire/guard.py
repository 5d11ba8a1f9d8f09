"""A relay to a project that must not be written: requests that only read pass, everything else is answered here.

Framing of requests: RFC 9112, sections 3, 6 and 7. What is not plainly a read without a body is refused, never sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from harness.core.statements import RestRequest
from harness.wire.forward import tcp
from harness.wire.journal import Exchange, ServerIdentity
from harness.wire.relay import Relay
from harness.wire.tls import tls

READS = frozenset({"GET", "HEAD"})
_LONGEST_HEAD = 1 << 20
_LONGEST_LENGTH = 10
_REQUEST_LINE = re.compile(r"([A-Z]+) (/[!-~]*) HTTP/1\.1\Z")
_FIELD = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*?)[ \t]*\Z")
_REFUSAL = b'{"code":"PGPARITY","message":"not sent: this project is only read","details":null,"hint":null}'


@dataclass(frozen=True, slots=True)
class Refused:
    """A request that was not sent on: its verb and path, without the query, and why."""

    verb: str
    path: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """A head that can be read."""

    first: str
    verb: str
    path: str
    query: str
    headers: dict[str, str]
    """By names in lower case"""
    kept: tuple[str, ...]
    """Lines that are sent on as they are: all but Host"""


class Guard:
    """What may pass at the moment, and what did not. Set between calls, read by the threads of connections."""

    def __init__(self, *, below: str = "/rest/v1/") -> None:
        self.below = below
        self._writes: frozenset[tuple[str, str]] = frozenset()
        self._refused: list[Refused] = []

    def allow(self, writes: Collection[tuple[str, str]]) -> None:
        """Let these requests (verb, path) pass beside reads, until `allow` is called again."""
        self._writes = frozenset(writes)

    def taken_refusals(self) -> tuple[Refused, ...]:
        """What was refused since this was last asked."""
        found, self._refused = self._refused, []
        return tuple(found)

    def reason(self, verb: str, path: str, headers: dict[str, str]) -> str:
        """Why a request must not pass; '' where it may."""
        plain = unquote(path)
        if not plain.startswith(self.below) or any(part in ("..", ".") for part in plain.split("/")):
            return f"only {self.below} is asked"
        if "upgrade" in headers:
            return "the protocol would change"
        if (verb, path) in self._writes:
            return "" if "transfer-encoding" not in headers else "the body's length is not told beforehand"
        if verb not in READS:
            return "only GET and HEAD are sent"
        if "transfer-encoding" in headers or headers.get("content-length", "0") != "0":
            return "a read has no body"
        return ""

    def refuse(self, refused: Refused) -> None:
        """Keep what was not sent."""
        self._refused.append(refused)


class GuardedReader:
    """Reads what one client sends: each head is judged whole before any byte of it passes."""

    def __init__(self, guard: Guard, host: str, record: Callable[[RestRequest], None]) -> None:
        self._guard = guard
        self._host = host
        self._record = record
        self._head = bytearray()
        self._left = 0
        self._over = False

    def from_client(self, data: bytes) -> tuple[bytes, bytes]:
        """Pass reads on, to the server by its own name; answer the rest with 403 and read no further."""
        onward, position = bytearray(), 0
        while position < len(data) and not self._over:
            if self._left:
                taken = data[position : position + self._left]
                onward += taken
                self._left -= len(taken)
                position += len(taken)
                continue
            self._head += data[position:]
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                if len(self._head) > _LONGEST_HEAD:
                    raise ValueError("not an HTTP request that can be followed")
                break
            rest = bytes(self._head[end + 4 :])
            head = self._judged(bytes(self._head[:end]))
            self._head.clear()
            if head is None:
                return bytes(onward), _answer()
            onward += head
            data, position = rest, 0
        return bytes(onward), b""

    def _judged(self, head: bytes) -> bytes | None:
        """The head as it is sent on; None where it is refused, and nothing after it is read."""
        request = _read(head)
        if isinstance(request, Refused):
            reason, verb, path = request.reason, request.verb, request.path
        else:
            verb, path = request.verb, request.path
            reason = self._guard.reason(verb, path, request.headers)
        if reason or isinstance(request, Refused):
            self._guard.refuse(Refused(verb, path, reason))
            self._over = True
            return None
        headers = request.headers
        self._left = int(headers.get("content-length", "0"))
        self._record(
            RestRequest(
                verb=verb,
                path=path,
                query=request.query,
                prefer=headers.get("prefer", ""),
                profile=headers.get("accept-profile") or headers.get("content-profile") or "",
            )
        )
        return "\r\n".join([request.first, f"Host: {self._host}", *request.kept, "", ""]).encode("latin-1")


def _read(head: bytes) -> _Request | Refused:
    """The request of a head, where it can be read in one way alone."""
    first, *lines = head.decode("latin-1").split("\r\n")
    found = _REQUEST_LINE.match(first)
    if found is None:
        return Refused("?", "?", "the request cannot be read")
    verb, target = found.group(1), found.group(2)
    path, _, query = target.partition("?")
    fields = [field for field in map(_FIELD.match, lines) if field is not None]
    names = [field.group(1).lower() for field in fields]
    doubled = {"content-length", "transfer-encoding", "host"} & {name for name in names if names.count(name) > 1}
    headers = {name: field.group(2) for name, field in zip(names, fields, strict=True)}
    length = headers.get("content-length", "0")
    if len(fields) < len(lines) or doubled or not length.isdecimal() or len(length) > _LONGEST_LENGTH:
        return Refused(verb, path, "its header cannot be read")
    kept = tuple(field.group(0) for name, field in zip(names, fields, strict=True) if name != "host")
    return _Request(first=first, verb=verb, path=path, query=query, headers=headers, kept=kept)


def _answer() -> bytes:
    lines = (
        "HTTP/1.1 403 Forbidden",
        "Content-Type: application/json; charset=utf-8",
        f"Content-Length: {len(_REFUSAL)}",
        "Connection: close",
        "",
        "",
    )
    return "\r\n".join(lines).encode("ascii") + _REFUSAL


def guarded_relay(server: ServerIdentity, url: str, guard: Guard) -> Relay:
    """A relay to the project at an http:// or https:// URL, with a guard that lets reads alone pass."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or parts.hostname is None:
        raise ValueError("a guarded relay leads to an http:// or https:// URL")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    connect = tls(parts.hostname, port) if parts.scheme == "https" else tcp(parts.hostname, port)

    def reader(relay: Relay) -> GuardedReader:
        host = parts.netloc.rpartition("@")[2]
        return GuardedReader(
            guard, host, lambda request: relay.record(Exchange(database=server.database, request=request))
        )

    return Relay(server, connect, reader)
