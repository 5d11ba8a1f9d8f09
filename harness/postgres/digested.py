"""Digested rows: one side hashed by forms that are written down, so that another server can hash alike, later."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from psycopg import sql

from harness.core.digest import DigestedColumn, DigestedRow, Hashing
from harness.core.masking import personal_hash
from harness.core.names import quote
from harness.core.projection import TableProjection
from harness.core.record import Side
from harness.core.row_forms import PORTABLE_TYPES, DescribedType, cell_form, written
from harness.postgres.connect import Connection, Endpoint
from harness.postgres.failures import blaming
from harness.postgres.projected import expression, relation

DIGEST: Final = "pg_catalog.hash_array_extended(ARRAY[pg_catalog.record_send(ROW({}))], 0)"
"""Every version from 13 on has it, and servers of one byte order agree on it"""
SHA_DIGEST: Final = (
    "('x' || pg_catalog.encode(pg_catalog.substr(pg_catalog.sha256(pg_catalog.record_send(ROW({}))), 1, 8), 'hex'))"
    "::bit(64)::bigint"
)
DIGESTS: Final = frozenset({DIGEST, SHA_DIGEST})
"""A recorded digest is only compared with these and never run: a file must not bring SQL along."""
AS_TEXT: Final = "({})::text"
_FETCHED_AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestedSide:
    """The rows of one table on one server, and how they are hashed."""

    connection: Connection
    endpoint: Endpoint
    rows: sql.Composed
    """A SELECT of all columns below, under these names"""
    columns: tuple[DigestedColumn, ...]
    names: tuple[str, ...]
    """The name of each column in `rows`"""
    key: tuple[str, ...]
    """By name in `rows`"""
    digest: str
    personal: frozenset[str] = frozenset()

    def exact(self) -> list[str]:
        """SQL of each column as it is hashed."""
        return [written(each.exact, _column(name)) for each, name in zip(self.columns, self.names, strict=True)]

    def same(self) -> list[str]:
        """SQL of each column in the form that equal values share; arrays are equal in their dimensions too."""
        found = []
        for each, name in zip(self.columns, self.names, strict=True):
            dimensions = f", pg_catalog.array_dims({_column(name)})" if each.element and each.exact != AS_TEXT else ""
            found.append(written(each.key, _column(name)) + dimensions)
        return found

    @property
    def row_hash(self) -> str:
        """SQL of the hash of a row."""
        return _hash(self.digest, self.exact())

    @property
    def key_hash(self) -> str:
        """SQL of the hash that rows are matched by."""
        chosen = [
            written(each.key, _column(name))
            for each, name in zip(self.columns, self.names, strict=True)
            if not self.key or name in self.key
        ]
        return _hash(self.digest, chosen)


def projected(projection: TableProjection, side: Side, where: str | None) -> sql.Composed:
    """SELECT of one side's rows under the target's names. `where` is SQL of the configuration."""
    on_source = side is Side.SOURCE
    table = projection.source if on_source else projection.target
    items = [
        sql.SQL("{} AS {}").format(
            expression(column.expression if on_source else quote(column.name)), sql.Identifier(column.name)
        )
        for column in projection.columns
    ]
    rows = sql.SQL("SELECT {} FROM {}").format(sql.SQL(", ").join(items), relation(table))
    return rows if where is None else sql.SQL("{} WHERE ({})").format(rows, expression(where))


def digested_column(name: str, described: DescribedType, *, as_text: bool) -> DigestedColumn:
    """How a column of this type is hashed where nothing is known of the other side."""
    form = cell_form(described, described).source
    return DigestedColumn(
        name=name,
        oid=described.oid,
        schema=described.schema,
        type=described.name,
        sql=described.sql,
        element=described.element,
        exact=AS_TEXT if as_text else form.exact,
        key=AS_TEXT if as_text else form.key,
    )


def answers(
    connection: Connection, endpoint: Endpoint, hashing: Hashing, columns: Collection[DigestedColumn]
) -> dict[str, int]:
    """The hashes of a fixed value of every type in use: servers that agree on them hash rows alike."""
    probes = {"the digest": written("{}", PORTABLE_TYPES["bytea"])}
    for column in columns:
        name = column.element or column.type
        if name not in PORTABLE_TYPES:
            continue
        value = f"ARRAY[{PORTABLE_TYPES[name]}]" if column.element else PORTABLE_TYPES[name]
        probes[column.type] = f"{written(column.exact, value)}, {written(column.key, value)}"
    items = sql.SQL(", ").join(expression(_hash(hashing.digest, [probe])) for probe in probes.values())
    with blaming(endpoint, connection):
        row = connection.execute(sql.SQL("SELECT {}").format(items)).fetchone()
    return dict(zip(probes, map(int, row or ()), strict=True))


def digested_sums(side: DigestedSide, buckets: int) -> Iterator[tuple[int, int, int]]:
    """One scan: segment, rows in it and the sum of their hashes, in the order of the segments."""
    statement = sql.SQL(
        "SELECT k & {mask}, pg_catalog.count(*), pg_catalog.sum(r)"
        " FROM (SELECT {key} AS k, {row} AS r FROM ({rows}) AS p) AS hashed GROUP BY 1"
    ).format(
        mask=sql.Literal(buckets - 1),
        key=expression(side.key_hash),
        row=expression(side.row_hash),
        rows=side.rows,
    )
    with blaming(side.endpoint, side.connection), side.connection.transaction():
        # Wide rows are not sorted for the grouping: a hash table of so few groups fits in memory.
        for name, value in (("enable_sort", "off"), ("work_mem", "64MB")):
            side.connection.execute("SELECT pg_catalog.set_config(%s, %s, true)", (name, value))
        found = side.connection.execute(statement).fetchall()
        for name in ("enable_sort", "work_mem"):
            side.connection.execute(sql.SQL("RESET {}").format(sql.Identifier(name)))
    yield from sorted((int(bucket), int(count), int(total)) for bucket, count, total in found)


def digested_rows(
    side: DigestedSide, buckets: int, wanted: Collection[int], *, with_values: bool
) -> Iterator[DigestedRow]:
    """The rows of some segments, sorted by (key, row), equal ones as one; through a cursor of the server."""
    values = [expression(f"({_column(name)})::text") for name in side.key]
    cells = ", ".join(
        f"{_hash(side.digest, [exact])}, {_hash(side.digest, [same])}"
        for exact, same in zip(side.exact(), side.same(), strict=True)
    )
    texts = ", ".join(f"({_column(name)})::text" for name in side.names) if with_values else ""
    statement = sql.SQL(
        "SELECT k, r, pg_catalog.count(*) OVER (PARTITION BY k, r), v, c, t, pg_catalog.row_number() OVER"
        " (PARTITION BY k, r) FROM (SELECT {key} AS k, {row} AS r, ARRAY[{values}]::text[] AS v,"
        " ARRAY[{cells}]::bigint[] AS c, ARRAY[{texts}]::text[] AS t FROM ({rows}) AS p) AS hashed"
        " WHERE k & {mask} = ANY ({wanted}::bigint[]) ORDER BY k, r"
    ).format(
        key=expression(side.key_hash),
        row=expression(side.row_hash),
        values=sql.SQL(", ").join(values),
        cells=expression(cells),
        texts=expression(texts),
        rows=side.rows,
        mask=sql.Literal(buckets - 1),
        wanted=sql.Literal(sorted(wanted)),
    )
    with blaming(side.endpoint, side.connection), side.connection.cursor(name="pgparity_digest") as cursor:
        cursor.itersize = _FETCHED_AT_ONCE
        cursor.execute(statement)
        for key, row, copies, shown, hashes, found, number in cursor:
            if number == 1:
                yield DigestedRow(
                    key,
                    row,
                    copies,
                    tuple(
                        personal_hash(value) if name in side.personal and value is not None else value
                        for name, value in zip(side.key, shown, strict=True)
                    ),
                    tuple(zip(hashes[::2], hashes[1::2], strict=True)),
                    tuple(found) if with_values else None,
                )


def current_snapshot(connection: Connection, endpoint: Endpoint) -> str:
    """Which transactions the session sees, as the server writes it."""
    with blaming(endpoint, connection):
        row = connection.execute("SELECT pg_catalog.pg_current_snapshot()::text").fetchone()
    return str(row[0]) if row else ""


def _column(name: str) -> str:
    return f"p.{quote(name)}"


def _hash(digest: str, items: list[str]) -> str:
    return digest.replace("{}", ", ".join(items))
