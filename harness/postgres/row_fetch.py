"""Row fetch: of rows that differ, first which cells do, then those cells as PostgreSQL writes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from psycopg import sql

from harness.core.row_forms import written
from harness.core.row_merge import HashedRow
from harness.postgres.connect import Connection, Endpoint
from harness.postgres.failures import blaming
from harness.postgres.projected import expression
from harness.postgres.read_meter import crossed
from harness.postgres.row_hash import HashedTable, column, digest_of

Address = tuple[int, int]
"""Of a row: the hash of its key and its own"""

_WITHOUT_EQUALITY: Final = frozenset({"json", "xml", "point", "line", "lseg", "box", "path", "polygon", "circle"})


def cell_hashes(table: HashedTable, wanted: Sequence[HashedRow]) -> dict[Address, tuple[int, tuple[int, ...]]]:
    """The size in bytes, and the hash of every compared cell, of each wanted row."""
    exact = {name: written(form.exact, column(name)) for name, form in table.forms.items()}
    cells = ", ".join(digest_of(table.digest, [item]) for item in exact.values())
    items = [
        expression(f"pg_catalog.octet_length(pg_catalog.record_send(ROW({', '.join(exact.values())})))"),
        expression(f"ARRAY[{cells}]::bigint[]"),
    ]
    found: dict[Address, tuple[int, tuple[int, ...]]] = {}
    with blaming(table.endpoint, table.connection):
        for statement in _statements(table, wanted, items):
            for key, row, size, hashes in table.connection.execute(statement):
                found[key, row] = (size, tuple(hashes))
    return found


def cell_texts(
    table: HashedTable, wanted: Sequence[HashedRow], columns: Sequence[str]
) -> dict[Address, tuple[str | None, ...]]:
    """Some cells of each wanted row, as the types' output functions write them."""
    return row_texts(table, wanted, [written(table.forms[name].text or "{}", column(name)) for name in columns])


def row_texts(
    table: HashedTable, wanted: Sequence[HashedRow], items: Sequence[str]
) -> dict[Address, tuple[str | None, ...]]:
    """Some expressions over each wanted row (p), as text; COPY gives them as they are."""
    found: dict[Address, tuple[str | None, ...]] = {}
    with blaming(table.endpoint, table.connection):
        for statement in _statements(table, wanted, [expression(item) for item in items]):
            with table.connection.cursor().copy(sql.SQL("COPY ({}) TO STDOUT").format(statement)) as copy:
                given = {(int(key), int(row)): tuple(texts) for key, row, *texts in copy.rows()}
            # Here, for a COPY that is broken off takes the transaction with it, and what that could see.
            crossed(table.connection, list(given.values()))
            found |= given
    return found


def settle(connection: Connection, endpoint: Endpoint, type_name: str, pairs: Sequence[tuple[str, str]]) -> list[bool]:
    """Whether PostgreSQL's = holds between the values that two texts stand for. `type_name` is SQL, of pg_catalog."""
    # unnest of several arrays is syntax, not a function of pg_catalog: it takes no schema.
    statement = sql.SQL(
        "SELECT v.one::{0} OPERATOR(pg_catalog.=) v.other::{0}"
        " FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY AS v (one, other, n) ORDER BY v.n"
    ).format(expression(type_name))
    with blaming(endpoint, connection):
        rows = connection.execute(statement, ([one for one, _ in pairs], [other for _, other in pairs]))
        return [bool(row[0]) for row in rows]


def _statements(
    table: HashedTable, wanted: Sequence[HashedRow], items: Iterable[sql.Composable]
) -> Iterator[sql.Composed]:
    """SELECTs of the wanted rows with their two hashes in front; more rows may come than were wanted."""
    hashes = [expression(f"{table.key_hash} AS k"), expression(f"{table.row_hash} AS r")]
    head = sql.SQL(", ").join([*hashes, *items])
    for condition in conditions(table, wanted):
        yield sql.SQL("SELECT {} FROM ({}) AS p WHERE {}").format(head, table.rows, condition)


def conditions(table: HashedTable, wanted: Sequence[HashedRow]) -> Iterator[sql.Composable]:
    """For WHERE: by the key's values where there is a key, so that its index serves; else by its hash, which scans.

    NULL equals nothing: the rows of each pattern of NULLs are asked for in a statement of their own.
    """
    if not table.key or any(table.types[name].name in _WITHOUT_EQUALITY for name in table.key):
        keys = sorted({row.key for row in wanted})
        yield sql.SQL("{} = ANY ({}::bigint[])").format(expression(table.key_hash), sql.Literal(keys))
        return
    patterns: dict[tuple[bool, ...], list[HashedRow]] = {}
    for row in wanted:
        patterns.setdefault(tuple(value is None for value in row.values), []).append(row)
    for pattern, rows in patterns.items():
        nulls = [name for name, null in zip(table.key, pattern, strict=True) if null]
        given = [number for number, null in enumerate(pattern) if not null]
        parts: list[sql.Composable] = [sql.SQL("{} IS NULL").format(expression(column(name))) for name in nulls]
        if given:
            parts.append(_listed(table, rows, given))
        yield sql.SQL(" AND ").join(parts)


def _listed(table: HashedTable, rows: Sequence[HashedRow], given: Sequence[int]) -> sql.Composable:
    names = [table.key[number] for number in given]
    types = [table.types[name] for name in names]
    aliases = [sql.Identifier(f"a{number}") for number in given]
    lists = [sql.SQL("{}::text[]").format(sql.Literal([row.values[number] for row in rows])) for number in given]
    return sql.SQL("({}) IN (SELECT {} FROM unnest({}) AS v ({}))").format(
        sql.SQL(", ").join(expression(column(name)) for name in names),
        sql.SQL(", ").join(
            sql.SQL("v.{}::{}").format(alias, sql.Identifier(each.schema, each.name))
            for alias, each in zip(aliases, types, strict=True)
        ),
        sql.SQL(", ").join(lists),
        sql.SQL(", ").join(aliases),
    )
