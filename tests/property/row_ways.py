"""The ways a comparison can go: how each is forced, and by what of the result it is seen that it was taken."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

import psycopg
import pytest
from psycopg import sql

from harness.core.configuration import Configuration
from harness.core.deltas import RowDelta, TableRows
from harness.embedded.server import Server
from harness.stages.events import Silent
from harness.stages.rows import rows_stage
from tests.data_pair import Pair, pair_of
from tests.property.row_kinds import COLLATIONS, TOLD_BY_TEXTS, TYPES, kinds
from tests.property.row_oracle import Expected, assert_as_expected, assert_cells, expected, told
from tests.property.row_storing import load, stored_rows
from tests.property.row_tables import Tables, two_tables
from tests.sessions_together import TOGETHER

TEXTS_ALIKE: Final = (
    "SET search_path = public; SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres';"
    " SET extra_float_digits = 1; SET bytea_output = 'hex'; SET lc_monetary = 'C'; SET client_min_messages = 'warning'"
)
"""What the texts of values depend on"""
PAGE: Final = 8192
RECORDS_SINCE: Final = 14
EXAMPLES: Final = int(os.environ.get("PGPARITY_ROWS_EXAMPLES", "1"))
"""Random tables a test"""
FIRST: Final = int(os.environ.get("PGPARITY_ROWS_FIRST", "0"))
"""The number of the first of them: other numbers, other tables"""
BULK: Final = 2
SAMPLE: Final = 6
LISTED: Final = 2


@dataclass(frozen=True, slots=True)
class Sides:
    """Both databases, and a session on each that tables are made and read by."""

    pair: Pair
    source: psycopg.Connection
    target: psycopg.Connection

    @property
    def majors(self) -> tuple[int, int]:
        """The major versions of both servers."""
        return self.source.info.server_version // 10_000, self.target.info.server_version // 10_000

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of columns that both servers have."""
        with_xml = all(_has_xml(each) for each in (self.source, self.target))
        return kinds(min(self.majors), xml=with_xml)


@contextlib.contextmanager
def sides_of(source: Server, target: Server) -> Iterator[Sides]:
    """Two new databases with the types that random tables use, and a session on each."""
    with pair_of(source, target) as pair, contextlib.ExitStack() as opened:
        connections = [
            opened.enter_context(psycopg.connect(dsn, autocommit=True)) for dsn in (pair.source_dsn, pair.target_dsn)
        ]
        for connection in connections:
            connection.execute(TEXTS_ALIKE)
        connections[1].execute("CREATE TYPE first_of_all AS ENUM ('other OIDs than on the source')")
        for connection in connections:
            for statement in TYPES:
                connection.execute(sql.SQL(statement))
            for name, (with_icu, without) in COLLATIONS.items():
                try:
                    connection.execute(sql.SQL(f"CREATE COLLATION {name} {with_icu}"))
                except psycopg.errors.FeatureNotSupported:
                    connection.execute(sql.SQL(f"CREATE COLLATION {name} {without}"))
        yield Sides(pair, *connections)


def _has_xml(connection: psycopg.Connection) -> bool:
    try:
        connection.execute("SELECT '<a/>'::xml")
    except psycopg.errors.FeatureNotSupported:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Compared:
    """One comparison, and what it was to find."""

    tables: Tables
    rows: TableRows
    wanted: Expected
    heard: tuple[RowDelta, ...]
    majors: tuple[int, int]
    pieces: tuple[int, int]
    """Pages of each side's table, of each leaf of a partitioned one at least one"""


def _as_expected(compared: Compared) -> None:
    assert_as_expected(compared.tables, compared.rows, compared.wanted, compared.heard)


def _part_of_it(compared: Compared) -> None:
    """Of a sample: no more than is there, of every kind and key, and never identical."""
    rows, wanted = compared.rows, compared.wanted
    if max(wanted.rows) <= SAMPLE:
        _as_expected(compared)
        return
    assert rows.sample is not None
    assert (rows.source_rows, rows.target_rows) == wanted.rows
    found = [(told(compared.tables, delta), delta.status) for delta in rows.differences]
    assert not [each for each in found if found.count(each) > wanted.listed[each]]
    assert_cells(compared.tables, rows.differences, wanted)
    assert rows.status == ("differs" if found and rows.drifting < len(found) else "incomplete")


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way."""

    taken: Callable[[Compared], None]
    """Asserts that the comparison says so"""
    forced: tuple[tuple[str, object], ...] = ()
    """What is set for it, by its dotted name"""
    settings: dict[str, dict[str, object]] = field(default_factory=dict)
    wide: bool = False
    """The table is to have some pages"""
    written: bool = False
    """Something is written on the target once both snapshots are there"""
    agrees: Callable[[Compared], None] = _as_expected
    """Asserts that the comparison found what was to be found"""


def _by_records(compared: Compared) -> None:
    older = min(compared.majors) < RECORDS_SINCE
    assert ("hashed by their bytes" in compared.rows.method) == older
    assert "sha256" not in compared.rows.method
    if any(compared.wanted.rows) and not compared.tables.shape.view:
        assert compared.tables.key.segments in compared.rows.method


def _by_bytes(compared: Compared) -> None:
    assert "hashed by their bytes" in compared.rows.method


def _by_sha256(compared: Compared) -> None:
    assert "hashed by sha256" in compared.rows.method


def _by_several_sessions(compared: Compared) -> None:
    several = [
        pieces > 1 and major >= RECORDS_SINCE and not compared.tables.shape.view
        for pieces, major in zip(compared.pieces, compared.majors, strict=True)
    ]
    assert ("read by" in compared.rows.method) == any(several)


def _by_one_session(compared: Compared) -> None:
    assert "read by" not in compared.rows.method


def _in_few_segments(compared: Compared) -> None:
    assert "summed in 1 " in compared.rows.method


def _by_hashes_alone(compared: Compared) -> None:
    """Of keys that rows may share, and of values that only their texts tell to be equal, fewer pairs or none are so."""
    columns = compared.tables.compared
    told_by_texts = any(each.change is not None or each.kind in TOLD_BY_TEXTS for each in columns)
    many = compared.wanted.pairs > BULK
    assert many or compared.rows.classified is None
    if compared.tables.key.unique and not compared.tables.shape.view and not told_by_texts:
        assert (compared.rows.classified is not None) == many


def _by_reading_again(compared: Compared) -> None:
    found = compared.wanted.found
    assert ("read again" in compared.rows.method) == (found > 0)


def _listed_in_part(compared: Compared) -> None:
    assert compared.rows.truncated == (compared.wanted.found > LISTED)
    assert len(compared.rows.differences) == min(compared.wanted.found, LISTED)


def _of_a_sample(compared: Compared) -> None:
    assert (compared.rows.sample is not None) == (max(compared.wanted.rows) > SAMPLE)


def _in_buckets_by_one_column(compared: Compared) -> None:
    assert ("in buckets by" in compared.rows.method) == (not compared.rows.key)


HASHES: Final = "harness.postgres.row_hash"
WAYS: Final[dict[str, Way]] = {
    "records": Way(taken=_by_records),
    "bytes": Way(taken=_by_bytes, forced=((f"{HASHES}._NATIVE_SINCE", 10**9),)),
    "sha256": Way(
        taken=_by_sha256,
        forced=((f"{HASHES}._PROBE", "pg_catalog.convert_to(pg_catalog.current_database(), 'UTF8')"),),
    ),
    "pieces, several sessions": Way(
        taken=_by_several_sessions,
        forced=(("harness.postgres.table_pieces.PIECE_BYTES", PAGE), *TOGETHER),
        wide=True,
    ),
    "pieces, one session": Way(
        taken=_by_one_session,
        forced=(("harness.postgres.table_pieces.PIECE_BYTES", PAGE),),
        settings={"run": {"max_connections": 1}},
        wide=True,
    ),
    "one segment": Way(taken=_in_few_segments, forced=(("harness.core.segments.FEWEST", 1),)),
    "buckets by one column": Way(
        taken=_in_buckets_by_one_column,
        forced=(("harness.stages.rows_buckets.bucket_columns", lambda forms, *_: tuple(forms)[:1]),),
    ),
    "many differences": Way(
        taken=_by_hashes_alone,
        forced=(
            ("harness.stages.rows_tally.CLASSIFIED_AT_MOST", BULK),
            ("harness.stages.rows_table.CLASSIFIED_AT_MOST", BULK),
        ),
        # Rows that are read again are all classed, and autovacuum is enough to have them read again.
        settings={"rows": {"settle_seconds": 0}},
    ),
    "cells in small batches": Way(
        taken=lambda compared: None,
        forced=(("harness.stages.rows_cells.PAIRS_AT_ONCE", 1), (f"{HASHES}._FETCHED_AT_ONCE", 2)),
    ),
    "read again": Way(taken=_by_reading_again, settings={"rows": {"settle_seconds": 0.000001}}, written=True),
    "listed in part": Way(taken=_listed_in_part, settings={"rows": {"limit": LISTED}}),
    "sample": Way(taken=_of_a_sample, settings={"rows": {"sample": SAMPLE}}, agrees=_part_of_it),
}


class _Writing(Silent):
    """Commits something on the target at the first news of a table: both snapshots are taken by then."""

    def __init__(self, sides: Sides) -> None:
        self.sides = sides

    def progress(self, stage: str, done: int, total: int, what: str) -> None:
        if done < total:
            self.sides.target.execute("SELECT pg_current_xact_id()")


def compare(sides: Sides, tables: Tables, way: Way) -> Compared:
    """Make both tables and compare them that way."""
    connections = (sides.source, sides.target)
    for side, connection in enumerate(connections):
        load(connection, tables, side)
    wanted = expected(tables, *(stored_rows(connection, tables, side) for side, connection in enumerate(connections)))
    heard: list[RowDelta] = []
    with pytest.MonkeyPatch.context() as patch:
        for name, value in way.forced:
            patch.setattr(name, value)
        catalogs = sides.pair.catalogs()
        (rows,) = rows_stage(
            sides.pair.source,
            sides.pair.target,
            *catalogs,
            ("public.t",),
            Configuration.model_validate(_merged(tables.settings, way.settings)),
            _Writing(sides) if way.written else Silent(),
            heard=heard.append,
        ).artifact
    return Compared(
        tables=tables,
        rows=rows,
        wanted=wanted,
        heard=tuple(heard),
        majors=sides.majors,
        pieces=(_pages(sides.source), _pages(sides.target)),
    )


def check(
    sides: Sides, keys: Sequence[str], shapes: Sequence[str], way: str, examples: int = EXAMPLES, first: int = FIRST
) -> None:
    """Random tables of these kinds, compared that way: it was taken, and found what was to be found."""
    chosen = WAYS[way]
    available = sides.kinds
    for number in range(first, first + examples):
        drawn = Random(f"{keys} {shapes} {way} {number}")
        tables = two_tables(drawn, keys, shapes, available, wide=chosen.wide)
        try:
            found = compare(sides, tables, chosen)
            chosen.taken(found)
            chosen.agrees(found)
        except BaseException as failure:
            failure.add_note(f"random table {number} of {keys} {shapes} {way}: {tables}")
            raise


def _merged(one: dict[str, dict[str, Any]], other: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {name: {**one.get(name, {}), **other.get(name, {})} for name in {*one, *other}}


def _pages(connection: psycopg.Connection) -> int:
    """Pages of the tables that were just made, one at least of each."""
    row = connection.execute(
        "SELECT coalesce(sum(greatest(pg_relation_size(oid) / current_setting('block_size')::int, 1)), 0) FROM pg_class"
        " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    ).fetchone()
    return int(row[0]) if row else 0
