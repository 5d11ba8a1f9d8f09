"""Acting: whose rights a session has, whose it can take on, and how roles are named in GRANT and REVOKE."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from psycopg import sql

from harness.core.cutover.rights import PUBLIC
from harness.postgres.connect import Connection, Endpoint
from harness.postgres.failures import StatementFailed, blaming

_TRIES: Final = 5
_COLLIDED: Final = ("XX000", "40001", "40P01")
"""Two sessions granted on one table at once ("tuple concurrently updated"), or waited for each other"""
T = TypeVar("T")


def again(endpoint: Endpoint, connection: Connection, transaction: Callable[[], T]) -> T:
    """One transaction of GRANTs, tried again where it collided with another session's. StatementFailed."""
    for left in reversed(range(_TRIES)):
        try:
            with blaming(endpoint, connection):
                return transaction()
        except StatementFailed as failure:
            if failure.sqlstate not in _COLLIDED or not left:
                raise
            connection.rollback()
    raise AssertionError("the last try returns or raises")


def act_as(connection: Connection, role: str) -> None:
    """Take on another role, until RESET ROLE or the transaction's end."""
    connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))


def act_as_oneself(connection: Connection) -> None:
    """Back to the session's own role."""
    connection.execute("RESET ROLE")


def has_rights_of(connection: Connection, roles: Iterable[int]) -> frozenset[int]:
    """Those roles whose rights the session has without doing anything: GRANT on their tables is theirs then."""
    return _asked(connection, roles, "USAGE", "current_user")


def can_act_as(connection: Connection, roles: Iterable[int]) -> frozenset[int]:
    """Those roles that the session may SET ROLE to: since PostgreSQL 16 not every member may."""
    right = "SET" if connection.info.server_version >= 160000 else "MEMBER"
    return _asked(connection, roles, right, "session_user")


def _asked(connection: Connection, roles: Iterable[int], right: str, who: str) -> frozenset[int]:
    found = connection.execute(
        "SELECT r.oid::bigint FROM pg_catalog.pg_roles AS r WHERE r.oid = ANY (%s::oid[])"
        " AND pg_catalog.pg_has_role(CASE %s WHEN 'session_user' THEN session_user ELSE current_user END, r.oid, %s)",
        (list(roles), who, right),
    )
    return frozenset(int(oid) for (oid,) in found)


def grantee(name: str, oid: int) -> sql.Composable:
    """A role in GRANT and REVOKE."""
    return sql.SQL("PUBLIC") if oid == PUBLIC else sql.Identifier(name)
