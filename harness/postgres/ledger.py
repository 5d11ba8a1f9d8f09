"""The ledger in the target, schema pgparity: which chunks were moved; its lines commit together with the rows."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from psycopg import sql

from harness.core.ledger import Chunk, LoadMode
from harness.errors import MigrationFailed, PgparityError, PrivilegeMissing
from harness.postgres.connect import Connection, Endpoint, session
from harness.postgres.failures import StatementFailed, blaming
from harness.postgres.queries import query

LOCK_SECONDS = 10.0
_LOCK: Final = 0x7067_7061_7269_7479
"""The key of the advisory lock: 'pgparity' in ASCII."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedTable:
    """A table of this or another migration, as the ledger has it."""

    migration: str
    source_table: str
    target_table: str
    mode: LoadMode
    finished: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedChunk:
    """A chunk that an earlier run of the same migration committed."""

    chunk: Chunk
    bytes: int


def exists(connection: Connection) -> bool:
    """Whether the target has a ledger."""
    row = connection.execute("SELECT pg_catalog.to_regclass('pgparity.ledger') IS NOT NULL").fetchone()
    return bool(row and row[0])


def create(connection: Connection) -> None:
    """Make the ledger where there is none, and commit it. PrivilegeMissing: the role may not create a schema."""
    if exists(connection):
        return
    allowed = connection.execute(
        "SELECT pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')"
    ).fetchone()
    if not allowed or not allowed[0]:
        raise PrivilegeMissing(
            "the target role may not create the schema pgparity, which holds the ledger of what was moved",
            hint="GRANT CREATE ON DATABASE … TO the role, or migrate as the owner of the database.",
        )
    connection.execute(query("ledger_create"))
    connection.commit()


def lock(connection: Connection) -> None:
    """Hold the target for this session: two migrations into one database would load a range twice.

    The server lets go of the lock when the session ends, also that of a process that was killed, once its last
    statement is over. MigrationFailed when that takes longer than LOCK_SECONDS.
    """
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        row = connection.execute("SELECT pg_catalog.pg_try_advisory_lock(%s::bigint)", (_LOCK,)).fetchone()
        connection.commit()
        if row and row[0]:
            return
        if time.monotonic() > deadline:
            raise MigrationFailed(
                "another migration writes to the target",
                hint="Wait until it is over; its session holds the ledger's lock.",
            )
        time.sleep(0.1)


def tables(connection: Connection) -> tuple[RecordedTable, ...]:
    """Every table of every migration."""
    return tuple(
        RecordedTable(migration=migration, source_table=source, target_table=target, mode=mode, finished=finished)
        for migration, source, target, mode, finished in connection.execute(query("ledger_tables"))
    )


def chunks(connection: Connection, migration: str) -> dict[str, tuple[RecordedChunk, ...]]:
    """The chunks of one migration, by source table, in their order."""
    found: dict[str, list[RecordedChunk]] = {}
    for table, ordinal, lower, upper, rows, size, seconds, finished_at in connection.execute(
        query("ledger_chunks"), (migration,)
    ):
        chunk = Chunk(
            table=table,
            ordinal=ordinal,
            lower=None if lower is None else tuple(lower),
            upper=None if upper is None else tuple(upper),
            rows=rows,
            seconds=seconds,
            finished_at=finished_at,
            resumed=True,
        )
        found.setdefault(table, []).append(RecordedChunk(chunk=chunk, bytes=size))
    return {table: tuple(parts) for table, parts in found.items()}


def begin_table(connection: Connection, migration: str, source: str, target: str, mode: LoadMode) -> None:
    """Note that a table's load began, in the transaction of its first chunk; a second note changes nothing."""
    connection.execute(query("ledger_begin_table"), (migration, source, target, mode))


def add_chunk(connection: Connection, migration: str, chunk: Chunk, *, size: int, snapshot: str) -> str:
    """Write a chunk's line in the transaction of its rows; the time that it carries is returned."""
    bounds = [None if bound is None else list(bound) for bound in (chunk.lower, chunk.upper)]
    row = connection.execute(
        query("ledger_add_chunk"),
        (migration, chunk.table, chunk.ordinal, *bounds, chunk.rows, size, chunk.seconds, snapshot),
    ).fetchone()
    return str(row[0]) if row else ""


def finish_table(connection: Connection, migration: str, source: str) -> None:
    """Note that all of a table was loaded."""
    connection.execute(query("ledger_finish_table"), (migration, source))


def forget(target: Endpoint) -> bool:
    """Drop the ledger from the target; the rows that were moved stay. False where there was none.

    After this a migration of the same tables starts anew: tables that hold rows are loaded by upsert.
    """
    with session(target, purpose="forget", writable=True) as connection:
        try:
            with blaming(target, connection):
                if not exists(connection):
                    return False
                lock(connection)
                connection.execute("DROP TABLE pgparity.ledger, pgparity.moved_table")
                connection.commit()
        except StatementFailed as failure:
            raise PgparityError(f"the ledger was not dropped: {failure.reason}") from None
        _drop_schema(connection, target)
    return True


def _drop_schema(connection: Connection, target: Endpoint) -> None:
    """Objects of others in the schema keep it."""
    try:
        with blaming(target, connection), connection.transaction():
            connection.execute(sql.SQL("DROP SCHEMA pgparity"))
        connection.commit()
    except StatementFailed:
        connection.rollback()
