"""How the rows are read: in pieces by several sessions, inside limits, as a sample, and on from where it was ended."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from harness.core.configuration import Configuration
from harness.core.deltas import TableRows
from harness.errors import ConfigurationError
from harness.postgres import table_pieces
from harness.postgres.connect import session, snapshot
from harness.postgres.shared_snapshot import moment
from harness.stages import rows_reading, rows_scan, rows_tally
from harness.stages.events import Silent
from harness.stages.rows import rows_stage
from tests.data_pair import Pair
from tests.sessions_together import TOGETHER

ROWS = 3000


@pytest.fixture
def pair(databases: Pair) -> Pair:
    pair = databases.emptied()
    pair.on_both(
        "CREATE TABLE t (id int PRIMARY KEY, name text, total numeric)",
        f"INSERT INTO t SELECT g, 'name ' || g, g * 1.5 FROM generate_series(1, {ROWS}) g",
        "ANALYZE t",
    )
    return pair


@pytest.fixture
def cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables are cut into pieces of four pages."""
    monkeypatch.setattr(table_pieces, "PIECE_BYTES", 4 * 8192)


@pytest.fixture
def together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces wait for all sessions."""
    for name, instead in TOGETHER:
        monkeypatch.setattr(name, instead)


def read_by(pair: Pair, most: int) -> str:
    """Words of the method. No table is cut into pieces on a server before 14, which has no scan of a range of ctid."""
    versions = (pair.rows_of_source("SHOW server_version_num"), pair.rows_of_target("SHOW server_version_num"))
    source, target = (most if int(version) >= 140_000 else 1 for ((version,),) in versions)
    return f"read by {source} sessions of the source and {target} of the target"


def facts(rows: TableRows) -> tuple[object, ...]:
    return (rows.status, rows.source_rows, rows.target_rows, rows.different, rows.missing_on_target, rows.differences)


@pytest.mark.usefixtures("cut", "together")
@pytest.mark.parametrize("key", ["ranges of id", "buckets"])
def test_the_sums_of_pieces_add_up_to_the_sum_of_the_table(
    pair: Pair, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if key == "buckets":
        pair.on_both("ALTER TABLE t ALTER id TYPE text", "ANALYZE t")
    assert pair.compare_one("public.t").status == "identical"
    pair.on_target("UPDATE t SET name = 'x' WHERE id::int IN (1, 1500, 3000)", "DELETE FROM t WHERE id::int = 77")
    in_pieces = pair.compare_one("public.t")
    assert (in_pieces.source_rows, in_pieces.target_rows) == (ROWS, ROWS - 1)
    assert read_by(pair, 4) in in_pieces.method
    assert key in in_pieces.method
    monkeypatch.undo()
    assert facts(pair.compare_one("public.t")) == facts(in_pieces)


@pytest.mark.usefixtures("cut")
def test_a_partitioned_table_is_read_by_its_leaves(pair: Pair) -> None:
    pair.on_source("CREATE TABLE p (LIKE t) PARTITION BY RANGE (id)")
    pair.on_source("CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (900)")
    pair.on_source("CREATE TABLE p2 PARTITION OF p DEFAULT", "INSERT INTO p SELECT * FROM t")
    pair.on_target("CREATE TABLE p (LIKE t)", "INSERT INTO p SELECT * FROM t WHERE id <> 950")
    rows = pair.compare_one("public.p", rows={"tables": {"public.p": {"key": ["id"], "source_where": "p.id > 10"}}})
    assert (rows.source_rows, rows.missing_on_target, rows.missing_on_source) == (ROWS - 10, 1, 10)


@pytest.mark.usefixtures("cut", "together")
def test_sessions_stay_inside_the_budget(pair: Pair) -> None:
    assert "sessions" not in pair.compare_one("public.t", run={"max_connections": 1}).method
    assert read_by(pair, 2) in pair.compare_one("public.t", run={"max_connections": 2}).method


@pytest.mark.usefixtures("cut")
def test_a_failure_in_one_piece_makes_its_table_incomplete_and_the_next_is_compared(pair: Pair) -> None:
    pair.on_both("CREATE TABLE u (LIKE t INCLUDING ALL)", "INSERT INTO u SELECT * FROM t")
    pair.on_both("UPDATE t SET total = 0 WHERE id = 2900")
    mapping = {"tables": {"public.t": {"columns": {"total": {"expression": "1 / total"}}}}}
    by_table = {rows.table: rows for rows in pair.compare("public.t", "public.u", mapping=mapping).artifact}
    assert by_table["public.t"].reason == "on the source: 22012: an expression divides by zero"
    assert by_table["public.u"].status == "identical"


@pytest.mark.usefixtures("cut")
def test_reading_stops_before_it_would_pass_the_bytes_that_may_be_read(pair: Pair) -> None:
    result = pair.compare("public.t", rows={"max_read": 100_000})
    (rows,) = result.artifact
    assert rows.status == "incomplete"
    assert 0 < rows.read_bytes <= 200_000
    assert "100,000 bytes" in str(rows.reason)
    assert [finding.code for finding in result.findings] == ["ROW005"]
    assert pair.compare_one("public.t", rows={"max_read": 10**9}).status == "identical"


@pytest.mark.usefixtures("cut")
def test_rows_a_second_and_the_time_left_are_told(pair: Pair) -> None:
    told: list[str] = []

    class Watcher(Silent):
        def progress(self, stage: str, done: int, total: int, what: str) -> None:
            told.append(what)

    source, target = pair.catalogs()
    rows_stage(pair.source, pair.target, source, target, ("public.t",), Configuration(), Watcher())
    assert told[-2].startswith(f"public.t: {2 * ROWS:,} rows, ")
    assert told[-2].endswith("rows/s, 0 s left")


@pytest.mark.usefixtures("cut")
@pytest.mark.parametrize("limit", [{"max_latency": 1e-9}, {"max_active": 0.5}], ids=["latency", "active"])
def test_a_busy_server_is_waited_for_up_to_a_bound(
    pair: Pair, limit: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows_scan, "active", lambda *_: 1)
    monkeypatch.setattr(rows_scan, "_PAUSE", 0.001)
    monkeypatch.setattr(rows_scan, "_PATIENCE", 0.005)
    configuration = Configuration()
    section = configuration.rows.model_copy(update=limit)
    rows = pair.compare("public.t", configuration=configuration.model_copy(update={"rows": section})).artifact[0]
    assert rows.status == "incomplete"
    assert "was busy for 0.005 s in all" in str(rows.reason)
    assert "rows.max_" in str(rows.reason)
    assert "busy" not in pair.compare_one("public.t", rows={"max_latency": 60_000, "max_active": 1000}).method


def test_a_comparison_that_stops_after_some_differences_is_incomplete_and_lists_them(pair: Pair) -> None:
    pair.on_target("UPDATE t SET name = 'x' WHERE id <= 10")
    result = pair.compare("public.t", rows={"stop_after": 4})
    (rows,) = result.artifact
    assert (rows.status, rows.different, len(rows.differences), rows.truncated) == ("incomplete", 4, 4, True)
    assert [finding.code for finding in result.findings] == ["ROW005"]
    exactly = pair.compare_one("public.t", rows={"stop_after": 10})
    assert (exactly.status, exactly.different) == ("differs", 10)


def test_a_sample_says_what_it_proves_and_is_never_identical(pair: Pair) -> None:
    rows = pair.compare_one("public.t", rows={"sample": 600})
    assert rows.status == "incomplete"
    assert rows.sample is not None
    assert 400 < rows.sample.rows < 800
    assert rows.sample.at_most == pytest.approx(1 - 0.05 ** (1 / rows.sample.rows))
    assert (rows.source_rows, rows.target_rows) == (ROWS, ROWS)
    pair.on_target("UPDATE t SET name = 'x'")
    drawn = pair.compare_one("public.t", rows={"sample": 600})
    assert (drawn.status, drawn.different) == ("differs", rows.sample.rows)
    assert pair.compare_one("public.t", rows={"sample": ROWS}).different == ROWS


def test_of_very_many_differences_hashes_tell_which_are_drift(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    pair.on_target("UPDATE t SET total = total::numeric(12, 4)", "UPDATE t SET name = 'x' WHERE id % 3 = 0")
    monkeypatch.setattr(rows_tally, "CLASSIFIED_AT_MOST", 50)
    monkeypatch.setattr("harness.stages.rows_table.CLASSIFIED_AT_MOST", 50)
    rows = pair.compare_one("public.t")
    assert (rows.different, rows.drifting, rows.classified) == (1000, 2000, 50)
    assert "the cells of the first 50 rows" in rows.method


@pytest.mark.usefixtures("cut")
def test_an_interrupted_comparison_goes_on_while_nothing_was_written(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair.on_both("CREATE TABLE u (LIKE t INCLUDING ALL)", "INSERT INTO u SELECT * FROM t")
    pair.on_target("DELETE FROM t WHERE id = 5")
    state = tmp_path / "state.json"
    configuration = Configuration.model_validate({"rows": {"state": str(state)}})
    tables = ("public.t", "public.u")
    # The servers' own moment may pass by autovacuum alone, which writes when it likes to.
    monkeypatch.setattr(rows_reading, "moment", lambda _, endpoint: f"a quiet {endpoint.side}")

    class Interrupting(Silent):
        def progress(self, stage: str, done: int, total: int, what: str) -> None:
            if what.startswith("public.u:"):
                raise KeyboardInterrupt

    source, target = pair.catalogs()
    with pytest.raises(KeyboardInterrupt):
        rows_stage(pair.source, pair.target, source, target, tables, configuration, Interrupting())
    first, second = pair.compare(*tables, configuration=configuration).artifact
    assert (first.missing_on_target, first.resumed > 0, second.resumed > 0) == (1, True, True)
    assert "taken over" in first.method
    assert (second.status, second.source_rows) == ("identical", ROWS)
    assert "name 7" not in state.read_text()

    monkeypatch.undo()
    pair.on_source("UPDATE t SET name = 'x' WHERE id = 9")
    first, _ = pair.compare(*tables, configuration=configuration).artifact
    assert (first.different, first.resumed) == (1, 0)
    assert "the source was written since" in first.method


def test_a_moment_passes_with_the_first_write_that_can_be_seen(pair: Pair) -> None:
    def now() -> str | None:
        with session(pair.source, purpose="rows") as connection, snapshot(connection):
            return moment(connection, pair.source)

    before = now()
    with psycopg.connect(pair.source_dsn) as writing:
        writing.execute("UPDATE t SET name = 'x' WHERE id = 1")
        during = now()
        writing.commit()
    # What is not committed changes no row that another session sees.
    assert during in (before, None)
    assert before != now()


def test_a_state_file_is_not_taken_for_another_file(pair: Pair, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text("[]")
    with pytest.raises(ConfigurationError, match="not the state"):
        pair.compare("public.t", rows={"state": str(other)})
    assert other.read_text() == "[]"


@pytest.mark.usefixtures("cut")
def test_nothing_is_left_open(pair: Pair) -> None:
    pair.compare("public.t")
    with psycopg.connect(pair.source_dsn) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'pgparity%'"
            " AND datname = current_database() AND state <> 'idle'"
        ).fetchone()
    assert row == (0,)


def test_rows_that_the_second_reading_finds_alike_are_not_identical(pair: Pair) -> None:
    pair.on_source("CREATE VIEW w AS SELECT id, name FROM t")
    # What a session has set stands outside of its snapshot: the first reading finds another name than the second.
    pair.on_target(
        "CREATE VIEW w AS SELECT id, CASE WHEN pg_catalog.set_config('x.n', (COALESCE(NULLIF("
        "pg_catalog.current_setting('x.n', true), ''), '0')::int + 1)::text, false)::int = 1 THEN 'b' ELSE name END"
        " AS name FROM t"
    )
    (rows,) = pair.compare("public.w", rows={"tables": {"public.w": {"key": ["id"]}}}).artifact
    assert rows.status == "incomplete"
    assert rows.reason is not None
    assert "twice" in rows.reason
