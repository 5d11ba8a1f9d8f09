"""Row hashes: each server reduces its rows to 64 bits, alike on both sides; only sums and what differs leave it."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from psycopg import sql
from psycopg.types.numeric import IntLoader

from harness.core.equal_forms import SEED, text_hash
from harness.core.names import quote
from harness.core.row_forms import PORTABLE_TYPES, DescribedType, SideForm, cell_form, written
from harness.core.row_merge import HashedRow
from harness.core.segments import Segments
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
_NATIVE_SINCE: Final = 140_000
"""date_bin, which the forms of moments are written with"""
_SEEDS_APART: Final = 2**34
"""Between the seeds of two columns: part of a value may be added to one"""
_WORK_MEMORY: Final = "64MB"
_RANGES_AT_MOST: Final = 200
_PROBE: Final = "'\\x00ff10'::bytea"
_FETCHED_AT_ONCE: Final = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What both servers were seen to compute alike."""

    digest: str = ARRAY_DIGEST
    portable: frozenset[str] = frozenset(PORTABLE_TYPES)
    native: bool = False
    """Values are hashed by functions of their types"""


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
    """Of single cells, and of rows where `native` is not set"""
    native: bool = False
    """Values are hashed by functions of their types"""
    bucket: tuple[str, ...] = ()
    """Columns whose hash numbers the buckets of a table with no key; none: all"""

    @property
    def key_hash(self) -> str:
        """SQL of the hash that rows are matched by."""
        return self._same(self.key_forms if self.key else self.forms)

    @property
    def bucket_hash(self) -> str:
        """SQL of the hash that numbers the buckets: rows that are matched have one, whatever else they hold."""
        return self._same({name: self.forms[name] for name in self.bucket}) if self.bucket else self.key_hash

    @property
    def same_hash(self) -> str:
        """SQL of a hash that is the same for rows whose compared values are equal by =."""
        return self._same(self.forms)

    def _same(self, forms: dict[str, SideForm]) -> str:
        if self.native:
            return row_of([form.key_hash_of(column(name), seed) for seed, (name, form) in _seeded(forms)])
        return digest_of(self.digest, [written(form.key, column(name)) for name, form in forms.items()])

    @property
    def row_hash(self) -> str:
        """SQL of the hash of all compared columns."""
        if self.native:
            return row_of([form.hash_of(column(name), seed) for seed, (name, form) in _seeded(self.forms)])
        return digest_of(self.digest, [written(form.exact, column(name)) for name, form in self.forms.items()])


def column(name: str) -> str:
    """A column of the rows that are hashed, which statements call p."""
    return f"p.{quote(name)}"


def digest_of(digest: str, items: Iterable[str]) -> str:
    """The digest of a row of expressions. A row, not a joined text: lengths and NULLs are part of its bytes."""
    return digest.replace("{}", ", ".join(items))


def _seeded(forms: dict[str, SideForm]) -> Iterator[tuple[int, tuple[str, SideForm]]]:
    return ((number * _SEEDS_APART, item) for number, item in enumerate(forms.items(), 1))


def row_of(hashes: Sequence[str]) -> str:
    """The hash of a row of values: their hashes, each with a seed of its own, laid over each other.

    NULL is a hash of 0, which a value has as seldom as any other. The outer function matters: without it, two rows that
    exchange the values of a column would often leave their sum as it was. The hash is its seed, which is mixed with all
    of its 64 bits: as its value it would be folded to 32, and of 2,000,000 keys some hundred pairs would have one hash.
    """
    laid = [f"COALESCE({each}, 0)" for each in hashes] or ["0"]
    # In pairs: the server would have to descend into a chain of 1,600.
    while len(laid) > 1:
        pairs = [f"({one} OPERATOR(pg_catalog.#) {other})" for one, other in zip(laid[::2], laid[1::2], strict=False)]
        laid = [*pairs, *laid[2 * len(pairs) :]]
    return f"pg_catalog.hashint8extended(0, {laid[0]})"


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
    portable = frozenset(PORTABLE_TYPES) - disagreed
    return Calibration(
        digest=digest,
        portable=portable,
        native=digest == ARRAY_DIGEST and _hash_values((source, target), types, portable),
    )


def _hash_values(
    sides: tuple[tuple[Connection, Endpoint], ...],
    types: Collection[tuple[DescribedType, DescribedType]],
    portable: frozenset[str],
) -> bool:
    """Whether both servers hash values of all types in use by the types' own functions, and alike."""
    if any(connection.info.server_version < _NATIVE_SINCE for connection, _ in sides):
        return False
    used = {left for left, right in types if left.oid == right.oid and left.builtin}
    probes = [row_of([native.replace(SEED, "1") for native in (text_hash("'z'::text"), text_hash("NULL::text"))])]
    for described in sorted(used, key=lambda each: each.name):
        if (described.element or described.name) in portable:
            value = PORTABLE_TYPES[described.element or described.name]
            form = cell_form(described, described).source
            item = f"ARRAY[{value}]" if described.element else value
            probes += [row_of([form.hash_of(item, 1)]), row_of([form.key_hash_of(item, 1)])]
    left, right = _answers(sides, probes)
    return left == right


def _answers(sides: tuple[tuple[Connection, Endpoint], ...], probes: list[str]) -> list[tuple[int, ...]]:
    answers: list[tuple[int, ...]] = []
    for connection, endpoint in sides:
        with blaming(endpoint, connection):
            row = connection.execute(sql.SQL("SELECT {}").format(expression(", ".join(probes) or "0"))).fetchone()
        answers.append(tuple(row or ())[: len(probes)])
    return answers


def segment_number(table: HashedTable, segments: Segments) -> sql.Composable:
    """SQL of the segment that a row (p) is in."""
    if segments.column is None:
        return sql.SQL("({}) & {}").format(expression(table.bucket_hash), sql.Literal(segments.count - 1))
    return sql.SQL("({}::bigint - {}) / {}").format(
        expression(column(segments.column)), sql.Literal(segments.low), sql.Literal(segments.width)
    )


def number_bounds(table: HashedTable, name: str) -> tuple[int, int] | None:
    """The least and the greatest value of a whole number; None where there is no row."""
    statement = sql.SQL("SELECT pg_catalog.min({0}), pg_catalog.max({0}) FROM ({1}) AS p").format(
        expression(column(name)), table.rows
    )
    with blaming(table.endpoint, table.connection):
        row = table.connection.execute(statement).fetchone()
    return (int(row[0]), int(row[1])) if row and row[0] is not None else None


def sums_statement(table: HashedTable, segments: Segments) -> sql.Composed:
    """SELECT of each segment's number, rows, and sum of their hashes."""
    return sql.SQL(
        "SELECT n, pg_catalog.count(*), pg_catalog.sum(r) FROM (SELECT {number} AS n, {row} AS r FROM ({rows}) AS p)"
        " AS hashed GROUP BY 1"
    ).format(number=segment_number(table, segments), row=expression(table.row_hash), rows=table.rows)


def bucket_sums(table: HashedTable, segments: Segments | int) -> dict[int, tuple[int, int]]:
    """One scan: rows, and the sum of their hashes, for each segment; a number stands for so many buckets of the key's
    hash, a power of two.

    A sum, for two equal rows must not cancel as they do under XOR. It is exact (PostgreSQL sums bigint in 128 bits),
    and a second aggregate over the same hash would compute the hash twice.
    """
    statement = sums_statement(table, _segments(segments))
    with blaming(table.endpoint, table.connection), _hashing(table.connection):
        cursor = table.connection.cursor()
        # Sums are whole numbers, which by way of a decimal one take twice as long.
        cursor.adapters.register_loader("numeric", IntLoader)
        return {number: (count, total) for number, count, total in cursor.execute(statement)}


@contextlib.contextmanager
def _hashing(connection: Connection) -> Iterator[None]:
    """Groups are made in a hash table: the planner knows nothing of an expression's values and would sort wide rows."""
    set_here = sql.SQL(
        "SELECT pg_catalog.set_config('enable_sort', {}, true), pg_catalog.set_config('work_mem', {}, true)"
    )
    memory = connection.execute("SELECT pg_catalog.current_setting('work_mem')").fetchone()
    connection.execute(set_here.format(sql.Literal("off"), sql.Literal(_WORK_MEMORY)))
    yield
    connection.execute(set_here.format(sql.Literal("on"), sql.Literal(str(memory[0]) if memory else "4MB")))


def _segments(segments: Segments | int) -> Segments:
    return Segments(count=segments) if isinstance(segments, int) else segments


def _among(table: HashedTable, segments: Segments, wanted: Collection[int]) -> sql.Composable:
    """For WHERE: rows (p) of the wanted segments. Few ranges are written as such, so that the key's index serves."""
    if len(wanted) >= segments.count:
        return sql.SQL("true")
    found = segments.ranges(wanted) if segments.column is not None else []
    if segments.column is not None and len(found) <= _RANGES_AT_MOST:
        name = expression(column(segments.column))
        return sql.SQL(" OR ").join(
            sql.SQL("{} BETWEEN {} AND {}").format(name, sql.Literal(first), sql.Literal(last)) for first, last in found
        )
    return sql.SQL("{} = ANY ({}::bigint[])").format(segment_number(table, segments), sql.Literal(sorted(wanted)))


def narrowed(table: HashedTable, segments: Segments, wanted: Collection[int]) -> HashedTable:
    """The table's rows of some segments alone."""
    rows = sql.SQL("SELECT p.* FROM ({}) AS p WHERE {}").format(table.rows, _among(table, segments, wanted))
    return dataclasses.replace(table, rows=rows)


def hashed_rows(
    table: HashedTable, segments: Segments | int, wanted: Collection[int], *, with_same: bool = False
) -> Generator[HashedRow, None, None]:
    """The rows of some segments, sorted by (key, row), equal ones as one with the number of copies.

    The rows come through a cursor of the server, a few thousand at a time: other statements can run in between.
    """
    values = [
        sql.SQL("({})::text AS {}").format(expression(column(name)), sql.Identifier(f"v{number}"))
        for number, name in enumerate(table.key)
    ]
    names = [sql.Identifier(f"v{number}") for number in range(len(table.key))]
    same = f"{table.same_hash} AS s" if with_same else "NULL::bigint AS s"
    statement = sql.SQL(
        "SELECT {outer} FROM (SELECT {inner} FROM ({rows}) AS p WHERE {few}) AS hashed GROUP BY {group} ORDER BY k, r"
    ).format(
        outer=sql.SQL(", ").join([sql.SQL("k, r, pg_catalog.count(*), s"), *names]),
        inner=sql.SQL(", ").join(
            [expression(f"{table.key_hash} AS k"), expression(f"{table.row_hash} AS r"), expression(same), *values]
        ),
        rows=table.rows,
        few=_among(table, _segments(segments), wanted),
        group=sql.SQL(", ").join([sql.SQL("k, r, s"), *names]),
    )
    with blaming(table.endpoint, table.connection):
        # Planned for all rows, not for the first ones.
        table.connection.execute("SELECT pg_catalog.set_config('cursor_tuple_fraction', '1', true)")
        with table.connection.cursor(name="pgparity_rows") as cursor:
            cursor.itersize = _FETCHED_AT_ONCE
            cursor.execute(statement)
            for key, row, copies, same_values, *values_of_key in cursor:
                yield HashedRow(key, row, copies, tuple(values_of_key), same_values)
