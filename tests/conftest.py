"""Fixtures that every kind of test shares: real servers, one database a test."""

from __future__ import annotations

import contextlib
import gc
import os
import uuid
from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql

from harness.embedded.server import Server
from harness.postgres.scratch import hash_quickly
from tests.data_pair import Pair, pair_of
from tests.server_versions import MAJOR, NEWER_MAJOR
from tests.shared_stack import end_shared_stack

MEMORY = 2 * 1024**3
"""Databases that live for one test are kept in memory where so many bytes are free: making them is cheaper there"""


settings.register_profile("the same each time", derandomize=True)
if not os.environ.get("PGPARITY_RANDOM"):
    # What is asked of a change is not to find what was wrong before it; `make test-random` looks for that.
    settings.load_profile("the same each time")


@pytest.hookimpl(tryfirst=True)
def pytest_collection() -> None:
    """What is collected lives to the end: to look through it for garbage again and again is a third of collecting."""
    gc.disable()


def pytest_collection_finish() -> None:
    """From here on garbage is collected, as it is anywhere else."""
    gc.enable()


def pytest_sessionfinish() -> None:
    """What modules share ends with the last of them."""
    end_shared_stack()


@contextlib.contextmanager
def _running(major: int) -> Iterator[Server]:
    """A server whose password is checked with little work: tests connect thousands of times."""
    with Server.start(major=major, memory=MEMORY) as running:
        with psycopg.connect(running.dsn(), autocommit=True) as admin:
            hash_quickly(admin)
            admin.execute(sql.SQL("ALTER ROLE postgres PASSWORD {}").format(running.password))
        yield running


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The older of the two major versions of the local stack (the source side)."""
    with _running(MAJOR) as running:
        yield running


@pytest.fixture(scope="session")
def newer_server() -> Iterator[Server]:
    """The newer of the two major versions of the local stack (the target side)."""
    with _running(NEWER_MAJOR) as running:
        yield running


def _fresh(server: Server) -> Iterator[str]:
    name = f"t_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield server.dsn(name)
    finally:
        with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def database(server: Server) -> Iterator[str]:
    """The DSN of an empty database on the older server, dropped after the test."""
    yield from _fresh(server)


@pytest.fixture
def newer_database(newer_server: Server) -> Iterator[str]:
    """The DSN of an empty database on the newer server, dropped after the test."""
    yield from _fresh(newer_server)


@pytest.fixture(scope="module")
def databases(server: Server, newer_server: Server) -> Iterator[Pair]:
    """A source and a target of two versions, for the tests of one module."""
    with pair_of(server, newer_server) as pair:
        yield pair


@pytest.fixture
def pair(databases: Pair) -> Pair:
    """The same, with nothing in them."""
    return databases.emptied()
