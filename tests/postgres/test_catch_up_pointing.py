"""Catch-up where rows point to each other or hold unique values: what has to go or come first, and what must not go."""

from __future__ import annotations

import pytest

from tests.catching_up import caught_up, errors, same, unwritten
from tests.data_pair import Pair

FAMILY = (
    "CREATE TABLE parent (id int PRIMARY KEY, email text UNIQUE)",
    "CREATE TABLE child (id int PRIMARY KEY, parent_id int REFERENCES parent ON DELETE {})",
)


def family(pair: Pair, action: str) -> None:
    pair.on_both(*(each.format(action) for each in FAMILY))
    pair.on_source(
        "INSERT INTO parent SELECT g, 'e' || g FROM generate_series(1, 9) g",
        "INSERT INTO child SELECT g, g FROM generate_series(1, 9) g",
    )
    assert pair.migrate().findings == ()


ACTIONS = ("CASCADE", *(pytest.param(each, marks=pytest.mark.long) for each in ("NO ACTION", "RESTRICT", "SET NULL")))


@pytest.mark.long
@pytest.mark.parametrize("action", ACTIONS)
def test_a_parent_goes_with_its_children(pair: Pair, action: str) -> None:
    family(pair, action)
    pair.on_source("DELETE FROM child WHERE id IN (3, 4)", "DELETE FROM parent WHERE id IN (3, 4)")
    assert caught_up(pair).findings == ()
    assert same(pair, "parent", "child")


@pytest.mark.parametrize("action", ACTIONS)
def test_a_child_that_goes_to_another_parent_outlives_the_one_that_goes(pair: Pair, action: str) -> None:
    family(pair, action)
    pair.on_source(
        "INSERT INTO parent VALUES (10, 'new')",
        "UPDATE child SET parent_id = 10 WHERE id IN (3, 4)",
        "DELETE FROM parent WHERE id IN (3, 4)",
    )
    written = unwritten(pair, "child")
    assert caught_up(pair).findings == ()
    assert (same(pair, "parent", "child"), written()) == (True, {"3", "4"})


@pytest.mark.parametrize("action", ACTIONS)
def test_a_parent_that_a_row_of_others_points_to_stays(pair: Pair, action: str) -> None:
    family(pair, action)
    pair.on_target("INSERT INTO child VALUES (100, 3)")
    pair.on_source("DELETE FROM child WHERE id IN (3, 4)", "DELETE FROM parent WHERE id IN (3, 4)")
    result = caught_up(pair)
    assert errors(result) == {}
    assert {(each.code, each.table) for each in result.findings} == {
        ("MIG003", "public.parent"),
        ("MIG003", "public.child"),
    }
    assert pair.rows_of_target("SELECT id, parent_id FROM child WHERE id IN (3, 4, 100)") == [(100, 3)]
    assert pair.rows_of_target("SELECT id FROM parent WHERE id IN (3, 4)") == [(3,)]


@pytest.mark.long
def test_a_unique_value_goes_from_a_row_that_goes_to_a_new_one(pair: Pair) -> None:
    family(pair, "NO ACTION")
    pair.on_source(
        "DELETE FROM child WHERE id = 3", "DELETE FROM parent WHERE id = 3", "INSERT INTO parent VALUES (10, 'e3')"
    )
    assert caught_up(pair).findings == ()
    assert same(pair, "parent", "child")


@pytest.mark.parametrize("batch_rows", [pytest.param(None, marks=pytest.mark.long), 1])
def test_unique_values_that_rows_exchange_are_the_same_after_it(pair: Pair, batch_rows: int | None) -> None:
    pair.on_both("CREATE TABLE t (id int PRIMARY KEY, email text NOT NULL UNIQUE)")
    pair.on_source("INSERT INTO t SELECT g, 'e' || g FROM generate_series(1, 200) g")
    pair.migrate()
    pair.on_source(
        "UPDATE t SET email = '-' WHERE id = 1",
        "UPDATE t SET email = 'e1' WHERE id = 100",
        "UPDATE t SET email = 'e100' WHERE id = 1",
        "UPDATE t SET email = 'new' WHERE id = 5",
    )
    assert caught_up(pair, migrate={"batch_rows": batch_rows}).findings == ()
    assert same(pair, "t")


@pytest.mark.long
def test_a_unique_value_that_cannot_be_freed_is_named_and_other_tables_are_brought_up_to_date(pair: Pair) -> None:
    pair.on_both("CREATE TABLE other (id int PRIMARY KEY)")
    family(pair, "CASCADE")
    pair.on_source(
        "UPDATE parent SET email = '-' WHERE id = 3",
        "UPDATE parent SET email = 'e3' WHERE id = 4",
        "UPDATE parent SET email = 'e4' WHERE id = 3",
        "INSERT INTO other VALUES (1)",
        "INSERT INTO child VALUES (10, 1)",
    )
    result = caught_up(pair)
    assert "23505" in errors(result)["public.parent"]
    assert "need the rows of public.parent" in errors(result)["public.child"]
    assert same(pair, "other")
    assert pair.rows_of_target("SELECT count(*) FROM child") == [(9,)]


@pytest.mark.long
def test_columns_that_only_the_target_has_keep_their_values(pair: Pair) -> None:
    pair.on_both("CREATE TABLE t (id int PRIMARY KEY, email text UNIQUE)")
    pair.on_target("ALTER TABLE t ADD note text, ADD seen int GENERATED ALWAYS AS IDENTITY")
    pair.on_source("INSERT INTO t SELECT g, 'e' || g FROM generate_series(1, 9) g")
    pair.migrate()
    pair.on_target("UPDATE t SET note = 'mine' WHERE id = 2")
    pair.on_source("UPDATE t SET email = 'f' || id WHERE id = 2")
    assert caught_up(pair).findings == ()
    assert pair.rows_of_target("SELECT email, note FROM t WHERE id = 2") == [("f2", "mine")]
    pair.on_source(
        "UPDATE t SET email = '-' WHERE id = 3",
        "UPDATE t SET email = 'e3' WHERE id = 4",
        "UPDATE t SET email = 'e4' WHERE id = 3",
    )
    assert "23505" in errors(caught_up(pair))["public.t"]
    assert pair.rows_of_target("SELECT email, seen FROM t WHERE id = 3") == [("e3", 3)]


def test_rows_of_two_tables_that_point_to_each_other_come_and_go_together(pair: Pair) -> None:
    pair.on_both(
        "CREATE TABLE company (id int PRIMARY KEY, contact_id int)",
        "CREATE TABLE contact (id int PRIMARY KEY, company_id int NOT NULL REFERENCES company)",
        "ALTER TABLE company ADD FOREIGN KEY (contact_id) REFERENCES contact DEFERRABLE",
    )
    come = (
        "BEGIN; SET CONSTRAINTS ALL DEFERRED; INSERT INTO company SELECT g, g FROM generate_series({0}, {1}) g;"
        " INSERT INTO contact SELECT g, g FROM generate_series({0}, {1}) g; COMMIT"
    )
    pair.on_source(come.format(1, 9))
    assert pair.migrate().findings == ()
    pair.on_source(
        come.format(10, 12),
        "BEGIN; SET CONSTRAINTS ALL DEFERRED; DELETE FROM contact WHERE id IN (3, 4);"
        " DELETE FROM company WHERE id IN (3, 4); COMMIT",
    )
    assert caught_up(pair).findings == ()
    assert same(pair, "company", "contact")
    pair.on_target("INSERT INTO contact VALUES (100, 5)")
    pair.on_source(
        "BEGIN; SET CONSTRAINTS ALL DEFERRED; DELETE FROM contact WHERE id IN (5, 6);"
        " DELETE FROM company WHERE id IN (5, 6); COMMIT",
    )
    assert errors(caught_up(pair)) == {}
    # What a row of others points to stays, and what that points to.
    assert pair.rows_of_target("SELECT id FROM company WHERE id IN (5, 6)") == [(5,)]
    assert pair.rows_of_target("SELECT id FROM contact WHERE id IN (5, 6, 100) ORDER BY 1") == [(5,), (100,)]


@pytest.mark.long
def test_a_tree_goes_from_a_table_that_points_to_itself(pair: Pair) -> None:
    pair.on_both("CREATE TABLE node (id int PRIMARY KEY, up int REFERENCES node)")
    pair.on_source("INSERT INTO node SELECT g, nullif(g / 2, 0) FROM generate_series(1, 1000) g")
    pair.migrate(migrate={"batch_rows": 100})
    pair.on_source(
        "WITH RECURSIVE r AS (SELECT 3 AS id UNION ALL SELECT n.id FROM node n JOIN r ON n.up = r.id)"
        " DELETE FROM node WHERE id IN (SELECT id FROM r)",
        "INSERT INTO node SELECT g, g + 1 FROM generate_series(2000, 2009) g UNION SELECT 2010, 1",
        "UPDATE node SET up = id WHERE id = 1",
    )
    assert caught_up(pair, migrate={"batch_rows": 1}).findings == ()
    assert same(pair, "node")
