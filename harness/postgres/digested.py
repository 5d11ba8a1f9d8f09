"""Digested rows: one side hashed by forms that are written down, so that another server can hash alike, later."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from psycopg import sql

from harness.core.digest import DigestedColumn, DigestedRow, Hashing
from harness.core.masking import personal_hash
from harness.core.projection import TableProjection
from harness.core.record import Side
from harness.core.row_forms import PORTABLE_TYPES, DescribedType, SideForm, cell_form, written
from harness.core.row_types import definition, unwrapped
from harness.postgres.connect import Connection, Endpoint
from harness.postgres.failures import blaming
from harness.postgres.projected import expression, source_rows, target_rows
from harness.postgres.row_hash import ARRAY_DIGEST, SHA_DIGEST, HashedTable, column, digest_of

DIGEST: Final = ARRAY_DIGEST
"""Every version from 13 on has it, and servers of one byte order agree on it"""
DIGESTS: Final = frozenset({DIGEST, SHA_DIGEST})
"""A recorded digest is only compared with these and never run: a file must not bring SQL along."""
AS_TEXT: Final = "({})::text"
_FETCHED_AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestedSide:
    """The rows of one table on one server, hashed as the columns of a record say."""

    table: HashedTable
    columns: tuple[DigestedColumn, ...]
    """In the order of the table's forms, under the recorded side's names or the target's"""
    projection: TableProjection
    """What the rows are a projection of, with the condition on this side's"""
    side: Side
    """Whose rows of the projection they are"""
    personal: frozenset[str] = frozenset()
    """Columns of the key whose values leave the server as a hash"""

    def same(self) -> list[str]:
        """SQL of each column in the form that equal values share; arrays are equal in their dimensions too."""
        found = []
        for each, (name, form) in zip(self.columns, self.table.forms.items(), strict=True):
            dimensions = f", pg_catalog.array_dims({column(name)})" if each.element and each.exact != AS_TEXT else ""
            found.append(written(form.key, column(name)) + dimensions)
        return found


def digested_side(
    session: tuple[Connection, Endpoint],
    projection: TableProjection,
    side: Side,
    where: str | None,
    columns: tuple[DigestedColumn, ...],
    key: tuple[str, ...],
    digest: str,
    *,
    types: dict[str, DescribedType] | None = None,
    personal: frozenset[str] = frozenset(),
) -> DigestedSide:
    """A side of a projection, hashed over `columns`, which have the names of its rows.

    `types`: of the columns on this server, where they are not the ones that were recorded.
    """
    forms = {each.name: SideForm(exact=each.exact, key=each.key) for each in columns}
    table = HashedTable(
        connection=session[0],
        endpoint=session[1],
        rows=projected(projection, side, where),
        forms=forms,
        key=key,
        key_forms={name: form for name, form in forms.items() if name in key},
        types=types or {each.name: each.described for each in columns},
        digest=digest,
    )
    filtered = dataclasses.replace(projection, source_where=where, target_where=where)
    return DigestedSide(table=table, columns=columns, projection=filtered, side=side, personal=personal)


def projected(projection: TableProjection, side: Side, where: str | None) -> sql.Composed:
    """SELECT of one side's rows under the target's names. `where` is SQL of the configuration."""
    filtered = dataclasses.replace(projection, source_where=where, target_where=where)
    return source_rows(filtered) if side is Side.SOURCE else target_rows(filtered)


def digested_column(name: str, described: DescribedType, *, as_text: bool) -> DigestedColumn:
    """How a column of this type is hashed where nothing is known of the other side."""
    described = unwrapped(described)
    form = cell_form(described, described).source
    return DigestedColumn(
        name=name,
        oid=described.oid,
        schema=described.schema,
        type=described.name,
        sql=described.sql,
        element=described.element,
        definition=None if described.builtin or described.recorded == "" else definition(described),
        exact=AS_TEXT if as_text else form.exact,
        key=AS_TEXT if as_text else form.key,
    )


def answers(
    connection: Connection, endpoint: Endpoint, hashing: Hashing, columns: Collection[DigestedColumn]
) -> dict[str, int]:
    """The hashes of a fixed value of every type in use: servers that agree on them hash rows alike."""
    probes = {"the digest": PORTABLE_TYPES["bytea"]}
    for each in columns:
        name = each.element or each.type
        if name not in PORTABLE_TYPES:
            continue
        value = f"ARRAY[{PORTABLE_TYPES[name]}]" if each.element else PORTABLE_TYPES[name]
        probes[each.type] = f"{written(each.exact, value)}, {written(each.key, value)}"
    items = sql.SQL(", ").join(expression(digest_of(hashing.digest, [probe])) for probe in probes.values())
    with blaming(endpoint, connection):
        row = connection.execute(sql.SQL("SELECT {}").format(items)).fetchone()
    return dict(zip(probes, map(int, row or ()), strict=True))


def digested_rows(
    side: DigestedSide, buckets: int, wanted: Collection[int], *, with_values: bool
) -> Iterator[DigestedRow]:
    """The rows of some segments, sorted by (key, row), equal ones as one; through a cursor of the server."""
    table = side.table
    values = [expression(f"({column(name)})::text") for name in table.key]
    exact = [written(form.exact, column(name)) for name, form in table.forms.items()]
    cells = ", ".join(
        f"{digest_of(table.digest, [one])}, {digest_of(table.digest, [same])}"
        for one, same in zip(exact, side.same(), strict=True)
    )
    texts = ", ".join(f"({column(name)})::text" for name in table.forms) if with_values else ""
    statement = sql.SQL(
        "SELECT k, r, pg_catalog.count(*) OVER (PARTITION BY k, r), v, c, t, pg_catalog.row_number() OVER"
        " (PARTITION BY k, r) FROM (SELECT {key} AS k, {row} AS r, ARRAY[{values}]::text[] AS v,"
        " ARRAY[{cells}]::bigint[] AS c, ARRAY[{texts}]::text[] AS t FROM ({rows}) AS p) AS hashed"
        " WHERE k & {mask} = ANY ({wanted}::bigint[]) ORDER BY k, r"
    ).format(
        key=expression(table.key_hash),
        row=expression(table.row_hash),
        values=sql.SQL(", ").join(values),
        cells=expression(cells),
        texts=expression(texts),
        rows=table.rows,
        mask=sql.Literal(buckets - 1),
        wanted=sql.Literal(sorted(wanted)),
    )
    with blaming(table.endpoint, table.connection), table.connection.cursor(name="pgparity_digest") as cursor:
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
                        for name, value in zip(table.key, shown, strict=True)
                    ),
                    tuple(zip(hashes[::2], hashes[1::2], strict=True)),
                    tuple(found) if with_values else None,
                )
