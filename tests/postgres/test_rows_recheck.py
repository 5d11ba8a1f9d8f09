"""Rows that differ between two snapshots are read again; every moment between two readings is played by the test."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import psycopg
import pytest
from psycopg import sql

from harness.core.row_forms import cell_form
from harness.core.row_merge import HashedRow, Unmatched, unmatched
from harness.postgres.connect import Connection, session, snapshot
from harness.postgres.projected import described
from harness.postgres.row_again import current_snapshot, rows_again, unwritten_since
from harness.postgres.row_hash import ARRAY_DIGEST, HashedTable, hashed_rows
from harness.stages.rows_recheck import Patience, Rechecked, still_unequal
from tests.data_pair import Pair

ACCOUNTS = "CREATE TABLE accounts (id int PRIMARY KEY, balance numeric)"
FILLED = "INSERT INTO accounts SELECT g, g * 10 FROM generate_series(1, 50) g"
Event = Callable[[], None]


@pytest.fixture
def pair(databases: Pair) -> Pair:
    databases.emptied().on_both(ACCOUNTS, FILLED)
    return databases


@dataclass
class Moments:
    """A clock that a pause moves on, and what happens in each pause."""

    events: list[Event] = field(default_factory=list)
    seconds: float = 0
    pauses: int = 0

    def pause(self, seconds: float) -> None:
        self.seconds += seconds
        if self.pauses < len(self.events):
            self.events[self.pauses]()
        self.pauses += 1


@dataclass
class Outcome:
    """What a comparison with its re-check came to."""

    keys: set[str | None]
    tally: Rechecked
    pauses: int


def described_tables(
    left: Connection, right: Connection, pair: Pair, name: str, key: tuple[str, ...]
) -> tuple[HashedTable, HashedTable]:
    rows = sql.SQL("SELECT * FROM ONLY public.{}").format(sql.Identifier(name))
    names = [
        column.name for column in left.execute(sql.SQL("SELECT * FROM ({}) r LIMIT 0").format(rows)).description or ()
    ]
    types = list(zip(described(left, rows), described(right, rows), strict=True))
    forms = {column: cell_form(*both) for column, both in zip(names, types, strict=True)}
    source, target = (
        HashedTable(
            connection=connection,
            endpoint=endpoint,
            rows=rows,
            forms={column: (form.source, form.target)[side] for column, form in forms.items()},
            key=key,
            key_forms={column: (forms[column].source, forms[column].target)[side] for column in key},
            types={column: both[side] for column, both in zip(names, types, strict=True)},
            digest=ARRAY_DIGEST,
        )
        for side, connection, endpoint in ((0, left, pair.source), (1, right, pair.target))
    )
    return source, target


@contextlib.contextmanager
def tables(pair: Pair, name: str, key: tuple[str, ...]) -> Iterator[tuple[HashedTable, HashedTable]]:
    with (
        session(pair.source, purpose="test") as left,
        snapshot(left),
        session(pair.target, purpose="test") as right,
        snapshot(right),
    ):
        yield described_tables(left, right, pair, name, key)


def recheck(
    pair: Pair,
    *events: Event,
    after: Event | None = None,
    name: str = "accounts",
    key: tuple[str, ...] = ("id",),
    seconds: float = 5,
) -> Outcome:
    """Compare in snapshots; `after` happens then, and one of `events` in each pause between two readings."""
    moments, tally = Moments(list(events)), Rechecked()
    with tables(pair, name, key) as (source, target):
        found = list(unmatched(hashed_rows(source, 1, [0]), hashed_rows(target, 1, [0])))
        if after is not None:
            after()
        patience = Patience(seconds=seconds, since=0, clock=lambda: moments.seconds, pause=moments.pause)
        standing = list(still_unequal(found, source, target, patience, tally))
    return Outcome({_shown(each) for one in standing for each in one.rows}, tally, moments.pauses)


def _shown(found: Unmatched) -> str | None:
    rows: list[HashedRow] = [*(each.source for each in found.pairs), *found.source_only, *found.target_only]
    return rows[0].values[0] if rows[0].values else None


def source(pair: Pair, statement: str) -> Event:
    return lambda: pair.on_source(statement)


def target(pair: Pair, statement: str) -> Event:
    return lambda: pair.on_target(statement)


def test_where_nothing_was_written_differences_are_final_and_nothing_is_read_again(pair: Pair) -> None:
    pair.on_target("UPDATE accounts SET balance = 0 WHERE id IN (3, 4)")
    outcome = recheck(pair)
    assert (outcome.keys, outcome.tally, outcome.pauses) == ({"3", "4"}, Rechecked(), 0)


def test_a_row_that_has_arrived_by_the_first_reading_is_settled(pair: Pair) -> None:
    pair.on_source("UPDATE accounts SET balance = 1 WHERE id = 3")
    outcome = recheck(pair, after=target(pair, "UPDATE accounts SET balance = 1 WHERE id = 3"))
    assert (outcome.keys, outcome.tally, outcome.pauses) == (set(), Rechecked(settled=1, again=1), 0)


def test_a_row_that_catches_up_later_is_settled_and_one_that_does_not_stands(pair: Pair) -> None:
    pair.on_source("UPDATE accounts SET balance = 1 WHERE id IN (3, 4)")
    outcome = recheck(
        pair,
        source(pair, "UPDATE accounts SET balance = 2 WHERE id = 50"),
        target(pair, "UPDATE accounts SET balance = 1 WHERE id = 3"),
        after=source(pair, "UPDATE accounts SET balance = 1 WHERE id = 50"),
    )
    assert (outcome.keys, outcome.tally) == ({"4"}, Rechecked(settled=1, again=2))


def test_a_row_that_was_written_and_differs_still_stands_with_its_new_hashes(pair: Pair) -> None:
    pair.on_source("UPDATE accounts SET balance = 1 WHERE id = 3")
    moments, tally = Moments(), Rechecked()
    patience = Patience(seconds=1, since=0, clock=lambda: moments.seconds, pause=moments.pause)
    with tables(pair, "accounts", ("id",)) as (left, right):
        found = list(unmatched(hashed_rows(left, 1, [0]), hashed_rows(right, 1, [0])))
        pair.on_source("UPDATE accounts SET balance = 2 WHERE id = 3")
        (standing,) = still_unequal(found, left, right, patience, tally)
    assert standing.rows[0].pairs[0].source.row != found[0].pairs[0].source.row
    assert standing.rows[0].pairs[0].target == found[0].pairs[0].target


def test_the_cells_of_a_row_that_stands_are_read_in_the_moment_of_its_last_reading(pair: Pair) -> None:
    pair.on_source("UPDATE accounts SET balance = 1 WHERE id = 3")
    moments = Moments()
    patience = Patience(seconds=1, since=0, clock=lambda: moments.seconds, pause=moments.pause)
    with tables(pair, "accounts", ("id",)) as (left, right):
        found = list(unmatched(hashed_rows(left, 1, [0]), hashed_rows(right, 1, [0])))
        pair.on_source("UPDATE accounts SET balance = 2 WHERE id = 3")
        for standing in still_unequal(found, left, right, patience, Rechecked()):
            pair.on_source("UPDATE accounts SET balance = 3 WHERE id = 3")
            (row,) = rows_again(standing.source, [standing.rows[0].pairs[0].source])
            assert row == standing.rows[0].pairs[0].source


def test_a_row_that_is_otherwise_at_each_reading_is_moving(pair: Pair) -> None:
    pair.on_source("UPDATE accounts SET balance = 1 WHERE id = 3")
    writes = [source(pair, f"UPDATE accounts SET balance = {number} WHERE id = 3") for number in range(100, 120)]
    outcome = recheck(pair, *writes, after=source(pair, "UPDATE accounts SET balance = 99 WHERE id = 3"))
    assert (outcome.keys, outcome.tally) == (set(), Rechecked(moving=1, again=1))
    assert outcome.pauses < 12


def test_a_row_deleted_on_the_source_before_its_insert_arrived_is_settled(pair: Pair) -> None:
    pair.on_source("INSERT INTO accounts VALUES (99, 1)")
    outcome = recheck(pair, after=source(pair, "DELETE FROM accounts WHERE id = 99"))
    assert (outcome.keys, outcome.tally.settled) == (set(), 1)


def test_a_row_whose_delete_arrives_late_is_settled(pair: Pair) -> None:
    pair.on_source("DELETE FROM accounts WHERE id = 7")
    outcome = recheck(
        pair, target(pair, "DELETE FROM accounts WHERE id = 7"), after=source(pair, "DELETE FROM accounts WHERE id = 8")
    )
    assert (outcome.keys, outcome.tally.settled) == (set(), 1)


def test_a_row_that_was_given_another_key_is_no_difference_once_it_has_arrived(pair: Pair) -> None:
    pair.on_source("UPDATE accounts SET id = 1007 WHERE id = 7")
    outcome = recheck(pair, after=target(pair, "UPDATE accounts SET id = 1007 WHERE id = 7"))
    assert (outcome.keys, outcome.tally.settled) == (set(), 2)


def test_a_difference_that_lasted_longer_than_the_settle_time_is_not_waited_for(pair: Pair) -> None:
    pair.on_source("UPDATE accounts SET balance = 1 WHERE id = 3")
    moments, tally = Moments(seconds=6), Rechecked()
    patience = Patience(seconds=5, since=0, clock=lambda: moments.seconds, pause=moments.pause)
    with tables(pair, "accounts", ("id",)) as (left, right):
        found = list(unmatched(hashed_rows(left, 1, [0]), hashed_rows(right, 1, [0])))
        pair.on_source("UPDATE accounts SET balance = 1 WHERE id = 50")
        (standing,) = still_unequal(found, left, right, patience, tally)
    assert (len(standing.rows), moments.pauses) == (1, 0)


def test_no_settle_time_means_no_reading_again(pair: Pair) -> None:
    pair.on_source("UPDATE accounts SET balance = 1 WHERE id = 3")
    late = target(pair, "UPDATE accounts SET balance = 1 WHERE id = 3")
    assert recheck(pair, after=late, seconds=0).keys == {"3"}


def test_a_table_with_no_key_is_scanned_for_the_rows_that_differ(pair: Pair) -> None:
    pair.on_both("CREATE TABLE log (n int, t text)", "INSERT INTO log SELECT g % 5, 'x' FROM generate_series(1, 20) g")
    pair.on_source("INSERT INTO log VALUES (1, 'x'), (77, 'late'), (78, 'lost')")
    outcome = recheck(pair, after=target(pair, "INSERT INTO log VALUES (1, 'x'), (77, 'late')"), name="log", key=())
    assert (outcome.keys, outcome.tally.settled) == ({None}, 2)


def test_composite_keys_with_nulls_are_found_again(pair: Pair) -> None:
    pair.on_both("CREATE TABLE parts (a int, b text, n int)", "INSERT INTO parts VALUES (1, NULL, 1), (1, 'x', 1)")
    pair.on_source("UPDATE parts SET n = 2")
    outcome = recheck(pair, after=target(pair, "UPDATE parts SET n = 2 WHERE b IS NULL"), name="parts", key=("a", "b"))
    assert (outcome.keys, outcome.tally.settled) == ({"1"}, 1)


@pytest.mark.parametrize(("wide", "narrow"), [("bigint", "int"), ("numeric", "int"), ("text", "int")])
def test_a_key_of_a_wider_type_has_no_place_on_the_other_side_and_stands(pair: Pair, wide: str, narrow: str) -> None:
    pair.on_source(f"CREATE TABLE wide (id {wide} PRIMARY KEY, n int)", "INSERT INTO wide VALUES ('5000000000', 1)")
    pair.on_target(f"CREATE TABLE wide (id {narrow} PRIMARY KEY, n int)")
    pair.on_source("INSERT INTO wide VALUES ('7', 1), ('8', 1)")
    outcome = recheck(pair, after=target(pair, "INSERT INTO wide VALUES (7, 1)"), name="wide")
    assert (outcome.keys, outcome.tally.settled) == ({"8", "5000000000"}, 1)


def test_more_rows_than_one_reading_takes_are_all_read_again(pair: Pair) -> None:
    insert = "INSERT INTO accounts SELECT g, g FROM generate_series(1000, 2299) g"
    pair.on_source(insert)
    outcome = recheck(pair, after=target(pair, f"{insert} WHERE g % 100 > 0"))
    assert (len(outcome.keys), outcome.tally.settled) == (13, 1287)


def test_a_transaction_that_was_running_at_the_snapshot_counts_as_a_write(pair: Pair) -> None:
    with psycopg.connect(pair.source_dsn) as writing:
        writing.execute("UPDATE public.accounts SET balance = 0 WHERE id = 1")
        with session(pair.source, purpose="test") as connection:
            during = current_snapshot(connection, pair.source)
            connection.rollback()
            writing.commit()
            assert not unwritten_since(during, current_snapshot(connection, pair.source))
    assert not unwritten_since("18:20:18", "18:20:")
    assert unwritten_since("20:20:", "20:20:")
    assert not unwritten_since("20:20:", "20:21:20")
