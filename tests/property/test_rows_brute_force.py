"""For random tables and random edits, the comparison of rows equals one made in Python from all rows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.embedded.binaries import installations
from harness.embedded.server import Server
from harness.postgres import row_hash
from tests.data_pair import Pair, pair_of
from tests.property.random_tables import Tables, assert_as_expected, key_of, load, two_tables

MAJORS = sorted({each.major for each in installations()})


@pytest.fixture(scope="module")
def pair(server: Server, newer_server: Server) -> Iterator[Pair]:
    with pair_of(server, newer_server) as pair:
        yield pair


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tables=two_tables())
def test_the_comparison_finds_what_a_comparison_of_all_rows_finds(pair: Pair, tables: Tables) -> None:
    assert_as_expected(pair, tables)


@pytest.mark.long
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tables=two_tables())
def test_so_does_the_comparison_by_sha256(pair: Pair, tables: Tables) -> None:
    with pytest.MonkeyPatch.context() as patch:
        # Another seed on each server: the calibration sees hash functions that differ.
        seeded = row_hash.ARRAY_DIGEST.replace("], 0)", "], current_setting('server_version_num')::bigint)")
        patch.setattr(row_hash, "ARRAY_DIGEST", seeded)
        assert_as_expected(pair, tables)


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[int, Server]]:
    """A server of each major version that this machine has."""
    running: dict[int, Server] = {}
    try:
        for major in MAJORS:
            running[major] = Server.start(major=major)
        yield running
    finally:
        for each in running.values():
            each.stop()


@pytest.mark.long
@pytest.mark.parametrize("newer", MAJORS)
@pytest.mark.parametrize("older", MAJORS)
def test_so_does_the_comparison_between_each_pair_of_versions(
    servers: dict[int, Server], older: int, newer: int
) -> None:
    with pair_of(servers[older], servers[newer]) as pair:

        @settings(max_examples=25, deadline=None)
        @given(tables=two_tables())
        def compared(tables: Tables) -> None:
            assert_as_expected(pair, tables)

        compared()


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
