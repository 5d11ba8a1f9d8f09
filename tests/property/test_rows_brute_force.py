"""For random tables and random edits, the comparison of rows equals one made in Python from all rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from harness.embedded.server import Server
from tests.data_pair import Pair, pair_of

Row = tuple[object, ...]

TEXTS = st.one_of(st.none(), st.sampled_from(["", " ", "a", "A", "а", "a|b", "|", "é", "e\u0301", "NULL", "\\N", "🦔"]))
NUMBERS = st.one_of(st.none(), st.integers(-3, 3))
KINDS = {"text": TEXTS, "int": NUMBERS, "bigint": NUMBERS, "varchar": TEXTS}
KEYS = ("primary key", "composite", "text key", "nullable key", "none")


@pytest.fixture(scope="module")
def pair(server: Server, newer_server: Server) -> Iterator[Pair]:
    with pair_of(server, newer_server) as pair:
        yield pair


@st.composite
def two_tables(draw: st.DrawFn) -> tuple[str, list[str], list[Row], list[Row]]:
    """The kind of key, the columns' types, and the rows of both sides, the target's edited from the source's."""
    key = draw(st.sampled_from(KEYS))
    kinds = ["int", "text", *draw(st.lists(st.sampled_from(list(KINDS)), min_size=1, max_size=3))]
    row = st.tuples(*(KINDS[kind] for kind in kinds))
    source = _keyed(draw(st.lists(row, max_size=40)), key)
    target: list[Row] = []
    for each in source:
        edit = draw(st.sampled_from(["keep"] * 6 + ["change", "delete", "double"]))
        if edit == "change":
            column = draw(st.integers(2, len(kinds) - 1))
            each = (*each[:column], draw(KINDS[kinds[column]]), *each[column + 1 :])
        target += [each] * {"delete": 0, "double": 2}.get(edit, 1)
    target += draw(st.lists(row, max_size=4))
    return key, kinds, source, _keyed(target, key)


def _key(row: Row, key: str) -> Row | None:
    """The part of a row that rows are matched by; None where only whole rows can be."""
    return {"primary key": row[:1], "composite": row[:2], "text key": row[1:2], "nullable key": row[:2]}.get(key)


def _keyed(rows: list[Row], key: str) -> list[Row]:
    """The rows that a table with such a key can hold."""
    kept: dict[object, Row] = {}
    for number, row in enumerate(rows):
        part = _key(row, key)
        if part is None or (key == "nullable key" and None in part):
            kept[number] = row
        elif None not in part:
            kept.setdefault(part, row)
    return list(kept.values())


DEFINITIONS = {
    "primary key": ", PRIMARY KEY (c0)",
    "composite": ", PRIMARY KEY (c0, c1)",
    "text key": ", PRIMARY KEY (c1)",
    "nullable key": ", UNIQUE (c0, c1)",
    "none": "",
}


def _load(dsn: str, key: str, kinds: list[str], rows: list[Row]) -> None:
    columns = ", ".join(f"c{number} {kind}" for number, kind in enumerate(kinds))
    with psycopg.connect(dsn) as connection:
        connection.execute(sql.SQL("DROP TABLE IF EXISTS t"))
        connection.execute(sql.SQL(f"CREATE TABLE t ({columns}{DEFINITIONS[key]})"))
        with connection.cursor().copy("COPY t FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def _expected(source: list[Row], target: list[Row], key: str) -> tuple[int, int, int]:
    """Missing on the target, missing on the source, different."""
    missing, extra = Counter(source) - Counter(target), Counter(target) - Counter(source)
    if key == "none":
        return missing.total(), extra.total(), 0
    left = Counter(_key(row, key) for row in missing.elements())
    right = Counter(_key(row, key) for row in extra.elements())
    return (left - right).total(), (right - left).total(), (left & right).total()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tables=two_tables())
def test_the_comparison_finds_what_a_comparison_of_all_rows_finds(
    pair: Pair, tables: tuple[str, list[str], list[Row], list[Row]]
) -> None:
    key, kinds, source, target = tables
    _load(pair.source_dsn, key, kinds, source)
    _load(pair.target_dsn, key, kinds, target)
    rows = pair.compare_one("public.t")
    assert (rows.source_rows, rows.target_rows) == (len(source), len(target))
    expected = _expected(source, target, key)
    assert (rows.missing_on_target, rows.missing_on_source, rows.different) == expected
    assert rows.status == ("differs" if any(expected) else "identical")
    assert len(rows.differences) == sum(expected)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tables=two_tables(), batch=st.integers(1, 7), empty=st.booleans())
def test_after_a_migration_in_chunks_of_any_size_the_rows_of_the_source_are_there(
    pair: Pair, tables: tuple[str, list[str], list[Row], list[Row]], batch: int, empty: bool
) -> None:
    key, kinds, source, target = tables
    empty = empty or key in ("none", "nullable key")
    _load(pair.source_dsn, key, kinds, source)
    _load(pair.target_dsn, key, kinds, [] if empty else target)
    pair.on_target("DROP SCHEMA IF EXISTS pgparity CASCADE")
    moved = pair.migrate(migrate={"batch_rows": batch}).artifact.tables[0]
    assert (moved.error, moved.rows) == (None, len(source))
    rows = pair.compare_one("public.t")
    extra = {_key(row, key) for row in target} - {_key(row, key) for row in source} if not empty else set()
    assert (rows.missing_on_target, rows.different, rows.missing_on_source) == (0, 0, len(extra))
    assert moved.verified == (not extra)
