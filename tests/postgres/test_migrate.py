"""The migrate stage on real servers: modes, chunks, order, sequences, failures, resumption."""

from __future__ import annotations

import uuid

import psycopg
import pytest
from psycopg.rows import TupleRow

from harness.core.configuration import Configuration
from harness.core.record import Side
from harness.embedded.server import Server
from harness.errors import ConfigurationError, MigrationFailed, PlanRefused, PrivilegeMissing, TableMissing
from harness.postgres import chunks, ledger
from harness.postgres.connect import Endpoint, session
from harness.stages.migrate import migrate_stage, preflight
from tests.data_pair import Pair, copied_text


def table(pair: Pair, count: int, columns: str = "id int PRIMARY KEY, v text") -> None:
    """A table t on both sides, with rows on the source."""
    pair.on_both(f"CREATE TABLE t ({columns})")
    pair.on_source(f"INSERT INTO t SELECT g, 'v' || g FROM generate_series(1, {count}) g")


def same(pair: Pair, name: str = "t", order: str = "1") -> bool:
    return copied_text(pair.source_dsn, name, order) == copied_text(pair.target_dsn, name, order)


ONE_SESSION = {"max_connections": 1}
"""Chunks move one after the other"""


def pairs(rows: list[TupleRow]) -> dict[int, str]:
    return {int(one): str(other) for one, other in rows}


def test_an_empty_target_is_copied_straight_in_chunks(pair: Pair) -> None:
    table(pair, 2500)
    result = pair.migrate(migrate={"batch_rows": 1000})
    (moved,) = result.artifact.tables
    assert (moved.mode, moved.rows, moved.chunks, moved.verified, moved.error) == ("copy", 2500, 3, True, None)
    assert [(chunk.lower, chunk.upper, chunk.rows) for chunk in result.artifact.chunks] == [
        (None, ("1000",), 1000),
        (("1000",), ("2000",), 1000),
        (("2000",), None, 500),
    ]
    assert same(pair)
    assert result.coverage.complete
    assert result.findings == ()


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 300])
def test_chunks_of_every_size_move_every_row_once(pair: Pair, count: int) -> None:
    table(pair, count)
    result = pair.migrate(migrate={"batch_rows": 100})
    assert result.artifact.tables[0].verified
    assert result.artifact.rows == count
    assert sum(chunk.rows for chunk in result.artifact.chunks) == count
    assert same(pair)


def test_more_chunks_than_are_planned_at_once(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNKS_AT_ONCE", 3)
    table(pair, 1000)
    result = pair.migrate(migrate={"batch_rows": 50})
    assert (result.artifact.tables[0].chunks, same(pair)) == (20, True)


KEYS = {
    "text in mixed case": ("k text PRIMARY KEY", "(ARRAY['a', 'A', 'Ё', 'б', '_'])[1 + g % 5] || g"),
    "text under another collation": ('k text COLLATE "C" PRIMARY KEY', "chr(64 + g % 60) || g"),
    "varchar": ("k varchar(20) PRIMARY KEY", "'k' || g"),
    "char": ("k char(10) PRIMARY KEY", "'k' || g"),
    "uuid": ("k uuid PRIMARY KEY", "md5(g::text)::uuid"),
    "timestamptz": ("k timestamptz PRIMARY KEY", "'2024-01-01'::timestamptz + g * interval '1.5 s'"),
    "numeric": ("k numeric PRIMARY KEY", "g / 7.0"),
    "float8": ("k float8 PRIMARY KEY", "sqrt(g) - 10"),
    "bytea": ("k bytea PRIMARY KEY", "sha256(g::text::bytea)"),
    "boolean and int": ("k boolean, l int, PRIMARY KEY (k, l)", "g % 2 = 0, g"),
    "composite": ("k int, l text, PRIMARY KEY (l, k)", "g % 10, 'x' || g"),
    "unique without NULL": ("k int NOT NULL UNIQUE", "-g"),
    "inet": ("k inet PRIMARY KEY", "'10.0.0.0'::inet + g"),
    "interval": ("k interval PRIMARY KEY", "g * interval '1 day'"),
    "domain": ("k amount PRIMARY KEY", "g"),
    "enum": ("k mood, l int, PRIMARY KEY (k, l)", "(ARRAY['ok', 'bad', 'Ёж'])[1 + g % 3]::mood, g"),
}


@pytest.mark.parametrize("key", KEYS)
def test_every_kind_of_key_is_cut_into_chunks(pair: Pair, key: str) -> None:
    columns, values = KEYS[key]
    pair.on_target("CREATE TYPE another AS ENUM ('x')")
    pair.on_both(
        "CREATE DOMAIN amount AS numeric(12, 2)",
        "CREATE TYPE mood AS ENUM ('ok', 'bad', 'Ёж')",
        f"CREATE TABLE t ({columns})",
    )
    pair.on_source(f"INSERT INTO t SELECT {values} FROM generate_series(1, 333) g")
    result = pair.migrate(migrate={"batch_rows": 100})
    assert (result.artifact.rows, result.artifact.tables[0].chunks) == (333, 4)
    order = "1, 2" if "," in columns else "1"
    assert same(pair, order=order)


def test_a_table_without_key_is_one_chunk(pair: Pair) -> None:
    table(pair, 250, "id int, v text")
    pair.on_source("INSERT INTO t SELECT * FROM t")
    result = pair.migrate(migrate={"batch_rows": 100})
    assert (result.artifact.tables[0].chunks, result.artifact.rows, same(pair, order="1, 2")) == (1, 500, True)


def test_a_target_with_rows_is_upserted(pair: Pair) -> None:
    table(pair, 300)
    pair.on_target("INSERT INTO t SELECT g, 'old' FROM generate_series(200, 250) g", "INSERT INTO t VALUES (-1, 'own')")
    result = pair.migrate(migrate={"batch_rows": 100})
    (moved,) = result.artifact.tables
    assert (moved.mode, moved.rows, moved.verified) == ("upsert", 300, False)
    assert [finding.code for finding in result.findings] == ["MIG003"]
    pair.on_target("DELETE FROM t WHERE id = -1")
    assert same(pair)


def test_an_upsert_writes_only_rows_that_differ(pair: Pair) -> None:
    pair.on_both("CREATE TABLE t (id int PRIMARY KEY, v json, p point, n numeric)")
    rows = "INSERT INTO t SELECT g, '{}', '(1,2)', 1.0 FROM generate_series(1, 50) g"
    pair.on_both(rows)
    pair.on_target("UPDATE t SET v = '{ }' WHERE id = 7", "UPDATE t SET n = 1.00 WHERE id = 8")
    before = pairs(pair.rows_of_target("SELECT id, xmin::text FROM t"))
    pair.migrate()
    after = pairs(pair.rows_of_target("SELECT id, xmin::text FROM t"))
    assert [key for key in after if before[key] != after[key]] == [7, 8]
    assert same(pair)


def test_a_table_without_common_key_and_with_rows_is_refused_and_the_rest_moves(pair: Pair) -> None:
    table(pair, 10)
    pair.on_both("CREATE TABLE log (v text)")
    pair.on_source("INSERT INTO log VALUES ('a')")
    pair.on_target("INSERT INTO log VALUES ('b')")
    result = pair.migrate()
    by_table = {moved.table: moved for moved in result.artifact.tables}
    assert "no unique key" in str(by_table["public.log"].error)
    assert by_table["public.t"].verified
    assert [(finding.code, finding.table) for finding in result.findings] == [("MIG002", "public.log")]
    assert pair.rows_of_target("SELECT v FROM log") == [("b",)]


def test_a_key_that_the_target_has_not_cannot_be_upserted_by(pair: Pair) -> None:
    pair.on_source("CREATE TABLE t (id int PRIMARY KEY, v text)", "INSERT INTO t VALUES (1, 'a')")
    pair.on_target("CREATE TABLE t (id int NOT NULL, v text)", "INSERT INTO t VALUES (1, 'a')")
    assert "42P10" in str(pair.migrate().artifact.tables[0].error)


def test_tables_load_after_those_their_foreign_keys_point_to(pair: Pair) -> None:
    pair.on_both(
        "CREATE TABLE c (id int PRIMARY KEY)",
        "CREATE TABLE b (id int PRIMARY KEY, c int REFERENCES c)",
        "CREATE TABLE a (id int PRIMARY KEY, b int REFERENCES b)",
    )
    pair.on_source("INSERT INTO c VALUES (1)", "INSERT INTO b VALUES (1, 1)", "INSERT INTO a VALUES (1, 1)")
    result = pair.migrate("public.a", "public.b", "public.c")
    assert [moved.table for moved in result.artifact.tables] == ["public.c", "public.b", "public.a"]
    assert all(moved.verified for moved in result.artifact.tables)


def test_a_table_that_points_to_itself_loads_in_one_statement(pair: Pair) -> None:
    pair.on_both("CREATE TABLE t (id int PRIMARY KEY, parent int REFERENCES t)")
    pair.on_source(
        "INSERT INTO t SELECT g, NULL FROM generate_series(1, 500) g", "UPDATE t SET parent = 501 - id WHERE id < 500"
    )
    result = pair.migrate(migrate={"batch_rows": 50})
    assert (result.artifact.tables[0].verified, result.artifact.tables[0].chunks) == (True, 1)


CYCLE = (
    "CREATE TABLE a (id int PRIMARY KEY, b int)",
    "CREATE TABLE b (id int PRIMARY KEY, a int NOT NULL REFERENCES a)",
    "ALTER TABLE a ADD CONSTRAINT a_needs_b FOREIGN KEY (b) REFERENCES b",
)
CYCLE_ROWS = ("INSERT INTO a VALUES (1, NULL), (2, NULL)", "INSERT INTO b VALUES (1, 1), (2, 2)", "UPDATE a SET b = id")


def test_a_cycle_of_deferrable_foreign_keys_loads_in_one_transaction(pair: Pair) -> None:
    pair.on_both(*CYCLE, "ALTER TABLE a ALTER CONSTRAINT a_needs_b DEFERRABLE")
    pair.on_source(*CYCLE_ROWS)
    result = pair.migrate()
    assert [(moved.table, moved.verified) for moved in result.artifact.tables] == [
        ("public.a", True),
        ("public.b", True),
    ]
    assert same(pair, "a")
    assert pair.migrate().artifact.rows == 4


def test_a_cycle_that_cannot_be_deferred_is_refused_by_the_name_of_a_constraint(pair: Pair) -> None:
    pair.on_both(*CYCLE, "CREATE TABLE needs_a (id int PRIMARY KEY REFERENCES a)", "CREATE TABLE free (id int)")
    pair.on_source(*CYCLE_ROWS, "INSERT INTO needs_a VALUES (1)", "INSERT INTO free VALUES (1)")
    result = pair.migrate()
    errors = {moved.table: str(moved.error) for moved in result.artifact.tables}
    assert "public.a.a_needs_b is not deferrable" in errors["public.a"]
    assert "public.a.a_needs_b is not deferrable" in errors["public.b"]
    assert "need the rows of public.a" in errors["public.needs_a"]
    assert errors["public.free"] == "None"
    assert pair.rows_of_target("SELECT count(*) FROM a") == [(0,)]


def test_a_failing_table_leaves_its_good_chunks_and_stops_those_that_need_it(pair: Pair) -> None:
    table(pair, 250)
    pair.on_both("CREATE TABLE needs_t (id int PRIMARY KEY REFERENCES t)", "CREATE TABLE free (id int PRIMARY KEY)")
    pair.on_source("INSERT INTO needs_t VALUES (1)", "INSERT INTO free VALUES (1)")
    pair.on_target("ALTER TABLE t ADD CONSTRAINT short CHECK (v <> 'v150')")
    result = pair.migrate(migrate={"batch_rows": 100}, run=ONE_SESSION)
    by_table = {moved.table: moved for moved in result.artifact.tables}
    assert by_table["public.t"].error == "on the target: 23514: a row breaks the check short"
    assert by_table["public.t"].rows == 100
    assert "need the rows of public.t" in str(by_table["public.needs_t"].error)
    assert by_table["public.free"].verified
    assert pair.rows_of_target("SELECT count(*) FROM t") == [(100,)]
    assert {finding.code for finding in result.findings} == {"MIG002"}
    assert {skipped.item for skipped in result.coverage.skipped} == {"public.t", "public.needs_t"}


FAILURES = {
    "23502": ("id int PRIMARY KEY, v text", "v text NOT NULL", "NULL"),
    "22001": ("id int PRIMARY KEY, v text", "v varchar(3)", "'secret value'"),
    "22P02": ("id int PRIMARY KEY, v text", "v int", "'secret value'"),
    "22003": ("id int PRIMARY KEY, v bigint", "v smallint", "70000"),
    "22008": ("id int PRIMARY KEY, v text", "v date", "'2024-99-99 secret value'"),
    "23505": ("id int PRIMARY KEY, v text", "v text UNIQUE", "'secret value'"),
}


@pytest.mark.parametrize("sqlstate", FAILURES)
def test_an_error_is_told_by_its_meaning_and_never_shows_a_value(pair: Pair, sqlstate: str) -> None:
    source, column, value = FAILURES[sqlstate]
    pair.on_source(f"CREATE TABLE t ({source})", f"INSERT INTO t VALUES (1, {value}), (2, {value})")
    pair.on_target(f"CREATE TABLE t (id int PRIMARY KEY, {column})")
    result = pair.migrate()
    error = str(result.artifact.tables[0].error)
    assert error.startswith(f"on the target: {sqlstate[:2]}")
    assert "secret" not in result.artifact.to_json() + "".join(each.to_json() for each in result.findings)


def test_a_table_whose_statistics_cannot_be_gathered_does_not_keep_the_others_from_moving(pair: Pair) -> None:
    table(pair, 250)
    pair.on_both("CREATE TABLE u (id int PRIMARY KEY)")
    pair.on_source("INSERT INTO u VALUES (1)")
    pair.on_target(
        "CREATE FOREIGN DATA WRAPPER without_handler",
        "CREATE SERVER nowhere FOREIGN DATA WRAPPER without_handler",
        "CREATE FOREIGN TABLE elsewhere () INHERITS (t) SERVER nowhere",
    )
    try:
        result = pair.migrate()
    finally:
        pair.on_target("DROP FOREIGN DATA WRAPPER without_handler CASCADE")
    by_table = {moved.table: moved for moved in result.artifact.tables}
    assert str(by_table["public.t"].error).startswith("on the target: 55000")
    assert by_table["public.u"].verified


def test_an_expression_that_fails_on_the_source_is_told_of_the_source(pair: Pair) -> None:
    table(pair, 10)
    pair.on_both("CREATE TABLE other (id int PRIMARY KEY)")
    pair.on_source("INSERT INTO other VALUES (1)")
    mapping = {"tables": {"public.t": {"columns": {"v": {"expression": "(100 / (id - 5))::text"}}}}}
    by_table = {moved.table: moved for moved in pair.migrate(mapping=mapping).artifact.tables}
    assert by_table["public.t"].error == "on the source: 22012: an expression divides by zero"
    assert by_table["public.other"].verified


def test_nothing_moves_when_the_target_lacks_a_column_of_one_table(pair: Pair) -> None:
    table(pair, 10)
    pair.on_both("CREATE TABLE other (id int PRIMARY KEY)")
    pair.on_source("INSERT INTO other VALUES (1)", "ALTER TABLE t ADD COLUMN extra int")
    result = pair.migrate()
    assert [(finding.code, finding.table) for finding in result.findings] == [("MIG001", "public.t")]
    assert "extra" in result.findings[0].title
    assert (result.artifact.tables, result.artifact.chunks) == ((), ())
    assert {skipped.item for skipped in result.coverage.skipped} == {"public.t", "public.other"}
    assert pair.rows_of_target("SELECT count(*) FROM other") == [(0,)]
    assert pair.rows_of_target("SELECT to_regnamespace('pgparity')::text") == [(None,)]


def test_nothing_moves_when_a_required_column_of_the_target_gets_no_value(pair: Pair) -> None:
    table(pair, 10)
    pair.on_target("ALTER TABLE t ADD COLUMN needed int NOT NULL")
    result = pair.migrate()
    assert [finding.code for finding in result.findings] == ["MIG001"]
    assert "needed" in result.findings[0].title


def test_nothing_moves_when_the_target_lacks_a_table(pair: Pair) -> None:
    table(pair, 10)
    pair.on_source("CREATE TABLE extra (id int)")
    source, target = pair.catalogs()
    assert [each.table for each in preflight(source, target, ("public.t", "public.extra"), Configuration())] == [
        "public.extra"
    ]
    assert pair.migrate().artifact.chunks == ()


def test_a_mapping_renames_casts_fills_and_drops(pair: Pair) -> None:
    pair.on_source(
        'CREATE TABLE clients (id int PRIMARY KEY, title text, "Born" text, first text, last text, legacy int)',
        "INSERT INTO clients VALUES (1, '100%', '2000-02-29', 'Анна', 'К.', 5)",
    )
    pair.on_target(
        "CREATE TABLE people (id bigint PRIMARY KEY, name text, birth_date date, full_name text, origin text,"
        " made int DEFAULT 7)"
    )
    mapping = {
        "tables": {
            "public.clients": {
                "target": "public.people",
                "columns": {
                    "name": {"source": "title"},
                    "birth_date": {"source": "Born", "cast": "date"},
                    "full_name": {"expression": "first || ' ' || last || ' 5%'"},
                    "origin": {"constant": "it's"},
                    "made": {"default": True},
                },
                "drop": {"legacy": "never read"},
            }
        }
    }
    result = pair.migrate(mapping=mapping)
    assert result.artifact.tables[0].target_table == "public.people"
    assert pair.rows_of_target("SELECT id, name, birth_date::text, full_name, origin, made FROM people") == [
        (1, "100%", "2000-02-29", "Анна К. 5%", "it's", 7)
    ]
    assert pair.compare("public.clients", mapping=mapping).artifact[0].status == "drift"  # int became bigint


@pytest.mark.parametrize("key", [{"source": "id"}, {"expression": "id + 0"}])
def test_an_expression_whose_column_is_called_like_the_key_does_not_change_the_order_of_chunks(
    pair: Pair, key: dict[str, str]
) -> None:
    pair.on_source("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t SELECT generate_series(1, 30)")
    pair.on_target("CREATE TABLE t (k int PRIMARY KEY CHECK (k <> 5), v int)")
    columns = {"k": key, "v": {"expression": "(SELECT -t.id AS id)"}}
    mapping = {"tables": {"public.t": {"columns": columns}}}
    first = pair.migrate(mapping=mapping, migrate={"batch_rows": 10}, run=ONE_SESSION).artifact
    assert [each.rows for each in first.tables] == [0]
    pair.on_target("ALTER TABLE t DROP CONSTRAINT t_k_check", "ALTER TABLE t ADD CHECK (k <> 15)")
    ledger.forget(pair.target)
    assert pair.migrate(mapping=mapping, migrate={"batch_rows": 10}, run=ONE_SESSION).artifact.rows == 10
    assert pair.rows_of_target("SELECT min(k), max(k), sum(v) FROM t") == [(1, 10, -55)]


def test_a_misspelt_mapping_is_an_error_with_the_nearest_name(pair: Pair) -> None:
    table(pair, 1)
    with pytest.raises(ConfigurationError, match="no target column w") as caught:
        pair.migrate(mapping={"tables": {"public.t": {"columns": {"w": {"source": "v"}}}}})
    assert "id, v" in caught.value.hint


def test_a_table_on_neither_side_is_an_error_and_nothing_is_written(pair: Pair) -> None:
    table(pair, 1)
    with pytest.raises(TableMissing, match=r"public\.nowhere"):
        pair.migrate("public.t", "public.nowhere")
    assert pair.rows_of_target("SELECT count(*) FROM t") == [(0,)]


def test_sequences_go_past_their_columns_and_never_behind_the_source(pair: Pair) -> None:
    pair.on_both(
        "CREATE TABLE a (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY)",
        "CREATE TABLE b (id serial PRIMARY KEY)",
        "CREATE TABLE c (id int GENERATED ALWAYS AS IDENTITY (INCREMENT BY -1) PRIMARY KEY)",
        "CREATE TABLE empty (id serial PRIMARY KEY)",
    )
    pair.on_source(
        "INSERT INTO a VALUES (5), (900)",
        "INSERT INTO b DEFAULT VALUES",
        "SELECT nextval('b_id_seq') FROM generate_series(1, 99)",
        "INSERT INTO c OVERRIDING SYSTEM VALUE VALUES (-1), (-40)",
    )
    pair.migrate()
    values = {name: pair.rows_of_target(f"SELECT nextval('{name}_id_seq')")[0][0] for name in ("a", "b", "c", "empty")}
    assert values == {"a": 901, "b": 101, "c": -41, "empty": 1}


def test_generated_columns_are_left_to_the_target_and_identity_values_are_kept(pair: Pair) -> None:
    pair.on_both(
        "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int, twice int GENERATED ALWAYS AS (n * 2)"
        " STORED)"
    )
    pair.on_source("INSERT INTO t (id, n) OVERRIDING SYSTEM VALUE SELECT g * 10, g FROM generate_series(1, 20) g")
    pair.migrate()
    assert same(pair)
    ledger.forget(pair.target)
    pair.on_source("UPDATE t SET n = 0 WHERE id = 50")
    pair.on_target("DELETE FROM t WHERE id = 200")
    assert pair.migrate().artifact.tables[0].mode == "upsert"
    assert same(pair)


def test_triggers_of_the_target_that_fire_are_named(pair: Pair) -> None:
    table(pair, 3)
    pair.on_target(
        "CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.v := upper(NEW.v); RETURN NEW; END'",
        "CREATE TRIGGER louder BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION shout()",
    )
    assert "louder" in pair.migrate().summary
    assert pair.compare_one("public.t").differences[0].cells[0].cls == "case"


def test_a_partitioned_table_moves_as_one(pair: Pair) -> None:
    pair.on_both(
        "CREATE TABLE t (id int PRIMARY KEY, v text) PARTITION BY RANGE (id)",
        "CREATE TABLE t_low PARTITION OF t FOR VALUES FROM (MINVALUE) TO (500)",
    )
    pair.on_source("CREATE TABLE t_high PARTITION OF t FOR VALUES FROM (500) TO (MAXVALUE)")
    pair.on_target("CREATE TABLE t_rest PARTITION OF t DEFAULT")
    pair.on_source("INSERT INTO t SELECT g, 'v' || g FROM generate_series(1, 1000) g")
    result = pair.migrate()
    assert [(moved.table, moved.rows, moved.verified) for moved in result.artifact.tables] == [("public.t", 1000, True)]
    assert set(result.coverage.items) == {"public.t", "public.t_low", "public.t_high"}
    assert same(pair)


def test_statistics_are_gathered_after_the_load(pair: Pair) -> None:
    table(pair, 777)
    pair.migrate()
    assert pair.rows_of_target("SELECT reltuples::int FROM pg_class WHERE oid = 't'::regclass") == [(777,)]


def test_a_finished_migration_that_runs_again_moves_nothing_and_counts_again(pair: Pair) -> None:
    table(pair, 250)
    pair.migrate(migrate={"batch_rows": 100})
    before = pair.rows_of_target("SELECT xmin::text FROM t ORDER BY id")
    result = pair.migrate(migrate={"batch_rows": 100})
    assert all(chunk.resumed for chunk in result.artifact.chunks)
    assert (result.artifact.rows, result.artifact.tables[0].verified, result.findings) == (250, True, ())
    assert pair.rows_of_target("SELECT xmin::text FROM t ORDER BY id") == before
    pair.on_source("INSERT INTO t VALUES (900, 'new')")
    result = pair.migrate(migrate={"batch_rows": 100})
    assert [finding.code for finding in result.findings] == ["MIG003"]
    assert not result.artifact.tables[0].verified


def test_a_finished_migration_and_an_emptied_target_are_not_verified_from_the_ledger(pair: Pair) -> None:
    table(pair, 10)
    pair.migrate()
    pair.on_target("TRUNCATE t")
    result = pair.migrate()
    assert (result.artifact.tables[0].verified, [each.code for each in result.findings]) == (False, ["MIG003"])


def interrupt(pair: Pair, rows: int = 250, batch: int = 100) -> None:
    """Leave a migration of t unfinished: its first chunk is in, its second one was refused."""
    table(pair, rows)
    pair.on_target("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''no''; END'")
    pair.on_target(
        "CREATE TRIGGER refusing BEFORE INSERT ON t FOR EACH ROW WHEN (NEW.id = 150) EXECUTE FUNCTION refuse()"
    )
    result = pair.migrate(migrate={"batch_rows": batch}, run=ONE_SESSION)
    assert result.artifact.tables[0].error == "on the target: P0001: a trigger or function refused a row"
    pair.on_target("DROP TRIGGER refusing ON t")


def test_an_interrupted_migration_goes_on_where_it_stopped(pair: Pair) -> None:
    interrupt(pair)
    before = pairs(pair.rows_of_target("SELECT id, xmin::text FROM t"))
    pair.on_source("INSERT INTO t SELECT g, 'late' FROM generate_series(251, 480) g")
    result = pair.migrate(migrate={"batch_rows": 100})
    assert [(chunk.lower, chunk.upper, chunk.rows, chunk.resumed) for chunk in result.artifact.chunks] == [
        (None, ("100",), 100, True),
        (("100",), ("200",), 100, False),
        (("200",), ("300",), 100, False),
        (("300",), ("400",), 100, False),
        (("400",), None, 80, False),
    ]
    after = pairs(pair.rows_of_target("SELECT id, xmin::text FROM t"))
    assert all(after[key] == value for key, value in before.items())
    assert same(pair)
    assert result.artifact.tables[0].verified


def test_a_resumed_migration_may_have_other_batches(pair: Pair) -> None:
    interrupt(pair)
    result = pair.migrate(migrate={"batch_rows": 37})
    assert [chunk.rows for chunk in result.artifact.chunks] == [100, 37, 37, 37, 37, 2]
    assert same(pair)


def test_what_changed_meanwhile_in_what_was_moved_is_mended_and_nothing_else_is_written(pair: Pair) -> None:
    interrupt(pair, rows=350)
    pair.migrate(migrate={"batch_rows": 100}, run=ONE_SESSION)
    ledger_again(pair)
    before = pairs(pair.rows_of_target("SELECT id, xmin::text FROM t"))
    pair.on_source(
        "INSERT INTO t VALUES (-5, 'below')",
        "DELETE FROM t WHERE id = 7",
        "UPDATE t SET v = 'new' WHERE id IN (3, 150)",
    )
    result = pair.migrate(migrate={"batch_rows": 100})
    after = pairs(pair.rows_of_target("SELECT id, xmin::text FROM t"))
    assert same(pair)
    assert result.artifact.tables[0].checksums
    assert {key for key, value in after.items() if before.get(key) != value} == {-5, 3, 150}
    assert [len(each.transactions) for each in result.artifact.chunks] == [2, 2, 1, 1]


def ledger_again(pair: Pair) -> None:
    """As if the run had been interrupted before it could say that it was finished."""
    pair.on_target("UPDATE pgparity.moved_table SET finished_at = NULL")


@pytest.mark.parametrize(
    "change", ["ALTER TABLE t ADD COLUMN w int", "ALTER TABLE t ALTER COLUMN v TYPE varchar(99)",
               "CREATE UNIQUE INDEX ON t (v)"]
)  # fmt: skip
def test_resumption_on_a_changed_catalog_is_refused_and_writes_nothing(pair: Pair, change: str) -> None:
    interrupt(pair)
    pair.on_both(change)
    with pytest.raises(PlanRefused, match="interrupted") as caught:
        pair.migrate(migrate={"batch_rows": 100})
    assert "forget" in caught.value.hint
    assert pair.rows_of_target("SELECT count(*) FROM t") == [(100,)]


def test_resumption_with_another_mapping_is_refused(pair: Pair) -> None:
    interrupt(pair)
    with pytest.raises(PlanRefused, match="interrupted"):
        pair.migrate(mapping={"tables": {"public.t": {"columns": {"v": {"constant": "x"}}}}})


def test_resumption_is_not_refused_for_what_does_not_concern_the_rows(pair: Pair) -> None:
    interrupt(pair)
    pair.on_both("CREATE TABLE other (id int)", "CREATE INDEX ON t (v)", "ANALYZE")
    assert pair.migrate("public.t").artifact.tables[0].verified


def test_a_forgotten_migration_starts_anew_by_upsert(pair: Pair) -> None:
    interrupt(pair)
    pair.on_both("ALTER TABLE t ADD COLUMN w int")
    assert ledger.forget(pair.target)
    assert pair.rows_of_target("SELECT to_regnamespace('pgparity')::text") == [(None,)]
    result = pair.migrate()
    assert (result.artifact.tables[0].mode, result.artifact.tables[0].verified) == ("upsert", True)
    assert same(pair)


def test_forgetting_nothing_does_nothing(pair: Pair) -> None:
    assert not ledger.forget(pair.target)


def test_a_finished_migration_lets_another_one_begin_by_upsert(pair: Pair) -> None:
    table(pair, 10)
    pair.migrate()
    pair.on_both("ALTER TABLE t ADD COLUMN w int DEFAULT 1")
    pair.on_source("UPDATE t SET w = 2 WHERE id = 3")
    result = pair.migrate()
    assert (result.artifact.tables[0].mode, same(pair)) == ("upsert", True)


def test_a_second_migration_at_the_same_time_is_refused(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    table(pair, 10)
    monkeypatch.setattr(ledger, "LOCK_SECONDS", 0.3)
    with session(pair.target, purpose="test", writable=True) as other:
        ledger.lock(other)
        with pytest.raises(MigrationFailed, match="another migration"):
            pair.migrate()
    assert pair.rows_of_target("SELECT count(*) FROM t") == [(0,)]


def test_all_tables_are_read_in_one_snapshot(pair: Pair) -> None:
    table(pair, 10)
    pair.on_both("CREATE TABLE u (id int PRIMARY KEY REFERENCES t)")

    class Interfering:
        def stage_started(self, stage: str) -> None: ...
        def stage_finished(self, stage: str, status: str, seconds: float, summary: str) -> None: ...
        def progress(self, stage: str, done: int, total: int, what: str) -> None:
            pair.on_source("INSERT INTO t SELECT max(id) + 1, 'late' FROM t", "INSERT INTO u SELECT max(id) FROM t")

    source, target = pair.catalogs()
    tables = ("public.t", "public.u")
    result = migrate_stage(pair.source, pair.target, source, target, tables, Configuration(), Interfering())
    assert [(moved.rows, moved.verified) for moved in result.artifact.tables] == [(10, True), (0, True)]
    assert pair.rows_of_target("SELECT count(*) FROM u") == [(0,)]


def test_a_role_that_may_not_write_is_refused_before_anything_moves(pair: Pair, newer_server: Server) -> None:
    table(pair, 10)
    pair.on_both("CREATE TABLE u (id int PRIMARY KEY)")
    role = f"reader_{uuid.uuid4().hex[:6]}"
    pair.on_target(
        f"CREATE ROLE {role} LOGIN PASSWORD 'x'",
        f"GRANT USAGE ON SCHEMA public TO {role}",
        f"GRANT ALL ON t TO {role}",
        f"GRANT SELECT ON u TO {role}",
    )
    (name,) = pair.rows_of_target("SELECT current_database()")[0]
    source, target = pair.catalogs()
    endpoint = Endpoint(Side.TARGET, newer_server.dsn(name, user=role, password="x"))
    with pytest.raises(PrivilegeMissing, match=r"public\.u"):
        migrate_stage(pair.source, endpoint, source, target, ("public.t", "public.u"), Configuration())
    assert pair.rows_of_target("SELECT count(*) FROM t") == [(0,)]
    pair.on_target(f"DROP OWNED BY {role}", f"DROP ROLE {role}")


def test_an_ordinary_role_that_owns_nothing_but_its_database_can_migrate(
    server: Server, newer_server: Server, pair: Pair
) -> None:
    role = f"owner_{uuid.uuid4().hex[:6]}"
    with psycopg.connect(newer_server.dsn(), autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'x'")
        admin.execute(f"CREATE DATABASE {role} OWNER {role}")
    try:
        owned = Pair(pair.source_dsn, newer_server.dsn(role, user=role, password="x"))
        table(owned, 30)
        result = owned.migrate()
        assert result.artifact.tables[0].verified
        assert owned.compare_one("public.t").status == "identical"
    finally:
        with psycopg.connect(newer_server.dsn(), autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {role} WITH (FORCE)")
            admin.execute(f"DROP ROLE {role}")


def test_a_target_that_cannot_be_reached_leaves_the_ledger_to_go_on_from(pair: Pair) -> None:
    table(pair, 500)

    class Killing:
        def stage_started(self, stage: str) -> None: ...
        def stage_finished(self, stage: str, status: str, seconds: float, summary: str) -> None: ...
        def progress(self, stage: str, done: int, total: int, what: str) -> None:
            if done == 200:
                pair.on_target(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pgparity migrate'"
                )

    source, target = pair.catalogs()
    configuration = Configuration.model_validate({"migrate": {"batch_rows": 100}, "run": ONE_SESSION})
    with pytest.raises(MigrationFailed) as caught:
        migrate_stage(pair.source, pair.target, source, target, ("public.t",), configuration, Killing())
    assert "run again" in caught.value.hint
    assert pair.rows_of_target("SELECT count(*) FROM t") == [(200,)]
    assert pair.migrate(migrate={"batch_rows": 100}).artifact.tables[0].verified
    assert same(pair)
