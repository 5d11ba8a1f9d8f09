"""The servers that clones live on: of the right version, one a side, and gone at the end."""

from __future__ import annotations

import threading

import psycopg
import pytest

from harness.core.configuration import Configuration
from harness.core.record import Side
from harness.embedded.binaries import installations
from harness.embedded.nearest import nearest_installation
from harness.embedded.server import Server
from harness.errors import CloneFailed, LocalStackError
from harness.postgres.connect import Endpoint
from harness.stages.scratch import ScratchStack
from harness.stages.stand import stands


def test_the_nearest_version_is_the_same_one_or_the_next() -> None:
    majors = sorted({each.major for each in installations()})
    assert [nearest_installation(major).major for major in majors] == majors
    assert nearest_installation(majors[0] - 1).major == majors[0]


def test_a_version_that_is_later_than_any_here_is_an_error_with_a_hint() -> None:
    latest = max(each.major for each in installations())
    with pytest.raises(LocalStackError, match=f"no PostgreSQL {latest + 1} or later") as failed:
        nearest_installation(latest + 1)
    assert "PGPARITY_PG_BIN" in failed.value.hint


def test_both_sides_have_servers_of_their_own_that_are_shared_and_end_with_the_stack(
    server: Server, database: str
) -> None:
    source, target = Endpoint(Side.SOURCE, database), Endpoint(Side.TARGET, database)
    with ScratchStack() as stack:
        first, second = stack.server(source), stack.server(target)
        assert first.system_identifier != second.system_identifier
        assert stack.server(source) is first
        assert first.version.split(".")[0] == second.version.split(".")[0] == "16"
        dsn = first.endpoint("postgres").dsn
        with psycopg.connect(dsn) as connection:
            connection.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(dsn, connect_timeout=2)


def test_stands_leave_no_thread_and_no_database_behind_even_where_one_of_them_fails(
    server: Server, database: str
) -> None:
    source = Endpoint(Side.SOURCE, database)
    with psycopg.connect(database) as connection:
        connection.execute("CREATE SCHEMA only_here")
        name = connection.info.dbname
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}_other")
    target = Endpoint(Side.TARGET, server.dsn(f"{name}_other"))
    configuration = Configuration.model_validate({"scope": {"schemas": ["only_here"]}})
    before = set(threading.enumerate())
    try:
        with ScratchStack() as stack:
            with (
                pytest.raises(CloneFailed, match="the target has none of the schemas only_here"),
                stands(source, target, stack, configuration),
            ):
                pass
            for each in stack.servers:
                with each.connect(purpose="test") as admin:
                    rows = admin.execute("SELECT datname::text FROM pg_database WHERE NOT datistemplate").fetchall()
                    assert rows == [("postgres",)]
        assert {each for each in set(threading.enumerate()) - before if each.is_alive()} == set()
    finally:
        with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {name}_other")
