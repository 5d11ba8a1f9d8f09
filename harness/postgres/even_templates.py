"""Makes templates alike in what nobody asked for: where sequences stand; and unlike in the order of rows on disk."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence

import psycopg
from psycopg import sql

from harness.core.sequence_alignment import SequencePosition, aligned
from harness.postgres.connect import Connection, table_name
from harness.postgres.queries import query

LARGEST_SHUFFLED = 8 * 1024 * 1024
"""Bytes of a table whose rows are put into another order: some 20,000 of usual rows."""


def shuffle_rows(clone: Connection, schemas: Sequence[str], seed: float) -> int:
    """Put the rows of smaller tables into another order on disk, and return of how many tables.

    Rows that nobody ordered mostly come in the order in which they were inserted, which looks like an order that
    somebody asked for. Each table is written anew by one statement: no trigger fires and no foreign key is checked, and
    what cannot be written anew stays as it is. `clone` is a superuser's session.

    :param seed: from -1 to 1; other seeds give other orders.
    """
    shuffled = 0
    tables = clone.execute(query("clone_tables_to_shuffle"), (list(schemas), LARGEST_SHUFFLED)).fetchall()
    clone.execute("SET session_replication_role = replica")
    try:
        clone.execute("SELECT pg_catalog.setseed(%s)", (seed,))
        for schema, name, columns in tables:
            with contextlib.suppress(psycopg.Error):  # a check that older rows break, a type without output
                clone.execute(_rewriting(schema, name, columns))
                shuffled += 1
    finally:
        clone.execute("RESET session_replication_role")
    return shuffled


def _rewriting(schema: str, name: str, columns: Sequence[str]) -> sql.Composed:
    """All rows deleted and inserted again by one statement; the sort has read them all before the first is inserted."""
    named = sql.SQL(", ").join(map(sql.Identifier, columns))
    table = table_name(schema, name)
    return sql.SQL(
        "WITH gone AS (DELETE FROM ONLY {table} RETURNING {named})"
        " INSERT INTO {table} ({named}) OVERRIDING SYSTEM VALUE"
        " SELECT {named} FROM gone ORDER BY pg_catalog.random()"
    ).format(table=table, named=named)


def align_sequences(source: Connection, target: Connection, schemas: Sequence[str]) -> tuple[str, ...]:
    """Set sequences that both sides have to the greater position of the two, and name them."""
    for connection in (source, target):
        _set_as_they_stand(connection, schemas)
    wanted = aligned(_positions(source, schemas), _positions(target, schemas))
    for connection in (source, target):
        _set(connection, wanted)
    return tuple(sorted(wanted))


def _set_as_they_stand(connection: Connection, schemas: Sequence[str]) -> None:
    """Set each sequence to where it is.

    PostgreSQL writes every 32nd value of a sequence to its log, and gives a transaction an id only then. After a setval
    the next value is written: a call that takes one and fails is seen to have changed the clone, too.
    """
    for identity, last, start, *_ in connection.execute(query("clone_sequences"), (list(schemas),)).fetchall():
        position = (identity, start, False) if last is None else (identity, last, True)
        connection.execute("SELECT pg_catalog.setval(%s::regclass, %s, %s)", position)


def _set(connection: Connection, wanted: Mapping[str, int]) -> None:
    for identity, value in wanted.items():
        connection.execute("SELECT pg_catalog.setval(%s::regclass, %s, false)", (identity, value))


def _positions(connection: Connection, schemas: Sequence[str]) -> dict[str, SequencePosition]:
    found: dict[str, SequencePosition] = {}
    rows = connection.execute(query("clone_sequences"), (list(schemas),)).fetchall()
    for identity, last, start, increment, maximum, schema, relation, column in rows:
        held = _greatest(connection, schema, relation, column) if relation is not None else None
        if identity in found and found[identity].held is not None:
            held = max(held if held is not None else found[identity].held or 0, found[identity].held or 0)
        found[identity] = SequencePosition(
            next_value=start if last is None else last + increment, increment=increment, maximum=maximum, held=held
        )
    return found


def _greatest(connection: Connection, schema: str, relation: str, column: str) -> int | None:
    row = connection.execute(
        sql.SQL("SELECT max({})::bigint FROM {}").format(sql.Identifier(column), table_name(schema, relation))
    ).fetchone()
    return None if row is None or row[0] is None else int(row[0])
