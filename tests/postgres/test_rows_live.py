"""Databases that are written while they are compared: what is only late is no difference, what differs is found."""

from __future__ import annotations

import contextlib
import random
import threading
from collections.abc import Iterator

import psycopg
import pytest

from harness.core.configuration import Configuration
from harness.core.deltas import TableRows
from harness.stages.events import Events, Silent
from harness.stages.rows import rows_stage
from tests.data_pair import Pair

pytestmark = pytest.mark.long

ROWS = 300
TABLES = (
    "CREATE TABLE public.accounts (id int PRIMARY KEY, balance numeric, note text)",
    f"INSERT INTO public.accounts SELECT g, g, 'Счёт ' || g FROM generate_series(1, {ROWS}) g",
)
PATIENT = 60
"""Seconds: far more than a row is on its way here, so that no pause of the machine makes a false alarm"""


@pytest.fixture
def pair(databases: Pair) -> Pair:
    databases.emptied().on_both(*TABLES)
    return databases


def _write(pair: Pair, stop: threading.Event, begun: threading.Event) -> None:
    """Change a row on the source, then on the target: updates, deletes and inserts again, and moves to another key."""
    chosen = random.Random(7)
    with (
        psycopg.connect(pair.source_dsn, autocommit=True) as source,
        psycopg.connect(pair.target_dsn, autocommit=True) as target,
    ):
        number = 0
        while not stop.is_set():
            number += 1
            row = chosen.randint(2, ROWS)
            for statement in (
                f"UPDATE public.accounts SET balance = {number}, note = 'n{number}' WHERE id = {row}",
                f"DELETE FROM public.accounts WHERE id = {row}",
                f"INSERT INTO public.accounts VALUES ({row}, {number}, 'again')",
                f"UPDATE public.accounts SET id = id + 100000 WHERE id = {row}",
                f"UPDATE public.accounts SET id = id - 100000 WHERE id = {row} + 100000",
            ):
                for side in (source, target):
                    side.execute(statement)
            begun.set()


@contextlib.contextmanager
def written(pair: Pair) -> Iterator[None]:
    """Both sides are written as long as this lasts."""
    stop, begun = threading.Event(), threading.Event()
    writer = threading.Thread(target=_write, args=(pair, stop, begun))
    writer.start()
    try:
        begun.wait(timeout=PATIENT)
        yield
    finally:
        stop.set()
        writer.join()


class Arriving(Silent):
    """Events of a comparison: when the snapshots have been taken, the target receives what the source has had."""

    def __init__(self, pair: Pair, statement: str) -> None:
        super().__init__()
        self.pair = pair
        self.statement = statement

    def progress(self, stage: str, done: int, total: int, what: str) -> None:
        if done == 0:
            self.pair.on_target(self.statement)


def compared(pair: Pair, settle_seconds: float, events: Events | None = None) -> TableRows:
    configuration = Configuration.model_validate({"rows": {"settle_seconds": settle_seconds}})
    catalogs = pair.catalogs()
    result = rows_stage(pair.source, pair.target, *catalogs, ("public.accounts",), configuration, events or Silent())
    return result.artifact[0]


@pytest.mark.parametrize("time", range(2))
def test_rows_that_are_written_on_both_sides_in_turn_are_no_difference_however_often_they_are_compared(
    pair: Pair, time: int
) -> None:
    late = f"UPDATE public.accounts SET balance = -{time} WHERE id = 1"
    pair.on_source(late)
    with written(pair):
        rows = compared(pair, PATIENT, Arriving(pair, late))
    assert (rows.status, rows.differences, rows.moving) == ("identical", (), 0)
    assert rows.settled >= 1


def test_without_reading_again_the_same_row_would_be_a_false_alarm(pair: Pair) -> None:
    late = "UPDATE public.accounts SET balance = -1 WHERE id = 1"
    pair.on_source(late)
    rows = compared(pair, 0, Arriving(pair, late))
    assert (rows.status, rows.different) == ("differs", 1)


def test_a_difference_is_found_among_rows_that_are_being_written(pair: Pair) -> None:
    pair.on_target("UPDATE public.accounts SET balance = -1 WHERE id = 1")
    with written(pair):
        rows = compared(pair, 0.5)
    assert [delta.key for delta in rows.differences if delta.key == {"id": 1}] == [{"id": 1}]
    assert rows.status == "differs"


def test_nothing_is_read_again_where_nothing_is_written(pair: Pair) -> None:
    pair.on_target("UPDATE public.accounts SET balance = -1 WHERE id = 1")
    rows = compared(pair, PATIENT)
    assert (rows.status, rows.different, rows.settled, rows.moving) == ("differs", 1, 0, 0)
