"""Repair statements: INSERT, UPDATE and DELETE of the target's rows, each guarded by the hash of the row as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from psycopg import sql

from harness.core.model.relations import Table
from harness.core.names import literal, qualified
from harness.core.repair import RowChange
from harness.core.row_forms import DescribedType
from harness.postgres.connect import table_name
from harness.postgres.projected import expression, relation
from harness.postgres.row_hash import HashedTable, column

Value = Callable[[str | None, DescribedType], sql.Composable]
"""How a value is written: its text, as its type's output function gives it, and the type of the target's column"""

Values = dict[str, str | None]
"""Of one row of the source, by column of the target"""


@dataclass(frozen=True, slots=True)
class Pointing:
    """A foreign key to the table that deletes or changes rows when the row that they point to goes."""

    schema: str
    table: str
    action: str
    columns: tuple[str, ...]
    referenced: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenTable:
    """A table of the target as statements write it."""

    table: Table
    hashed: HashedTable
    """The target's side of the comparison"""
    columns: tuple[str, ...]
    """What an INSERT fills, by name"""
    unique: bool
    """Rows are known by a key that is unique on both sides"""
    arbiter: bool = False
    """ON CONFLICT can name the key"""
    pointing: tuple[Pointing, ...] = ()

    @property
    def name(self) -> sql.Composable:
        """The table of an INSERT."""
        return table_name(self.table.schema, self.table.name)

    @property
    def takes_others(self) -> bool:
        """Whether a row that goes deletes or changes others."""
        return any(each.action != "r" for each in self.pointing)

    @property
    def own_rows(self) -> sql.Composable:
        """The table of an UPDATE or DELETE, without tables that inherit from it."""
        return relation(self.table)


BIGINT: Final = DescribedType(oid=20, schema="pg_catalog", name="int8", sql="bigint")
"""Of a row's hash"""


def as_literal(text: str | None, described: DescribedType) -> sql.Composable:
    """A value as a constant of its type, without the column's length: assignment checks that, a cast would cut."""
    return expression(f"{'NULL' if text is None else literal(text)}::{_type(described)}")


def hidden(text: str | None, _described: DescribedType) -> sql.Composable:
    """A value as it may be shown."""
    return expression("NULL" if text is None else "…")


@dataclass(slots=True)
class Parameters:
    """Values that travel beside the statement, for psycopg.RawCursor."""

    values: list[str | None] = field(default_factory=list)

    def __call__(self, text: str | None, described: DescribedType) -> sql.Composable:
        """The placeholder of a value."""
        self.values.append(text)
        return expression(f"${len(self.values)}::{_type(described)}")


def insert_statement(into: WrittenTable, rows: Sequence[Values], value: Value) -> sql.Composed:
    """INSERT of rows that are not there; one that has come meanwhile stays as it is."""
    types = into.hashed.types
    head = sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE").format(into.name, name_list(into.columns))
    lists = [item_list(value(row[name], types[name]) for name in into.columns) for row in rows]
    if into.arbiter:
        return sql.SQL("{} VALUES {} ON CONFLICT ({}) DO NOTHING").format(
            head, sql.SQL(", ").join(sql.SQL("({})").format(each) for each in lists), name_list(into.hashed.key)
        )
    selects = [
        sql.SQL("SELECT {} WHERE NOT EXISTS (SELECT FROM {} AS p WHERE {})").format(
            each, into.own_rows, by_key(into, [row[name] for name in into.hashed.key], value)
        )
        for each, row in zip(lists, rows, strict=True)
    ]
    return sql.SQL("{} {}").format(head, sql.SQL(" UNION ALL ").join(selects))


def update_statement(into: WrittenTable, change: RowChange, values: Values, value: Value) -> sql.Composed:
    """UPDATE of the cells that differ, of the row as it was when it was compared."""
    types = into.hashed.types
    return sql.SQL("UPDATE {} AS p SET {} WHERE {}").format(
        into.own_rows,
        sql.SQL(", ").join(
            sql.SQL("{} = {}").format(sql.Identifier(name), value(values[name], types[name])) for name in change.columns
        ),
        unchanged(into, change, value),
    )


def delete_statement(into: WrittenTable, change: RowChange, value: Value) -> sql.Composed:
    """DELETE of the row as it was when it was compared, unless others would go with it."""
    parts = [unchanged(into, change, value), *pointed(into)]
    return sql.SQL("DELETE FROM {} AS p WHERE {}").format(into.own_rows, sql.SQL(" AND ").join(parts))


def unchanged(into: WrittenTable, change: RowChange, value: Value) -> sql.Composable:
    """For WHERE: p is the row of a change, as it was when it was compared."""
    guard = sql.SQL("{} = {}").format(expression(into.hashed.row_hash), value(str(change.row.row), BIGINT))
    return sql.SQL("{} AND {}").format(by_key(into, change.row.values, value), guard)


def by_key(into: WrittenTable, key: Sequence[str | None], value: Value) -> sql.Composable:
    """For WHERE: p is the row with this key."""
    return sql.SQL(" AND ").join(
        sql.SQL("{} = {}").format(expression(column(name)), value(text, into.hashed.types[name]))
        for name, text in zip(into.hashed.key, key, strict=True)
    )


def pointed(into: WrittenTable) -> list[sql.Composable]:
    """For WHERE: no row of another table goes or changes with the row p."""
    return [
        sql.SQL("NOT EXISTS (SELECT FROM {} AS o WHERE {})").format(
            table_name(each.schema, each.table),
            sql.SQL(" AND ").join(
                sql.SQL("o.{} = p.{}").format(sql.Identifier(own), sql.Identifier(other))
                for own, other in zip(each.columns, each.referenced, strict=True)
            ),
        )
        for each in into.pointing
        if each.action != "r"
    ]


def addresses(address: tuple[int, int]) -> list[sql.Composable]:
    """Both hashes of a row, as values."""
    return [sql.SQL("{}::bigint").format(sql.Literal(each)) for each in address]


def _type(described: DescribedType) -> str:
    return qualified(described.schema, described.name)


def name_list(names: Iterable[str]) -> sql.Composable:
    """Names of columns, with commas."""
    return sql.SQL(", ").join(sql.Identifier(name) for name in names)


def item_list(items: Iterable[sql.Composable]) -> sql.Composed:
    """Items, with commas."""
    return sql.SQL(", ").join(items)
