"""The sentinel: the last row written to the source before the final catch-up; each snapshot has to show it."""

from __future__ import annotations

import secrets

import psycopg
from psycopg.types.json import Jsonb

from harness.core.cutover.fence_facts import Opening, Sentinel, StoredSentinel
from harness.errors import MigrationFailed, PgparityError, PlanRefused
from harness.postgres import fence_store
from harness.postgres.connect import Connection, Endpoint, fencing_session
from harness.postgres.failures import StatementFailed, blaming
from harness.postgres.fence_scope import asking
from harness.postgres.queries import query

_BEHIND = (
    "The DSN of the source leads to a replica or to a pooler in front of one: give the address of the primary server."
)


def write_sentinel(endpoint: Endpoint, cutover: str, *, consent: bool) -> Sentinel:
    """Write a new sentinel for this cutover and commit it; what was written before it is before `Sentinel.lsn`.

    PlanRefused: another cutover's fence stands here.
    """
    token = secrets.token_hex(16)
    with fencing_session(endpoint, consent=consent) as connection:
        try:
            with blaming(endpoint, connection):
                stored = fence_store.stored(connection)
                if stored is not None and stored.record.cutover != cutover:
                    raise PlanRefused(
                        f"the {endpoint.side} is fenced by the cutover {stored.record.cutover}",
                        hint="Go on with that one, or go back: pgparity cutover rollback.",
                    )
                made = fence_store.lacks_schema(connection)
                if made:
                    fence_store.require_create(connection, endpoint)
                connection.execute(query("sentinel_create"))
                connection.execute(query("sentinel_write"), (cutover, token, made))
                connection.commit()
                row = connection.execute("SELECT pg_catalog.pg_current_wal_insert_lsn()::text").fetchone()
        except StatementFailed as failure:
            raise PgparityError(
                f"no sentinel was written to the {endpoint.side}: {failure.reason}", hint="Run again."
            ) from None
    return Sentinel(cutover=cutover, token=token, lsn=str(row[0]) if row else "0/0")


def check_sentinel(connection: Connection, sentinel: Sentinel) -> str:
    """See the sentinel in this session's snapshot, on a server that is no earlier in the log; that server's position.

    MigrationFailed says which of both does not hold. It runs in the transaction that the caller has open, after its
    snapshot was taken, and leaves it as it is.
    """
    try:
        with connection.transaction():
            replica, position, reached = _position(connection, sentinel)
            there = fence_store.exists(connection, "sentinel")
            row = (
                connection.execute(
                    "SELECT token FROM pgparity.sentinel WHERE cutover = %s", (sentinel.cutover,)
                ).fetchone()
                if there
                else None
            )
    except psycopg.Error as error:
        if connection.closed or error.sqlstate is None:
            raise
        raise MigrationFailed(
            f"the sentinel of the cutover {sentinel.cutover} cannot be read on the source (SQLSTATE {error.sqlstate})",
            hint="Read the source as the role that fences it.",
        ) from None
    if row is None or row[0] != sentinel.token:
        where = "replica that is behind" if replica else "server or database that is not the one that was fenced"
        raise MigrationFailed(
            f"a snapshot of the source does not show the sentinel of the cutover {sentinel.cutover}: it was taken on a "
            f"{where}, or before the sentinel was written",
            hint=_BEHIND,
        )
    if not reached:
        raise MigrationFailed(
            f"the source's log stands at {position}, before the sentinel's {sentinel.lsn}", hint=_BEHIND
        )
    return position


def read_sentinel(endpoint: Endpoint, cutover: str | None = None) -> StoredSentinel | None:
    """The sentinel that stands in this database, of this cutover; without one, of whichever was written last."""
    with asking(endpoint) as connection:
        if not fence_store.exists(connection, "sentinel"):
            return None
        row = connection.execute(
            "SELECT cutover, snapshot, opening FROM pgparity.sentinel WHERE cutover = coalesce(%s, cutover)"
            " ORDER BY at DESC LIMIT 1",
            (cutover,),
        ).fetchone()
    if row is None:
        return None
    opening = Opening.from_data(row[2]) if row[2] is not None else None
    return StoredSentinel(cutover=str(row[0]), snapshot=str(row[1]), opening=opening)


def note_opening_begins(endpoint: Endpoint, cutover: str, opening: Opening, *, consent: bool) -> bool:
    """Keep on the source that the target may be opened from now on, and commit; False where the sentinel is gone, as
    it is once a rollback has begun to give the source back: then the target must stay closed.
    """
    with fencing_session(endpoint, consent=consent) as connection:
        try:
            with blaming(endpoint, connection):
                if not fence_store.exists(connection, "sentinel"):
                    return False
                row = connection.execute(
                    "UPDATE pgparity.sentinel SET opening = %s WHERE cutover = %s RETURNING cutover",
                    (Jsonb(opening.to_data()), cutover),
                ).fetchone()
                connection.commit()
        except StatementFailed as failure:
            raise PgparityError(
                f"the {endpoint.side} could not note the opening: {failure.reason}", hint="Run again."
            ) from None
    return row is not None


def take_back_sentinel(endpoint: Endpoint, cutover: str, *, consent: bool) -> bool:
    """Delete the sentinel unless the opening was noted in it; whether it is gone. From then on nobody can note that."""
    with fencing_session(endpoint, consent=consent) as connection:
        try:
            with blaming(endpoint, connection):
                if not fence_store.exists(connection, "sentinel"):
                    return True
                connection.execute("DELETE FROM pgparity.sentinel WHERE cutover = %s AND opening IS NULL", (cutover,))
                left = connection.execute(
                    "SELECT EXISTS (SELECT FROM pgparity.sentinel WHERE cutover = %s)", (cutover,)
                ).fetchone()
                connection.commit()
        except StatementFailed as failure:
            raise PgparityError(
                f"the {endpoint.side} could not be given back: {failure.reason}", hint="Run again."
            ) from None
    return not (left and left[0])


def sentinel_made_schema(connection: Connection) -> bool:
    """Whether the schema pgparity was made for a sentinel alone."""
    if not fence_store.exists(connection, "sentinel"):
        return False
    row = connection.execute(
        "SELECT coalesce(pg_catalog.bool_or(schema_made), false) FROM pgparity.sentinel"
    ).fetchone()
    return bool(row and row[0])


def _position(connection: Connection, sentinel: Sentinel) -> tuple[bool, str, bool]:
    row = connection.execute(
        "SELECT r.replica, p.lsn::text, p.lsn >= %s::pg_lsn FROM"
        " (SELECT pg_catalog.pg_is_in_recovery() AS replica) AS r CROSS JOIN LATERAL"
        " (SELECT CASE WHEN r.replica THEN pg_catalog.pg_last_wal_replay_lsn()"
        "  ELSE pg_catalog.pg_current_wal_insert_lsn() END AS lsn) AS p",
        (sentinel.lsn,),
    ).fetchone()
    return (bool(row[0]), str(row[1]), bool(row[2])) if row else (False, "0/0", False)
