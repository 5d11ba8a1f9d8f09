"""Ctrl-C while rows move: once ends after the running chunks, twice ends at once; a rerun goes on either way."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest

from tests.cli.conftest import environment
from tests.data_pair import Pair

LOCK = 815
WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory' AND application_name = 'pgparity migrate'"
    " AND datname = current_database()"
)


@pytest.fixture
def pair(databases: Pair) -> Pair:
    empty = databases.emptied()
    empty.on_both("CREATE TABLE t (id int PRIMARY KEY, v text)")
    empty.on_source("INSERT INTO t SELECT n, 'v' || n FROM generate_series(1, 900) AS n")
    empty.on_target(
        "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS"
        f" 'BEGIN PERFORM pg_catalog.pg_advisory_xact_lock_shared({LOCK}); RETURN NEW; END'",
        "CREATE TRIGGER waiting BEFORE INSERT ON t FOR EACH ROW WHEN (NEW.id % 100 = 50) EXECUTE FUNCTION wait()",
    )
    return empty


def migration(pair: Pair) -> subprocess.Popen[str]:
    arguments = ["--source", pair.source_dsn, "--target", pair.target_dsn, "--batch-rows", "100", "--yes"]
    return subprocess.Popen(
        [sys.executable, "-m", "harness", "migrate", *arguments, "--format", "json", "--no-progress"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )


@contextlib.contextmanager
def held(pair: Pair) -> Iterator[psycopg.Connection]:
    """Chunks of the migration wait for this session."""
    with psycopg.connect(pair.target_dsn, autocommit=True) as holding:
        holding.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        yield holding


def wait_for_chunks(holding: psycopg.Connection) -> int:
    """How many chunks wait, once there is one."""
    while not (count := holding.execute(WAITING).fetchone() or (0,))[0]:
        pass
    return int(count[0])


def test_one_interrupt_lets_the_running_chunks_arrive_and_begins_no_other(pair: Pair) -> None:
    with held(pair) as holding, migration(pair) as run:
        wait_for_chunks(holding)
        run.send_signal(signal.SIGINT)
        assert run.stderr is not None
        lines = iter(run.stderr.readline, "")
        assert any("Ctrl-C again ends at once" in line for line in lines)
        holding.execute("SELECT pg_advisory_unlock(%s)", (LOCK,))
        said = "".join(lines)
        assert run.wait() == 2, said
    assert "stopped, as was asked for" in said
    assert "run again" in said
    moved = pair.rows_of_target("SELECT count(*) FROM t")[0][0]
    assert 100 <= moved <= 400
    assert pair.rows_of_target("SELECT sum(rows) FROM pgparity.ledger") == [(moved,)]
    assert_a_rerun_moves_the_rest(pair)


def test_a_second_interrupt_ends_at_once_and_leaves_no_half_chunk(pair: Pair) -> None:
    with held(pair) as holding, migration(pair) as run:
        wait_for_chunks(holding)
        run.send_signal(signal.SIGINT)
        assert run.stderr is not None
        assert any("Ctrl-C again ends at once" in line for line in iter(run.stderr.readline, ""))
        run.send_signal(signal.SIGINT)
        assert run.wait() == 130, run.stderr.read()
        assert holding.execute(WAITING).fetchone() == (0,)
    assert pair.rows_of_target("SELECT count(*) FROM t") == [(0,)]
    assert_a_rerun_moves_the_rest(pair)


def assert_a_rerun_moves_the_rest(pair: Pair) -> None:
    with migration(pair) as run:
        told, said = run.communicate()
    assert run.returncode == 0, said
    (table,) = json.loads(told)["tables"]
    assert (table["rows"], table["verified"]) == (900, True)
    assert pair.rows_of_target("SELECT count(*), count(DISTINCT id) FROM t") == [(900, 900)]
