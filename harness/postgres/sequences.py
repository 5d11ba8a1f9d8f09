"""Sequences: where they stand, what their columns hold, and setting them after a load."""

from __future__ import annotations

from psycopg import sql

from harness.core.migration import SequenceState
from harness.core.model.relations import Sequence, Table
from harness.postgres.connect import Connection, table_name


def sequence_state(connection: Connection, sequence: Sequence) -> SequenceState | None:
    """Where the sequence stands now, which no snapshot covers; None where the role may not read it."""
    if not _allowed(connection, sequence, "SELECT"):
        return None
    row = connection.execute(
        sql.SQL("SELECT last_value, is_called FROM {}").format(table_name(sequence.schema, sequence.name))
    ).fetchone()
    return SequenceState(int(row[0]), is_called=bool(row[1])) if row else None


def column_extreme(connection: Connection, table: Table, column: str, *, largest: bool) -> int | None:
    """The largest or smallest value of a column, of all partitions too; None of an empty table."""
    function = sql.SQL("max") if largest else sql.SQL("min")
    row = connection.execute(
        sql.SQL("SELECT pg_catalog.{}({}) FROM {}").format(
            function, sql.Identifier(column), table_name(table.schema, table.name)
        )
    ).fetchone()
    return None if row is None or row[0] is None else int(row[0])


def set_sequence(connection: Connection, sequence: Sequence, state: SequenceState) -> bool:
    """setval(); False where the role may not."""
    if not _allowed(connection, sequence, "UPDATE"):
        return False
    connection.execute(
        "SELECT pg_catalog.setval(%s::regclass, %s::bigint, %s::boolean)",
        (sequence.identity, state.last_value, state.is_called),
    )
    return True


def _allowed(connection: Connection, sequence: Sequence, privilege: str) -> bool:
    row = connection.execute(
        "SELECT pg_catalog.has_sequence_privilege(%s::regclass, %s)", (sequence.identity, privilege)
    ).fetchone()
    return bool(row and row[0])
