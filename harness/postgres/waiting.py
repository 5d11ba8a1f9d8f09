"""Waiting: sessions that wait for a lock to write; those that nothing refuses once it is let go are ended before."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import psycopg

from harness.postgres.connect import Connection, Endpoint
from harness.postgres.fence_scope import asking, read_relations
from harness.postgres.queries import query


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A session that waits to write."""

    pid: int
    role: str
    ended: bool
    """Its statement was cancelled; False: this role may not do that"""

    def __str__(self) -> str:
        return f"session {self.pid} of {self.role or 'a role that is not told'}"


def end_waiting(
    endpoint: Endpoint, *, tables: Sequence[str], roles: Collection[str], everybody: bool
) -> tuple[Waiting, ...]:
    """Cancel the statements that wait to write these tables, of superusers, of pgparity's own role and of `roles`.

    `everybody`: of all others too, for a function may run as somebody else in them.
    """
    with asking(endpoint) as connection:
        relations = [relation.oid for relation in read_relations(connection, endpoint, tables)]
        rows = connection.execute(query("fence_waiting"), {"relations": relations}).fetchall()
        own = connection.info.user
        return tuple(
            Waiting(pid=pid, role=role, ended=_cancelled(connection, pid))
            for pid, role, superuser in rows
            if everybody or superuser or role in roles or role == own
        )


def _cancelled(connection: Connection, pid: int) -> bool:
    try:
        with connection.transaction():
            row = connection.execute("SELECT pg_catalog.pg_cancel_backend(%s)", (pid,)).fetchone()
    except psycopg.errors.InsufficientPrivilege:
        return False
    return bool(row and row[0])
