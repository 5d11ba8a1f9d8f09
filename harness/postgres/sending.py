"""Sending: how fast a server sends the rows of a table, by a few megabytes of them that nobody keeps."""

from __future__ import annotations

import time
from typing import Final

from psycopg import sql

from harness.core.model.relations import Table
from harness.postgres.connect import Connection, Endpoint
from harness.postgres.failures import blaming
from harness.postgres.table_pieces import cut

_SAMPLE: Final = 8 * 2**20


def bytes_a_second(connection: Connection, endpoint: Endpoint, table: Table) -> float | None:
    """Bytes of a table's pages that COPY … TO STDOUT sends in a second; None where the table has not so many.

    From the middle of it: the first pages may be in the server's memory when nothing else is.
    """
    found = cut(connection, endpoint, table, _SAMPLE)
    if not found.pieces:
        return None
    piece = found.pieces[len(found.pieces) // 2]
    statement = sql.SQL("COPY (SELECT * FROM ONLY {} WHERE ctid >= {}::tid AND ctid < {}::tid) TO STDOUT").format(
        sql.Identifier(piece.schema, piece.name),
        sql.Literal(f"({piece.first},0)"),
        sql.Literal(f"({piece.end if piece.end is not None else 2**32 - 1},0)"),
    )
    started = time.monotonic()
    with blaming(endpoint, connection), connection.cursor().copy(statement) as copy:
        for _ in copy:
            pass
    return piece.bytes / max(time.monotonic() - started, 1e-6)
