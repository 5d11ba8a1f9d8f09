"""Random tables in a database: made on either side as their shape asks for, and read back as PostgreSQL writes them."""

from __future__ import annotations

import psycopg
from psycopg import sql

from tests.property.row_tables import Row, Tables


def load(connection: psycopg.Connection, tables: Tables, side: int) -> None:
    """Make one side's table; of rows that its key takes for one, the first is there."""
    shape = tables.shape
    stored = "base" if shape.view else "u" if shape.renamed and side == 1 else "t"
    columns = [*tables.columns]
    if shape.reordered and side == 1:
        columns.reverse()
    old = "old_" if shape.renamed and side == 0 else ""
    names = sql.SQL(", ").join(sql.Identifier(old + each.name) for each in columns)
    constraint = tables.key.constraints[side].format(k=f"{old}k", l=f"{old}l")
    definitions = [f"{old}{each.name} {each.type_on(side)}" for each in columns]
    partitioned = shape.partitioned and side == 0
    by_hash = " PARTITION BY HASH (k)" if partitioned else ""
    parts = "; ".join(
        f"CREATE TABLE t{part} PARTITION OF t FOR VALUES WITH (MODULUS 3, REMAINDER {part})" for part in range(3)
    )
    statements = [
        *_dropped(connection),
        "DROP TABLE IF EXISTS pg_temp.staged",
        f"CREATE TABLE {stored} ({', '.join(each for each in (*definitions, constraint) if each)}){by_hash}",
        *([parts] if partitioned else []),
        f"CREATE TEMP TABLE staged ({', '.join(definitions)})",
    ]
    connection.execute(sql.SQL("; ").join(sql.SQL(each) for each in statements))
    place = {each.name: number for number, each in enumerate(tables.columns)}
    with connection.cursor().copy(sql.SQL("COPY staged ({}) FROM STDIN").format(names)) as copy:
        for row in (tables.source, tables.target)[side]:
            copy.write_row([row[place[each.name]] for each in columns])
    last = [f"INSERT INTO {stored} SELECT * FROM staged ON CONFLICT DO NOTHING", "DROP TABLE staged"]
    if shape.view:
        last.append("CREATE VIEW t AS SELECT * FROM base")
    connection.execute(sql.SQL("; ").join(sql.SQL(each) for each in last))


def _dropped(connection: psycopg.Connection) -> list[str]:
    found = connection.execute(
        "SELECT relname, relkind FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname IN"
        " ('t', 'u', 'base')"
    ).fetchall()
    return [f"DROP {'VIEW' if kind == 'v' else 'TABLE'} {name} CASCADE" for name, kind in sorted(found, reverse=True)]


def stored_rows(connection: psycopg.Connection, tables: Tables, side: int) -> list[Row]:
    """The rows of one side as PostgreSQL writes them, of the columns that are compared, in their order."""
    shape = tables.shape
    name = "u" if shape.renamed and side == 1 else "t"
    old = "old_" if shape.renamed and side == 0 else ""
    names = sql.SQL(", ").join(sql.Identifier(old + each.name) for each in tables.compared)
    statement = sql.SQL("COPY (SELECT {} FROM {}{}) TO STDOUT").format(
        names, sql.SQL(name), sql.SQL(" WHERE kept" if shape.filtered else "")
    )
    with connection.cursor().copy(statement) as copy:
        return [tuple(row) for row in copy.rows()]
