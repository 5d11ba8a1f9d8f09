"""The ledger in the target, schema pgparity: which chunks were moved; its lines commit together with the rows."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, LiteralString

from psycopg import sql

from harness.core.ledger import Chunk, ChunkRange, LoadMode
from harness.errors import MigrationFailed, PgparityError, PlanRefused, PrivilegeMissing
from harness.postgres.connect import Connection, Endpoint, session
from harness.postgres.failures import StatementFailed, blaming
from harness.postgres.queries import query

LOCK_SECONDS = 10.0
_LOCK: Final = 0x7067_7061_7269_7479
"""The key of the advisory lock: 'pgparity' in ASCII."""
_HELPS: Final = _LOCK + 1
"""The key of the lock that sessions share that write for its holder"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedTable:
    """A table of this or another migration, as the ledger has it."""

    migration: str
    source_table: str
    target_table: str
    mode: LoadMode
    finished: bool


def exists(connection: Connection) -> bool:
    """Whether the target has a ledger."""
    row = connection.execute("SELECT pg_catalog.to_regclass('pgparity.ledger') IS NOT NULL").fetchone()
    return bool(row and row[0])


def create(connection: Connection) -> None:
    """Make the ledger where there is none, and commit it. PrivilegeMissing: the role may not create a schema."""
    if exists(connection):
        _ensure_whole(connection)
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


def _ensure_whole(connection: Connection) -> None:
    """PlanRefused where the ledger is of another version of pgparity, or came from another server."""
    hint = "Drop it: pgparity migrate --forget. Rows stay, and tables that hold rows are loaded by upsert."
    row = connection.execute(
        "SELECT pg_catalog.to_regclass('pgparity.planned_chunk') IS NOT NULL"
        " AND pg_catalog.to_regclass('pgparity.made') IS NOT NULL"
    ).fetchone()
    if not row or not row[0]:
        raise PlanRefused(
            "the ledger in the target (schema pgparity) was made by another version of pgparity", hint=hint
        )
    row = connection.execute("SELECT here::pg_catalog.xid = xmin FROM pgparity.made").fetchone()
    if not row or not row[0]:
        raise PlanRefused(
            "the ledger in the target (schema pgparity) was restored from a dump: the transactions that it names are "
            "those of another server",
            hint=hint,
        )


def lock(connection: Connection) -> None:
    """Hold the target for this session: two migrations into one database would load a range twice.

    The server lets go of a lock when its session ends, also that of a process that was killed, once its last statement
    is over. So are the locks of all sessions that helped it: one may still be committing a chunk when the first one is
    gone. MigrationFailed when that takes longer than LOCK_SECONDS.
    """
    deadline = time.monotonic() + LOCK_SECONDS
    _wait_for(connection, "SELECT pg_catalog.pg_try_advisory_lock(%s::bigint)", _LOCK, deadline)
    _wait_for(connection, "SELECT pg_catalog.pg_try_advisory_lock(%s::bigint)", _HELPS, deadline)
    connection.execute("SELECT pg_catalog.pg_advisory_unlock(%s::bigint)", (_HELPS,))
    connection.commit()


def help_holder(connection: Connection) -> None:
    """Let whoever wants the target know that this session writes for the migration that holds it."""
    connection.execute("SELECT pg_catalog.pg_advisory_lock_shared(%s::bigint)", (_HELPS,))
    connection.commit()


def _wait_for(connection: Connection, statement: LiteralString, key: int, deadline: float) -> None:
    while True:
        row = connection.execute(statement, (key,)).fetchone()
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


def chunks(connection: Connection, migration: str) -> dict[str, tuple[Chunk, ...]]:
    """The chunks of one migration that earlier runs committed, by source table, in their order."""
    _ensure_whole(connection)
    found: dict[str, list[Chunk]] = {}
    for row in connection.execute(query("ledger_chunks"), (migration,)):
        table, ordinal, lower, upper, rows, size, seconds, snapshot, finished_at, transactions, source, target = row
        chunk = Chunk(
            table=table,
            ordinal=ordinal,
            lower=None if lower is None else tuple(lower),
            upper=None if upper is None else tuple(upper),
            rows=rows,
            bytes=size,
            seconds=seconds,
            snapshot=snapshot,
            finished_at=finished_at,
            transactions=tuple(transactions),
            checksum_source=source,
            checksum_target=target,
            resumed=True,
        )
        found.setdefault(table, []).append(chunk)
    return {table: tuple(parts) for table, parts in found.items()}


def planned(connection: Connection, migration: str) -> dict[str, tuple[ChunkRange, ...]]:
    """How the tables of one migration were cut, by source table; a table that is one chunk has no plan."""
    found: dict[str, list[ChunkRange]] = {}
    for table, ordinal, part, first, end, lower, upper, size in connection.execute(
        query("ledger_planned"), (migration,)
    ):
        each = ChunkRange(
            ordinal=ordinal,
            part=None if part is None else (part[0], part[1]),
            first=first,
            end=end,
            lower=None if lower is None else tuple(lower),
            upper=None if upper is None else tuple(upper),
            bytes=size,
        )
        found.setdefault(table, []).append(each)
    return {table: tuple(parts) for table, parts in found.items()}


def plan_chunks(connection: Connection, migration: str, source: str, ranges: Iterable[ChunkRange]) -> None:
    """Note how a table is cut, or a part of it."""
    with connection.cursor() as cursor:
        cursor.executemany(
            query("ledger_plan_chunk"),
            [
                (
                    migration,
                    source,
                    each.ordinal,
                    None if each.part is None else list(each.part),
                    each.first,
                    each.end,
                    None if each.lower is None else list(each.lower),
                    None if each.upper is None else list(each.upper),
                    each.bytes,
                )
                for each in ranges
            ],
        )


def replan(connection: Connection, migration: str, source: str, ordinal: int) -> None:
    """Forget how a table was cut from this chunk on."""
    connection.execute(query("ledger_replan"), (migration, source, ordinal))


def begin_table(connection: Connection, migration: str, source: str, target: str, mode: LoadMode) -> None:
    """Note that a table's load begins; a second note changes nothing."""
    connection.execute(query("ledger_begin_table"), (migration, source, target, mode))


def add_chunk(connection: Connection, migration: str, chunk: Chunk) -> Chunk:
    """Write a chunk's line in the transaction of its rows; returned with the time and the transactions that it has.

    The line of a chunk that was moved before and is mended is made new, and keeps the transactions that it had.
    """
    bounds = [None if bound is None else [str(value) for value in bound] for bound in (chunk.lower, chunk.upper)]
    row = connection.execute(
        query("ledger_add_chunk"),
        (
            migration,
            chunk.table,
            chunk.ordinal,
            *bounds,
            chunk.rows,
            chunk.bytes,
            chunk.seconds,
            chunk.snapshot,
            chunk.checksum_source,
        ),
    ).fetchone()
    finished_at, transactions = row or ("", [])
    return chunk.model_copy(update={"finished_at": str(finished_at), "transactions": tuple(transactions)})


def note_checksums(connection: Connection, migration: str, chunks: Iterable[Chunk]) -> None:
    """Note what the rows of chunks came to on the target."""
    with connection.cursor() as cursor:
        cursor.executemany(
            query("ledger_checked"), [(each.checksum_target, migration, each.table, each.ordinal) for each in chunks]
        )


def empty_table(connection: Connection, migration: str, source: str) -> None:
    """Forget the chunks of one table, whose rows are removed in the same transaction."""
    connection.execute(query("ledger_empty_table"), {"migration": migration, "table": source})


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
                connection.execute(query("ledger_drop"))
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
