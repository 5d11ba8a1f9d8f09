"""Rows again: the rows of some keys as they are now, and whether a server was written since a snapshot was taken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from psycopg import sql

from harness.core.row_merge import HashedRow
from harness.postgres.connect import Connection, Endpoint
from harness.postgres.failures import StatementFailed, blaming
from harness.postgres.projected import expression
from harness.postgres.row_fetch import conditions
from harness.postgres.row_hash import HashedTable, column

_LARGEST: Final = {"int2": 2**15 - 1, "int4": 2**31 - 1, "int8": 2**63 - 1}


def current_snapshot(connection: Connection, endpoint: Endpoint) -> str:
    """xmin:xmax:xip of the transaction's snapshot, or of a new one outside a repeatable-read transaction."""
    with blaming(endpoint, connection):
        row = connection.execute("SELECT pg_catalog.pg_current_snapshot()::text").fetchone()
    return str(row[0]) if row else ""


def unwritten_since(then: str, now: str) -> bool:
    """Whether nothing was committed on the server between two snapshots, in any of its databases.

    Nothing was running at the first (xmin = xmax), and no transaction number has been used up since (xmax is the
    same): functions-info.html#FUNCTIONS-PG-SNAPSHOT-PARTS. On a standby this may be said too seldom, never too often.
    """
    old, new = then.split(":"), now.split(":")
    return old[0] == old[1] == new[1]


def rows_again(table: HashedTable, wanted: Sequence[HashedRow]) -> list[HashedRow]:
    """All rows that this side has now under the keys of `wanted` (rows of either side), sorted by (key, row).

    They are found by the key's values, through its index. Where there is no key, or a value of the other side does not
    read as this side's type, the table is scanned for the hashes of the keys.
    """
    keys = {row.key for row in wanted}
    if table.key:
        try:
            # A savepoint: the transaction, and with it the moment that is read, outlives a value that does not read.
            with table.connection.transaction():
                return _read(table, conditions(table, list(_possible(table, wanted))), keys)
        except StatementFailed as failure:
            if not failure.sqlstate.startswith("22"):
                raise
    by_hash = sql.SQL("{} IN (SELECT h.k FROM unnest({}::bigint[]) AS h (k))").format(
        expression(table.key_hash), sql.Literal(sorted(keys))
    )
    return _read(table, iter((by_hash,)), keys)


def _read(table: HashedTable, matching: Iterator[sql.Composable], keys: set[int]) -> list[HashedRow]:
    names = [sql.Identifier(f"v{number}") for number in range(len(table.key))]
    values = [
        sql.SQL("({})::text AS {}").format(expression(column(name)), alias)
        for name, alias in zip(table.key, names, strict=True)
    ]
    found: dict[HashedRow, None] = {}
    with blaming(table.endpoint, table.connection):
        for condition in matching:
            statement = sql.SQL(
                "SELECT {outer} FROM (SELECT {inner} FROM ({rows}) AS p WHERE {condition}) AS again GROUP BY {group}"
            ).format(
                outer=sql.SQL(", ").join([sql.SQL("k, r, pg_catalog.count(*)"), *names]),
                inner=sql.SQL(", ").join(
                    [expression(f"{table.key_hash} AS k"), expression(f"{table.row_hash} AS r"), *values]
                ),
                rows=table.rows,
                condition=condition,
                group=sql.SQL(", ").join([sql.SQL("k, r"), *names]),
            )
            for key, row, copies, *texts in table.connection.execute(statement):
                # By value more rows may be found than were asked for, and by two conditions one row twice.
                if key in keys:
                    found[HashedRow(key, row, copies, tuple(texts))] = None
    return sorted(found, key=lambda each: (each.key, each.row, tuple((text is None, text) for text in each.values)))


def _possible(table: HashedTable, wanted: Sequence[HashedRow]) -> Iterator[HashedRow]:
    """The rows whose key this side's types can hold, one a key; a bigint key has no place in an integer column."""
    largest = [(number, _LARGEST.get(table.types[name].name)) for number, name in enumerate(table.key)]
    for row in {row.values: row for row in wanted}.values():
        whole = [(row.values[number], bound) for number, bound in largest if bound is not None]
        if not any(value is not None and _outside(value, bound) for value, bound in whole):
            yield row


def _outside(value: str, bound: int) -> bool:
    digits = value.removeprefix("-")
    return digits.isdecimal() and not -bound - 1 <= int(value) <= bound
