"""Named rows: the target's rows with the keys that a source named, as texts; and those that it never named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import psycopg
from psycopg import sql

from harness.core.names import quote
from harness.core.row_forms import DescribedType
from harness.postgres.connect import Connection, Endpoint
from harness.postgres.failures import blaming
from harness.postgres.projected import expression

_FETCHED_AT_ONCE: Final = 1000

Texts = tuple[str | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTable:
    """The rows of one table of the target, every column read as text."""

    connection: Connection
    endpoint: Endpoint
    rows: sql.Composed
    columns: tuple[str, ...]
    key: tuple[str, ...]
    types: dict[str, DescribedType]

    @property
    def places(self) -> tuple[int, ...]:
        """Where the columns of the key are among the columns."""
        return tuple(self.columns.index(name) for name in self.key)

    def items(self, names: Sequence[str]) -> sql.Composed:
        """Columns as text."""
        return sql.SQL(", ").join(expression(f"(p.{quote(name)})::text") for name in names)


def row_count(table: TextTable) -> int:
    """All rows."""
    statement = sql.SQL("SELECT pg_catalog.count(*) FROM ({}) AS p").format(table.rows)
    with blaming(table.endpoint, table.connection):
        row = table.connection.execute(statement).fetchone()
    return int(row[0]) if row else 0


def named_rows(table: TextTable, keys: Sequence[Sequence[str | None]]) -> dict[int, list[Texts]]:
    """By position in `keys`, the rows that have this key by PostgreSQL's =; their index serves."""
    aliases = [sql.Identifier(f"a{number}") for number in range(len(table.key))]
    lists = [sql.SQL("{}::text[]").format(sql.Literal([key[n] for key in keys])) for n in range(len(table.key))]
    equal = [
        sql.SQL("{} = v.{}::{}").format(
            expression(f"p.{quote(name)}"), alias, sql.Identifier(table.types[name].schema, table.types[name].name)
        )
        for name, alias in zip(table.key, aliases, strict=True)
    ]
    # unnest of several arrays is syntax, not a function of pg_catalog: it takes no schema.
    statement = sql.SQL(
        "SELECT v.n, {items} FROM unnest({lists}) WITH ORDINALITY AS v ({aliases}, n) JOIN ({rows}) AS p ON {equal}"
    ).format(
        items=table.items(table.columns),
        lists=sql.SQL(", ").join(lists),
        aliases=sql.SQL(", ").join(aliases),
        rows=table.rows,
        equal=sql.SQL(" AND ").join(equal),
    )
    found: dict[int, list[Texts]] = {}
    with blaming(table.endpoint, table.connection):
        for number, *texts in table.connection.execute(statement):
            found.setdefault(number - 1, []).append(tuple(texts))
    return found


def text_rows(table: TextTable, names: Sequence[str]) -> Iterator[list[Texts]]:
    """Some columns of every row as text, through a cursor of the server, a thousand rows at a time."""
    statement = sql.SQL("SELECT {} FROM ({}) AS p").format(table.items(names), table.rows)
    with (
        blaming(table.endpoint, table.connection),
        table.connection.cursor(name="pgparity_texts") as cursor,
    ):
        cursor.execute(statement)
        while rows := cursor.fetchmany(_FETCHED_AT_ONCE):
            yield [tuple(row) for row in rows]


def equal_values(table: TextTable, type_name: str, pairs: Sequence[tuple[str, str]]) -> list[bool]:
    """Whether = holds between what two texts stand for, as values of a type of pg_catalog; False where one is none."""
    statement = sql.SQL(
        "SELECT v.one::{0} = v.other::{0} FROM unnest({1}::text[], {2}::text[]) WITH ORDINALITY AS v (one, other, n)"
        " ORDER BY v.n"
    ).format(
        sql.Identifier("pg_catalog", type_name),
        sql.Literal([one for one, _ in pairs]),
        sql.Literal([other for _, other in pairs]),
    )
    try:
        with table.connection.transaction():
            return [bool(answer) for (answer,) in table.connection.execute(statement)]
    except psycopg.DataError:
        if len(pairs) == 1:
            return [False]
        half = len(pairs) // 2
        return equal_values(table, type_name, pairs[:half]) + equal_values(table, type_name, pairs[half:])
