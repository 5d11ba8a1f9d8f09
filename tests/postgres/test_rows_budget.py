"""The budget of bytes counts what is read from tables and what is sent: hashes, keys and cells, of each side alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import pytest

from harness.embedded.server import Server
from harness.postgres import table_pieces
from harness.postgres.shared_snapshot import SharedSnapshot
from harness.stages.rows_cells import BYTES_AT_ONCE
from harness.stages.rows_scan import ReadLimit, SideReading
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


def test_sums_of_pieces_that_are_being_read_do_not_pass_the_budget(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_pieces, "PIECE_BYTES", 131_072)
    pair.on_both(
        "CREATE TABLE narrow (id int PRIMARY KEY)", "INSERT INTO narrow SELECT generate_series(1, 20000)", "ANALYZE"
    )
    passed: list[int] = []
    sent = SideReading.sent

    def watched(side: SideReading, amount: int) -> None:
        try:
            sent(side, amount)
        finally:
            passed.append(side.read_bytes - (side.max_read or 0))

    monkeypatch.setattr(SideReading, "sent", watched)
    try:
        all_bytes = pair.compare_one("public.narrow", rows={"max_read": 100_000_000}).read_bytes // 2
        passed.clear()
        rows = pair.compare_one("public.narrow", rows={"max_read": all_bytes - 1000})
        assert (rows.status, bool(passed), max(passed) <= 0) == ("incomplete", True, True)
    finally:
        pair.on_both("DROP TABLE narrow")


def test_a_piece_is_not_begun_whose_answer_would_pass_the_budget() -> None:
    snapshot = cast("SharedSnapshot", None)
    side = SideReading(number=0, snapshot=snapshot, max_read=1000)
    with pytest.raises(ReadLimit), side.taken(100, 901):
        pass
    assert side.read_bytes == 0
    with side.taken(100, 900):
        side.sent(500)
    assert side.read_bytes == 600
    with side.taken(100, 300):
        side.sent(300)
    assert side.read_bytes == 1000


def test_room_that_others_keep_is_waited_for_and_used_once_they_have_not_needed_it() -> None:
    snapshot = cast("SharedSnapshot", None)
    side = SideReading(number=0, snapshot=snapshot, max_read=1000)
    begun = threading.Event()

    def second() -> None:
        begun.set()
        with side.taken(100, 500):
            pass

    with ThreadPoolExecutor(max_workers=1) as executor:
        with side.taken(100, 800):
            waiting = executor.submit(second)
            begun.wait()
            assert not waiting.done()
        waiting.result()
    assert side.read_bytes == 200


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
