"""Carrying back where something could be lost without a word: it is carried, or kept and told by name."""

from __future__ import annotations

import psycopg
import pytest

from harness.postgres.fence import write_sentinel
from tests.data_pair import Pair
from tests.postgres.test_carry_back import carry, equal, opened, switched

pytestmark = pytest.mark.long


def test_rows_that_somebody_deleted_on_the_source_do_not_come_back_by_themselves(pair: Pair) -> None:
    switched(pair, "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t SELECT generate_series(1, 5)")
    opened(pair, t=5)
    pair.on_source("DELETE FROM t WHERE id = 2")
    pair.on_target("INSERT INTO t VALUES (6)")
    (told,) = carry(pair).left
    assert told.startswith("public.t: 2 rows differ: 1 rows were deleted on the source")
    assert pair.rows_of_source("SELECT * FROM t ORDER BY 1") == [(1,), (3,), (4,), (5,)]


def test_a_row_of_a_transaction_that_began_before_the_sentinel_and_ended_after_it_is_not_overwritten(
    pair: Pair,
) -> None:
    pair.on_both("CREATE TABLE t (id int PRIMARY KEY, v text)", "INSERT INTO t VALUES (1, 'a'), (2, 'b')")
    with psycopg.connect(pair.source_dsn) as early:
        early.execute("SELECT txid_current()")
        pair.on_both("UPDATE t SET v = 'before' WHERE id = 2")
        write_sentinel(pair.source, "c1", consent=True)
        early.execute("UPDATE t SET v = 'late' WHERE id = 1")
    pair.on_target("UPDATE t SET v = 'new' WHERE id = 2")
    (told,) = carry(pair).left
    assert told.startswith("public.t: 2 rows differ: 1 rows were written on the source")
    assert pair.rows_of_source("SELECT * FROM t ORDER BY 1") == [(1, "late"), (2, "before")]


def test_a_change_within_a_tolerance_is_carried_all_the_same(pair: Pair) -> None:
    switched(pair, "CREATE TABLE t (id int PRIMARY KEY, price numeric)", "INSERT INTO t VALUES (1, 10), (2, 10)")
    pair.on_target("UPDATE t SET price = 10.9 WHERE id = 2")
    found = carry(pair, rows={"tables": {"public.t": {"tolerances": {"price": {"absolute": 1}}}}})
    assert (found.updated, found.left) == (1, ())
    assert equal(pair, "t")


def test_a_table_that_was_made_on_the_target_since_is_named_where_it_has_rows(pair: Pair) -> None:
    switched(pair, "CREATE TABLE t (id int PRIMARY KEY)")
    pair.on_target("CREATE TABLE before (id int)", "INSERT INTO before VALUES (1)")
    opened(pair, t=0)
    pair.on_target("CREATE TABLE loyalty (id int)", "CREATE TABLE void (id int)")
    assert carry(pair).left == ()
    pair.on_target("INSERT INTO loyalty VALUES (1)")
    (told,) = carry(pair).left
    assert told.startswith("public.loyalty: made on the target since it was opened, and has rows")
    assert carry(pair, scope={"exclude": {"public.loyalty": "an experiment"}}).left == ()


def test_rows_that_a_condition_chose_are_compared_as_they_were_moved(pair: Pair) -> None:
    pair.on_both("CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE u (id int PRIMARY KEY)")
    pair.on_source("INSERT INTO t VALUES (1), (2)", "INSERT INTO u VALUES (1), (2)")
    pair.on_target("INSERT INTO t VALUES (2)", "INSERT INTO u VALUES (1), (2)")
    write_sentinel(pair.source, "c1", consent=True)
    opened(pair)
    settings = {
        "migrate": {"tables": {"public.t": {"where": "id > 1"}}},
        "rows": {"tables": {"public.u": {"where": "id > 1"}}},
    }
    assert carry(pair, **settings).left == ()
    pair.on_target("INSERT INTO t VALUES (3)", "UPDATE u SET id = -1 WHERE id = 1")
    rows, other = carry(pair, **settings).left
    assert rows.startswith("public.t: 1 rows differ: only rows that a condition chooses")
    assert other.startswith("public.u: 1 rows were written on the target since it was opened")
    assert pair.rows_of_source("SELECT * FROM t ORDER BY 1") == [(1,), (2,)]
