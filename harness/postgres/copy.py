"""COPY from source to target: chunks of rows by key or by blocks, and the statements of the two ways to load them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from psycopg import sql

from harness.core.ledger import ChunkRange
from harness.core.model.relations import Column, Table
from harness.core.names import quote
from harness.core.projection import ProjectedColumn, TableProjection
from harness.postgres.connect import Connection, table_name
from harness.postgres.projected import expression, relation

Bound = tuple[str, ...]

_ORDERED_TYPES: Final = frozenset(
    {
        "smallint", "integer", "bigint", "numeric", "real", "double precision", "boolean", "uuid", "bytea", "oid",
        "date", "timestamp without time zone", "timestamp with time zone", "time without time zone",
    }
)  # fmt: skip
"""Types whose order no collation and no extension decides; values of all others are ordered by their text's bytes."""

STAGING: Final = sql.Identifier("pg_temp", "pgparity_staging")


@dataclass(frozen=True, slots=True)
class KeyOrder:
    """The order of a table's rows by a unique key, the same in every session whatever the collations are."""

    columns: tuple[Column, ...]

    @property
    def items(self) -> sql.Composable:
        """The expressions to order by; a text key gives up its index for an order that no library update changes."""
        return sql.SQL(", ").join(expression(self._ordered(quote(column.name), column)) for column in self.columns)

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

    @property
    def by_itself(self) -> bool:
        """Whether the order is that of the key's own index."""
        return all(self._by_itself(column) for column in self.columns)

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


def chunk_condition(order: KeyOrder | None, chunk: ChunkRange) -> sql.Composable:
    """For WHERE: the rows of a chunk."""
    if chunk.chosen is None:
        return _within(order, chunk)
    return sql.SQL("{} AND ({})").format(_within(order, chunk), expression(chunk.chosen))


def _within(order: KeyOrder | None, chunk: ChunkRange) -> sql.Composable:
    if chunk.part is None:
        return order.within(chunk.lower, chunk.upper) if order is not None else sql.SQL("true")
    bounds = [sql.SQL("ctid >= {}::tid").format(sql.Literal(f"({chunk.first or 0},0)"))]
    if chunk.end is not None:
        bounds.append(sql.SQL("ctid < {}::tid").format(sql.Literal(f"({chunk.end},0)")))
    return sql.SQL(" AND ").join(bounds)


def chunk_relation(projection: TableProjection, chunk: ChunkRange) -> sql.Composable:
    """For FROM: what holds a chunk's rows, under the name of the table, which expressions may use."""
    held = relation(projection.source) if chunk.part is None else sql.SQL("ONLY {}").format(table_name(*chunk.part))
    return sql.SQL("{} AS {}").format(held, sql.Identifier(projection.source.name))


def rows_condition(projection: TableProjection, order: KeyOrder | None, chunk: ChunkRange) -> sql.Composable:
    """For WHERE: the rows of a chunk that move."""
    within = chunk_condition(order, chunk)
    if projection.source_where is None:
        return within
    # A line of its own: a condition may end in a comment.
    return sql.SQL("{} AND ({}\n)").format(within, expression(projection.source_where))


def source_statement(
    projection: TableProjection, order: KeyOrder | None, chunk: ChunkRange, *, binary: bool
) -> sql.Composed:
    """COPY of the loaded columns of a chunk's rows."""
    items = [expression(column.expression) for column in projection.loaded]
    return sql.SQL("COPY (SELECT {} FROM {} WHERE {}) TO STDOUT{}").format(
        sql.SQL(", ").join(items),
        chunk_relation(projection, chunk),
        rows_condition(projection, order, chunk),
        _format(binary),
    )


def target_statement(table: sql.Composable, columns: Sequence[ProjectedColumn], *, binary: bool) -> sql.Composed:
    """COPY into a table."""
    return sql.SQL("COPY {} ({}) FROM STDIN{}").format(table, _names(columns), _format(binary))


def is_empty(connection: Connection, table: Table) -> bool:
    """Whether a table has no row."""
    row = connection.execute(sql.SQL("SELECT NOT EXISTS (SELECT FROM {})").format(relation(table))).fetchone()
    return bool(row and row[0])


def count_rows(connection: Connection, table: Table, where: str | None = None) -> int:
    """All rows of a table, or those that a condition chooses."""
    chosen = sql.SQL("true") if where is None else sql.SQL("({}\n)").format(expression(where))
    statement = sql.SQL("SELECT pg_catalog.count(*) FROM {} WHERE {}").format(relation(table), chosen)
    row = connection.execute(statement).fetchone()
    return int(row[0]) if row else 0


def gather_statistics(connection: Connection, table: Table) -> None:
    """ANALYZE it: a table that was loaded has none."""
    connection.execute(sql.SQL("ANALYZE {}").format(table_name(table.schema, table.name)))


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


def delete_stale_statement(
    projection: TableProjection, key: Sequence[str], transactions: Sequence[str]
) -> sql.Composed:
    """DELETE of the rows that these transactions wrote and that are not among the staged ones."""
    return sql.SQL("DELETE FROM {} AS present WHERE {} AND NOT EXISTS (SELECT FROM {} AS staged WHERE {})").format(
        table_name(projection.target.schema, projection.target.name),
        written_by("present", transactions),
        STAGING,
        sql.SQL(" AND ").join(
            sql.SQL("{} = {}").format(sql.Identifier("staged", name), sql.Identifier("present", name)) for name in key
        ),
    )


def delete_written_statement(projection: TableProjection, transactions: Sequence[str]) -> sql.Composed:
    """DELETE of the rows that these transactions wrote."""
    return sql.SQL("DELETE FROM {} AS present WHERE {}").format(
        table_name(projection.target.schema, projection.target.name), written_by("present", transactions)
    )


def written_by(alias: str, transactions: Sequence[str]) -> sql.Composed:
    """For WHERE: rows that these transactions wrote last. A row's xmin stays when it is frozen."""
    return sql.SQL("{}.xmin = ANY ({}::pg_catalog.text[]::pg_catalog.xid[])").format(
        sql.Identifier(alias), sql.Literal([str(int(each) % 2**32) for each in transactions])
    )


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
