"""Fixtures that every kind of test shares: real servers, one database a test."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from harness.embedded.server import Server
from tests.server_versions import MAJOR

MEMORY = 2 * 1024**3
"""Databases that live for one test are kept in memory where so many bytes are free: making them is cheaper there"""


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The older of the two major versions of the local stack (the source side)."""
    with Server.start(major=MAJOR, memory=MEMORY) as running:
        yield running


@pytest.fixture(scope="session")
def newer_server() -> Iterator[Server]:
    """The newer of the two major versions of the local stack (the target side)."""
    with Server.start(major=18, memory=MEMORY) as running:
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
