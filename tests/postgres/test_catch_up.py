"""Catch-up on real servers: what changed on the source since is moved, what it has no more goes, if we moved it."""

from __future__ import annotations

import random

import pytest

from harness.errors import PlanRefused
from harness.stages import catch_up_found, rows_unequal
from tests.catching_up import caught_up, errors, same, unwritten
from tests.data_pair import Pair

SHAPES = {
    "numbers": ("k int PRIMARY KEY, v text, n numeric", "SELECT g, 'v' || g, g / 4.0"),
    "far apart": ("k bigint PRIMARY KEY, v text, n numeric", "SELECT g::bigint * 1000003, 'v' || g, g / 4.0"),
    "uuids": ("k uuid PRIMARY KEY, v text, n numeric", "SELECT md5(g::text)::uuid, 'v' || g, g / 4.0"),
    "texts": ("k text PRIMARY KEY, v text, n numeric", "SELECT chr(1040 + g % 60) || g, 'v' || g, g / 4.0"),
    "decimals": ("k numeric PRIMARY KEY, v text, n numeric", "SELECT g / 2.0, 'v' || g, g / 4.0"),
    "two_columns": ("k int, v text, n numeric, PRIMARY KEY (v, k)", "SELECT g % 50, 'v' || g, g / 4.0"),
    "no_key": ("k int, v text, n numeric", "SELECT g % 100, 'v' || g % 7, g / 4.0"),
    "parts": ("k int PRIMARY KEY, v text, n numeric", "SELECT g, 'v' || g, g / 4.0"),
}


def everything(pair: Pair) -> tuple[str, ...]:
    names = tuple(f'"{name}"' for name in SHAPES)
    for name, (columns, rows) in SHAPES.items():
        cut = "PARTITION BY RANGE (k)" if name == "parts" else ""
        pair.on_both(f'CREATE TABLE "{name}" ({columns}) {cut}')
        if name == "parts":
            pair.on_both(
                "CREATE TABLE low PARTITION OF parts FOR VALUES FROM (MINVALUE) TO (300)",
                "CREATE TABLE high PARTITION OF parts FOR VALUES FROM (300) TO (MAXVALUE)",
            )
        pair.on_source(f'INSERT INTO "{name}" {rows} FROM generate_series(1, 600) g')
    pair.on_both(
        "CREATE TABLE child (id int PRIMARY KEY, k int REFERENCES numbers ON DELETE CASCADE, up int REFERENCES child"
        " ON DELETE CASCADE)"
    )
    pair.on_both("CREATE TABLE notes (k int REFERENCES numbers ON DELETE CASCADE, v text)")
    pair.on_source(
        "INSERT INTO child SELECT g, g % 500 + 1, nullif(g / 3, 0) FROM generate_series(1, 600) g",
        "INSERT INTO notes SELECT g % 300 + 1, 'n' FROM generate_series(1, 600) g",
    )
    return (*names, "child", "notes")


def edit(pair: Pair, chance: random.Random) -> None:
    """Some rows of each table come, some go, some change, keys too."""
    for name, (_, rows) in SHAPES.items():
        seed, low = chance.randrange(1000), chance.randrange(600, 700)
        pair.on_source(
            f"DELETE FROM \"{name}\" WHERE abs(hashtext(v || k || '{seed}')) % 31 = 0",
            f"UPDATE \"{name}\" SET n = n + 1 WHERE abs(hashtext(v || k || '{seed}')) % 29 = 1",
            f'INSERT INTO "{name}" {rows} FROM generate_series({low}, {low + chance.randrange(60)}) g '
            f"{'' if name == 'no_key' else 'ON CONFLICT DO NOTHING'}",
        )
    ours = chance.randrange(40)
    pair.on_source(
        # Other keys each time: a row that comes again would else meet the one that it became before.
        f"UPDATE uuids SET k = md5(k::text || '{chance.random()}')::uuid WHERE n % 20 = 0",
        "UPDATE two_columns SET k = -k WHERE n % 20 = 0",
        "UPDATE parts SET k = 100000 - k WHERE k BETWEEN 299 AND 302",
        f"UPDATE child SET k = (SELECT max(k) FROM numbers) WHERE id % 40 = {ours}",
        f"DELETE FROM child WHERE id % 40 = {(ours + 1) % 40}",
        "INSERT INTO child SELECT max(id) + g, min(k), min(id) FROM child, generate_series(1, 5) g GROUP BY g",
        f"UPDATE notes SET k = (SELECT max(k) FROM numbers) WHERE k % 40 = {ours}",
    )


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.long), pytest.param(3, marks=pytest.mark.long)])
def test_whatever_was_edited_on_the_source_is_the_same_on_the_target_after_a_catch_up(pair: Pair, seed: int) -> None:
    tables = everything(pair)
    assert pair.migrate().findings == ()
    chance = random.Random(seed)
    for batch_rows in (None, 40):
        edit(pair, chance)
        assert not same(pair, *tables)
        result = caught_up(pair, migrate={"batch_rows": batch_rows})
        assert errors(result) == {}
        assert same(pair, *tables)
        assert result.findings == ()


def test_only_what_differs_is_written(pair: Pair) -> None:
    pair.on_both("CREATE TABLE t (id int PRIMARY KEY, v text)")
    pair.on_source("INSERT INTO t SELECT g, 'v' FROM generate_series(1, 600) g")
    pair.migrate()
    assert caught_up(pair).findings == ()
    written = unwritten(pair, "t")
    pair.on_source(
        "UPDATE t SET v = 'w' WHERE id IN (5, 599)", "DELETE FROM t WHERE id = 7", "INSERT INTO t VALUES (0)"
    )
    result = caught_up(pair)
    assert (written(), same(pair, "t")) == ({"0", "5", "599"}, True)
    assert [(each.ordinal, each.rows) for each in result.artifact.chunks] == [(0, 600), (1, 3)]


KEYS = {"dense": "g", "far apart": "g::bigint * 1000003"}


@pytest.mark.long
@pytest.mark.parametrize("key", KEYS)
def test_few_rows_of_many_segments_are_found_and_moved_alone(
    pair: Pair, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows_unequal, "FEWEST_ROWS", 0)
    pair.on_both("CREATE TABLE t (id bigint PRIMARY KEY, v text)")
    pair.on_source(f"INSERT INTO t SELECT {KEYS[key]}, 'v' FROM generate_series(1, 20000) g", "ANALYZE t")
    pair.migrate()
    written = unwritten(pair, "t")
    pair.on_source(
        f"UPDATE t SET v = 'w' WHERE id = (SELECT {KEYS[key]} FROM (SELECT 300 AS g) AS one)",
        f"DELETE FROM t WHERE id = (SELECT {KEYS[key]} FROM (SELECT 400 AS g) AS one)",
        "INSERT INTO t VALUES (-1)",
    )
    result = caught_up(pair)
    assert (len(written()), same(pair, "t"), result.findings) == (2, True, ())
    assert [each.rows for each in result.artifact.chunks] == [20000, 2]


@pytest.mark.long
def test_a_table_of_many_pieces_is_read_by_several_sessions(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catch_up_found, "_ALONE", 0)
    pair.on_both("CREATE TABLE t (id int PRIMARY KEY, v text)")
    pair.on_source("INSERT INTO t SELECT g, 'v' FROM generate_series(1, 600) g")
    pair.migrate()
    pair.on_source("DELETE FROM t WHERE id % 100 = 0", "UPDATE t SET v = 'w' WHERE id % 70 = 0")
    assert caught_up(pair).findings == ()
    assert same(pair, "t")


def test_rows_that_others_wrote_are_not_deleted(pair: Pair) -> None:
    pair.on_both("CREATE TABLE t (id int PRIMARY KEY, v text)")
    pair.on_source("INSERT INTO t SELECT g, 'v' FROM generate_series(1, 9) g")
    pair.on_target("INSERT INTO t VALUES (1, 'v'), (20, 'of others')")
    pair.migrate()
    pair.on_target("UPDATE t SET v = 'by others' WHERE id = 3", "INSERT INTO t VALUES (21, 'of others')")
    pair.on_source("DELETE FROM t WHERE id IN (1, 2, 3)")
    result = caught_up(pair)
    # 1 was there before we came, 2 was ours, 3 was written by others since.
    kept = [(1, "v"), (3, "by others"), (20, "of others"), (21, "of others")]
    assert pair.rows_of_target("SELECT id, v FROM t WHERE id < 4 OR id > 9 ORDER BY 1") == kept
    assert [each.code for each in result.findings] == ["MIG003"]


@pytest.mark.long
def test_a_row_that_others_changed_on_the_target_is_what_the_source_has(pair: Pair) -> None:
    pair.on_both("CREATE TABLE t (id int PRIMARY KEY, v text)")
    pair.on_source("INSERT INTO t SELECT g, 'v' FROM generate_series(1, 9) g")
    pair.migrate()
    pair.on_target("UPDATE t SET v = 'by others' WHERE id = 3", "DELETE FROM t WHERE id = 4")
    assert caught_up(pair).findings == ()
    assert same(pair, "t")


def test_a_table_without_key_is_not_brought_up_to_date_where_others_wrote(pair: Pair) -> None:
    pair.on_both("CREATE TABLE log (v text)", "CREATE TABLE t (id int PRIMARY KEY)")
    pair.on_source("INSERT INTO log SELECT 'v' || g FROM generate_series(1, 9) g")
    pair.migrate()
    pair.on_target("INSERT INTO log VALUES ('of others')")
    pair.on_source("INSERT INTO log VALUES ('new')", "INSERT INTO t VALUES (1)")
    assert "1 rows that others wrote" in errors(caught_up(pair))["public.log"]
    assert pair.rows_of_target("SELECT count(*) FROM log WHERE v = 'of others'") == [(1,)]
    assert same(pair, "t")


@pytest.mark.long
def test_what_an_interrupted_run_left_is_finished_on_top_of_what_is_brought_up_to_date(pair: Pair) -> None:
    pair.on_both("CREATE TABLE parent (id int PRIMARY KEY)", "CREATE TABLE child (id int PRIMARY KEY, p int)")
    pair.on_target("ALTER TABLE child ADD FOREIGN KEY (p) REFERENCES parent, ADD CHECK (id <> 5)")
    pair.on_source(
        "INSERT INTO parent SELECT g FROM generate_series(1, 9) g",
        "INSERT INTO child SELECT g, g FROM generate_series(1, 9) g",
    )
    assert "23514" in errors(pair.migrate())["public.child"]
    pair.on_target("ALTER TABLE child DROP CONSTRAINT child_id_check")
    pair.on_source("INSERT INTO parent VALUES (10)", "INSERT INTO child VALUES (10, 10)")
    assert caught_up(pair).findings == ()
    assert same(pair, "parent", "child")


@pytest.mark.long
def test_a_delete_that_the_target_refuses_is_named_and_the_others_are_made(pair: Pair) -> None:
    pair.on_both("CREATE TABLE firm (id int PRIMARY KEY)", "CREATE TABLE t (id int PRIMARY KEY)")
    pair.on_source("INSERT INTO t SELECT generate_series(1, 9)", "INSERT INTO firm SELECT generate_series(1, 9)")
    pair.migrate()
    pair.on_target(
        "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END'",
        "CREATE TRIGGER no BEFORE DELETE ON firm FOR EACH ROW EXECUTE FUNCTION no()",
    )
    pair.on_source("DELETE FROM t WHERE id = 1", "DELETE FROM firm WHERE id = 1")
    assert "P0001" in errors(caught_up(pair))["public.firm"]
    assert same(pair, "t")


@pytest.mark.long
def test_a_migration_of_another_definition_is_not_caught_up(pair: Pair) -> None:
    pair.on_both("CREATE TABLE t (id int PRIMARY KEY)")
    pair.on_source("INSERT INTO t SELECT generate_series(1, 9)")
    pair.migrate()
    pair.on_both("ALTER TABLE t ADD v text")
    with pytest.raises(PlanRefused, match="another migration"):
        caught_up(pair)


@pytest.mark.long
def test_a_ledger_of_another_server_names_no_row_of_ours(pair: Pair) -> None:
    pair.on_both("CREATE TABLE t (id int PRIMARY KEY)")
    pair.on_source("INSERT INTO t SELECT generate_series(1, 9)")
    pair.migrate()
    pair.on_target("UPDATE pgparity.ledger SET transactions = transactions || '9000000000'::xid8")
    with pytest.raises(PlanRefused, match="another server"):
        caught_up(pair)


@pytest.mark.long
def test_a_table_without_key_is_not_moved_again_where_rows_point_to_it(pair: Pair) -> None:
    pair.on_both("CREATE TABLE log (v int)")
    pair.on_target("ALTER TABLE log ADD UNIQUE (v)", "CREATE TABLE seen (v int REFERENCES log (v) ON DELETE CASCADE)")
    pair.on_source("INSERT INTO log SELECT generate_series(1, 9)")
    pair.migrate()
    pair.on_target("INSERT INTO seen VALUES (1)")
    pair.on_source("INSERT INTO log VALUES (10)")
    assert "rows of public.seen may point" in errors(caught_up(pair))["public.log"]
    assert pair.rows_of_target("SELECT count(*) FROM seen") == [(1,)]
    pair.on_target("TRUNCATE seen")
    assert caught_up(pair).findings == ()
    assert same(pair, "log")


@pytest.mark.long
def test_rows_that_are_mapped_are_brought_up_to_date_as_they_were_moved(pair: Pair) -> None:
    pair.on_source("CREATE TABLE t (id int PRIMARY KEY, first text, last text, old text)")
    pair.on_target("CREATE TABLE people (number bigint PRIMARY KEY, name text, note text DEFAULT 'none')")
    columns = {"number": {"source": "id"}, "name": {"expression": "first || ' ' || last"}}
    mapping = {
        "tables": {"public.t": {"target": "public.people", "columns": columns, "drop": {"old": "nobody reads it"}}}
    }
    pair.on_source("INSERT INTO t SELECT g, 'F', 'L' || g, 'o' FROM generate_series(1, 300) g")
    assert pair.migrate(mapping=mapping).findings == ()
    pair.on_target("UPDATE people SET note = 'by others' WHERE number = 1")
    pair.on_source(
        "UPDATE t SET first = 'G', old = 'p' WHERE id IN (1, 2)",
        "DELETE FROM t WHERE id = 3",
        "INSERT INTO t VALUES (301, 'N', 'N')",
    )
    assert caught_up(pair, mapping=mapping).findings == ()
    assert pair.rows_of_target(
        "SELECT number, name, note FROM people WHERE number NOT BETWEEN 4 AND 300 ORDER BY 1"
    ) == [
        (1, "G L1", "by others"),
        (2, "G L2", "none"),
        (301, "N N", "none"),
    ]


@pytest.mark.long
def test_a_key_that_is_written_otherwise_on_the_source_is_the_same_key(pair: Pair) -> None:
    pair.on_both("CREATE TABLE t (id numeric PRIMARY KEY, v text)")
    pair.on_source("INSERT INTO t SELECT g / 2.0, 'v' FROM generate_series(1, 300) g")
    pair.migrate()
    pair.on_source("UPDATE t SET id = 7.000, v = 'w' WHERE id = 7", "UPDATE t SET id = 8.000 WHERE id = 8")
    assert caught_up(pair).findings == ()
    rows = pair.rows_of_target("SELECT v FROM t WHERE id IN (7, 8) ORDER BY id")
    assert (rows, pair.compare_one("public.t").status) == ([("w",), ("v",)], "drift")
