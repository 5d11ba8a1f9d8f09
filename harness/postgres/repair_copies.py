"""Repair of tables whose rows have no unique key: found by their hash, held, and addressed by where they lie."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg import sql

from harness.core.repair import RowChange
from harness.postgres.projected import expression
from harness.postgres.repair_statements import (
    Value,
    Values,
    WrittenTable,
    addresses,
    item_list,
    name_list,
    pointed,
)

_NUMBERED = sql.SQL("ON w.k = f.k AND w.r = f.r AND f.n > w.low AND f.n <= w.high")
_IN_PLACE = sql.SQL("p.tableoid = f.o AND p.ctid = f.c")


def insert_copies(into: WrittenTable, changes: Sequence[tuple[RowChange, Values]], value: Value) -> sql.Composed:
    """INSERT of rows that no key tells apart: as many as the target lacks of each, counted as it runs."""
    types = into.hashed.types
    names = [sql.Identifier(f"c{number}") for number in range(len(into.columns))]
    wanted = [
        item_list(
            [
                *addresses(change.row[:2]),
                sql.Literal(change.kept),
                sql.Literal(change.copies),
                *(value(values[name], types[name]) for name in into.columns),
            ]
        )
        for change, values in changes
    ]
    return sql.SQL(
        "WITH wanted ({names}) AS (VALUES {wanted}), present AS (SELECT h.k, h.r,"
        " pg_catalog.count(*) AS n FROM (SELECT {key} AS k, {row} AS r FROM {table} AS p) AS h"
        " WHERE h.r = ANY ({rows}::bigint[]) GROUP BY h.k, h.r)"
        " INSERT INTO {into} {columns} OVERRIDING SYSTEM VALUE SELECT {values} FROM wanted AS w"
        " LEFT JOIN present AS o ON o.k = w.k AND o.r = w.r"
        " CROSS JOIN LATERAL pg_catalog.generate_series(1, LEAST(w.copies, w.kept - COALESCE(o.n, 0)))"
    ).format(
        names=sql.SQL(", ").join([sql.SQL("k, r, kept, copies"), *names]),
        wanted=sql.SQL(", ").join(sql.SQL("({})").format(each) for each in wanted),
        key=expression(into.hashed.key_hash),
        row=expression(into.hashed.row_hash),
        table=into.own_rows,
        rows=sql.Literal(sorted({change.row.row for change, _ in changes})),
        into=into.name,
        # A table can have no column that is written, and PostgreSQL takes no empty list.
        columns=sql.SQL("({})").format(name_list(into.columns)) if into.columns else sql.SQL(""),
        values=sql.SQL(", ").join(sql.SQL("w.{}").format(name) for name in names),
    )


def update_copies(into: WrittenTable, changes: Sequence[tuple[RowChange, Values]], value: Value) -> sql.Composed:
    """UPDATE of rows that no key tells apart, found by their hash and locked; RETURNING the number of the change."""
    types = into.hashed.types
    columns = tuple(dict.fromkeys(name for change, _ in changes for name in change.columns))
    names = [sql.Identifier(f"c{number}") for number in range(len(columns))]
    given = [[value(values[name], types[name]) for name in columns] for _, values in changes]
    return sql.SQL("{} UPDATE {} AS p SET {} FROM numbered AS f JOIN wanted AS w {} WHERE {} RETURNING w.i").format(
        _found(into, [change for change, _ in changes], names, given),
        into.own_rows,
        sql.SQL(", ").join(
            sql.SQL("{} = w.{}").format(sql.Identifier(name), alias) for name, alias in zip(columns, names, strict=True)
        ),
        _NUMBERED,
        _IN_PLACE,
    )


def delete_copies(into: WrittenTable, changes: Sequence[RowChange]) -> sql.Composed:
    """DELETE of rows that no key tells apart, found by their hash and locked; RETURNING the number of the change."""
    return sql.SQL("{} DELETE FROM {} AS p USING numbered AS f JOIN wanted AS w {} WHERE {} RETURNING w.i").format(
        _found(into, changes, [], [[] for _ in changes]),
        into.own_rows,
        _NUMBERED,
        sql.SQL(" AND ").join([_IN_PLACE, *pointed(into)]),
    )


def _found(
    into: WrittenTable,
    changes: Sequence[RowChange],
    names: Sequence[sql.Composable],
    given: Sequence[Sequence[sql.Composable]],
) -> sql.Composed:
    """The rows of some hashes, locked and numbered; those up to `kept` stay."""
    wanted = [
        item_list(
            [
                sql.Literal(number),
                *addresses(change.row[:2]),
                sql.Literal(change.kept),
                sql.Literal(change.kept + change.copies),
                *values,
            ]
        )
        for number, (change, values) in enumerate(zip(changes, given, strict=True))
    ]
    return sql.SQL(
        "WITH wanted ({names}) AS (VALUES {wanted}), found AS MATERIALIZED (SELECT p.tableoid AS o, p.ctid AS c,"
        " {key} AS k, {row} AS r FROM {table} AS p WHERE {row} = ANY ({rows}::bigint[]) FOR UPDATE OF p),"
        " numbered AS (SELECT o, c, k, r, pg_catalog.row_number() OVER (PARTITION BY k, r ORDER BY o, c) AS n"
        " FROM found)"
    ).format(
        names=sql.SQL(", ").join([sql.SQL("i, k, r, low, high"), *names]),
        wanted=sql.SQL(", ").join(sql.SQL("({})").format(each) for each in wanted),
        key=expression(into.hashed.key_hash),
        row=expression(into.hashed.row_hash),
        table=into.own_rows,
        rows=sql.Literal(sorted({change.row.row for change in changes})),
    )
