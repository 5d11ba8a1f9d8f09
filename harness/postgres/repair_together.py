"""Repair together: statements about several rows that no order of single ones would write: rings and swaps."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg import sql

from harness.core.repair import RowChange
from harness.postgres.projected import expression
from harness.postgres.repair_statements import (
    Value,
    Values,
    WrittenTable,
    by_key,
    insert_statement,
    item_list,
    name_list,
    pointed,
    unchanged,
)


def insert_together(parts: Sequence[tuple[WrittenTable, Sequence[Values]]], value: Value) -> sql.Composed:
    """INSERT of rows of one or several tables that point to each other, and how many came of each table.

    One statement: a foreign key that is not deferrable is asked when the statement ends, also of what its WITH wrote
    (queries-with.html#QUERIES-WITH-MODIFYING, sql-set-constraints.html).
    """
    return _counted([insert_statement(into, rows, value) for into, rows in parts])


def delete_together(parts: Sequence[tuple[WrittenTable, Sequence[RowChange]]], value: Value) -> sql.Composed:
    """DELETE of rows of one or several tables that point to each other, and how many went of each table."""
    statements = []
    for into, changes in parts:
        rows = sql.SQL(" OR ").join(sql.SQL("({})").format(unchanged(into, change, value)) for change in changes)
        conditions = [sql.SQL("({})").format(rows), *pointed(into)]
        statements.append(
            sql.SQL("DELETE FROM {} AS p WHERE {}").format(into.own_rows, sql.SQL(" AND ").join(conditions))
        )
    return _counted(statements)


def _counted(statements: Sequence[sql.Composable]) -> sql.Composed:
    names = [sql.Identifier(f"w{number}") for number in range(len(statements))]
    return sql.SQL("WITH {} SELECT {}").format(
        sql.SQL(", ").join(
            sql.SQL("{} AS ({} RETURNING 1)").format(name, each) for name, each in zip(names, statements, strict=True)
        ),
        sql.SQL(", ").join(sql.SQL("(SELECT pg_catalog.count(*) FROM {})").format(name) for name in names),
    )


def completing_statement(
    into: WrittenTable, key: Sequence[str | None], values: Values, columns: Sequence[str], value: Value
) -> sql.Composed:
    """UPDATE of columns that an INSERT of the same transaction left NULL."""
    types = into.hashed.types
    return sql.SQL("UPDATE {} AS p SET {} WHERE {}").format(
        into.own_rows,
        sql.SQL(", ").join(
            sql.SQL("{} = {}").format(sql.Identifier(name), value(values[name], types[name])) for name in columns
        ),
        by_key(into, key, value),
    )


def exchange_statement(
    into: WrittenTable,
    changes: Sequence[tuple[RowChange, Values]],
    stored: Sequence[str],
    value: Value,
) -> sql.Composed:
    """Rows whose unique values take each other's places: deleted and inserted again in one statement.

    A unique index is asked row by row, so that no order of UPDATEs would do; a foreign key without an action of its own
    is asked at the end of the statement, where the rows are there again. They are counted so that all of them are gone
    before the first one comes: a join alone may ask for them one at a time. `stored` are all columns that can be
    written: those that the comparison knows nothing of keep their values. All of the rows are exchanged or, where one
    was changed since it was compared, none.
    """
    types = into.hashed.types
    columns = tuple(dict.fromkeys(name for change, _ in changes for name in change.columns))
    keys = [sql.Identifier(f"k{number}") for number in range(len(into.hashed.key))]
    new = {name: sql.Identifier(f"c{number}") for number, name in enumerate(columns)}
    wanted = [
        item_list(
            [
                sql.Literal(change.row.row),
                *(value(text, types[name]) for name, text in zip(into.hashed.key, change.row.values, strict=True)),
                *(value(values[name], types[name]) for name in columns),
            ]
        )
        for change, values in changes
    ]
    matching = sql.SQL(" AND ").join(
        sql.SQL("p.{} = w.{}").format(sql.Identifier(name), alias)
        for name, alias in zip(into.hashed.key, keys, strict=True)
    )
    items = [
        sql.SQL("w.{}").format(new[name]) if name in new else sql.SQL("p.{}").format(sql.Identifier(name))
        for name in stored
    ]
    return sql.SQL(
        "WITH wanted (r, {names}) AS (VALUES {wanted}),"
        " gone AS (DELETE FROM {table} AS p USING wanted AS w WHERE {matching} AND {row} = w.r"
        " AND (SELECT pg_catalog.count(*) FROM {table} AS p JOIN wanted AS w ON {matching} AND {row} = w.r) = {rows}"
        " RETURNING p.*)"
        " INSERT INTO {into} ({columns}) OVERRIDING SYSTEM VALUE"
        " SELECT {items} FROM gone AS p JOIN wanted AS w ON {matching} WHERE (SELECT pg_catalog.count(*) FROM gone) > 0"
    ).format(
        names=sql.SQL(", ").join([*keys, *new.values()]),
        wanted=sql.SQL(", ").join(sql.SQL("({})").format(each) for each in wanted),
        table=into.own_rows,
        matching=matching,
        row=expression(into.hashed.row_hash),
        rows=sql.Literal(len(changes)),
        into=into.name,
        columns=name_list(stored),
        items=sql.SQL(", ").join(items),
    )
