"""Fixtures of the migrations that faults are planted in: a source with rows, and targets that are copies of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from harness.embedded.server import Server
from tests.faults.migrate import witness
from tests.faults.migrate.measured import Measured, measured
from tests.faults.migrate.sharp import passed
from tests.faults.migrate.statements import Phase, Statement
from tests.faults.migrate.trial import ROWS, SMALL_ROWS, Office, Trial, fill_source, make_target


def made_database(server: Server, name: str) -> str:
    """The DSN of a new database."""
    with psycopg.connect(server.dsn(), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return server.dsn(name)


def furnished(
    source: Server, target: Server, folder: pytest.TempPathFactory, *, name: str = "office", rows: int = ROWS
) -> Office:
    """The source on one server, the template of the targets on the other."""
    source_dsn, template = made_database(source, name), f"{name}_template"
    fill_source(source_dsn, rows)
    make_target(made_database(target, template), rows)
    marks = witness.untouched_marks(source_dsn)
    return Office(source_dsn, target.dsn(), template, marks, folder.mktemp(name))


@pytest.fixture(scope="session")
def office(server: Server, newer_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """On the two servers that all tests share: nothing may happen to these."""
    return furnished(server, newer_server, tmp_path_factory)


@pytest.fixture(scope="session")
def small_office(server: Server, newer_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The same with few rows, of which `sharp.SMALL_CHUNKS` make many chunks in a second."""
    return furnished(server, newer_server, tmp_path_factory, name="small_office", rows=SMALL_ROWS)


@pytest.fixture(scope="session")
def passing(small_office: Office) -> Counter[tuple[Statement, Phase]]:
    """How often each statement passes in a run of the small office that nothing happens to."""
    with small_office.trial() as trial:
        return passed(trial)


@pytest.fixture(scope="session")
def undisturbed(office: Office) -> Measured:
    """What a run takes that nothing happens to."""
    return measured(office)


@pytest.fixture
def run_seconds(undisturbed: Measured) -> float:
    """How long it takes: the moment of a fault lies in it."""
    return undisturbed.seconds


@pytest.fixture
def trial(office: Office) -> Iterator[Trial]:
    """A new target for the office's rows."""
    with office.trial() as trial:
        yield trial


@pytest.fixture
def small_trial(small_office: Office) -> Iterator[Trial]:
    """A new target for the small office's rows."""
    with small_office.trial() as trial:
        yield trial


@pytest.fixture
def own_small_trial(small_office: Office) -> Iterator[Trial]:
    """The same, with a source that the test may write to."""
    with small_office.trial(own_source=True) as trial:
        yield trial


@pytest.fixture
def own_trial(office: Office) -> Iterator[Trial]:
    """A new target, and a source that the test may write to."""
    with office.trial(own_source=True) as trial:
        yield trial
