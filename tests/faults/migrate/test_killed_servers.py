"""A server killed at moments of a run, one backend of it or all; started again on its data, the run ends."""

from __future__ import annotations

import functools
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
from tests.faults.migrate.sharp import SMALL_CHUNKS, End, end_at, overheard
from tests.faults.migrate.statements import Phase, Point, Statement
from tests.faults.migrate.trial import SMALL_ROWS, Office, Running, Trial, chance
from tests.server_versions import MAJOR, NEWER_MAJOR

BOTH: tuple[Which, ...] = ("source", "target")


@dataclass(frozen=True)
class Mortals:
    """An office on two servers that may die."""

    office: Office
    source: MortalServer
    target: MortalServer

    def of(self, which: Which) -> MortalServer:
        return self.source if which == "source" else self.target


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[MortalServer, MortalServer]]:
    with mortal_server(MAJOR) as source, mortal_server(NEWER_MAJOR) as target:
        yield source, target


@pytest.fixture(scope="module")
def mortals(servers: tuple[MortalServer, MortalServer], tmp_path_factory: pytest.TempPathFactory) -> Mortals:
    source, target = servers
    return Mortals(furnished(source.server, target.server, tmp_path_factory), source, target)


@pytest.fixture(scope="module")
def small_mortals(servers: tuple[MortalServer, MortalServer], tmp_path_factory: pytest.TempPathFactory) -> Mortals:
    source, target = servers
    office = furnished(source.server, target.server, tmp_path_factory, name="small_office", rows=SMALL_ROWS)
    return Mortals(office, source, target)


def killed_backend(dsn: str) -> bool:
    """SIGKILL to a session that the command has on a server; whether there was one that had not ended by itself."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        query = """SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'pgparity%%' AND datname = %s
                   ORDER BY random() LIMIT 1"""
        row = connection.execute(query, [conninfo.conninfo_to_dict(dsn)["dbname"]]).fetchone()
    try:
        if row:
            os.kill(row[0], signal.SIGKILL)
    except ProcessLookupError:
        return False
    return row is not None


def said_so(running: Running) -> None:
    """A run whose server died could not run, or had nothing more to ask of it."""
    ended = running.end()
    assert ended.exit_code in (0, 2), ended


@pytest.mark.long
def test_command_connections_and_servers_end_around_the_commits_of_one_migration(small_mortals: Mortals) -> None:
    """Each in a run of its own: these are the statements between which rows could be there without their ledger line,
    or it without them.
    """
    chosen = chance("all end around the commits")
    ends: list[tuple[Statement, Phase, End | Which]] = [
        ("ledger line", "before", "kill"),
        ("commit of a chunk", "before", "kill"),
        ("commit of a chunk", "after", "target"),
        ("commit of a chunk", "answered", "kill"),
        ("rows", "after", "source"),
        ("end of rows", "answered", "reset"),
    ]
    with small_mortals.office.trial() as trial:
        for statement, phase, how in ends:
            point = Point(statement, phase, chosen.randint(2, 6))
            if how == "kill" or how == "reset":
                assert end_at(trial, point, how, *SMALL_CHUNKS)
            else:
                end_server_at(trial, point, small_mortals.of(how))
            if how == "source":
                trial.sequences_jumped()
        trial.finish(*SMALL_CHUNKS)


def end_server_at(trial: Trial, point: Point, server: MortalServer) -> None:
    """A server killed in a run that comes to the point, and started again."""
    print(f"server killed {point}")
    with overheard(trial, point) as (heard, _), trial.running(*SMALL_CHUNKS) as running:
        heard.arm(functools.partial(killed, server))
        said_so(running)
    assert heard.happened.is_set()
    server.start()


def killed(server: MortalServer) -> bool:
    """What was about to pass still does, as far as there is anybody to read it."""
    server.kill()
    return True


@pytest.mark.long
@pytest.mark.parametrize("number", range(6))
def test_each_server_killed_in_one_migration(number: int, mortals: Mortals, undisturbed: Measured) -> None:
    chosen = chance("each server killed", number)
    with mortals.office.trial() as trial:
        for which in chosen.sample(BOTH, 2):
            server = mortals.of(which)
            with trial.running() as running:
                running.ended_within(chosen.uniform(undisturbed.seconds / 4, undisturbed.seconds))
                server.kill()
                said_so(running)
            server.start()
            if which == "source":
                trial.sequences_jumped()
        trial.finish()


@pytest.mark.long
@pytest.mark.parametrize("number", range(5))
@pytest.mark.parametrize("which", ["source", "target"])
def test_a_server_killed_and_back_at_once(which: Which, number: int, mortals: Mortals, undisturbed: Measured) -> None:
    delay = chance("server killed", which, number).uniform(0, undisturbed.seconds)
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
def test_a_backend_killed(which: Which, number: int, mortals: Mortals, undisturbed: Measured) -> None:
    """The postmaster ends all others too, and recovers by itself."""
    delay = chance("backend killed", which, number).uniform(0, undisturbed.seconds)
    with mortals.office.trial() as trial:
        dsn = trial.source if which == "source" else trial.target
        with trial.running() as running:
            running.ended_within(delay)
            while not running.ended_within(0.01) and not killed_backend(dsn):
                pass
            said_so(running)
        mortals.of(which).wait_until_ready()
        if which == "source":
            trial.sequences_jumped()
        trial.finish()
