"""A migration that is killed with SIGKILL, at any moment, and run again: every row arrives once."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.data_pair import Pair, copied_text

ROOT = Path(__file__).parents[2]
BATCH = 100
SLEEPING = (
    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgparity migrate' AND wait_event = 'PgSleep'"
)
SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgparity migrate'"


@contextlib.contextmanager
def migrating(pair: Pair) -> Iterator[subprocess.Popen[str]]:
    """A process that migrates, killed at the end of the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.migrating", str(BATCH)],
        cwd=ROOT,
        env=os.environ | {"KILLED_SOURCE": pair.source_dsn, "KILLED_TARGET": pair.target_dsn},
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def wait_for(pair: Pair, query: str, count: int) -> None:
    deadline = time.monotonic() + 20
    while pair.rows_of_target(query) != [(count,)]:
        assert time.monotonic() < deadline, f"{query} never gave {count}"
        time.sleep(0.02)


def prepare(pair: Pair, key: str, rows: int = 1500) -> None:
    pair.on_both(f"CREATE TABLE t (id int {key}, v text)")
    pair.on_source(f"INSERT INTO t SELECT g, repeat('v', g % 300) FROM generate_series(1, {rows}) g")


def hold(pair: Pair, at: int, *, at_commit: bool = False) -> None:
    """Make the target sleep at one row, in the statement that writes it or in the commit."""
    pair.on_target(
        "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1.5); RETURN NEW; END'",
        f"CREATE {'CONSTRAINT' if at_commit else ''} TRIGGER holding {'AFTER' if at_commit else 'BEFORE'} INSERT ON t "
        f"{'DEFERRABLE INITIALLY DEFERRED' if at_commit else ''} FOR EACH ROW WHEN (NEW.id = {at})"
        " EXECUTE FUNCTION hold()",
    )


def assert_every_row_once(pair: Pair) -> None:
    result = pair.migrate(migrate={"batch_rows": BATCH})
    assert result.findings == ()
    assert copied_text(pair.source_dsn, "t", "1, 2") == copied_text(pair.target_dsn, "t", "1, 2")
    assert sum(chunk.rows for chunk in result.artifact.chunks) == result.artifact.rows == 1500
    assert pair.compare_one("public.t").status == "identical"


@pytest.mark.parametrize("chunk", [1, *(pytest.param(each, marks=pytest.mark.long) for each in (4, 9)), 14])
def test_killed_after_a_chunk(pair: Pair, chunk: int) -> None:
    prepare(pair, "PRIMARY KEY")
    with migrating(pair) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) >= chunk * BATCH:
                break
    wait_for(pair, SESSIONS, 0)
    (arrived,) = pair.rows_of_target("SELECT count(*) FROM t")[0]
    (noted,) = pair.rows_of_target("SELECT sum(rows)::bigint FROM pgparity.ledger")[0]
    assert arrived == noted >= chunk * BATCH
    assert_every_row_once(pair)


@pytest.mark.long
@pytest.mark.parametrize("key", ["PRIMARY KEY", ""])
def test_killed_while_rows_are_written(pair: Pair, key: str) -> None:
    prepare(pair, key)
    hold(pair, 750)
    with migrating(pair):
        wait_for(pair, SLEEPING, 1)
    # The server still works for the dead process: the rerun has to wait for it, or it would load its range too.
    assert_every_row_once(pair)


@pytest.mark.parametrize("key", [pytest.param("PRIMARY KEY", marks=pytest.mark.long), ""])
def test_killed_while_a_chunk_commits(pair: Pair, key: str) -> None:
    prepare(pair, key)
    hold(pair, 750, at_commit=True)
    with migrating(pair):
        wait_for(pair, SLEEPING, 1)
    assert pair.rows_of_target(SLEEPING) == [(1,)], "the commit was over before the rerun began"
    assert_every_row_once(pair)


@pytest.mark.long
def test_killed_while_rows_are_upserted(pair: Pair) -> None:
    prepare(pair, "PRIMARY KEY")
    pair.on_target("INSERT INTO t SELECT g, 'old' FROM generate_series(1, 1500, 7) g")
    hold(pair, 750)
    with migrating(pair):
        wait_for(pair, SLEEPING, 1)
    assert_every_row_once(pair)


@pytest.mark.long
def test_killed_again_and_again(pair: Pair) -> None:
    prepare(pair, "PRIMARY KEY")
    for delay in (0.0, 0.004, 0.011, 0.023):
        with migrating(pair) as process:
            assert process.stdout is not None
            earlier = int(process.stdout.readline() or 0)
            process.stdout.readline()
            time.sleep(delay)
        wait_for(pair, SESSIONS, 0)
        (arrived,) = pair.rows_of_target("SELECT count(*) FROM t")[0]
        assert arrived >= earlier
    assert_every_row_once(pair)


@pytest.mark.long
def test_killed_between_the_tables_of_a_cycle_nothing_of_it_is_there(pair: Pair) -> None:
    pair.on_both(
        "CREATE TABLE t (id int PRIMARY KEY, v text, other int)",
        "CREATE TABLE u (id int PRIMARY KEY, t int REFERENCES t)",
        "ALTER TABLE t ADD FOREIGN KEY (other) REFERENCES u DEFERRABLE",
    )
    pair.on_source(
        "INSERT INTO t SELECT g, 'v', NULL FROM generate_series(1, 1500) g",
        "INSERT INTO u SELECT g, g FROM generate_series(1, 1500) g",
        "UPDATE t SET other = id",
    )
    pair.on_target(
        "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1); RETURN NEW; END'",
        "CREATE TRIGGER holding BEFORE INSERT ON u FOR EACH ROW WHEN (NEW.id = 750) EXECUTE FUNCTION hold()",
    )
    with migrating(pair):
        wait_for(pair, SLEEPING, 1)
    wait_for(pair, SESSIONS, 0)
    assert pair.rows_of_target("SELECT (SELECT count(*) FROM t) + (SELECT count(*) FROM u)") == [(0,)]
    result = pair.migrate()
    assert [moved.verified for moved in result.artifact.tables] == [True, True]
    assert {rows.status for rows in pair.compare().artifact} == {"identical"}
