"""Rejected rows: where the rows of a chunk lie on the source, their keys, and what the ledger keeps of them."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from psycopg import sql

from harness.core.ledger import ChunkRange
from harness.core.names import qualified
from harness.core.projection import TableProjection
from harness.postgres.connect import Connection
from harness.postgres.copy import KeyOrder, chunk_relation, rows_condition
from harness.postgres.projected import expression
from harness.postgres.queries import query

_LISTED_AT_MOST = 1000
"""Places that a statement names one by one; more of them without a gap are named as a stretch of the table"""
_LINES = 2**16
"""Of a block: the number of a line fits into these"""


@dataclass(frozen=True, slots=True)
class Places:
    """Where rows lie, in the order of the heap: they are found again as long as the snapshot is kept."""

    tables: array[int] = field(default_factory=lambda: array("Q"))
    """OID of the table, or of the partition, of each row"""
    lines: array[int] = field(default_factory=lambda: array("Q"))
    """ctid of each row, as one number"""

    def __len__(self) -> int:
        return len(self.lines)

    def ctid(self, number: int) -> str:
        """As PostgreSQL writes it."""
        return f"({self.lines[number] // _LINES},{self.lines[number] % _LINES})"

    def condition(self, chosen: Sequence[int]) -> sql.Composable:
        """For WHERE: the rows of these numbers, which are in order."""
        parts = []
        for table, numbers in groupby(chosen, key=self.tables.__getitem__):
            of_table = list(numbers)
            if not isinstance(chosen, range) or len(chosen) <= _LISTED_AT_MOST:
                places = sql.Literal([self.ctid(each) for each in of_table])
                lines = sql.SQL("ctid = ANY ({}::pg_catalog.tid[])").format(places)
            else:
                lines = sql.SQL("ctid >= {}::pg_catalog.tid AND ctid <= {}::pg_catalog.tid").format(
                    sql.Literal(self.ctid(of_table[0])), sql.Literal(self.ctid(of_table[-1]))
                )
            parts.append(sql.SQL("(tableoid = {}::pg_catalog.oid AND {})").format(sql.Literal(str(table)), lines))
        return sql.SQL("({})").format(sql.SQL(" OR ").join(parts))


@dataclass(frozen=True, slots=True)
class RejectedRows:
    """What the ledger has of the rows of one chunk that were refused."""

    reasons: dict[tuple[str, str], int]
    """Rows by SQLSTATE and reason"""
    checksum_read: str
    """The sum of the hashes of all rows of the chunk, with those refused"""

    @property
    def rows(self) -> int:
        """All that were refused."""
        return sum(self.reasons.values())


def places_of(connection: Connection, projection: TableProjection, order: KeyOrder | None, chunk: ChunkRange) -> Places:
    """Where the rows of a chunk lie. 16 bytes a row: a table without a key is one chunk, however large it is."""
    found = Places()
    statement = sql.SQL("COPY (SELECT tableoid, ctid FROM {} WHERE {} ORDER BY tableoid, ctid) TO STDOUT").format(
        chunk_relation(projection, chunk), rows_condition(projection, order, chunk)
    )
    with connection.cursor().copy(statement) as reading:
        for table, place in reading.rows():
            block, line = str(place).strip("()").split(",")
            found.tables.append(int(str(table)))
            found.lines.append(int(block) * _LINES + int(line))
    return found


def keys_at(
    connection: Connection, projection: TableProjection, key: Sequence[str], places: Places, chosen: Sequence[int]
) -> Iterator[tuple[int, list[str | None]]]:
    """The texts of the key of each of these rows, by its number. `key`: columns of the target, by name."""
    if not chosen:
        return
    numbers = {(places.tables[each], places.ctid(each)): each for each in chosen}
    statement = sql.SQL("SELECT tableoid::pg_catalog.text, ctid::pg_catalog.text, {} FROM {} WHERE {}").format(
        sql.SQL(", ").join(
            sql.SQL("({})::pg_catalog.text").format(expression(projection.by_name[name].expression)) for name in key
        ),
        chunk_relation(projection, ChunkRange()),
        places.condition(chosen),
    )
    for table, place, *values in connection.execute(statement):
        yield numbers[int(table), place], values


def tables_named(connection: Connection, oids: Iterable[int]) -> dict[int, str]:
    """Identities of tables by OID."""
    statement = (
        "SELECT c.oid, n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n"
        " ON n.oid = c.relnamespace WHERE c.oid = ANY (%s::pg_catalog.oid[])"
    )
    found = connection.execute(statement, (list(oids),))
    return {int(oid): qualified(schema, name) for oid, schema, name in found}


def create(connection: Connection) -> None:
    """Make the place for rejected rows in a ledger that is there, and commit it."""
    connection.execute(query("rejects_create"))
    connection.commit()


def of_table(connection: Connection, migration: str, table: str) -> dict[int, RejectedRows]:
    """What the chunks of a table were refused by earlier runs, by ordinal; nothing where no run had --on-reject."""
    row = connection.execute("SELECT pg_catalog.to_regclass('pgparity.rejected') IS NOT NULL").fetchone()
    if not row or not row[0]:
        return {}
    found: dict[int, RejectedRows] = {}
    for ordinal, sqlstate, reason, rows, read in connection.execute(query("rejects_of_table"), (migration, table)):
        found.setdefault(ordinal, RejectedRows({}, read)).reasons[sqlstate, reason] = rows
    return found


def note(connection: Connection, migration: str, table: str, ordinal: int, rejected: RejectedRows | None) -> None:
    """Note what a chunk was refused, in the transaction of its line, in the place of what was noted before."""
    connection.execute(query("rejects_drop_chunk"), (migration, table, ordinal))
    if rejected is None:
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            query("rejects_add"),
            [
                (migration, table, ordinal, sqlstate, reason, rows, rejected.checksum_read)
                for (sqlstate, reason), rows in rejected.reasons.items()
            ],
        )
