"""Makes templates alike in what nobody asked for: where sequences stand; and unlike in the order of rows on disk."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

import psycopg
from psycopg import sql

from harness.core.names import split
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
        for identity, value in wanted.items():
            _set(connection, identity, value)
    return tuple(sorted(wanted))


def _set_as_they_stand(connection: Connection, schemas: Sequence[str]) -> None:
    """Set each sequence to where it is.

    PostgreSQL writes every 32nd value of a sequence to its log, and gives a transaction an id only then. After a setval
    the next value is written: a call that takes one and fails is seen to have changed the clone, too.
    """
    for identity, value in _next_values(connection, schemas).items():
        _set(connection, identity, value)


def _set(connection: Connection, identity: str, value: int) -> None:
    """Let `value` be the next one. As the one after a value that was used, where there can be such a value.

    pg_sequences shows no position of a sequence that was never used, so that how far it moves could not be told.
    """
    connection.execute(query("clone_sequence_set"), {"sequence": identity, "value": value})


def _next_values(connection: Connection, schemas: Sequence[str]) -> dict[str, int]:
    """Each sequence's next value, read from itself: pg_sequences does not show where one stands that was only set."""
    found = {}
    for identity, increment, *_ in connection.execute(query("clone_sequences"), (list(schemas),)).fetchall():
        schema, name = split(identity)
        row = connection.execute(
            sql.SQL("SELECT CASE WHEN is_called THEN last_value + %s ELSE last_value END FROM {}").format(
                table_name(schema, name)
            ),
            (increment,),
        ).fetchone()
        if row is not None:
            found[identity] = int(row[0])
    return found


def _positions(connection: Connection, schemas: Sequence[str]) -> dict[str, SequencePosition]:
    found: dict[str, SequencePosition] = {}
    next_values = _next_values(connection, schemas)
    rows = connection.execute(query("clone_sequences"), (list(schemas),)).fetchall()
    for identity, increment, maximum, schema, relation, column in rows:
        held = _greatest(connection, schema, relation, column) if relation is not None else None
        if identity in found and found[identity].held is not None:
            held = max(held if held is not None else found[identity].held or 0, found[identity].held or 0)
        found[identity] = SequencePosition(
            next_value=next_values[identity], increment=increment, maximum=maximum, held=held
        )
    return found


def _greatest(connection: Connection, schema: str, relation: str, column: str) -> int | None:
    row = connection.execute(
        sql.SQL("SELECT max({})::bigint FROM {}").format(sql.Identifier(column), table_name(schema, relation))
    ).fetchone()
    return None if row is None or row[0] is None else int(row[0])
