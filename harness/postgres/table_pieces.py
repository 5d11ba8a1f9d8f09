"""Table pieces: a large table cut into runs of blocks, which sessions on one snapshot can read at the same time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from psycopg import sql

from harness.core.model.relations import Table
from harness.core.projection import TableProjection
from harness.core.record import Side
from harness.postgres.connect import Connection, Endpoint, table_name
from harness.postgres.failures import blaming
from harness.postgres.projected import piece_rows
from harness.postgres.queries import query

PIECE_BYTES: Final = 64 * 2**20
"""About a second's work or less: progress, the guard and a resume go by pieces"""
_TID_RANGES_SINCE: Final = 140_000


@dataclass(frozen=True, slots=True)
class TablePiece:
    """Some blocks of one table, or of one leaf of it; a plain value."""

    schema: str
    name: str
    first: int
    """The first block"""
    end: int | None
    """The block after the last; None: to the end, wherever that is"""
    bytes: int
    """Of its pages, with its share of TOAST"""

    def rows(self, projection: TableProjection, side: Side, *, system: tuple[str, ...] = ()) -> sql.Composed:
        """SELECT of its rows, as source_rows or target_rows write them for the whole table, after `system` columns."""
        bounds = [sql.SQL("ctid >= {}::tid").format(sql.Literal(f"({self.first},0)"))]
        if self.end is not None:
            bounds.append(sql.SQL("ctid < {}::tid").format(sql.Literal(f"({self.end},0)")))
        part = sql.SQL("ONLY {}").format(table_name(self.schema, self.name))
        return piece_rows(projection, side, part, sql.SQL(" AND ").join(bounds), system=system)


@dataclass(frozen=True, slots=True)
class TablePart:
    """A table that holds rows: the table itself, or a leaf of a partitioned one."""

    schema: str
    name: str
    cut: bool
    """Whether its blocks may be read one by one"""
    blocks: int
    bytes: int
    """Of its pages, with TOAST"""
    index_bytes: int


@dataclass(frozen=True, slots=True)
class CutTable:
    """The pieces of a table, none where it is read as one, and its bytes."""

    pieces: tuple[TablePiece, ...]
    bytes: int


def parts_of(connection: Connection, endpoint: Endpoint, table: Table) -> tuple[TablePart, ...]:
    """The parts of a table that hold rows; none of a view. StatementFailed."""
    with blaming(endpoint, connection):
        rows = connection.execute(query("table_parts"), {"schema": table.schema, "name": table.name}).fetchall()
    return tuple(
        TablePart(schema, name, bool(may_be_cut), int(blocks), int(size), int(indexes))
        for schema, name, may_be_cut, blocks, size, indexes in rows
    )


def cut(connection: Connection, endpoint: Endpoint, table: Table, piece_bytes: int) -> CutTable:
    """The pieces that a table is read in.

    None where it has no more than one, on a server before 14 (a range of ctid would scan all of the table there), and
    where a part is no heap or the role may only read the whole. A view has neither pieces nor bytes.
    """
    parts = parts_of(connection, endpoint, table)
    can_cut = connection.info.server_version >= _TID_RANGES_SINCE and all(part.cut for part in parts)
    found: list[TablePiece] = []
    for part in parts:
        count = max(1, min(-(-part.bytes // piece_bytes), part.blocks or 1))
        bounds = [part.blocks * number // count for number in range(count)]
        ends: list[int | None] = [*bounds[1:], None]
        found += [
            TablePiece(part.schema, part.name, first, end, part.bytes // count)
            for first, end in zip(bounds, ends, strict=True)
        ]
    total = sum(part.bytes for part in parts)
    return CutTable(tuple(found) if can_cut and len(found) > 1 else (), total)
