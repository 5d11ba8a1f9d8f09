"""For random tables and edits, the comparison of rows equals one in Python of all rows, whichever way it goes.

Each way, each kind of key and each shape of the tables is a test of its own; other versions of the servers are in
test_rows_between_versions. PGPARITY_ROWS_EXAMPLES says how many random tables a test takes, and PGPARITY_ROWS_FIRST
the number of the first one: one number, one table.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.embedded.server import Server
from tests.data_pair import Pair, pair_of
from tests.property import row_recorded
from tests.property.random_tables import Tables, key_of, load, two_tables
from tests.property.row_tables import KEYS, SHAPES
from tests.property.row_tables import two_tables as two_shapes
from tests.property.row_ways import EXAMPLES, FIRST, WAYS, Sides, check, sides_of

EVERY_KEY, EVERY_SHAPE = tuple(KEYS), tuple(SHAPES)


@pytest.fixture(scope="module")
def sides(server: Server, newer_server: Server) -> Iterator[Sides]:
    with sides_of(server, newer_server) as sides:
        yield sides


@pytest.mark.parametrize("key", KEYS)
def test_every_kind_of_key_is_compared_as_python_compares_it(sides: Sides, key: str) -> None:
    check(sides, (key,), ("plain",), "records")


@pytest.mark.parametrize("way", WAYS)
def test_every_way_finds_what_python_finds(sides: Sides, way: str) -> None:
    check(sides, EVERY_KEY, ("plain",), way)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_the_tables_is_compared_as_python_compares_it(sides: Sides, shape: str) -> None:
    check(sides, EVERY_KEY, (shape,), "records")


@pytest.mark.parametrize("shape", row_recorded.SHAPES)
def test_a_source_that_is_recorded_is_compared_as_python_compares_it(sides: Sides, shape: str, tmp_path: Path) -> None:
    for number in range(FIRST, FIRST + EXAMPLES):
        tables = two_shapes(Random(f"{shape} {number}"), EVERY_KEY, (shape,), sides.kinds)
        row_recorded.assert_recorded_as_expected(sides, tables, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("key", KEYS)
def test_every_way_of_every_key_and_shape_finds_what_python_finds(sides: Sides, key: str, way: str) -> None:
    check(sides, (key,), EVERY_SHAPE, way)


@pytest.fixture(scope="module")
def pair(server: Server, newer_server: Server) -> Iterator[Pair]:
    with pair_of(server, newer_server) as pair:
        yield pair


@pytest.mark.long
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tables=two_tables(), batch=st.integers(1, 7), empty=st.booleans())
def test_after_a_migration_in_chunks_of_any_size_the_rows_of_the_source_are_there(
    pair: Pair, tables: Tables, batch: int, empty: bool
) -> None:
    key, kinds, source, target = tables
    empty = empty or key in ("none", "nullable key")
    load(pair.source_dsn, key, kinds, source)
    load(pair.target_dsn, key, kinds, [] if empty else target)
    pair.on_target("DROP SCHEMA IF EXISTS pgparity CASCADE")
    moved = pair.migrate(migrate={"batch_rows": batch}).artifact.tables[0]
    assert (moved.error, moved.rows) == (None, len(source))
    rows = pair.compare_one("public.t")
    extra = {key_of(row, key) for row in target} - {key_of(row, key) for row in source} if not empty else set()
    assert (rows.missing_on_target, rows.different, rows.missing_on_source) == (0, 0, len(extra))
    assert moved.verified == (not extra)
