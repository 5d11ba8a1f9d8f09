"""Statements of a request whose values and answers are larger than any buffer on the way reach both ends."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import psycopg
import pytest
from psycopg import AsyncConnection
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from harness.gateway.execution.transactions import executed_together
from harness.gateway.queries.statements import Statement

LARGE = 12 * 2**20
"""Bytes: more than the socket buffers of both ends and of the relay between them hold"""
BOUND = 60.0
"""Seconds: only what stands still takes so long"""


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(2**16):
            writer.write(data)
            await writer.drain()
        writer.write_eof()


@contextlib.asynccontextmanager
async def relayed(dsn: str) -> AsyncIterator[AsyncConnection[tuple[object, ...]]]:
    """A connection through a relay in the same event loop: it reads only while the client waits, never as it sends."""
    parameters = conninfo_to_dict(dsn)
    passed = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, requests = await asyncio.open_connection(str(parameters["host"]), int(str(parameters["port"])))
        try:
            await asyncio.gather(_pass_on(reader, requests), _pass_on(answers, writer))
        finally:
            for end in (writer, requests):
                end.close()
                with contextlib.suppress(ConnectionError):
                    await end.wait_closed()
            passed.set()

    listening = socket.create_server(("127.0.0.1", 0))
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**14)
    async with await asyncio.start_server(serve, sock=listening, limit=2**14):
        conninfo = make_conninfo(dsn, host="127.0.0.1", port=listening.getsockname()[1], sslmode="disable")
        connection = await AsyncConnection.connect(conninfo, autocommit=True)
        try:
            yield connection
        finally:
            await connection.close()
            await passed.wait()


SENT = Statement(b"SELECT pg_catalog.length($1::text)", ("x" * LARGE,))
ANSWERED = Statement(b"SELECT pg_catalog.repeat('y', $1::int)", (LARGE,))
ECHOED = Statement(b"SELECT $1::text", ("z" * LARGE,))


@pytest.mark.parametrize(
    "statements",
    [
        [Statement(b"SELECT 1", ()), SENT],
        [ANSWERED, SENT, ANSWERED],
        [ECHOED, ECHOED, Statement(b"SELECT 1", ())],
    ],
    ids=["sent", "sent while an answer comes", "both"],
)
def test_no_end_waits_for_the_other(database: str, statements: list[Statement]) -> None:
    async def run() -> int:
        async with relayed(database) as connection:
            cursors = await asyncio.wait_for(executed_together(connection, statements), BOUND)
            return sum([len(await cursor.fetchall()) for cursor in cursors])

    assert asyncio.run(run()) == len(statements)


def test_a_failure_among_large_statements_is_told_and_the_connection_lives(database: str) -> None:
    async def run() -> object:
        async with relayed(database) as connection:
            statements = [Statement(b"SELECT 1 / 0", ()), ECHOED, SENT]
            with pytest.raises(psycopg.errors.DivisionByZero):
                await asyncio.wait_for(executed_together(connection, statements), BOUND)
            return await (await connection.execute("SELECT 1")).fetchone()

    assert asyncio.run(run()) == (1,)
