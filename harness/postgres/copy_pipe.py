"""COPY from one server straight into another: the messages of COPY TO are sent on as those of COPY FROM, unread."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import psycopg
from psycopg import sql

from harness.postgres.connect import Connection, Endpoint
from harness.postgres.failures import blaming
from harness.postgres.wire_messages import Conversation

_HEAD: Final = struct.Struct(">BI")
_COPY_DATA: Final = ord("d")
_READ: Final = 1 << 18
_END_SECONDS: Final = 5.0
"""That a server may take to end a statement that was cancelled"""


class Stopped(Exception):
    """The pipe was asked to stop; both sessions are closed."""


@dataclass(frozen=True, slots=True)
class Piped:
    """What one COPY carried."""

    rows: int
    """As both servers counted them"""
    bytes: int
    """Of COPY data"""


def pipe(
    source: tuple[Connection, Endpoint],
    target: tuple[Connection, Endpoint],
    read: sql.Composed,
    write: sql.Composed,
    *,
    stopped: Callable[[], bool] = lambda: False,
    told: Callable[[int], None] = lambda _size: None,
) -> Piped:
    """Run COPY … TO STDOUT on the source and COPY … FROM STDIN on the target, in the transactions that they are in.

    StatementFailed: a statement of either side failed, and neither transaction can go on but to a savepoint; nothing of
    this COPY stays. ConnectionFailed: a session was lost. Stopped: `stopped` said so. `told` hears how many bytes were
    sent on, again and again; as long as it takes, nothing is.

    Sessions without encryption are read and written below libpq, which would take each row apart and put it together
    again: that costs more than all else of a pipe (docs/performance.md). PostgreSQL's manual, "COPY Operations": what a
    server sends for COPY TO is what it takes for COPY FROM, message by message.
    """
    if all(_plain(connection) for connection, _ in (source, target)):
        return _raw(source, target, read, write, stopped, told)
    return _through_libpq(source, target, read, write, stopped, told)


def _plain(connection: Connection) -> bool:
    info = connection.pgconn
    return not info.ssl_in_use and not info.used_gssapi and hasattr(select, "poll")


def _raw(
    source: tuple[Connection, Endpoint],
    target: tuple[Connection, Endpoint],
    read: sql.Composed,
    write: sql.Composed,
    stopped: Callable[[], bool],
    told: Callable[[int], None],
) -> Piped:
    with _conversation(target[0], _end_writing) as into, _conversation(source[0], _end_reading) as out:
        with blaming(target[1], target[0]):
            into.ask(write.as_string(target[0]))
            into.expect(b"G")
        with blaming(source[1], source[0]):
            out.ask(read.as_string(source[0]))
            out.expect(b"H")
        size = _relay(source, target, out, into, stopped, told)
        with blaming(source[1], source[0]):
            sent = out.finish()
        with blaming(target[1], target[0]):
            into.end_copy()
            taken = into.finish()
    if sent != taken:
        raise _miscounted(sent, taken)
    return Piped(taken, size)


def _relay(
    source: tuple[Connection, Endpoint],
    target: tuple[Connection, Endpoint],
    out: Conversation,
    into: Conversation,
    stopped: Callable[[], bool],
    told: Callable[[int], None],
) -> int:
    """Send on all CopyData up to the end of the COPY; returns its bytes without the heads of messages."""
    size = inside = 0
    data = out.take()
    try:
        while True:
            at, heads, other = _walked(data, inside)
            size += at - inside - heads * _HEAD.size
            inside = max(at - len(data), 0)
            at -= inside
            out.put_back(data[at:])
            with blaming(target[1], target[0]):
                into.send(memoryview(data)[:at])
                into.look_for_error()
            told(at)
            _go_on(stopped)
            with blaming(source[1], source[0]):
                if other and out.copy_is_over():
                    return size
                data = out.take() if other else out.receive()
    except BaseException:
        # A message that was begun is ended, or what follows would be taken for the rest of it.
        out.skip(inside)
        with contextlib.suppress(psycopg.Error):
            into.fill(inside)
        raise


def _walked(data: bytes, at: int) -> tuple[int, int, bool]:
    """Where the CopyData that begins at `at` ends, perhaps beyond the data; of how many heads, and whether another
    message follows.

    For every row that is moved this goes round once: nothing is looked up, and nothing counted that can be known later.
    """
    unpack, kind_of_rows = _HEAD.unpack_from, _COPY_DATA
    last = len(data) - _HEAD.size
    heads = 0
    while at <= last:
        kind, length = unpack(data, at)
        if kind != kind_of_rows:
            return at, heads, True
        at += length + 1
        heads += 1
    return at, heads, False


def _go_on(stopped: Callable[[], bool]) -> None:
    if stopped():
        raise Stopped


@contextlib.contextmanager
def _conversation(connection: Connection, end: Callable[[Connection, Conversation], None]) -> Iterator[Conversation]:
    """A session below libpq. A statement that is not over when this ends is ended, else the session is closed."""
    with socket.socket(fileno=os.dup(connection.pgconn.socket)) as wire:
        found = Conversation(wire)
        try:
            yield found
        finally:
            if not found.over:
                try:
                    end(connection, found)
                except (psycopg.Error, TimeoutError):
                    connection.close()


def _end_reading(connection: Connection, conversation: Conversation) -> None:
    connection.cancel_safe(timeout=_END_SECONDS)
    conversation.drain(_END_SECONDS)


def _end_writing(_connection: Connection, conversation: Conversation) -> None:
    conversation.fail_copy()
    conversation.drain(_END_SECONDS)


def _miscounted(sent: int, taken: int) -> psycopg.Error:
    return psycopg.DataError(f"the source sent {sent} rows and the target took {taken}")


def _through_libpq(
    source: tuple[Connection, Endpoint],
    target: tuple[Connection, Endpoint],
    read: sql.Composed,
    write: sql.Composed,
    stopped: Callable[[], bool],
    told: Callable[[int], None],
) -> Piped:
    size = 0
    # Not ended by `with`: a cursor that is closed does not know how many rows there were.
    into, out = target[0].cursor(), source[0].cursor()
    with (
        blaming(target[1], target[0]),
        into.copy(write) as writing,
        blaming(source[1], source[0]),
        out.copy(read) as reading,
    ):
        while block := _block(reading):
            _go_on(stopped)
            size += len(block)
            with blaming(target[1], target[0]):
                writing.write(block)
            told(len(block))
    sent, taken = out.rowcount, into.rowcount
    if sent != taken:
        raise _miscounted(sent, taken)
    return Piped(taken, size)


def _block(reading: psycopg.Copy) -> bytes:
    """The next rows, as many as make a good write."""
    block = bytearray()
    while len(block) < _READ and (data := reading.read()):
        block += data
    return bytes(block)
