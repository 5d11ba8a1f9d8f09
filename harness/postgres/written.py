"""Written: which rows of a table were written after a moment, and how many went; asked by snapshots and by counts.

A snapshot shows what was inserted or changed since. What was deleted shows in the count, where nothing was written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from psycopg import sql

from harness.core.model.relations import Table
from harness.core.names import qualified
from harness.postgres.connect import Connection, Endpoint, table_name
from harness.postgres.fence_scope import asking
from harness.postgres.projected import relation
from harness.postgres.queries import query


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A moment of one table."""

    snapshot: str
    """As txid_current_snapshot() gives it"""
    rows: int | None = None
    """How many rows it had; None where nobody counted them"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What happened to a table since a mark."""

    written: int
    """Rows that were inserted or changed"""
    gone: int = 0
    """How many rows fewer there are, where none was written; below zero: more"""

    @property
    def nothing(self) -> bool:
        """Whether it is as it was."""
        return not self.written and not self.gone

    def __str__(self) -> str:
        if self.written:
            return f"{self.written:,} rows were written"
        return f"{self.gone:,} rows were deleted" if self.gone > 0 else f"{-self.gone:,} rows were added"


def current_snapshot(endpoint: Endpoint) -> str:
    """What is visible now: whatever is committed later is not."""
    with asking(endpoint) as connection:
        row = connection.execute("SELECT pg_catalog.txid_current_snapshot()::text").fetchone()
    return str(row[0]) if row else ""


def marks_now(endpoint: Endpoint, tables: Sequence[Table]) -> dict[str, Mark]:
    """The moment of now, by identity of the table; asked while nobody writes, else the counts may be of later."""
    snapshot = current_snapshot(endpoint)
    with asking(endpoint) as connection:
        return {
            table.identity: Mark(snapshot=snapshot, rows=_counted(connection, table, snapshot)[0]) for table in tables
        }


def written_since(endpoint: Endpoint, tables: Iterable[tuple[Table, Mark]]) -> dict[str, Written]:
    """What happened to each table since its mark, by identity; those that are as they were are left out."""
    found = {}
    with asking(endpoint) as connection:
        for table, mark in tables:
            rows, written = _counted(connection, table, mark.snapshot)
            gone = 0 if written or mark.rows is None else mark.rows - rows
            found[table.identity] = Written(written=written, gone=gone)
    return {table: each for table, each in found.items() if not each.nothing}


def tables_there(endpoint: Endpoint) -> tuple[str, ...]:
    """Identities of all tables of users in the database, without partitions."""
    with asking(endpoint) as connection:
        found = connection.execute(query("tables_with_rows_of_their_own"))
        return tuple(qualified(str(schema), str(name)) for schema, name in found)


def holds_rows(endpoint: Endpoint, schema: str, name: str) -> bool:
    """Whether a table has any row."""
    with asking(endpoint) as connection:
        row = connection.execute(sql.SQL("SELECT EXISTS (SELECT FROM {})").format(table_name(schema, name))).fetchone()
    return bool(row and row[0])


def _counted(connection: Connection, table: Table, snapshot: str) -> tuple[int, int]:
    row = connection.execute(
        query("written_since").format(table=relation(table), snapshot=sql.Literal(snapshot))
    ).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)
