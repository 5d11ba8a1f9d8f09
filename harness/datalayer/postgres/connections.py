"""Connections that wait for an answer no longer than they may, and that notice when the other end is gone."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, Final, Self, TypeVar

import psycopg
from psycopg import pq
from psycopg.abc import PQGen
from psycopg.rows import DictRow

T = TypeVar("T")

GRACE_SECONDS: Final = 1.0
"""How much longer than statement_timeout an answer may take before the connection counts as cut."""

_INTERVAL_SECONDS: Final = 0.1


class AnswerOverdue(psycopg.OperationalError):
    """Nothing came back in time; the connection was closed, because an answer may still be on its way."""


class BoundedConnection(psycopg.Connection[DictRow]):
    """A connection that gives up, and closes, when a statement has no answer after `answer_seconds`.

    The server's statement_timeout cannot tell a client whose network was cut, and TCP keeps a silent connection open
    for as long as something between the two acknowledges.
    """

    answer_seconds: float = 30.0 + GRACE_SECONDS

    @classmethod
    def connect(cls, conninfo: str = "", **parameters: Any) -> Self:
        """Connect as psycopg does; the text of an error, which the pool logs, names no host and no role."""
        try:
            return super().connect(conninfo, **parameters)
        except psycopg.Error as error:
            raise psycopg.OperationalError(_reason(error)) from None

    def wait(self, gen: PQGen[T], interval: float = _INTERVAL_SECONDS, timeout: float | None = None) -> T:
        """Wait as psycopg does, for `answer_seconds` or `timeout` at most."""
        try:
            return super().wait(_bounded(gen, self.answer_seconds if timeout is None else timeout), interval)
        except AnswerOverdue:
            self.pgconn.finish()
            raise


class BoundedAsyncConnection(psycopg.AsyncConnection[DictRow]):
    """BoundedConnection for asyncio."""

    answer_seconds: float = 30.0 + GRACE_SECONDS

    @classmethod
    async def connect(cls, conninfo: str = "", **parameters: Any) -> Self:
        """Connect as psycopg does; the text of an error, which the pool logs, names no host and no role."""
        try:
            return await super().connect(conninfo, **parameters)
        except psycopg.Error as error:
            raise psycopg.OperationalError(_reason(error)) from None

    async def wait(self, gen: PQGen[T], interval: float = _INTERVAL_SECONDS, timeout: float | None = None) -> T:
        """Wait as psycopg does, for `answer_seconds` or `timeout` at most."""
        try:
            return await super().wait(_bounded(gen, self.answer_seconds if timeout is None else timeout), interval)
        except AnswerOverdue:
            self.pgconn.finish()
            raise


def _reason(error: psycopg.Error) -> str:
    return error.sqlstate or type(error).__name__


def _bounded(gen: PQGen[T], seconds: float) -> Generator[Any, Any, T]:
    """The generator, ended with AnswerOverdue when it still waits after so many seconds.

    The one who waits sends a value at every interval, whether the socket is ready (not 0) or not (0).
    """
    deadline = monotonic() + seconds
    try:
        wanted = next(gen)
        while True:
            ready = yield wanted
            if not ready and monotonic() >= deadline:
                raise AnswerOverdue("no answer in time")
            wanted = gen.send(ready)
    except StopIteration as ended:
        value: T = ended.value
        return value


@contextmanager
def allowed(connection: BoundedConnection | BoundedAsyncConnection, seconds: float) -> Iterator[None]:
    """Let the answers of a connection take so long for a while."""
    ordinary = connection.answer_seconds
    connection.answer_seconds = seconds
    try:
        yield
    finally:
        connection.answer_seconds = ordinary


def is_lost(connection: psycopg.Connection[Any] | psycopg.AsyncConnection[Any]) -> bool:
    """Whether an idle connection was closed by the other end. Nothing is sent and nothing waited for.

    A server that ends a session sends a last message first: the end itself is seen by the second look.
    """
    pgconn = connection.pgconn
    if pgconn.status != pq.ConnStatus.OK:
        return True
    try:
        pgconn.consume_input()
        pgconn.consume_input()
    except psycopg.Error:
        return True
    return pgconn.status != pq.ConnStatus.OK
