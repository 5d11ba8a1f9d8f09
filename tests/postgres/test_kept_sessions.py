"""Sessions that read both sides one after the other are kept in between, and are as new ones are."""

from __future__ import annotations

import psycopg
import pytest

from harness.core.record import Side
from harness.errors import PgparityError
from harness.postgres.connect import Connection, Endpoint, session, snapshot
from harness.postgres.kept_sessions import keeping_sessions


@pytest.fixture
def endpoint(database: str) -> Endpoint:
    return Endpoint(Side.TARGET, database)


def told(connection: Connection, question: str) -> str:
    row = connection.execute(question.encode()).fetchone()
    return str(row[0]) if row else ""


def late(endpoint: Endpoint) -> None:
    """A session whose statement takes longer than it may."""
    with session(endpoint, purpose="introspect") as connection:
        connection.execute("SET LOCAL statement_timeout = 1")
        connection.execute("SELECT pg_sleep(1)")


def backend(endpoint: Endpoint, purpose: str, *, writable: bool = False) -> int:
    with session(endpoint, purpose=purpose, writable=writable) as connection:
        return connection.info.backend_pid


def alive(endpoint: Endpoint, pid: int) -> bool:
    with psycopg.connect(endpoint.dsn) as other:
        return other.execute("SELECT FROM pg_stat_activity WHERE pid = %s", (pid,)).fetchone() is not None


def test_the_next_session_is_the_one_that_was_kept_under_its_own_purpose(endpoint: Endpoint) -> None:
    with keeping_sessions():
        first = backend(endpoint, "introspect")
        with session(endpoint, purpose="rows") as connection:
            name = told(connection, "SELECT current_setting('application_name')")
            second = connection.info.backend_pid
    assert (second, name) == (first, "pgparity rows")


def test_what_a_step_set_for_its_transaction_is_gone(endpoint: Endpoint) -> None:
    with keeping_sessions():
        with session(endpoint, purpose="introspect") as connection, snapshot(connection):
            connection.execute("SELECT pg_catalog.set_config('work_mem', '32MB', true)")
        with session(endpoint, purpose="rows") as connection, snapshot(connection):
            assert told(connection, "SELECT current_setting('work_mem')") == "4MB"
            assert told(connection, "SELECT current_setting('default_transaction_read_only')") == "on"


def test_two_sessions_at_once_are_two(endpoint: Endpoint) -> None:
    with keeping_sessions():
        kept = backend(endpoint, "plan")
        with session(endpoint, purpose="plan") as one, session(endpoint, purpose="plan") as other:
            assert one.info.backend_pid == kept
            assert other.info.backend_pid != kept


@pytest.mark.parametrize(("purpose", "writable"), [("rows", False), ("introspect", True)])
def test_sessions_that_read_rows_or_write_are_not_kept(endpoint: Endpoint, purpose: str, writable: bool) -> None:
    with keeping_sessions():
        first = backend(endpoint, purpose, writable=writable)
        assert backend(endpoint, "introspect") != first


def test_a_session_that_writes_needs_no_connection_beside_the_one_that_was_kept(endpoint: Endpoint) -> None:
    with keeping_sessions():
        first = backend(endpoint, "introspect")
        with session(endpoint, purpose="apply", writable=True) as connection:
            assert connection.info.backend_pid == first
            connection.execute("CREATE TABLE public.written (id int)")
            connection.commit()
        with (
            session(endpoint, purpose="introspect") as connection,
            pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
        ):
            connection.execute("DROP TABLE public.written")


def test_a_session_that_failed_is_not_kept(endpoint: Endpoint) -> None:
    with keeping_sessions():
        first = backend(endpoint, "introspect")
        with pytest.raises(PgparityError):
            late(endpoint)
        assert backend(endpoint, "introspect") != first


def test_a_kept_session_that_the_server_ended_is_replaced(endpoint: Endpoint) -> None:
    with keeping_sessions():
        first = backend(endpoint, "introspect")
        with psycopg.connect(endpoint.dsn, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", (first,))
        with session(endpoint, purpose="rows") as connection:
            assert told(connection, "SELECT 1") == "1"


def test_nothing_is_kept_after_the_block_nor_without_one(endpoint: Endpoint) -> None:
    with keeping_sessions():
        first = backend(endpoint, "introspect")
        assert alive(endpoint, first)
    second = backend(endpoint, "introspect")
    assert second != first
    assert backend(endpoint, "introspect") != second
