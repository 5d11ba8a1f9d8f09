"""Writes the invented rows into a database with COPY, and sets the sequences behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from harness.reference.data_set import target_only_rows

_JSON_COLUMNS = """
    SELECT table_name, column_name FROM information_schema.columns
    WHERE table_schema = 'public' AND data_type IN ('json', 'jsonb')
"""
_SEQUENCES = """
    SELECT c.table_name, c.column_name, pg_get_serial_sequence(quote_ident(c.table_name), c.column_name)
    FROM information_schema.columns AS c
    WHERE c.table_schema = 'public' AND c.table_name = ANY (%s)
      AND pg_get_serial_sequence(quote_ident(c.table_name), c.column_name) IS NOT NULL
"""


def seed(connection: psycopg.Connection, data: Mapping[str, Sequence[Mapping[str, object]]]) -> None:
    """Load `data` (table -> rows, in load order) in one transaction; next sequence values lie above what was loaded.

    A row that the database refuses raises psycopg's error and leaves nothing behind.
    """
    with connection.transaction():
        json_columns = {(str(table), str(column)) for table, column in connection.execute(_JSON_COLUMNS)}
        for table, rows in data.items():
            if rows:
                _copy(connection, table, rows, json_columns)
        _set_sequences(connection, list(data))


def seed_target_only(connection: psycopg.Connection) -> None:
    """Load what lives on the target alone: the session's auth state and keys."""
    seed(connection, target_only_rows())


def _copy(
    connection: psycopg.Connection,
    table: str,
    rows: Sequence[Mapping[str, object]],
    json_columns: set[tuple[str, str]],
) -> None:
    columns = list(rows[0])
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier("public", table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    is_json = [(table, column) in json_columns for column in columns]
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(
                [
                    Jsonb(value) if json and value is not None else value
                    for value, json in zip(row.values(), is_json, strict=True)
                ]
            )


def _set_sequences(connection: psycopg.Connection, tables: list[str]) -> None:
    for table, column, sequence in connection.execute(_SEQUENCES, (tables,)).fetchall():
        connection.execute(
            sql.SQL("SELECT setval({}, max({})) FROM {} HAVING max({}) IS NOT NULL").format(
                sql.Literal(sequence), sql.Identifier(column), sql.Identifier("public", table), sql.Identifier(column)
            )
        )
