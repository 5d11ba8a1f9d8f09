"""Repair: the target's rows become the source's, each kind of row, and what may not be written is left and told."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from harness.core.configuration import Configuration
from harness.core.plan import Hazard
from harness.core.repair import Repair, TableRepair
from harness.errors import MigrationFailed, PrivilegeMissing
from harness.stages import repair_run
from harness.stages.pipeline import RunRequest
from harness.stages.repair import repair_rows
from tests.data_pair import Pair, copied_text


def repair(
    pair: Pair,
    *,
    deletes: bool = True,
    decide: Callable[[Repair], bool] = lambda _: True,
    output: io.StringIO | None = None,
    **settings: Any,
) -> Repair:
    request = RunRequest(
        configuration=Configuration.model_validate(settings),
        base=Path(),
        source=pair.source,
        target=pair.target,
        allow=frozenset({Hazard.DATA_LOSS} if deletes else ()),
    )
    return repair_rows(request, decide, output=output)


def table_of(found: Repair, name: str = "public.clients") -> TableRepair:
    return next(each for each in found.tables if each.table == name)


def equal(pair: Pair, table: str, order: str = "1") -> bool:
    return copied_text(pair.source_dsn, table, order) == copied_text(pair.target_dsn, table, order)


CLIENTS = "CREATE TABLE clients (id int PRIMARY KEY, phone text, name text, total numeric(10, 2))"
FILL = "INSERT INTO clients SELECT g, '8000555' || lpad(g::text, 4, '0'), 'Клиент ' || g, g * 1.5 FROM generate_series"


def planted(pair: Pair) -> None:
    pair.on_both(CLIENTS, f"{FILL}(1, 20) g")
    pair.on_target("DELETE FROM clients WHERE id IN (3, 4)", "UPDATE clients SET name = 'x' WHERE id = 7")
    pair.on_target("INSERT INTO clients VALUES (99, NULL, 'new', 0)")


def test_each_kind_of_difference_is_written_and_a_second_run_writes_nothing(pair: Pair) -> None:
    planted(pair)
    found = repair(pair)
    rows = table_of(found)
    assert (rows.inserted, rows.updated, rows.deleted, rows.left, rows.after) == (2, 1, 1, {}, "identical")
    assert found.exit_code == 0
    assert equal(pair, "clients")
    again = repair(pair)
    assert (again.applied, again.wanted, again.exit_code) == (False, 0, 0)


def test_rows_on_the_target_only_stay_unless_their_loss_is_allowed(pair: Pair) -> None:
    planted(pair)
    found = repair(pair, deletes=False)
    rows = table_of(found)
    assert (rows.inserted, rows.updated, rows.deleted, sum(rows.left.values())) == (2, 1, 0, 1)
    assert (rows.left_rows[0].key, found.exit_code) == ({"id": 99}, 1)
    assert pair.rows_of_target("SELECT name FROM clients WHERE id = 99") == [("new",)]


def test_a_dry_run_writes_nothing_and_shows_no_value(pair: Pair) -> None:
    planted(pair)
    before = copied_text(pair.target_dsn, "clients", "1")
    found = repair(pair, decide=lambda _: False)
    assert (found.applied, found.exit_code, found.wanted) == (False, 1, 4)
    assert copied_text(pair.target_dsn, "clients", "1") == before
    assert len(found.statements) == 3
    assert "Клиент" not in found.to_json()


def test_the_script_does_the_same(pair: Pair) -> None:
    planted(pair)
    script = io.StringIO()
    repair(pair, decide=lambda _: False, output=script)
    pair.on_target(script.getvalue())
    assert equal(pair, "clients")
    pair.on_target(script.getvalue())
    assert equal(pair, "clients")


def test_a_row_that_changed_since_is_left_alone_and_told(pair: Pair) -> None:
    planted(pair)

    def change(_: Repair) -> bool:
        pair.on_target("UPDATE clients SET phone = 'since' WHERE id IN (7, 99)", "INSERT INTO clients VALUES (3)")
        return True

    found = repair(pair, decide=change)
    rows = table_of(found)
    assert (rows.inserted, rows.updated, rows.deleted, sum(rows.left.values())) == (1, 0, 0, 3)
    assert sorted((each.kind, each.key["id"]) for each in rows.left_rows) == [
        ("delete", 99),
        ("insert", 3),
        ("update", 7),
    ]
    assert (rows.after, found.exit_code) == ("differs", 1)
    assert pair.rows_of_target("SELECT id FROM clients WHERE phone = 'since' ORDER BY 1") == [(7,), (99,)]


def test_a_script_leaves_rows_that_changed_since_alone(pair: Pair) -> None:
    planted(pair)
    script = io.StringIO()
    repair(pair, decide=lambda _: False, output=script)
    pair.on_target("UPDATE clients SET phone = 'since' WHERE id IN (7, 99)")
    pair.on_target(script.getvalue())
    assert pair.rows_of_target("SELECT id FROM clients WHERE phone = 'since' ORDER BY 1") == [(7,), (99,)]


def test_every_type_arrives_as_it_is_stored(pair: Pair) -> None:
    pair.on_both(
        "CREATE TYPE mood AS ENUM ('calm', 'glad')",
        "CREATE TYPE spot AS (x int, note text)",
        "CREATE DOMAIN code AS varchar(5) CHECK (value <> '')",
        "CREATE TABLE kinds (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, f float8, g float4, n numeric,"
        ' c char(4), v varchar(5), "odd %s ""name" text, b bytea, j json, jb jsonb, t timestamptz, p timestamp,'
        " i interval, a int[], aa text[], m mood, mm mood[], s spot, d code, r numrange, bt bit(3), vb varbit,"
        ' q "char",'
        " u uuid, z tsvector, twice int GENERATED ALWAYS AS (id::int * 2) STORED)",
    )
    pair.on_source(
        "INSERT INTO kinds VALUES (DEFAULT, 0.1 + 0.2, '-0', 1.500, 'a ', 'b  ', E'a\\\\b ''q'' \\n$1 %s', '\\x00ff',"
        " '{\"a\" :  1}', '{\"a\": 1.0}', '2024-03-01 12:00:00.000001+05', '1999-12-31 23:59:59', '1 mon 30 days',"
        " '[0:1]={1,NULL}', ARRAY['x,y', 'NULL', NULL, '{\"'], 'glad', '{calm}', '(1,\"a,\"\"b\")', 'abcde', '[1.0,2)',"
        " B'101', B'1', 'x', '0b0f1d4e-6a5c-4d3b-8e2f-1a2b3c4d5e6f', 'a:1 b:2')",
        "INSERT INTO kinds DEFAULT VALUES",
    )
    found = repair(pair)
    assert (table_of(found, "public.kinds").inserted, found.exit_code) == (2, 0)
    assert equal(pair, "kinds")
    pair.on_target(
        "UPDATE kinds SET f = 1, c = 'z', v = NULL, \"odd %s \"\"name\" = '', j = '{}', a = NULL, s = NULL, m = NULL"
    )
    assert table_of(repair(pair), "public.kinds").updated == 2
    assert equal(pair, "kinds")
    assert found.sequences_behind[0].sequence == "public.kinds_id_seq"


def test_composite_keys_and_keys_with_null_parts(pair: Pair) -> None:
    pair.on_both(
        "CREATE TABLE pairs (a text, b int, v text, PRIMARY KEY (a, b))",
        "CREATE TABLE loose (a text, b int, v text, UNIQUE (a, b))",
    )
    pair.on_source("INSERT INTO pairs VALUES ('a|b', 1, 'x'), ('a', 2, 'y'), ('c', 3, 'z')")
    pair.on_target("INSERT INTO pairs VALUES ('a|b', 1, 'X'), ('d', 4, 'w')")
    pair.on_source("INSERT INTO loose VALUES ('a', NULL, 'x'), ('a', NULL, 'x'), (NULL, NULL, 'y'), ('b', 1, 'z')")
    pair.on_target("INSERT INTO loose VALUES ('a', NULL, 'x'), (NULL, NULL, 'Y'), ('c', NULL, 'w'), ('b', 1, 'Z')")
    assert repair(pair).exit_code == 0
    assert equal(pair, "pairs", "1, 2")
    assert equal(pair, "loose", "1, 2, 3")


def test_copies_of_rows_under_many_keys_that_are_not_unique_become_as_many_as_the_source_has(pair: Pair) -> None:
    pair.on_both("CREATE TABLE loose (a text, b int, v text, UNIQUE (a, b))")
    several = "INSERT INTO loose SELECT 'k' || g, NULL, 'v' FROM generate_series(1, 20) g, generate_series(1, {})"
    pair.on_source(several.format(3))
    pair.on_target(several.format(2))
    assert repair(pair).exit_code == 0
    assert equal(pair, "loose", "1, 2, 3")


def test_a_table_without_a_key_gets_as_many_copies_as_the_source_has(pair: Pair) -> None:
    pair.on_both("CREATE TABLE visits (day date, price numeric)")
    pair.on_source("INSERT INTO visits SELECT '2024-01-01', 1.0 FROM generate_series(1, 5)")
    pair.on_source("INSERT INTO visits VALUES (NULL, NULL), (NULL, NULL), ('2024-01-03', 2.50)")
    pair.on_target("INSERT INTO visits SELECT '2024-01-01', 1.0 FROM generate_series(1, 2)")
    pair.on_target("INSERT INTO visits SELECT '2024-01-02', 7 FROM generate_series(1, 3)")
    pair.on_target("INSERT INTO visits VALUES ('2024-01-03', 2.5)")
    script = io.StringIO()
    repair(pair, decide=lambda _: False, output=script)
    found = repair(pair)
    rows = table_of(found, "public.visits")
    assert (rows.inserted, rows.updated, rows.deleted, found.exit_code) == (5, 1, 3, 0)
    assert equal(pair, "visits", "1, 2")
    pair.on_target(script.getvalue())
    assert equal(pair, "visits", "1, 2")


def test_values_go_through_the_mapping_and_columns_of_the_target_alone_are_kept(pair: Pair) -> None:
    pair.on_source("CREATE TABLE clients (id int PRIMARY KEY, first text, last text, old int)")
    pair.on_target(
        "CREATE TABLE people (id bigint PRIMARY KEY, name text, kind text, note text DEFAULT 'n')",
        "INSERT INTO people VALUES (1, 'A B', 'x', 'kept'), (2, 'wrong', 'x', 'kept')",
    )
    pair.on_source("INSERT INTO clients VALUES (1, 'A', 'B', 0), (2, 'C', 'D', 0), (3, 'E', 'F', 0)")
    rules = {
        "target": "public.people",
        "columns": {"name": {"expression": "first || ' ' || last"}, "kind": {"constant": "x"}},
        "drop": {"old": "not used"},
    }
    found = repair(pair, mapping={"tables": {"public.clients": rules}}, run={"allow_drift": True})
    rows = table_of(found)
    assert (rows.inserted, rows.updated, rows.after, found.exit_code) == (1, 1, "drift", 0)
    assert pair.rows_of_target("SELECT * FROM people ORDER BY id") == [
        (1, "A B", "x", "kept"),
        (2, "C D", "x", "kept"),
        (3, "E F", "x", "n"),
    ]


def test_drift_is_written_unless_it_is_allowed(pair: Pair) -> None:
    pair.on_both("CREATE TABLE sums (id int PRIMARY KEY, n numeric)")
    pair.on_source("INSERT INTO sums VALUES (1, 1.0)")
    pair.on_target("INSERT INTO sums VALUES (1, 1.00)")
    assert repair(pair, run={"allow_drift": True}).wanted == 0
    assert table_of(repair(pair), "public.sums").updated == 1
    assert equal(pair, "sums")


TREE = "CREATE TABLE salons (id int PRIMARY KEY)"
ORDERS = "CREATE TABLE bookings (id int PRIMARY KEY, salon int NOT NULL REFERENCES salons)"


def test_parents_are_inserted_first_and_children_deleted_first(pair: Pair) -> None:
    pair.on_both(TREE, ORDERS)
    pair.on_source("INSERT INTO salons VALUES (1), (2)", "INSERT INTO bookings VALUES (1, 1), (2, 2)")
    pair.on_target("INSERT INTO salons VALUES (1), (9)", "INSERT INTO bookings VALUES (1, 9), (8, 9)")
    found = repair(pair)
    assert found.exit_code == 0, found
    assert equal(pair, "bookings")


def test_rows_that_point_to_rows_of_their_own_table_come_in_an_order_that_works(pair: Pair) -> None:
    pair.on_both("CREATE TABLE parts (id int PRIMARY KEY, above int NOT NULL REFERENCES parts)")
    # A chain, and a ring at its end that no order of single rows would take.
    pair.on_source("INSERT INTO parts SELECT g, least(g + 1, 40) FROM generate_series(1, 40) g")
    pair.on_source("UPDATE parts SET above = 39 WHERE id = 40")
    script = io.StringIO()
    repair(pair, decide=lambda _: False, output=script)
    assert repair(pair).exit_code == 0
    assert equal(pair, "parts")
    pair.on_target("TRUNCATE parts", script.getvalue())
    assert equal(pair, "parts")
    pair.on_source("DELETE FROM parts")
    assert repair(pair).exit_code == 0
    assert pair.rows_of_target("SELECT count(*) FROM parts") == [(0,)]


@pytest.mark.parametrize("ending", ["NOT NULL REFERENCES {} DEFERRABLE", "REFERENCES {}"])
def test_a_cycle_of_foreign_keys_is_closed_by_deferring_or_by_null_first(pair: Pair, ending: str) -> None:
    pair.on_both(
        "CREATE TABLE owners (id int PRIMARY KEY, pet int)",
        f"CREATE TABLE pets (id int PRIMARY KEY, owner int {ending.format('owners')})",
        f"ALTER TABLE owners ADD FOREIGN KEY (pet) {ending.removeprefix('NOT NULL ').format('pets')}",
    )
    pair.on_source(
        "INSERT INTO owners VALUES (1, NULL), (2, NULL)",
        "INSERT INTO pets VALUES (1, 1), (2, 2)",
        "UPDATE owners SET pet = 3 - id",
    )
    assert repair(pair).exit_code == 0
    assert equal(pair, "owners")
    assert equal(pair, "pets")


def test_unique_values_that_swap_or_shift_are_exchanged(pair: Pair) -> None:
    pair.on_both(
        "CREATE TABLE seats (id int PRIMARY KEY, place int UNIQUE, note text DEFAULT 'n', extra int)",
        "CREATE TABLE guests (id int PRIMARY KEY, seat int REFERENCES seats)",
    )
    pair.on_source(
        "INSERT INTO seats SELECT g, CASE WHEN g % 2 = 0 THEN g - 1 ELSE g + 1 END FROM generate_series(1, 6) g"
    )
    pair.on_source("INSERT INTO seats SELECT g, g + 1 FROM generate_series(20, 40) g")
    pair.on_target("INSERT INTO seats SELECT g, g, 'kept' FROM generate_series(1, 6) g")
    pair.on_target("INSERT INTO seats SELECT g, g FROM generate_series(20, 40) g")
    pair.on_both("INSERT INTO guests SELECT id, id FROM seats")
    ignored = {"ignore_columns": {"public.seats.note": "not compared"}}
    assert repair(pair, rows=ignored).exit_code == 0
    assert pair.rows_of_target("SELECT id, place, note FROM seats WHERE id < 4 ORDER BY 1") == [
        (1, 2, "kept"),
        (2, 1, "kept"),
        (3, 4, "kept"),
    ]


def test_two_rows_of_a_small_table_that_swap_are_exchanged_however_they_are_joined(pair: Pair) -> None:
    pair.on_both("CREATE TABLE seats (id int PRIMARY KEY, place int UNIQUE NOT NULL, note text)")
    pair.on_source("INSERT INTO seats VALUES (1, 10, 'a'), (2, 20, 'b')")
    pair.on_target("INSERT INTO seats VALUES (1, 20, 'a'), (2, 10, 'b')")
    assert repair(pair).exit_code == 0
    assert equal(pair, "seats")


def test_rows_of_a_table_without_columns_to_write_are_inserted(pair: Pair) -> None:
    pair.on_both("CREATE TABLE nothing ()", "CREATE TABLE made (g text GENERATED ALWAYS AS ('x') STORED)")
    for table in ("nothing", "made"):
        pair.on_source(*[f"INSERT INTO {table} DEFAULT VALUES"] * 3)
        pair.on_target(f"INSERT INTO {table} DEFAULT VALUES")
    assert repair(pair).exit_code == 0
    assert pair.rows_of_target("SELECT count(*) FROM nothing") == [(3,)]
    assert pair.rows_of_target("SELECT count(*) FROM made") == [(3,)]


def test_a_swap_that_would_take_other_rows_along_is_left(pair: Pair) -> None:
    pair.on_both(
        "CREATE TABLE seats (id int PRIMARY KEY, place int UNIQUE)",
        "CREATE TABLE guests (id int PRIMARY KEY, seat int REFERENCES seats ON DELETE CASCADE)",
    )
    pair.on_source("INSERT INTO seats VALUES (1, 2), (2, 1), (3, 5)")
    pair.on_target("INSERT INTO seats VALUES (1, 1), (2, 2), (3, 3)")
    pair.on_both("INSERT INTO guests VALUES (1, 1)")
    rows = table_of(repair(pair), "public.seats")
    assert (rows.updated, rows.after) == (1, "differs")
    assert list(rows.left) == ["23505: another row has the same key (unique constraint seats_place_key)"]
    assert pair.rows_of_target("SELECT count(*) FROM guests") == [(1,)]


def test_no_row_is_lost_because_another_one_goes(pair: Pair) -> None:
    pair.on_both(TREE, "CREATE TABLE guests (id int PRIMARY KEY)")
    pair.on_target("ALTER TABLE guests ADD salon int REFERENCES salons ON DELETE CASCADE")
    pair.on_both("INSERT INTO guests VALUES (1)")
    pair.on_target("INSERT INTO salons VALUES (5), (6)", "UPDATE guests SET salon = 5")
    found = repair(pair)
    rows = table_of(found, "public.salons")
    assert (rows.deleted, rows.left_rows[0].key) == (1, {"id": 5})
    assert pair.rows_of_target("SELECT count(*) FROM guests") == [(1,)]


def test_a_row_that_a_constraint_refuses_costs_no_other(pair: Pair) -> None:
    planted(pair)
    pair.on_target("ALTER TABLE clients ADD CONSTRAINT four CHECK (id <> 4)")
    rows = table_of(repair(pair))
    assert (rows.inserted, rows.updated, rows.deleted) == (1, 1, 1)
    assert rows.left == {"23514: a row breaks the check four": 1}
    assert [each.key for each in rows.left_rows] == [{"id": 4}]


def test_a_value_too_long_is_refused_and_never_cut(pair: Pair) -> None:
    pair.on_source("CREATE TABLE t (id int PRIMARY KEY, v text, b bit varying)")
    pair.on_target("CREATE TABLE t (id int PRIMARY KEY, v varchar(3), b bit(2))")
    pair.on_source("INSERT INTO t VALUES (1, 'abcd', '11'), (2, 'abc', '11'), (3, 'abc', '111')")
    rows = table_of(repair(pair), "public.t")
    assert (rows.inserted, sum(rows.left.values())) == (1, 2)
    assert pair.rows_of_target("SELECT id FROM t") == [(2,)]


def test_an_interrupted_repair_goes_on(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repair_run, "BATCH_ROWS", 4)
    pair.on_both(CLIENTS)
    pair.on_source(f"{FILL}(1, 20) g")
    # The session is cut in the third batch, when others are committed.
    pair.on_target(
        "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF (SELECT count(*) FROM public.clients) >= 10 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;"
        " RETURN NULL; END $$",
        "CREATE TRIGGER cut AFTER INSERT ON clients FOR EACH ROW EXECUTE FUNCTION cut()",
    )
    with pytest.raises(MigrationFailed) as failure:
        repair(pair)
    assert "is not written twice" in failure.value.hint
    assert pair.rows_of_target("SELECT count(*) FROM clients") == [(8,)]
    pair.on_target("DROP TRIGGER cut ON clients")
    assert table_of(repair(pair)).inserted == 12
    assert equal(pair, "clients")


def test_triggers_that_fire_are_told(pair: Pair) -> None:
    planted(pair)
    pair.on_target(
        "CREATE FUNCTION seen() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "CREATE TRIGGER on_delete AFTER DELETE ON clients FOR EACH ROW EXECUTE FUNCTION seen()",
        "CREATE TRIGGER on_truncate AFTER TRUNCATE ON clients EXECUTE FUNCTION seen()",
    )
    assert repair(pair, deletes=False, decide=lambda _: False).triggers == ()
    assert repair(pair).triggers == ("public.clients.on_delete",)


def test_a_role_that_may_not_write_is_refused_before_anything_is_written(pair: Pair) -> None:
    planted(pair)
    pair.on_target(
        "DO $$ BEGIN CREATE ROLE repair_reader LOGIN PASSWORD 'reader';"
        " EXCEPTION WHEN duplicate_object THEN NULL; END $$",
        "GRANT USAGE ON SCHEMA public TO repair_reader",
        "GRANT SELECT, INSERT ON clients TO repair_reader",
    )
    role = psycopg.conninfo.make_conninfo(pair.target_dsn, user="repair_reader", password="reader")
    with pytest.raises(PrivilegeMissing, match="may not update or delete rows of") as refused:
        repair(Pair(pair.source_dsn, role))
    assert "GRANT UPDATE, DELETE ON public.clients" in refused.value.hint
    assert pair.rows_of_target("SELECT count(*) FROM clients WHERE id IN (3, 4)") == [(0,)]


def test_partitioned_tables_and_partitions_that_rows_move_between(pair: Pair) -> None:
    pair.on_source("CREATE TABLE visits (id int PRIMARY KEY, day int)")
    pair.on_target(
        "CREATE TABLE visits (id int, day int) PARTITION BY RANGE (day)",
        "CREATE TABLE visits_a PARTITION OF visits FOR VALUES FROM (0) TO (10)",
        "CREATE TABLE visits_b PARTITION OF visits FOR VALUES FROM (10) TO (20)",
        "INSERT INTO visits VALUES (1, 1), (2, 2), (2, 2), (9, 11)",
    )
    pair.on_source("INSERT INTO visits VALUES (1, 11), (2, 2), (3, 3)")
    assert repair(pair).exit_code == 0
    assert equal(pair, "visits")


def test_what_is_within_the_tolerance_or_ignored_is_not_written(pair: Pair) -> None:
    pair.on_both("CREATE TABLE sums (id int PRIMARY KEY, n float8, m int, seen int)")
    pair.on_source("INSERT INTO sums VALUES (1, 1.0, 1, 1), (2, 1.0, 1, 1)")
    pair.on_target("INSERT INTO sums VALUES (1, 1.001, 1, 2), (2, 1.5, 1, 2)")
    rules = {"tables": {"public.sums": {"tolerances": {"n": {"absolute": 0.01}}}}}
    found = repair(pair, rows=rules | {"ignore_columns": {"public.sums.seen": "counted on each side"}})
    assert table_of(found, "public.sums").updated == 1
    assert pair.rows_of_target("SELECT id, n, seen FROM sums ORDER BY id") == [(1, 1.001, 2), (2, 1.0, 2)]


def test_large_values_arrive_whole(pair: Pair) -> None:
    pair.on_both("CREATE TABLE files (id int PRIMARY KEY, body bytea)")
    pair.on_source(
        "INSERT INTO files SELECT g, decode(repeat(md5(g::text), 80000 * g), 'hex') FROM generate_series(1, 5) g"
    )
    pair.on_target("INSERT INTO files VALUES (5, '\\x00')")
    assert repair(pair).exit_code == 0
    assert equal(pair, "files")


def test_a_personal_key_appears_as_a_short_hash(pair: Pair) -> None:
    pair.on_both("CREATE TABLE clients (phone text PRIMARY KEY, n int)")
    pair.on_target("INSERT INTO clients VALUES ('80005550001', 1)")
    found = repair(pair, deletes=False, personal={"columns": ["public.clients.phone"]})
    assert "80005550001" not in found.to_json()
    assert str(table_of(found).left_rows[0].key["phone"]).startswith("#")


def test_a_table_that_several_are_mapped_to_is_left_as_it_is(pair: Pair) -> None:
    pair.on_source("CREATE TABLE old (id int PRIMARY KEY)", "CREATE TABLE new (id int PRIMARY KEY)")
    pair.on_source("INSERT INTO old VALUES (1)", "INSERT INTO new VALUES (2)")
    pair.on_target("CREATE TABLE new (id int PRIMARY KEY)", "INSERT INTO new VALUES (1), (3)")
    found = repair(pair, mapping={"tables": {"public.old": {"target": "public.new"}}})
    assert (found.applied, found.exit_code) == (False, 3)
    assert {each.reason for each in found.tables} == {"public.new holds the rows of several tables of the source"}


def test_a_lock_ends_the_repair_and_is_not_met_row_by_row(pair: Pair) -> None:
    planted(pair)
    pair.on_target(
        "CREATE FUNCTION locked() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'lock_not_available'; END $$",
        "CREATE TRIGGER locked BEFORE INSERT ON clients FOR EACH ROW EXECUTE FUNCTION locked()",
    )
    with pytest.raises(MigrationFailed, match="55P03"):
        repair(pair)
