"""Row hashes: each server reduces its rows to 64 bits, alike on both sides; only sums and what differs leave it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from psycopg import sql

from harness.core.names import quote
from harness.core.row_forms import PORTABLE_TYPES, DescribedType, SideForm, cell_form, written
from harness.core.row_merge import HashedRow
from harness.postgres.connect import Connection, Endpoint
from harness.postgres.failures import blaming
from harness.postgres.projected import expression

ARRAY_DIGEST: Final = "pg_catalog.hash_array_extended(ARRAY[pg_catalog.record_send(ROW({}))], 0)"
"""The extended hash of a bytea, which SQL can call through an array of one on every version; hashbyteaextended by name
exists since 18 alone."""
SHA_DIGEST: Final = (
    "('x' || pg_catalog.encode(pg_catalog.substr(pg_catalog.sha256(pg_catalog.record_send(ROW({}))), 1, 8), 'hex'))"
    "::bit(64)::bigint"
)
"""The same for servers whose hash functions differ (byte order): slower, and the same everywhere."""
_PROBE: Final = "'\\x00ff10'::bytea"
_FETCHED_AT_ONCE: Final = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What both servers were seen to compute alike."""

    digest: str = ARRAY_DIGEST
    portable: frozenset[str] = frozenset(PORTABLE_TYPES)


@dataclass(frozen=True, slots=True, kw_only=True)
class HashedTable:
    """The rows of one side of a comparison, and how they are hashed."""

    connection: Connection
    endpoint: Endpoint
    rows: sql.Composed
    """A SELECT whose columns have the target's names"""
    forms: dict[str, SideForm]
    """Every compared column, by name, in the order that both sides share"""
    key: tuple[str, ...]
    """Columns that rows are matched by; none: the whole row in the form that is equal for equal values"""
    key_forms: dict[str, SideForm]
    types: dict[str, DescribedType]
    digest: str

    @property
    def key_hash(self) -> str:
        """SQL of the hash that rows are matched by."""
        forms = self.key_forms if self.key else self.forms
        return digest_of(self.digest, [written(form.key, column(name)) for name, form in forms.items()])

    @property
    def row_hash(self) -> str:
        """SQL of the hash of all compared columns."""
        return digest_of(self.digest, [written(form.exact, column(name)) for name, form in self.forms.items()])


def column(name: str) -> str:
    """A column of the rows that are hashed, which statements call p."""
    return f"p.{quote(name)}"


def digest_of(digest: str, items: Iterable[str]) -> str:
    """The digest of a row of expressions. A row, not a joined text: lengths and NULLs are part of its bytes."""
    return digest.replace("{}", ", ".join(items))


def calibrate(
    source: tuple[Connection, Endpoint],
    target: tuple[Connection, Endpoint],
    types: Collection[tuple[DescribedType, DescribedType]],
) -> Calibration:
    """Hash fixed values of every type in use on both servers; what they disagree on is compared by its text instead."""
    used = {left for left, right in types if left.oid == right.oid and left.portable}
    digest = (
        ARRAY_DIGEST if len(set(_answers((source, target), [digest_of(ARRAY_DIGEST, [_PROBE])]))) == 1 else SHA_DIGEST
    )
    names: list[str] = []
    probes: list[str] = []
    for described in sorted(used, key=lambda each: each.name):
        value = PORTABLE_TYPES[described.element or described.name]
        form = cell_form(described, described).source
        for template in (form.exact, form.key):
            names.append(described.element or described.name)
            probes.append(digest_of(digest, [written(template, f"ARRAY[{value}]" if described.element else value)]))
    left, right = _answers((source, target), probes)
    disagreed = {name for name, one, other in zip(names, left, right, strict=True) if one != other}
    return Calibration(digest=digest, portable=frozenset(PORTABLE_TYPES) - disagreed)


def _answers(sides: tuple[tuple[Connection, Endpoint], ...], probes: list[str]) -> list[tuple[int, ...]]:
    answers: list[tuple[int, ...]] = []
    for connection, endpoint in sides:
        with blaming(endpoint, connection):
            row = connection.execute(sql.SQL("SELECT {}").format(expression(", ".join(probes) or "0"))).fetchone()
        answers.append(tuple(row or ())[: len(probes)])
    return answers


def bucket_sums(table: HashedTable, buckets: int) -> dict[int, tuple[int, int]]:
    """One scan: rows, and the sum of their hashes, for each bucket of the key's hash. `buckets` is a power of two.

    A sum, for two equal rows must not cancel as they do under XOR. It is exact (PostgreSQL sums bigint in 128 bits),
    and a second aggregate over the same hash would compute the hash twice.
    """
    statement = sql.SQL(
        "SELECT k & {mask}, pg_catalog.count(*), pg_catalog.sum(r)"
        " FROM (SELECT {key} AS k, {row} AS r FROM ({rows}) AS p) AS hashed GROUP BY 1"
    ).format(
        mask=sql.Literal(buckets - 1),
        key=expression(table.key_hash),
        row=expression(table.row_hash),
        rows=table.rows,
    )
    with blaming(table.endpoint, table.connection):
        return {bucket: (count, int(total)) for bucket, count, total in table.connection.execute(statement)}


def hashed_rows(table: HashedTable, buckets: int, wanted: Collection[int]) -> Iterator[HashedRow]:
    """The rows of some buckets, sorted by (key, row), equal ones as one with the number of copies.

    The rows come through a cursor of the server, a few thousand at a time: other statements can run in between.
    """
    values = [
        sql.SQL("({})::text AS {}").format(expression(column(name)), sql.Identifier(f"v{number}"))
        for number, name in enumerate(table.key)
    ]
    names = [sql.Identifier(f"v{number}") for number in range(len(table.key))]
    few: sql.Composable = sql.SQL("true")
    if len(wanted) < buckets:
        few = sql.SQL("k & {} = ANY ({}::bigint[])").format(sql.Literal(buckets - 1), sql.Literal(sorted(wanted)))
    statement = sql.SQL(
        "SELECT {outer} FROM (SELECT {inner} FROM ({rows}) AS p) AS hashed WHERE {few} GROUP BY {group} ORDER BY k, r"
    ).format(
        outer=sql.SQL(", ").join([sql.SQL("k, r, pg_catalog.count(*)"), *names]),
        inner=sql.SQL(", ").join([expression(f"{table.key_hash} AS k"), expression(f"{table.row_hash} AS r"), *values]),
        rows=table.rows,
        few=few,
        group=sql.SQL(", ").join([sql.SQL("k, r"), *names]),
    )
    with blaming(table.endpoint, table.connection):
        # Planned for all rows, not for the first ones.
        table.connection.execute("SELECT pg_catalog.set_config('cursor_tuple_fraction', '1', true)")
        with table.connection.cursor(name="pgparity_rows") as cursor:
            cursor.itersize = _FETCHED_AT_ONCE
            cursor.execute(statement)
            for key, row, copies, *values_of_key in cursor:
                yield HashedRow(key, row, copies, tuple(values_of_key))
