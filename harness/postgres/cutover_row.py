"""The row that a cutover writes on the target: what arrived there, and whether the target was opened since."""

from __future__ import annotations

from dataclasses import dataclass

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


def note_arrival(connection: Connection, arrival: Arrival) -> None:
    """Write the row, after the last commit of the catch-up, and commit. It takes the place of an earlier one."""
    connection.execute("CREATE SCHEMA IF NOT EXISTS pgparity")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS pgparity.cutover (id text PRIMARY KEY, sentinel text NOT NULL, lsn pg_lsn NOT NULL,"
        " snapshot_lsn pg_lsn NOT NULL, arrived_at timestamptz NOT NULL, opened_at timestamptz)"
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
    row = connection.execute(
        "UPDATE pgparity.cutover SET opened_at = coalesce(opened_at, pg_catalog.clock_timestamp()) WHERE id = %s"
        " RETURNING id",
        (cutover,),
    ).fetchone()
    connection.commit()
    return row is not None


def arrival_on(connection: Connection) -> Arrival | None:
    """The latest row; None where there is none."""
    if not _exists(connection):
        return None
    row = connection.execute(
        "SELECT id, sentinel, lsn::text, snapshot_lsn::text, arrived_at::text, opened_at::text FROM pgparity.cutover"
        " ORDER BY arrived_at DESC LIMIT 1"
    ).fetchone()
    if row is None:
        return None
    identity, sentinel, lsn, snapshot_lsn, arrived_at, opened_at = row
    return Arrival(
        cutover=str(identity),
        sentinel=str(sentinel),
        lsn=str(lsn),
        snapshot_lsn=str(snapshot_lsn),
        arrived_at=str(arrived_at),
        opened_at=None if opened_at is None else str(opened_at),
    )


def forget_arrivals(connection: Connection) -> None:
    """Drop the table, and commit: the cutover has gone back."""
    connection.execute("DROP TABLE IF EXISTS pgparity.cutover")
    connection.commit()


def _exists(connection: Connection) -> bool:
    row = connection.execute("SELECT pg_catalog.to_regclass('pgparity.cutover') IS NOT NULL").fetchone()
    return bool(row and row[0])
