"""A migration of large objects that is killed between its transactions, again and again, and ends in the same bytes."""

from __future__ import annotations

import time

import pytest

from tests.faults.migrate import witness
from tests.faults.migrate.trial import ATTEMPTS, COMMAND_SECONDS, Trial, chance

HELD = """
SELECT m.oid::bigint, length(string_agg(data, ''::bytea ORDER BY pageno)),
       encode(sha256(string_agg(data, ''::bytea ORDER BY pageno)), 'hex')
FROM pg_largeobject_metadata m LEFT JOIN pg_largeobject ON loid = m.oid GROUP BY m.oid ORDER BY m.oid
"""
WRITTEN = "SELECT count(*) FROM pg_largeobject"
KILLS = 4


def slowly(trial: Trial) -> tuple[str, ...]:
    """Arguments by which many transactions move them, in about a second and a half."""
    config = trial.folder / "large_objects.toml"
    config.write_text("[migrate]\nbatch_bytes = 1048576\nthrottle = 18000000\n", encoding="utf-8")
    return "--config", str(config)


def fill(trial: Trial) -> None:
    """One of many pieces and many of one, none of which is like another."""
    with witness.connect(trial.source) as connection:
        connection.execute(
            "SELECT lo_from_bytea(91000, string_agg(sha512(n::text::bytea), ''::bytea ORDER BY n))"
            " FROM generate_series(1, 180000) AS n"
        )
        connection.execute(
            "SELECT lo_from_bytea((91000 + n)::oid, decode(repeat(md5(n::text), 20000), 'hex'))"
            " FROM generate_series(1, 25) AS n"
        )
    trial.settle()


def change(trial: Trial, number: int) -> None:
    """The application goes on: what was moved already may be what it changes."""
    with witness.connect(trial.source) as connection:
        connection.execute("SELECT lo_put(91000, %s, 'changed')", [number * 2_000_000])
        connection.execute("SELECT lo_unlink(%s)", [91000 + number])
        connection.execute("SELECT lo_from_bytea(%s, 'new')", [91100 + number])
    trial.settle()


@pytest.mark.long
def test_killed_between_its_transactions_every_large_object_ends_as_on_the_source(own_small_trial: Trial) -> None:
    killed_and_changed(own_small_trial)


def killed_and_changed(trial: Trial) -> None:
    """Killed again and again while the source goes on; brought to an end; judged by every byte."""
    chosen = chance("large objects, killed")
    fill(trial)
    killed = 0
    for number in range(1, KILLS + 1):
        with witness.connect(trial.target) as watching:
            watching.autocommit = True
            before = watching.execute(WRITTEN).fetchone()
            with trial.running(*slowly(trial)) as running:
                deadline = time.monotonic() + COMMAND_SECONDS
                while watching.execute(WRITTEN).fetchone() == before and not running.ended_within(0.01):
                    assert time.monotonic() < deadline
                if not running.ended_within(chosen.random() / 2):
                    running.kill()
                    killed += 1
        change(trial, number)
    assert killed > 1, "the migration was too quick to be killed"
    for _ in range(ATTEMPTS):
        ended = trial.run("--catch-up")
        if ended.exit_code == 0:
            break
        assert ended.exit_code == 2, ended
    assert ended.report["large_objects"]["verified"] is True
    with witness.connect(trial.source) as source, witness.connect(trial.target) as target:
        assert target.execute(HELD).fetchall() == source.execute(HELD).fetchall()
    assert trial.differing() == {}
    trial.assert_left_alone()
