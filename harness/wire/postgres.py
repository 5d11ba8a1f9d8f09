"""A relay for PostgreSQL's protocol: it reads the statements that a client sends, never their parameters.

Messages and their layout: https://www.postgresql.org/docs/current/protocol-message-formats.html
"""

from __future__ import annotations

import re
import ssl
import struct
from collections.abc import Callable
from urllib.parse import quote

from harness.wire.forward import HOST, tcp, unix_socket
from harness.wire.journal import Exchange, ServerIdentity
from harness.wire.postgres_tls import postgres_tls
from harness.wire.relay import Relay

_SSL_REQUEST, _GSSENC_REQUEST, _CANCEL_REQUEST = 80877103, 80877104, 80877102
_LONGEST_STARTUP = 10_000  # PostgreSQL's own MAX_STARTUP_PACKET_LENGTH
_MESSAGE = struct.Struct("!cI")
_HEAD = _MESSAGE.size
_KEPT = {b"Q": 1 << 20, b"P": 1 << 20, b"B": 512, b"E": 512, b"F": 0}
"""Messages that are read, and how much of each; the rest of a longer one passes unread."""
_CONTROL = re.compile(
    r"\s*(?:(?:--[^\n]*\n|/\*.*?\*/)\s*)*(?:(?:BEGIN|START\s+TRANSACTION|COMMIT|END|ROLLBACK|ABORT|SAVEPOINT|RELEASE"
    r"|SET|RESET|SHOW|DISCARD|DEALLOCATE|LISTEN|UNLISTEN)\b[^;]*)?;?\s*\Z",
    re.IGNORECASE | re.DOTALL,
)


def is_control(statement: str) -> bool:
    """Whether a statement asks for no data: it is empty, or opens, ends or configures a transaction or a session."""
    return _CONTROL.match(statement) is not None


class FrontendReader:
    """Reads what one client sends: start-up, then messages."""

    def __init__(self, record: Callable[[Exchange], None]) -> None:
        self._record = record
        self._database = ""
        self._started = False
        self._opaque = False
        self._startup = bytearray()
        self._head = bytearray()
        self._body = bytearray()
        self._kind = b""
        self._left = 0
        self._statements: dict[bytes, _Statement] = {}
        self._portals: dict[bytes, bytes] = {}

    def from_client(self, data: bytes) -> tuple[bytes, bytes]:
        """Read on; the client's request for encryption is answered with no: it is not to leave this machine."""
        if self._opaque:
            return data, b""
        if self._started:
            self._read(data)
            return data, b""
        self._startup += data
        return self._start()

    def _start(self) -> tuple[bytes, bytes]:
        answer = b""
        while len(self._startup) >= 8:
            length, code = struct.unpack_from("!II", self._startup)
            if not 8 <= length <= _LONGEST_STARTUP:
                raise ValueError("not PostgreSQL's protocol")
            if code in (_SSL_REQUEST, _GSSENC_REQUEST):
                del self._startup[:length]
                answer += b"N"
                continue
            if len(self._startup) < length:
                break
            onward = bytes(self._startup)
            self._startup.clear()
            if code == _CANCEL_REQUEST:
                self._opaque = True
                return onward, answer
            words = onward[8:length].split(b"\0")
            parameters = dict(zip(words[::2], words[1::2], strict=False))
            self._database = parameters.get(b"database", parameters.get(b"user", b"")).decode("utf-8", "replace")
            self._started = True
            self._read(onward[length:])
            return onward, answer
        return b"", answer

    def _read(self, data: bytes) -> None:
        position = 0
        # Nearly always whole messages arrive: what is read of them is taken from where it is.
        while not self._head and len(data) - position >= _HEAD:
            kind, length = _MESSAGE.unpack_from(data, position)
            end = position + 1 + length
            if length < 4 or end > len(data):
                break
            if kind in _KEPT:
                self._message(kind, data[position + _HEAD : min(end, position + _HEAD + _KEPT[kind])])
            position = end
        while position < len(data):
            if len(self._head) < 5:
                taken = data[position : position + 5 - len(self._head)]
                self._head += taken
                position += len(taken)
                if len(self._head) < 5:
                    return
                self._kind = bytes(self._head[:1])
                self._left = struct.unpack_from("!I", self._head, 1)[0] - 4
                if self._left < 0:
                    raise ValueError("not PostgreSQL's protocol")
            taken = data[position : position + self._left]
            position += len(taken)
            self._left -= len(taken)
            wanted = _KEPT.get(self._kind, 0) - len(self._body)
            if wanted > 0:
                self._body += taken[:wanted]
            if self._left == 0:
                self._message(self._kind, bytes(self._body))
                self._head.clear()
                self._body.clear()

    def _message(self, kind: bytes, body: bytes) -> None:
        if kind == b"Q":
            self._passed(_statement(body.partition(b"\0")[0]))
        elif kind == b"P":
            name, _, rest = body.partition(b"\0")
            self._statements[name] = _statement(rest)
            self._passed(self._statements[name], executed=False)
        elif kind == b"B":
            portal, _, rest = body.partition(b"\0")
            self._portals[portal] = rest.partition(b"\0")[0]
        elif kind == b"E":
            statement = self._portals.get(body.partition(b"\0")[0], b"")
            self._passed(self._statements.get(statement, _UNKNOWN))
        elif kind == b"F":
            self._passed(_FUNCTION)

    def _passed(self, statement: _Statement, *, executed: bool = True) -> None:
        text, types, control = statement
        self._record(Exchange(database=self._database, sql=text, types=types, executed=executed, control=control))


_Statement = tuple[str, tuple[int, ...], bool]
"""Its text, the types that the driver declares for its parameters, and whether it asks for no data"""
_UNKNOWN: _Statement = ("", (), True)
_FUNCTION: _Statement = ("", (), False)
"""A call of a function by its OID, which has no text"""


def _statement(raw: bytes) -> _Statement:
    """The text of a message, which ends in a zero, and the types that stand behind it in a Parse message."""
    words, _, declared = raw.partition(b"\0")
    text = words.decode("utf-8", "replace")
    return text, _types(declared), is_control(text)


def _types(raw: bytes) -> tuple[int, ...]:
    """The types of a Parse message: their number, then their OIDs. Of a message that was not kept whole, none."""
    if len(raw) < 2:
        return ()
    (number,) = struct.unpack_from("!H", raw)
    return struct.unpack_from(f"!{number}I", raw, 2) if len(raw) >= 2 + 4 * number else ()


def postgres_relay(server: ServerIdentity, *, host: str, port: int, context: ssl.SSLContext | None = None) -> Relay:
    """A relay to a server's host and port, over TLS with a context; a host that starts with / is a socket's folder."""
    if host.startswith("/"):
        connect = unix_socket(f"{host}/.s.PGSQL.{port}")
    else:
        connect = tcp(host, port) if context is None else postgres_tls(host, port, context)
    return Relay(server, connect, lambda relay: FrontendReader(relay.record))


def dsn_through(relay: Relay, *, user: str, password: str | None, database: str) -> str:
    """A libpq URI that leads through a relay."""
    credentials = quote(user, safe="") + (f":{quote(password, safe='')}" if password is not None else "")
    return f"postgresql://{credentials}@{HOST}:{relay.port}/{quote(database, safe='')}?sslmode=disable"
