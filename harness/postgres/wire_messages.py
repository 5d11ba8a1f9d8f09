"""A session's messages below libpq, for a COPY whose rows nobody has to look at: asked, sent on, ended in order."""

from __future__ import annotations

import select
import socket
import struct
import time
from typing import Final

import psycopg
from psycopg import errors, pq

_HEAD: Final = struct.Struct(">cI")
_LENGTH: Final = struct.Struct(">I")
_READ: Final = 1 << 18
_FIELDS: Final[dict[bytes, int]] = {bytes([field]): field for field in pq.DiagnosticField if field < 128}


class Conversation:
    """One statement at a time over a session's socket, which libpq must not use meanwhile.

    The messages are those of PostgreSQL's manual, "Message Formats". Errors of the server are raised as psycopg would,
    once the server is ready for the next statement; OperationalError: the connection is lost.
    """

    def __init__(self, wire: socket.socket) -> None:
        self._wire = wire
        self._data = b""
        self._at = 0
        self._skip = 0
        self.over = True
        """No statement is running: libpq may use the session again"""

    def ask(self, statement: str) -> None:
        """Send a statement."""
        text = statement.encode() + b"\0"
        self.over = False
        self.send(b"Q" + _LENGTH.pack(len(text) + 4) + text)

    def expect(self, wanted: bytes) -> None:
        """Read up to this message."""
        while (message := self._message())[0] != wanted:
            self._refuse(message)

    def finish(self) -> int:
        """Read to the end of the statement; returns the rows that its command tag counts."""
        rows = 0
        while (message := self._message())[0] != b"Z":
            self._refuse(message)
            if message[0] == b"C":
                rows = int(message[1].rstrip(b"\0").rpartition(b" ")[2])
        self.over = True
        return rows

    def drain(self, seconds: float) -> None:
        """Read to the end of a statement that was cancelled, whatever came of it. TimeoutError: it does not end."""
        until = time.monotonic() + seconds
        while self._message(until)[0] != b"Z":
            pass
        self.over = True

    def fail_copy(self) -> None:
        """Tell a server that waits for COPY data that there is none."""
        text = b"the other side failed\0"
        self.send(b"f" + _LENGTH.pack(len(text) + 4) + text)

    def fill(self, size: int) -> None:
        """Send so many bytes that nobody will read."""
        while size > 0:
            self.send(bytes(min(size, _READ)))
            size -= _READ

    def end_copy(self) -> None:
        """Tell a server that this was all."""
        self.send(b"c" + _LENGTH.pack(4))

    def take(self) -> bytes:
        """What was read and not looked at."""
        data, self._data, self._at = self._data[self._at :], b"", 0
        return data

    def receive(self) -> bytes:
        """What was read and not looked at, with what has arrived since, which is waited for."""
        if not self._poll(select.POLLIN):
            return self.take()
        return self.take() + self._recv()

    def put_back(self, data: bytes) -> None:
        """What was taken and belongs to no COPY data."""
        self._data = data + self.take()

    def skip(self, size: int) -> None:
        """Do not look at the next bytes that arrive: they are the rest of a message."""
        self._skip = size

    def copy_is_over(self) -> bool:
        """Look at the message that follows some COPY data: its end, or one that may come at any time."""
        message = self._message()
        self._refuse(message)
        return message[0] == b"c"

    def look_for_error(self) -> None:
        """Raise the error that a server may have sent while it was sent data."""
        if select_now(self._wire):
            self._data += self._recv()
        while (message := self._next()) is not None:
            self._refuse(message)

    def send(self, data: bytes | memoryview) -> None:
        """Send all of it; what the server says meanwhile is kept, for it may wait for somebody to read it."""
        rest = memoryview(data)
        poller = select.poll()
        poller.register(self._wire, select.POLLOUT | select.POLLIN)
        while rest:
            for _, event in poller.poll():
                if event & select.POLLIN:
                    self._data += self._recv()
                if event & select.POLLOUT:
                    rest = rest[self._sent(rest) :]
                elif not event & select.POLLIN:
                    raise _lost()

    def _sent(self, data: memoryview) -> int:
        try:
            return self._wire.send(data)
        except BlockingIOError:
            return 0
        except OSError:
            raise _lost() from None

    def _recv(self) -> bytes:
        try:
            data = self._wire.recv(_READ)
        except BlockingIOError:
            return b""
        except OSError:
            raise _lost() from None
        if not data:
            raise _lost()
        skipped = min(self._skip, len(data))
        self._skip -= skipped
        return data[skipped:]

    def _poll(self, events: int, seconds: float = 1.0) -> bool:
        poller = select.poll()
        poller.register(self._wire, events)
        return bool(poller.poll(seconds * 1000))

    def _message(self, until: float | None = None) -> tuple[bytes, bytes]:
        """The next message, as kind and body."""
        while (message := self._next()) is None:
            if until is not None and time.monotonic() > until:
                raise TimeoutError
            if self._poll(select.POLLIN):
                self._data += self._recv()
        return message

    def _next(self) -> tuple[bytes, bytes] | None:
        # What was read is cut off once it is all looked at: of 256 KiB of short messages each cut would copy the rest.
        left = len(self._data) - self._at
        if left >= _HEAD.size:
            kind, length = _HEAD.unpack_from(self._data, self._at)
            if left > length:
                body = self._data[self._at + _HEAD.size : self._at + length + 1]
                self._at += length + 1
                return kind, body
        self._data, self._at = self._data[self._at :], 0
        return None

    def _refuse(self, message: tuple[bytes, bytes]) -> None:
        """Raise an error of the server, once it is ready again."""
        if message[0] != b"E":
            return
        error = _error(message[1])
        if (error.sqlstate or "").startswith(("57P", "08")):
            raise error  # the session ends: there is nothing more to come
        while self._message()[0] != b"Z":
            pass
        self.over = True
        raise error


def select_now(wire: socket.socket) -> bool:
    """Whether something has arrived."""
    poller = select.poll()
    poller.register(wire, select.POLLIN)
    return bool(poller.poll(0))


def _lost() -> psycopg.OperationalError:
    return psycopg.OperationalError("the connection was lost")


def _error(body: bytes) -> psycopg.Error:
    """The error of an ErrorResponse, with its diagnostics."""
    fields: dict[int, bytes | None] = {_FIELDS[part[:1]]: part[1:] for part in body.split(b"\0") if part[:1] in _FIELDS}
    state = (fields.get(pq.DiagnosticField.SQLSTATE) or b"XX000").decode()
    try:
        kind: type[psycopg.Error] = errors.lookup(state)
    except KeyError:
        kind = psycopg.DatabaseError
    text = fields.get(pq.DiagnosticField.MESSAGE_PRIMARY) or b""
    error = kind(text.decode("utf-8", "replace"), info=fields)
    error.sqlstate = state
    return error
