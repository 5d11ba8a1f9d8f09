"""Rows that the target refuses: each of them is found and named, all others of its chunk move, and nothing twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.core.configuration import Configuration
from harness.core.ledger import Ledger
from harness.errors import MigrationFailed
from harness.stages import rejects as searching
from harness.stages import rejects_file
from harness.stages.migrate import migrate_stage
from harness.stages.rejects_file import Rejects
from harness.stages.result import StageResult
from tests.data_pair import Pair
from tests.server_versions import MAJOR

ROWS = 400
PLAIN = "CREATE TABLE t (id int PRIMARY KEY, v text, n int)"
FILLED = f"INSERT INTO t SELECT g, 'v' || g, g FROM generate_series(1, {ROWS}) g"
POINTING = "CREATE TABLE t (id int PRIMARY KEY, v text, n int REFERENCES p (id))"


def moved(pair: Pair, file: Path | None, **settings: Any) -> StageResult[Ledger]:
    """migrate_stage, with what it refuses in a file."""
    source, target = pair.catalogs()
    return migrate_stage(
        pair.source,
        pair.target,
        source,
        target,
        tuple(source.table_by_identity),
        Configuration.model_validate({"migrate": {"batch_rows": 100}} | settings),
        rejects=Rejects(file) if file is not None else None,
    )


def listed(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []


def left_out(file: Path) -> list[tuple[object, ...]]:
    """Key and SQLSTATE of what stands in the file, in the order of the keys."""
    return sorted((*each["key"].values(), each["sqlstate"]) for each in listed(file))


def codes(result: StageResult[Ledger]) -> list[str]:
    return [each.code for each in result.findings]


def assert_all_but(pair: Pair, keys: list[int], *, table: str = "t") -> None:
    """The target holds every row of the source but these, each of them once."""
    query = f"SELECT t::text FROM {table} AS t"
    wanted = sorted(pair.rows_of_source(query + f" WHERE NOT id = ANY (ARRAY{keys}::int[])"))
    assert sorted(pair.rows_of_target(query)) == wanted


REFUSALS = {
    "a check": (
        PLAIN,
        "CREATE TABLE t (id int PRIMARY KEY, v text, n int CHECK (n <> 7 AND n <> 250))",
        (),
        [(7, "23514"), (250, "23514")],
    ),
    "NOT NULL": (
        PLAIN,
        "CREATE TABLE t (id int PRIMARY KEY, v text NOT NULL, n int)",
        ("UPDATE t SET v = NULL WHERE id IN (1, 400)",),
        [(1, "23502"), (400, "23502")],
    ),
    "a text that is too long": (
        PLAIN,
        "CREATE TABLE t (id int PRIMARY KEY, v varchar(5), n int)",
        ("UPDATE t SET v = 'eight555' WHERE id = 123",),
        [(123, "22001")],
    ),
    "two rows of one chunk with one value": (
        PLAIN,
        "CREATE TABLE t (id int PRIMARY KEY, v text UNIQUE, n int)",
        ("UPDATE t SET v = 'v11' WHERE id = 12",),
        [(12, "23505")],
    ),
    "a deferred key": (
        PLAIN,
        "CREATE TABLE t (id int PRIMARY KEY, v text UNIQUE DEFERRABLE INITIALLY DEFERRED, n int)",
        ("UPDATE t SET v = 'v311' WHERE id = 312",),
        [(312, "23505")],
    ),
    "a foreign key": (
        PLAIN,
        f"CREATE TABLE p AS SELECT generate_series(1, {ROWS - 1}) AS id;ALTER TABLE p ADD UNIQUE (id);{POINTING}",
        (),
        [(400, "23503")],
    ),
    "a trigger": (
        PLAIN,
        PLAIN + ";CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN IF new.n IN (55, 56) THEN RAISE 'never show %', new.v; END IF; RETURN new; END $$;"
        "CREATE TRIGGER no BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION no()",
        (),
        [(55, "P0001"), (56, "P0001")],
    ),
    "an index entry that is too large": (
        PLAIN,
        PLAIN + ";CREATE INDEX ON t (v)",
        ("UPDATE t SET v = (SELECT string_agg(md5(g::text), '') FROM generate_series(1, 300) g) WHERE id = 77",),
        [(77, "54000")],
    ),
    "every row of a chunk": (
        PLAIN,
        "CREATE TABLE t (id int PRIMARY KEY, v text, n int CHECK (n <= 100 OR n > 200))",
        (),
        [(each, "23514") for each in range(101, 201)],
    ),
}


FEW = {"a check", "a trigger", "a deferred key", "two rows of one chunk with one value"}
"""That every run of the tests has; the others are searched for in the same way"""


@pytest.mark.parametrize(
    "kind", [each if each in FEW else pytest.param(each, marks=pytest.mark.long) for each in REFUSALS]
)
def test_what_the_target_refuses_is_named_and_the_rest_of_its_chunk_moves(
    kind: str, pair: Pair, tmp_path: Path
) -> None:
    ours, theirs, planted, refused = REFUSALS[kind]
    pair.on_source(ours, FILLED, *planted)
    pair.on_target(theirs)
    result = moved(pair, tmp_path / "rejected.jsonl")
    assert left_out(tmp_path / "rejected.jsonl") == refused
    assert_all_but(pair, [key for key, _ in refused])
    assert codes(result) == ["MIG004"]
    (table,) = result.artifact.tables
    assert (table.rows, table.rejected, table.chunks) == (ROWS - len(refused), len(refused), 4)
    assert (table.verified, table.checksums) == (False, None)
    said = result.findings[0].model_dump_json() + (tmp_path / "rejected.jsonl").read_text(encoding="utf-8")
    assert "never show" not in said
    assert "eight555" not in said


def test_without_the_option_the_first_such_row_stops_its_table(pair: Pair) -> None:
    pair.on_source(PLAIN, FILLED)
    pair.on_target("CREATE TABLE t (id int PRIMARY KEY, v text, n int CHECK (n <> 350))")
    result = moved(pair, None, run={"max_connections": 1})
    assert codes(result) == ["MIG002"]
    assert pair.rows_of_target("SELECT max(id) FROM t") == [(300,)]


def test_rows_are_upserted_beside_those_that_the_target_refuses(pair: Pair, tmp_path: Path) -> None:
    pair.on_source(PLAIN, FILLED)
    pair.on_target(
        "CREATE TABLE t (id int PRIMARY KEY, v text UNIQUE, n int CHECK (n <> 9))",
        "INSERT INTO t VALUES (-1, 'v150', 1), (3, 'old', 3)",
    )
    result = moved(pair, tmp_path / "rejected.jsonl")
    assert left_out(tmp_path / "rejected.jsonl") == [(9, "23514"), (150, "23505")]
    assert result.artifact.tables[0].mode == "upsert"
    pair.on_target("DELETE FROM t WHERE id = -1")
    assert_all_but(pair, [9, 150])


def test_a_row_without_a_key_is_named_by_its_place(pair: Pair, tmp_path: Path) -> None:
    pair.on_source("CREATE TABLE t (id int, v text)", "INSERT INTO t SELECT g, 'v' FROM generate_series(1, 50) g")
    pair.on_target("CREATE TABLE t (id int CHECK (id <> 20), v text)")
    moved(pair, tmp_path / "rejected.jsonl")
    assert [each["key"] for each in listed(tmp_path / "rejected.jsonl")] == [{"ctid": "(0,20)"}]
    assert_all_but(pair, [20])


def test_rows_are_found_in_every_partition_and_in_chunks_that_are_blocks(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.postgres.rejects._LISTED_AT_MOST", 3)
    pair.on_source(
        "CREATE TABLE t (id int, v text) PARTITION BY RANGE (id)",
        "CREATE TABLE low PARTITION OF t FOR VALUES FROM (0) TO (100)",
        "CREATE TABLE high PARTITION OF t FOR VALUES FROM (100) TO (300)",
        "INSERT INTO t SELECT g, repeat('v', 200) FROM generate_series(0, 299) g",
    )
    pair.on_target("CREATE TABLE t (id int CHECK (id NOT IN (5, 99, 100, 290)), v text)")
    for number, settings in enumerate(({"batch_rows": 1000}, {"batch_bytes": 16384})):
        file = tmp_path / f"{number}.jsonl"
        result = moved(pair, file, migrate=settings)
        parts = [(each["key"]["partition"], each["sqlstate"]) for each in listed(file)]
        assert sorted(parts) == [("public.high", "23514")] * 2 + [("public.low", "23514")] * 2
        assert_all_but(pair, [5, 99, 100, 290])
        # Blocks are only cut where they can be read alone, which PostgreSQL 13 cannot.
        assert (result.artifact.tables[0].chunks > 1) is (number == 1 and MAJOR >= 14)
        pair.on_target("TRUNCATE t", "DROP SCHEMA pgparity CASCADE")


def test_of_rows_that_point_to_each_other_only_those_whose_row_is_refused_are_too(pair: Pair, tmp_path: Path) -> None:
    pair.on_source(
        "CREATE TABLE t (id int PRIMARY KEY, up int, n int)",
        # Each points to the next one, which lies behind it; 30 and 31 to one that the target refuses.
        "INSERT INTO t SELECT g, CASE WHEN g < 29 THEN g + 1 WHEN g IN (30, 31) THEN 40 END, g"
        " FROM generate_series(1, 45) g",
    )
    pair.on_target("CREATE TABLE t (id int PRIMARY KEY, up int REFERENCES t, n int CHECK (n <> 40))")
    moved(pair, tmp_path / "rejected.jsonl")
    assert left_out(tmp_path / "rejected.jsonl") == [(30, "23503"), (31, "23503"), (40, "23514")]
    assert_all_but(pair, [30, 31, 40])


def test_a_key_that_is_declared_personal_is_a_hash_in_the_file(pair: Pair, tmp_path: Path) -> None:
    pair.on_source("CREATE TABLE t (phone text PRIMARY KEY, n int)", "INSERT INTO t VALUES ('80005550001', 1)")
    pair.on_target("CREATE TABLE t (phone text PRIMARY KEY, n int CHECK (n > 1))")
    moved(pair, tmp_path / "rejected.jsonl", personal={"columns": ["public.t.phone"]})
    assert "8000555" not in (tmp_path / "rejected.jsonl").read_text(encoding="utf-8")
    assert [set(each) for each in listed(tmp_path / "rejected.jsonl")] == [{"table", "key", "sqlstate", "reason"}]
    assert list(listed(tmp_path / "rejected.jsonl")[0]["key"]) == ["phone"]


def test_more_rows_than_a_run_leaves_out_stop_their_table(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair.on_source(PLAIN, FILLED)
    pair.on_target("CREATE TABLE t (id int PRIMARY KEY, v text, n int CHECK (n <> 150 AND n <= 304))")
    monkeypatch.setattr(rejects_file, "MOST_REJECTS", 10)
    result = moved(pair, tmp_path / "rejected.jsonl", run={"max_connections": 1})
    assert codes(result) == ["MIG002", "MIG004"]
    assert "more than 10 rows are refused" in result.findings[0].title
    assert left_out(tmp_path / "rejected.jsonl") == [(150, "23514")]
    assert pair.rows_of_target("SELECT max(id), count(*) FROM t") == [(300, 299)]


@pytest.mark.long
def test_of_values_that_chunks_have_in_common_one_row_moves_whoever_comes_first(pair: Pair, tmp_path: Path) -> None:
    pair.on_source(PLAIN, FILLED, "UPDATE t SET v = 'v' || 401 - id WHERE id > 200 AND id % 10 = 0")
    pair.on_target("CREATE TABLE t (id int PRIMARY KEY, v text UNIQUE, n int)")
    result = moved(pair, tmp_path / "rejected.jsonl", migrate={"batch_rows": 50})
    refused = left_out(tmp_path / "rejected.jsonl")
    assert len(refused) == 20
    assert {state for _, state in refused} == {"23505"}
    assert_all_but(pair, [int(str(key)) for key, _ in refused])
    assert codes(result) == ["MIG004"]


class Killed(BaseException):
    """What ends a run, as seen from the servers: their sessions end."""


def test_killed_in_the_middle_of_a_search_or_before_its_end_a_rerun_ends_the_same(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair.on_source(PLAIN, FILLED)
    pair.on_target("CREATE TABLE t (id int PRIMARY KEY, v text, n int CHECK (n NOT IN (50, 250)))")
    alone = {"run": {"max_connections": 1}}
    place, write, calls = searching._Trial._place, Rejects.add, []

    def die_searching(*arguments: Any) -> None:
        calls.append(1)
        if len(calls) == 4:
            raise Killed
        place(*arguments)

    def die_written(*arguments: Any) -> None:
        write(*arguments)
        if len(listed(tmp_path / "2")) == 2:
            raise Killed

    monkeypatch.setattr(searching._Trial, "_place", die_searching)
    with pytest.raises(Killed):
        moved(pair, tmp_path / "1", **alone)
    monkeypatch.setattr(searching._Trial, "_place", place)
    assert pair.rows_of_target("SELECT count(*) FROM t") == [(0,)]
    monkeypatch.setattr(Rejects, "add", die_written)
    with pytest.raises(Killed):
        moved(pair, tmp_path / "2", **alone)
    monkeypatch.setattr(Rejects, "add", write)
    assert left_out(tmp_path / "2") == [(50, "23514"), (250, "23514")]
    assert pair.rows_of_target("SELECT count(*) FROM t") == [(199,)]
    result = moved(pair, tmp_path / "3", **alone)
    assert left_out(tmp_path / "3") == [(250, "23514")]
    assert_all_but(pair, [50, 250])
    assert codes(result) == ["MIG004"]
    assert (result.artifact.tables[0].rows, result.artifact.tables[0].rejected) == (398, 2)


def test_a_chunk_that_was_moved_without_its_rejects_is_taken_up_and_mended(pair: Pair, tmp_path: Path) -> None:
    pair.on_source(PLAIN, FILLED)
    pair.on_target("CREATE TABLE t (id int PRIMARY KEY, v text, n int CHECK (n NOT IN (50, 60, 150, 350)))")
    file = tmp_path / "1"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rejects_file, "MOST_REJECTS", 3)
        assert codes(moved(pair, file, run={"max_connections": 1})) == ["MIG002", "MIG004"]
    assert left_out(file) == [(50, "23514"), (60, "23514"), (150, "23514")]
    # In the chunk of 101 to 200 a row is mended and another one spoilt; that of 1 to 100 is left as it is.
    pair.on_source("UPDATE t SET n = -150 WHERE id = 150", "UPDATE t SET n = 60 WHERE id = 110")
    result = moved(pair, tmp_path / "2")
    assert left_out(tmp_path / "2") == [(110, "23514"), (350, "23514")]
    assert_all_but(pair, [50, 60, 110, 350])
    (table,) = result.artifact.tables
    assert (table.rows, table.rejected, codes(result)) == (396, 4, ["MIG004"])
    # A finished migration moves nothing, and what it left out is for the comparison of the rows to say.
    again = moved(pair, tmp_path / "3")
    assert (listed(tmp_path / "3"), again.artifact.tables[0].rows) == ([], 396)


def test_a_file_that_cannot_be_written_ends_the_run_with_the_rows_of_its_chunk_not_moved(
    pair: Pair, tmp_path: Path
) -> None:
    pair.on_source(PLAIN, FILLED)
    pair.on_target("CREATE TABLE t (id int PRIMARY KEY, v text, n int CHECK (n <> 50))")
    with pytest.raises(MigrationFailed, match="cannot be written"):
        moved(pair, tmp_path / "no folder" / "file", run={"max_connections": 1})
    assert pair.rows_of_target("SELECT count(*) FROM t") == [(0,)]
