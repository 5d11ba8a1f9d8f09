"""Sampling: a few values of a column, and how two servers see them; read only, bounded, and given up where refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg
from psycopg import sql

from harness.core.model.relations import Column
from harness.core.names import split
from harness.postgres.connect import Connection, table_name

VALUES = 200
"""Distinct values that are asked for"""
ROWS_READ = 2_000
"""Rows that they are looked for in"""
ROWS_SEARCHED = 20_000
"""Rows of the other side that are searched for them"""
SECONDS = 5


@contextmanager
def bounded(connection: Connection) -> Iterator[None]:
    """A subtransaction of a few seconds; its failure leaves the snapshot usable."""
    with connection.transaction():
        connection.execute("SELECT pg_catalog.set_config('statement_timeout', %s, true)", (f"{SECONDS}s",))
        yield


def some_values(connection: Connection, column: Column) -> list[str] | None:
    """Distinct values of a column as text; None where they may not be read."""
    name = sql.Identifier(column.name)
    statement = sql.SQL(
        "SELECT DISTINCT {name}::text"
        " FROM (SELECT {name} FROM {table} WHERE {name} IS NOT NULL LIMIT {rows}) s LIMIT {many}"
    ).format(
        name=name, table=table_name(column.schema, column.table), rows=sql.Literal(ROWS_READ), many=sql.Literal(VALUES)
    )
    try:
        with bounded(connection):
            return [str(value) for (value,) in connection.execute(statement)]
    except psycopg.Error:
        return None


def how_many_there(connection: Connection, column: Column, values: Sequence[str]) -> tuple[int, bool] | None:
    """How many of the values the column holds, and whether all its rows were searched; None where they may not be."""
    name = sql.Identifier(column.name)
    statement = sql.SQL(
        "WITH s AS MATERIALIZED (SELECT {name}::text AS v FROM {table} LIMIT {rows})"
        " SELECT (SELECT count(*) FROM s),"
        " (SELECT count(*) FROM pg_catalog.unnest(%s::text[]) AS u(v) WHERE u.v IN (SELECT s.v FROM s))"
    ).format(name=name, table=table_name(column.schema, column.table), rows=sql.Literal(ROWS_SEARCHED))
    try:
        with bounded(connection):
            row = connection.execute(statement, (list(values),)).fetchone()
    except psycopg.Error:
        return None
    return (int(row[1]), int(row[0]) < ROWS_SEARCHED) if row else None


def ordered(connection: Connection, values: Sequence[str], collation: str | None) -> list[str] | None:
    """The values as the server sorts them; None where it has not the collation."""
    by = sql.SQL(" COLLATE {}").format(sql.Identifier(*split(collation))) if collation else sql.SQL("")
    statement = sql.SQL("SELECT u.v FROM pg_catalog.unnest(%s::text[]) AS u(v) ORDER BY u.v{}").format(by)
    try:
        with bounded(connection):
            return [str(value) for (value,) in connection.execute(statement, (list(values),))]
    except psycopg.Error:
        return None


def offered_extensions(connection: Connection) -> dict[str, str]:
    """The extensions that the server can install, with the version that it installs."""
    rows = connection.execute(
        "SELECT name::text, coalesce(default_version, '') FROM pg_catalog.pg_available_extensions"
    ).fetchall()
    return {str(name): str(version) for name, version in rows}


def collation_versions(connection: Connection) -> tuple[str | None, str | None]:
    """The version of the database's collation when it was made, and the one that the server uses now (15 and later)."""
    if connection.info.server_version < 150_000:
        return None, None
    row = connection.execute(
        "SELECT d.datcollversion, pg_catalog.pg_database_collation_actual_version(d.oid)"
        " FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()"
    ).fetchone()
    return (row[0], row[1]) if row else (None, None)
