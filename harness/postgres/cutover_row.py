"""The row that a cutover writes on the target: what arrived there, and whether the target was opened since."""

from __future__ import annotations

from dataclasses import dataclass

from harness.errors import PlanRefused
from harness.postgres import fence_store
from harness.postgres.connect import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """The sentinel of a cutover, and up to where of the source's log what was written has arrived."""

    cutover: str
    sentinel: str
    lsn: str
    """Of the source, right after the sentinel was written"""
    snapshot_lsn: str
    """Of the source, in the snapshot that the last catch-up read"""
    arrived_at: str
    opened_at: str | None = None
    """From then on the application may have written to the target"""
    fence_at: str | None = None
    """Since when the fence of the target stood that was to be taken down then: while it does, it was never opened"""


def note_arrival(connection: Connection, arrival: Arrival) -> None:
    """Write the row, after the last commit of the catch-up, and commit. It takes the place of an earlier one."""
    connection.execute("CREATE SCHEMA IF NOT EXISTS pgparity")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS pgparity.cutover (id text PRIMARY KEY, sentinel text NOT NULL, lsn pg_lsn NOT NULL,"
        " snapshot_lsn pg_lsn NOT NULL, arrived_at timestamptz NOT NULL, opened_at timestamptz, fence_at text)"
    )
    connection.execute("DELETE FROM pgparity.cutover WHERE opened_at IS NULL")
    connection.execute(
        "INSERT INTO pgparity.cutover (id, sentinel, lsn, snapshot_lsn, arrived_at)"
        " VALUES (%s, %s, %s::pg_lsn, %s::pg_lsn, pg_catalog.clock_timestamp())",
        (arrival.cutover, arrival.sentinel, arrival.lsn, arrival.snapshot_lsn),
    )
    connection.commit()


def note_opening(connection: Connection, cutover: str) -> bool:
    """Write that the target is opened now, and commit, before anybody may write there; False where no row says that
    everything has arrived.
    """
    if not _exists(connection):
        return False
    fence = fence_store.stored(connection)
    row = connection.execute(
        "UPDATE pgparity.cutover SET opened_at = coalesce(opened_at, pg_catalog.clock_timestamp()),"
        " fence_at = CASE WHEN opened_at IS NULL THEN %s ELSE fence_at END WHERE id = %s RETURNING id",
        (fence.record.at if fence is not None and fence.record.cutover == cutover else None, cutover),
    ).fetchone()
    connection.commit()
    return row is not None


def arrival_on(connection: Connection) -> Arrival | None:
    """The latest row, one of an opened target first; None where there is none."""
    if not _exists(connection):
        return None
    row = connection.execute(
        "SELECT id, sentinel, lsn::text, snapshot_lsn::text, arrived_at::text, opened_at::text, fence_at"
        " FROM pgparity.cutover"
        " ORDER BY opened_at IS NULL, arrived_at DESC LIMIT 1"
    ).fetchone()
    if row is None:
        return None
    identity, sentinel, lsn, snapshot_lsn, arrived_at, opened_at, fence_at = row
    return Arrival(
        cutover=str(identity),
        sentinel=str(sentinel),
        lsn=str(lsn),
        snapshot_lsn=str(snapshot_lsn),
        arrived_at=str(arrived_at),
        opened_at=None if opened_at is None else str(opened_at),
        fence_at=None if fence_at is None else str(fence_at),
    )


def forget_arrival(connection: Connection, cutover: str) -> None:
    """Delete the row of a cutover that has gone back, and the table where it was the last one, and commit."""
    if _exists(connection):
        connection.execute("DELETE FROM pgparity.cutover WHERE id = %s", (cutover,))
        left = connection.execute("SELECT EXISTS (SELECT FROM pgparity.cutover)").fetchone()
        if not left or not left[0]:
            connection.execute("DROP TABLE pgparity.cutover")
    connection.commit()


def ensure_never_opened(connection: Connection) -> None:
    """PlanRefused where a cutover has opened the target: its application writes there, and nothing may be moved over
    that.
    """
    arrival = arrival_on(connection)
    if arrival is not None and arrival.opened_at is not None:
        raise PlanRefused(
            f"the target was opened by the cutover {arrival.cutover} at {arrival.opened_at}: it has rows of its own",
            hint="Go back first: pgparity cutover rollback. Where they may be lost: drop the table pgparity.cutover.",
        )


def _exists(connection: Connection) -> bool:
    row = connection.execute("SELECT pg_catalog.to_regclass('pgparity.cutover') IS NOT NULL").fetchone()
    return bool(row and row[0])
