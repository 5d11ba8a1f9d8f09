"""Fence store: the record of a fence in the database that it stands in, schema pgparity; beside the ledger, if any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from psycopg import sql
from psycopg.types.json import Jsonb

from harness.core.cutover.fence_facts import FenceRecord
from harness.core.cutover.taken import Taken, by_hand
from harness.errors import PrivilegeMissing
from harness.postgres.connect import Connection, Endpoint
from harness.postgres.failures import StatementFailed, blaming
from harness.postgres.queries import query

_LOCK: Final = 0x7067_7061_7269_7480
"""The key of the advisory lock that fence and unfence take: 'pgparity' in ASCII, and 7"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFence:
    """A fence with every right that it took."""

    record: FenceRecord
    taken: tuple[Taken, ...]
    here: bool
    """The numbers in it are those of this database; False: it came with a restored dump"""
    schema_made: bool


def alone(connection: Connection) -> None:
    """One fence or unfence at a time, until the transaction ends."""
    connection.execute("SELECT pg_catalog.pg_advisory_xact_lock(%s::bigint)", (_LOCK,))


def exists(connection: Connection, name: str) -> bool:
    """Whether schema pgparity has a table."""
    row = connection.execute("SELECT pg_catalog.to_regclass(%s) IS NOT NULL", (f"pgparity.{name}",)).fetchone()
    return bool(row and row[0])


def stored(connection: Connection) -> StoredFence | None:
    """The fence that stands in this database."""
    if not exists(connection, "fence"):
        return None
    row = connection.execute(
        "SELECT f.cutover, pg_catalog.to_char(f.at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), f.asked,"
        " f.taken, f.by_hand, f.schema_made, f.here = d.oid FROM pgparity.fence AS f"
        " JOIN pg_catalog.pg_database AS d ON d.datname = pg_catalog.current_database()"
    ).fetchone()
    if row is None:
        return None
    cutover, at, asked, taken, statements, schema_made, here = row
    record = FenceRecord(
        cutover=cutover,
        at=at,
        **{name: tuple(asked[name]) for name in ("roles", "grantees", "tables", "relations")},
        rights=len(taken),
        by_hand=tuple(statements),
    )
    return StoredFence(
        record=record, taken=tuple(map(Taken.from_data, taken)), here=bool(here), schema_made=bool(schema_made)
    )


def make(connection: Connection) -> bool:
    """Make the table where there is none; whether the schema was made too."""
    made = lacks_schema(connection)
    connection.execute(query("fence_create"))
    return made


def lacks_schema(connection: Connection) -> bool:
    """Whether the database has no schema pgparity."""
    row = connection.execute("SELECT pg_catalog.to_regnamespace('pgparity') IS NULL").fetchone()
    return bool(row and row[0])


def require_create(connection: Connection, endpoint: Endpoint) -> None:
    """PrivilegeMissing where the role may not make what the record is kept in."""
    lacking = lacks_create(connection)
    if lacking:
        raise PrivilegeMissing(f"on the {endpoint.side}, {lacking[0]}", hint=lacking[1])


def lacks_create(connection: Connection) -> tuple[str, str] | None:
    """What the role lacks to make the record, and what to do."""
    row = connection.execute(
        "SELECT CASE WHEN n.oid IS NULL"
        " THEN pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')"
        " ELSE pg_catalog.has_schema_privilege(n.oid, 'CREATE') END"
        " FROM (SELECT 1) AS one LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = 'pgparity'"
    ).fetchone()
    if row and row[0]:
        return None
    return (
        "the role may not create the schema pgparity or a table in it, where what the fence takes is recorded",
        "GRANT CREATE ON DATABASE … TO the role, or use the owner of the database.",
    )


def write(
    connection: Connection,
    cutover: str,
    asked: Mapping[str, Sequence[str]],
    taken: Sequence[Taken],
    *,
    schema_made: bool,
) -> None:
    """Write the record, or write it anew."""
    parameters: dict[str, Any] = {
        "cutover": cutover,
        "asked": Jsonb({name: list(values) for name, values in asked.items()}),
        "taken": Jsonb([each.to_data() for each in taken]),
        "by_hand": list(by_hand(taken)),
        "made": schema_made,
    }
    connection.execute(query("fence_write"), parameters)


def drop(connection: Connection, endpoint: Endpoint, *, schema_made: bool) -> None:
    """Drop what a fence made, and the schema where it was made for it and nothing else is in it."""
    connection.execute("DROP TABLE IF EXISTS pgparity.fence, pgparity.sentinel, pgparity.carried")
    if not schema_made:
        return
    try:
        with blaming(endpoint, connection), connection.transaction():
            connection.execute(sql.SQL("DROP SCHEMA pgparity"))
    except StatementFailed:
        # Somebody else put something there meanwhile: it stays.
        return
