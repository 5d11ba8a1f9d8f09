"""A server killed at random moments of a run, one backend of it or all; started again on its data, the run ends."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest
from psycopg import conninfo

from tests.faults.migrate.conftest import furnished
from tests.faults.migrate.measured import Measured, Which
from tests.faults.migrate.mortal_server import MortalServer, mortal_server
from tests.faults.migrate.trial import Office, Running, chance
from tests.server_versions import MAJOR, NEWER_MAJOR

LONG = pytest.mark.long
BOTH: tuple[Which, ...] = ("source", "target")


@dataclass(frozen=True)
class Mortals:
    """An office on two servers that may die."""

    office: Office
    seconds: float
    """Of a run that nothing happens to"""
    source: MortalServer
    target: MortalServer

    def of(self, which: Which) -> MortalServer:
        return self.source if which == "source" else self.target


@pytest.fixture(scope="module")
def mortals(undisturbed: Measured, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mortals]:
    with mortal_server(MAJOR) as source, mortal_server(NEWER_MAJOR) as target:
        office = furnished(source.server, target.server, tmp_path_factory)
        yield Mortals(office, undisturbed.seconds, source, target)


def backend_of(dsn: str) -> int | None:
    """A session that the command has on a server."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        query = """SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'pgparity%%' AND datname = %s
                   ORDER BY random() LIMIT 1"""
        row = connection.execute(query, [conninfo.conninfo_to_dict(dsn)["dbname"]]).fetchone()
    return int(row[0]) if row else None


def said_so(running: Running) -> None:
    """A run whose server died could not run, or had nothing more to ask of it."""
    ended = running.end()
    assert ended.exit_code in (0, 2), ended


@pytest.mark.parametrize("number", [0, *(pytest.param(each, marks=LONG) for each in range(1, 6))])
def test_each_server_killed_in_one_migration(number: int, mortals: Mortals) -> None:
    chosen = chance("each server killed", number)
    with mortals.office.trial() as trial:
        for which in chosen.sample(BOTH, 2):
            server = mortals.of(which)
            with trial.running() as running:
                running.ended_within(chosen.uniform(mortals.seconds / 4, mortals.seconds))
                server.kill()
                said_so(running)
            server.start()
            if which == "source":
                trial.sequences_jumped()
        trial.finish()


@pytest.mark.long
@pytest.mark.parametrize("number", range(5))
@pytest.mark.parametrize("which", ["source", "target"])
def test_a_server_killed_and_back_at_once(which: Which, number: int, mortals: Mortals) -> None:
    delay = chance("server killed", which, number).uniform(0, mortals.seconds)
    server = mortals.of(which)
    with mortals.office.trial() as trial:
        with trial.running() as running:
            running.ended_within(delay)
            server.kill()
            server.start()
            said_so(running)
        if which == "source":
            trial.sequences_jumped()
        trial.finish()


@pytest.mark.long
@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("which", ["source", "target"])
def test_a_backend_killed(which: Which, number: int, mortals: Mortals) -> None:
    """The postmaster ends all others too, and recovers by itself."""
    delay = chance("backend killed", which, number).uniform(0, mortals.seconds)
    with mortals.office.trial() as trial:
        dsn = trial.source if which == "source" else trial.target
        with trial.running() as running:
            running.ended_within(delay)
            while (pid := backend_of(dsn)) is None and not running.ended_within(0.01):
                pass
            if pid is not None:
                os.kill(pid, signal.SIGKILL)
            said_so(running)
        mortals.of(which).wait_until_ready()
        if which == "source":
            trial.sequences_jumped()
        trial.finish()
