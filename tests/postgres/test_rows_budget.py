"""The budget of bytes counts what is read from tables and what is sent: hashes, keys and cells, of each side alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.embedded.server import Server
from harness.stages.rows_cells import BYTES_AT_ONCE
from tests.data_pair import Pair, pair_of

ROWS = 40
CELL = 100_000
"""Letters that compress to next to nothing where they are stored"""


@pytest.fixture(scope="module")
def pair(server: Server, newer_server: Server) -> Iterator[Pair]:
    with pair_of(server, newer_server) as found:
        found.on_both("CREATE TABLE files (id int PRIMARY KEY, body text)")
        found.on_source(f"INSERT INTO files SELECT g, repeat('a', {CELL}) FROM generate_series(1, {ROWS}) g")
        found.on_target(f"INSERT INTO files SELECT g, repeat('b', {CELL}) FROM generate_series(1, {ROWS}) g")
        found.on_both("ANALYZE files")
        yield found


def test_cells_that_are_sent_are_counted(pair: Pair) -> None:
    rows = pair.compare_one("public.files", rows={"max_read": 100_000_000})
    assert (rows.status, rows.different) == ("differs", ROWS)
    assert 2 * ROWS * CELL < rows.read_bytes < 4 * ROWS * CELL


def test_reading_ends_with_the_batch_of_cells_that_passes_the_budget(pair: Pair) -> None:
    most = 500_000
    rows = pair.compare_one("public.files", rows={"max_read": most})
    assert (rows.status, rows.truncated or rows.different == 0) == ("incomplete", True)
    assert "500,000 bytes a side that may be read" in str(rows.reason)
    assert most < rows.read_bytes < 2 * (most + BYTES_AT_ONCE)


def test_the_next_table_is_not_begun_once_the_budget_is_used_up(pair: Pair) -> None:
    pair.on_both("CREATE TABLE later (id int PRIMARY KEY)", "INSERT INTO later VALUES (1)")
    try:
        found = {each.table: each for each in pair.compare(rows={"max_read": 500_000}).artifact}
        assert {each.status for each in found.values()} == {"incomplete"}
    finally:
        pair.on_both("DROP TABLE later")


def test_without_a_budget_cells_cost_nothing_to_count(pair: Pair) -> None:
    rows = pair.compare_one("public.files")
    assert (rows.status, rows.different) == ("differs", ROWS)
    assert rows.read_bytes < ROWS * CELL
