"""Projected rows: a projection as the SELECT of either side, and the types that the servers give its columns."""

from __future__ import annotations

from psycopg import sql

from harness.core.model.relations import Table
from harness.core.names import quote
from harness.core.projection import TableProjection
from harness.core.record import Side
from harness.core.row_types import DescribedType
from harness.errors import ConfigurationError
from harness.postgres.column_types import described_types
from harness.postgres.connect import Connection, Endpoint, table_name
from harness.postgres.failures import StatementFailed, blaming

# A mapping's expressions stand in these statements as the user wrote them. One may hold a %, which a statement with
# parameters would read as a placeholder, and COPY takes no parameters at all: values are sql.Literal here.


def relation(table: Table) -> sql.Composable:
    """A table for FROM, without the rows of tables that inherit from it: those are tables of their own."""
    name = table_name(table.schema, table.name)
    return name if table.partition_key is not None else sql.SQL("ONLY {}").format(name)


def expression(text: str) -> sql.SQL:
    """SQL text that the core rendered, or that the configuration gives."""
    return sql.SQL(text)


def source_rows(projection: TableProjection) -> sql.Composed:
    """SELECT of the source's rows, each column under its name on the target."""
    columns = [(column.expression, column.name) for column in projection.columns]
    return _rows(columns, projection.source, projection.source_where)


def target_rows(projection: TableProjection) -> sql.Composed:
    """SELECT of the target's rows, the same columns."""
    columns = [(quote(column.name), column.name) for column in projection.columns]
    return _rows(columns, projection.target, projection.target_where)


def piece_rows(
    projection: TableProjection,
    side: Side,
    part: sql.Composable,
    chosen: sql.Composable,
    *,
    system: tuple[str, ...] = (),
) -> sql.Composed:
    """SELECT of the rows of a part of a side's table: `part` of a partitioned one, and `chosen` a condition on them.

    `system` columns come first, each as pgparity_ and its name.
    """
    if side is Side.SOURCE:
        columns = [(column.expression, column.name) for column in projection.columns]
        table, where = projection.source, projection.source_where
    else:
        columns = [(quote(column.name), column.name) for column in projection.columns]
        table, where = projection.target, projection.target_where
    # By the table's own name: that is what a condition or an expression may call its columns by.
    named = sql.SQL("{} AS {}").format(part, sql.Identifier(table.name))
    rows = _selected([*((name, f"pgparity_{name}") for name in system), *columns], named, where)
    return sql.SQL("{} {} {}").format(rows, sql.SQL("WHERE" if where is None else "AND"), chosen)


def _rows(columns: list[tuple[str, str]], table: Table, where: str | None = None) -> sql.Composed:
    return _selected(columns, relation(table), where)


def _selected(columns: list[tuple[str, str]], table: sql.Composable, where: str | None) -> sql.Composed:
    items = [sql.SQL("{} AS {}").format(expression(text), sql.Identifier(name)) for text, name in columns]
    rows = sql.SQL("SELECT {} FROM {}").format(sql.SQL(", ").join(items), table)
    # A line of its own: a condition may end in a comment.
    return rows if where is None else sql.SQL("{} WHERE ({}\n)").format(rows, expression(where))


def check_filters(
    source: tuple[Connection, Endpoint], target: tuple[Connection, Endpoint], projection: TableProjection
) -> None:
    """ConfigurationError where a side cannot evaluate the condition that its rows are chosen by."""
    for (connection, endpoint), table, where in (
        (source, projection.source, projection.source_where),
        (target, projection.target, projection.target_where),
    ):
        if where is None:
            continue
        try:
            with blaming(endpoint, connection), connection.transaction():
                connection.execute(sql.SQL("{} LIMIT 0").format(_rows([("NULL", "x")], table, where)))
                # Brackets that are not in pairs may fit one statement; they do not fit two.
                one_whole = sql.SQL("SELECT FROM {} WHERE CASE WHEN {}\n THEN true END LIMIT 0")
                connection.execute(one_whole.format(relation(table), expression(where)))
        except StatementFailed as failure:
            raise ConfigurationError(
                f"rows.tables.{projection.source.identity!r}: the {endpoint.side} cannot evaluate the condition on its "
                f"rows: {failure.reason}",
                hint="where holds for both sides, source_where and target_where for one. Functions and types outside "
                "pg_catalog need their schema: search_path is empty.",
            ) from None


def described(connection: Connection, rows: sql.Composable) -> tuple[DescribedType, ...]:
    """The types of a SELECT's columns, base types for domains."""
    cursor = connection.execute(sql.SQL("SELECT * FROM ({}) AS rows LIMIT 0").format(rows))
    return described_types(connection, [column.type_code for column in cursor.description or ()])


def described_source(
    connection: Connection, endpoint: Endpoint, projection: TableProjection
) -> tuple[DescribedType, ...]:
    """The types of the source's columns; ConfigurationError names the mapping's column that the source refuses."""
    try:
        with blaming(endpoint, connection), connection.transaction():
            return described(connection, source_rows(projection))
    except StatementFailed as failure:
        for column in projection.columns:
            one = _rows([(column.expression, column.name)], projection.source)
            try:
                with blaming(endpoint, connection), connection.transaction():
                    described(connection, one)
            except StatementFailed as reason:
                raise ConfigurationError(
                    f"mapping.tables.{projection.source.identity!r}.columns.{column.name}: the source cannot evaluate "
                    f"it: {reason.reason}",
                    hint="Write names of functions and types with their schema; search_path is empty.",
                ) from None
        raise failure from None


def copies_binary(source: tuple[DescribedType, ...], target: tuple[DescribedType, ...]) -> bool:
    """Whether rows can move as COPY BINARY: every pair of types is one, and its binary form the same on all servers."""
    return all(left.oid == right.oid and left.portable for left, right in zip(source, target, strict=True))
