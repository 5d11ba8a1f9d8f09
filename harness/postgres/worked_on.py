"""Worked on: a lock on a database that a cutover or its rollback has while it works, so that another machine waits."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from typing import Final

import psycopg

from harness.errors import CutoverFailed, PgparityError
from harness.postgres.connect import FENCING, Connection, Endpoint, ensure_session_kept, session
from harness.postgres.fence_hold import keep_alive

_KEY: Final = 0x7067_7061_7269_7481
"""Of the advisory lock: 'pgparit' in ASCII, and a number of its own beside that of the fence"""
WAIT_SECONDS: Final = 5.0
"""How long the session of a process that was killed may take to be gone"""
_POLL_SECONDS: Final = 0.1


@contextlib.contextmanager
def worked_on(endpoints: Sequence[Endpoint]) -> Iterator[None]:
    """Keep other machines out of databases; CutoverFailed says who is in.

    The lock ends with its session: where that is lost, the fences say before the switch whether all is as it was.
    """
    with contextlib.ExitStack() as outer:
        for endpoint in endpoints:
            outer.callback(_let_go, _kept(endpoint))
        yield


def _kept(endpoint: Endpoint) -> contextlib.ExitStack:
    ensure_session_kept(endpoint)
    with contextlib.ExitStack() as stack:
        connection = stack.enter_context(session(endpoint, purpose=FENCING))
        keep_alive(connection)
        _take(connection, endpoint)
        return stack.pop_all()


def _let_go(kept: contextlib.ExitStack) -> None:
    """A session that was lost has let go already, which is no reason to end otherwise than the work did."""
    with contextlib.suppress(PgparityError, psycopg.Error):
        kept.close()


def _take(connection: Connection, endpoint: Endpoint) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        row = connection.execute("SELECT pg_catalog.pg_try_advisory_lock(%s::bigint)", (_KEY,)).fetchone()
        connection.commit()
        if row and row[0]:
            return
        if time.monotonic() >= deadline:
            raise CutoverFailed(
                f"another process works on a cutover of the {endpoint.side}{_who(connection)}",
                hint="Wait for it, or end it where it runs; `pgparity cutover status` only reads.",
            )
        time.sleep(_POLL_SECONDS)


def _who(connection: Connection) -> str:
    row = connection.execute(
        "SELECT l.pid, a.client_addr::text FROM pg_catalog.pg_locks AS l"
        " LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid"
        " WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1"
        " AND (l.classid::bigint << 32) | l.objid::bigint = %s::bigint"
        " AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d"
        "                   WHERE d.datname = pg_catalog.current_database())",
        (_KEY,),
    ).fetchone()
    connection.rollback()
    if row is None:
        return ""
    return f": session {row[0]}" + (f" from {row[1]}" if row[1] else "")
