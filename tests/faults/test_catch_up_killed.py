"""A catch-up that is killed with SIGKILL, at any moment, and run again: both sides are the same after it."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.catching_up import caught_up
from tests.data_pair import Pair, copied_text

ROOT = Path(__file__).parents[2]
HELD = (
    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgparity migrate' AND wait_event_type = 'Lock'"
    " AND datname = current_database()"
)
_LOCK = 900100


@pytest.fixture
def changed(pair: Pair) -> Pair:
    """A finished migration whose source went on living: rows come, change and go in both tables."""
    pair.on_both(
        "CREATE TABLE parent (id int PRIMARY KEY, v text)",
        "CREATE TABLE child (id int PRIMARY KEY, p int REFERENCES parent ON DELETE CASCADE)",
        "CREATE TABLE log (v int)",
    )
    pair.on_source(
        "INSERT INTO parent SELECT g, 'v' || g FROM generate_series(1, 1500) g",
        "INSERT INTO child SELECT g, g FROM generate_series(1, 1500) g",
        "INSERT INTO log SELECT g FROM generate_series(1, 500) g",
    )
    assert pair.migrate().findings == ()
    pair.on_source(
        "DELETE FROM parent WHERE id % 50 = 0",
        "UPDATE parent SET v = 'w' WHERE id % 20 = 1",
        "INSERT INTO parent SELECT g, 'new' FROM generate_series(2000, 2300) g",
        "UPDATE child SET p = 2001 WHERE id % 50 = 1",
        "DELETE FROM parent WHERE id % 50 = 1",
        "UPDATE log SET v = -v WHERE v % 10 = 0",
    )
    return pair


def catching_up(pair: Pair) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.catching_up"],
        cwd=ROOT,
        env=os.environ | {"KILLED_SOURCE": pair.source_dsn, "KILLED_TARGET": pair.target_dsn},
        text=True,
    )


def same_after_a_rerun(pair: Pair) -> bool:
    assert caught_up(pair).findings == ()
    return all(
        copied_text(pair.source_dsn, table, "1") == copied_text(pair.target_dsn, table, "1")
        for table in ("parent", "child", "log")
    )


MOMENTS = [
    pytest.param("INSERT ON parent", "NEW.id = 2200", id="in the third transaction"),
    pytest.param("DELETE ON parent", "OLD.id = 101", id="as stale rows go last", marks=pytest.mark.long),
    pytest.param("DELETE ON child", "OLD.id = 50", id="as stale rows go first", marks=pytest.mark.long),
    pytest.param("INSERT ON log", "NEW.v = -500", id="as rows without a key are moved again", marks=pytest.mark.long),
]


@pytest.mark.parametrize(("event", "when"), MOMENTS)
def test_killed_in_a_transaction(changed: Pair, event: str, when: str) -> None:
    changed.on_target(
        "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS"
        f" 'BEGIN PERFORM pg_advisory_xact_lock_shared({_LOCK}); IF TG_OP = ''DELETE'' THEN RETURN OLD; END IF;"
        " RETURN NEW; END'",
        f"CREATE TRIGGER holding BEFORE {event} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION hold()",
    )
    with psycopg.connect(changed.target_dsn) as holding:
        holding.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        with catching_up(changed) as process:
            deadline = time.monotonic() + 30
            while changed.rows_of_target(HELD) != [(1,)]:
                assert process.poll() is None, "it ended and never came to the row"
                assert time.monotonic() < deadline, "it never came to the row"
                time.sleep(0.02)
            process.kill()
    changed.on_target("DROP FUNCTION hold CASCADE")
    assert same_after_a_rerun(changed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(8))
def test_killed_at_a_random_moment(changed: Pair, seed: int) -> None:
    with catching_up(changed) as process:
        time.sleep(random.Random(seed).uniform(0.3, 1.6))
        process.kill()
    assert same_after_a_rerun(changed)
