"""COPY from source to target: ranges of keys, a stream of rows in their order, and the two ways to load them."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

import psycopg
from psycopg import sql

from harness.core.model.relations import Column, Table
from harness.core.names import quote
from harness.core.projection import ProjectedColumn, TableProjection
from harness.postgres.connect import Connection, Endpoint, table_name
from harness.postgres.failures import blaming
from harness.postgres.projected import expression, relation

Bound = tuple[str, ...]

_ORDERED_TYPES: Final = frozenset(
    {
        "smallint", "integer", "bigint", "numeric", "real", "double precision", "boolean", "uuid", "bytea", "oid",
        "date", "timestamp without time zone", "timestamp with time zone", "time without time zone",
    }
)  # fmt: skip
"""Types whose order no collation and no extension decides; values of all others are ordered by their text's bytes."""

_BLOCK: Final = 1 << 16
_BINARY_SIGNATURE: Final = b"PGCOPY\n\xff\r\n\0"
_BINARY_HEADER: Final = _BINARY_SIGNATURE + bytes(8)
_BINARY_TRAILER: Final = b"\xff\xff"
STAGING: Final = sql.Identifier("pg_temp", "pgparity_staging")


@dataclass(frozen=True, slots=True)
class KeyOrder:
    """The order of a table's rows by a unique key, the same in every session whatever the collations are."""

    columns: tuple[Column, ...]

    @property
    def items(self) -> sql.Composable:
        """The expressions to order by; a text key gives up its index for an order that no library update changes."""
        return sql.SQL(", ").join(expression(self._ordered(quote(column.name), column)) for column in self.columns)

    def items_of(self, table: Table) -> sql.Composable:
        """The same with the table's name: ORDER BY takes a name alone for an output column where one is called so."""
        return sql.SQL(", ").join(
            expression(self._ordered(f"{quote(table.name)}.{quote(column.name)}", column)) for column in self.columns
        )

    @property
    def texts(self) -> sql.Composable:
        """The key's values as text."""
        return sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(each.name)) for each in self.columns)

    @property
    def names(self) -> sql.Composable:
        """The key's columns."""
        return sql.SQL(", ").join(sql.Identifier(column.name) for column in self.columns)

    def compared(self, operator: str, bound: Bound) -> sql.Composable:
        """A comparison of rows with a bound, by rows of expressions."""
        values = [
            sql.SQL("{}::{}").format(sql.Literal(value), expression(column.type if self._by_itself(column) else "text"))
            for value, column in zip(bound, self.columns, strict=True)
        ]
        return sql.SQL("({}) {} ({})").format(self.items, expression(operator), sql.SQL(", ").join(values))

    def within(self, lower: Bound | None, upper: Bound | None) -> sql.Composable:
        """The rows of (lower, upper]; None is no bound."""
        parts = [self.compared(">", lower)] if lower is not None else []
        parts += [self.compared("<=", upper)] if upper is not None else []
        return sql.SQL(" AND ").join(parts) if parts else sql.SQL("true")

    def _ordered(self, name: str, column: Column) -> str:
        return name if self._by_itself(column) else f'{name}::text COLLATE "C"'

    @staticmethod
    def _by_itself(column: Column) -> bool:
        return re.sub(r"\([\d,]+\)", "", column.type) in _ORDERED_TYPES


def upper_bounds(
    connection: Connection, table: Table, order: KeyOrder, lower: Bound | None, *, rows: int, chunks: int
) -> list[Bound]:
    """The last keys of the next full chunks of `rows` rows above `lower`; fewer than `chunks`: the table ends there."""
    statement = sql.SQL(
        "SELECT {texts} FROM (SELECT {names}, row_number() OVER (ORDER BY {items}) AS pgparity_number FROM"
        " (SELECT {names} FROM {table} WHERE {range} ORDER BY {items} LIMIT {limit}) AS ahead) AS numbered"
        " WHERE pgparity_number % {rows} = 0 ORDER BY pgparity_number"
    ).format(
        texts=order.texts,
        names=order.names,
        items=order.items,
        table=relation(table),
        range=order.within(lower, None),
        limit=sql.Literal(rows * chunks),
        rows=sql.Literal(rows),
    )
    return [tuple(str(value) for value in row) for row in connection.execute(statement)]


def source_statement(
    projection: TableProjection, order: KeyOrder | None, lower: Bound | None, upper: Bound | None, *, binary: bool
) -> sql.Composed:
    """COPY of the loaded columns of a range's rows, in the order of the key."""
    items = [expression(column.expression) for column in projection.loaded]
    rows = sql.SQL("SELECT {} FROM {}").format(sql.SQL(", ").join(items), relation(projection.source))
    if order is not None:
        in_order = order.items_of(projection.source)
        rows = sql.SQL("{} WHERE {} ORDER BY {}").format(rows, order.within(lower, upper), in_order)
    return sql.SQL("COPY ({}) TO STDOUT{}").format(rows, _format(binary))


def target_statement(table: sql.Composable, columns: Sequence[ProjectedColumn], *, binary: bool) -> sql.Composed:
    """COPY into a table."""
    return sql.SQL("COPY {} ({}) FROM STDIN{}").format(table, _names(columns), _format(binary))


@contextlib.contextmanager
def row_stream(
    connection: Connection, endpoint: Endpoint, statement: sql.Composed, *, binary: bool
) -> Iterator[Iterator[bytes]]:
    """The rows of a COPY TO STDOUT, one piece of COPY data each; leaving early cancels the statement.

    The protocol sends one CopyData message a row (PostgreSQL's manual, "COPY Operations"), and libpq hands out one
    message at a time. In the binary format the header comes with the first row, the trailer alone.
    """
    with connection.cursor().copy(statement) as copy:
        yield _rows(copy, connection, endpoint, binary=binary)


def _rows(copy: psycopg.Copy, connection: Connection, endpoint: Endpoint, *, binary: bool) -> Iterator[bytes]:
    # Rows are read while the target's COPY is open: an error of the source must be told as the source's.
    with blaming(endpoint, connection):
        yield from _binary_rows(copy) if binary else (bytes(data) for data in copy)


def _binary_rows(copy: psycopg.Copy) -> Iterator[bytes]:
    first = True
    for data in copy:
        row = bytes(data)
        if first:
            extension = int.from_bytes(row[len(_BINARY_SIGNATURE) + 4 : len(_BINARY_HEADER)], "big")
            row, first = row[len(_BINARY_HEADER) + extension :], False
        if row and row != _BINARY_TRAILER:
            yield row


def copy_rows(
    connection: Connection, statement: sql.Composed, rows: Iterator[bytes], limit: int | None, *, binary: bool
) -> tuple[int, int]:
    """Write the next `limit` rows of a stream with a COPY FROM STDIN; returns rows and bytes."""
    count = size = 0
    cursor = connection.cursor()
    with cursor.copy(statement) as copy:
        block = bytearray(_BINARY_HEADER if binary else b"")
        for row in islice(rows, limit):
            count += 1
            size += len(row)
            block += row
            if len(block) >= _BLOCK:
                copy.write(bytes(block))
                block.clear()
        block += _BINARY_TRAILER if binary else b""
        if block:
            copy.write(bytes(block))
    return count, size


def is_empty(connection: Connection, table: Table) -> bool:
    """Whether a table has no row."""
    row = connection.execute(sql.SQL("SELECT NOT EXISTS (SELECT FROM {})").format(relation(table))).fetchone()
    return bool(row and row[0])


def count_rows(connection: Connection, table: Table) -> int:
    """All rows of a table."""
    row = connection.execute(sql.SQL("SELECT pg_catalog.count(*) FROM {}").format(relation(table))).fetchone()
    return int(row[0]) if row else 0


def create_staging(connection: Connection, projection: TableProjection) -> None:
    """A temporary table of the loaded columns, without constraints, emptied at every commit."""
    connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(STAGING))
    connection.execute(
        sql.SQL("CREATE TEMPORARY TABLE {} ON COMMIT DELETE ROWS AS SELECT {} FROM {} WITH NO DATA").format(
            sql.Identifier("pgparity_staging"), _names(projection.loaded), relation(projection.target)
        )
    )


def drop_staging(connection: Connection) -> None:
    """Drop the temporary table."""
    connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(STAGING))


def merge_statement(projection: TableProjection, key: Sequence[str]) -> sql.Composed:
    """INSERT of the staged rows; a row whose key is there already is updated where it differs.

    record_image_ne is the function behind *<>, which compares stored bytes (PostgreSQL's manual, "Composite Type
    Comparison"): it sees 1.0 against 1.00, and it works for types that have no =.
    """
    updated = [each for each in projection.loaded if each.name not in key and not each.always_identity]
    action: sql.Composable = sql.SQL("DO NOTHING")
    if updated:
        action = sql.SQL("DO UPDATE SET {} WHERE pg_catalog.record_image_ne(ROW({}), ROW({}))").format(
            sql.SQL(", ").join(sql.SQL("{0} = EXCLUDED.{0}").format(sql.Identifier(each.name)) for each in updated),
            sql.SQL(", ").join(sql.Identifier("present", each.name) for each in updated),
            sql.SQL(", ").join(sql.Identifier("excluded", each.name) for each in updated),
        )
    return sql.SQL(
        "INSERT INTO {} AS present ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {} ON CONFLICT ({}) {}"
    ).format(
        table_name(projection.target.schema, projection.target.name),
        _names(projection.loaded),
        _names(projection.loaded),
        STAGING,
        sql.SQL(", ").join(sql.Identifier(name) for name in key),
        action,
    )


def _names(columns: Sequence[ProjectedColumn]) -> sql.Composable:
    return sql.SQL(", ").join(sql.Identifier(column.name) for column in columns)


def _format(binary: bool) -> sql.SQL:
    return sql.SQL(" WITH (FORMAT binary)") if binary else sql.SQL("")
