"""While the fence falls and stands: transactions that are waited for, the lock, the sentinel."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from harness.embedded.server import Server
from harness.errors import MigrationFailed, PgparityError
from harness.postgres.fence import check_sentinel, drained, held, unfence, write_sentinel
from tests.postgres.fenced_database import (
    INSERT,
    LOCKED,
    TABLES,
    Database,
    database_with_roles,
    put_up,
    salon_with_roles,
)
from tests.server_versions import MAJOR, NEWER_MAJOR


@pytest.fixture
def fenced(database: str) -> Iterator[Database]:
    with salon_with_roles(database) as made:
        yield made


@pytest.mark.long
def test_a_running_transaction_is_waited_for_and_named_without_its_statement(fenced: Database) -> None:
    with psycopg.connect(fenced.dsn("app"), application_name="the bot") as writing:
        writing.execute("INSERT INTO public.clients VALUES (5, 'secret')")
        put_up(fenced)
        found = drained(fenced.endpoint(), tables=TABLES, seconds=0.2)
        assert not found.ended
        (busy,) = found.in_the_way
        assert (busy.pid, busy.tables) == (writing.info.backend_pid, ("public.clients",))
        assert "secret" not in str(busy)
        with psycopg.connect(fenced.admin_dsn) as reading:
            reading.execute("SELECT FROM public.clients")
            writing.commit()
            assert drained(fenced.endpoint(), tables=TABLES, seconds=5).ended


@pytest.mark.long
def test_a_statement_that_began_before_the_fence_and_has_written_nothing_yet_is_waited_for(fenced: Database) -> None:
    slow = "INSERT INTO public.clients SELECT 9, pg_sleep(1)::text"
    with ThreadPoolExecutor(1) as executor:
        writing = executor.submit(fenced.state_of, "app", slow)
        while fenced.one("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") != 1:
            assert not writing.done()
        put_up(fenced)
        assert not drained(fenced.endpoint(), tables=TABLES, seconds=0.1).ended
        assert drained(fenced.endpoint(), tables=TABLES, seconds=10).ended
        assert writing.result() == "00000"
    assert fenced.one("SELECT count(*) FROM public.clients WHERE id = 9") == 1


def test_nobody_writes_while_the_lock_is_held_and_its_loss_shows(fenced: Database) -> None:
    with held(fenced.endpoint(), tables=TABLES, consent=True) as lock:
        assert lock.tables == ("public.bookings", "public.clients")
        assert lock.still_held()
        with psycopg.connect(fenced.admin_dsn) as superuser:
            superuser.execute("SET lock_timeout = '50ms'")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                superuser.execute(INSERT)
        assert fenced.state_of("app", "SELECT FROM public.clients") == "00000"
        assert fenced.state_of("app", INSERT) == LOCKED
        fenced.run(f"SELECT pg_terminate_backend({lock.connection.info.backend_pid})")
        assert not lock.still_held()


@pytest.mark.long
def test_a_lock_that_is_not_had_names_who_is_in_the_way(fenced: Database) -> None:
    with psycopg.connect(fenced.admin_dsn, application_name="backfill") as writing:
        writing.execute(INSERT)
        with (
            pytest.raises(PgparityError, match=r"keeps writing to public\.clients: session \d+"),
            held(fenced.endpoint(), tables=TABLES, seconds=0.3, consent=True),
        ):
            pass


def test_a_snapshot_shows_the_sentinel_or_is_refused(fenced: Database) -> None:
    put_up(fenced)
    with psycopg.connect(fenced.dsn("owner")) as early:
        early.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        early.execute("SELECT 1")
        sentinel = write_sentinel(fenced.endpoint(), "c1", consent=True)
        with pytest.raises(MigrationFailed, match="does not show the sentinel"):
            check_sentinel(early, sentinel)
        early.rollback()
        early.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        assert check_sentinel(early, sentinel) >= sentinel.lsn
        later = write_sentinel(fenced.endpoint(), "c1", consent=True)
        with pytest.raises(MigrationFailed, match="does not show the sentinel"):
            check_sentinel(early, later)


@pytest.mark.long
def test_a_server_that_is_behind_in_the_log_is_refused(fenced: Database) -> None:
    sentinel = write_sentinel(fenced.endpoint(), "c1", consent=True)
    ahead = type(sentinel)(cutover="c1", token=sentinel.token, lsn="FFFF/0")
    with psycopg.connect(fenced.dsn("owner")) as reading, pytest.raises(MigrationFailed, match="before the sentinel's"):
        check_sentinel(reading, ahead)
    # No fence was put up: what a fencing program of the user leaves is the sentinel alone.
    assert unfence(fenced.endpoint(), "c1", consent=True).record is None
    assert fenced.one("SELECT to_regnamespace('pgparity')") is None


@pytest.mark.long
@pytest.mark.parametrize("major", [MAJOR, NEWER_MAJOR])
def test_a_prepared_transaction_is_waited_for_and_named(major: int) -> None:
    settings = {"max_prepared_transactions": "3"}
    with Server.start(major=major, settings=settings) as own:
        with psycopg.connect(own.dsn(), autocommit=True) as admin:
            admin.execute("CREATE DATABASE fenced")
        dsn = own.dsn("fenced")
        with database_with_roles(dsn, "owner", "app") as made:
            made.run(
                "CREATE TABLE public.clients (id int PRIMARY KEY, name text)",
                "CREATE TABLE public.bookings (id int)",
                "GRANT INSERT ON public.clients TO {app}",
                dsn=made.dsn("owner"),
            )
            with psycopg.connect(made.dsn("app"), autocommit=True) as writing:
                writing.execute("BEGIN")
                writing.execute(INSERT)
                writing.execute("PREPARE TRANSACTION 'the second half'")
            put_up(made)
            (busy,) = drained(made.endpoint(), tables=TABLES, seconds=0.1).in_the_way
            assert (busy.pid, busy.name, busy.role) == (None, "the second half", made.role("app"))
            made.run("COMMIT PREPARED 'the second half'")
            assert drained(made.endpoint(), tables=TABLES, seconds=1).ended


@pytest.mark.long
def test_a_table_that_is_being_vacuumed_is_waited_for_with_no_other_lock_held(fenced: Database) -> None:
    fenced.run("INSERT INTO public.clients SELECT g, repeat('x', 100) FROM generate_series(1, 2000) g")
    with psycopg.connect(fenced.admin_dsn, autocommit=True) as waiting, ThreadPoolExecutor(1) as executor:
        # What holds a table as VACUUM does, for a second and a half.
        slow = executor.submit(
            waiting.execute,
            "BEGIN; LOCK TABLE public.clients IN SHARE UPDATE EXCLUSIVE MODE; SELECT pg_sleep(1.5); COMMIT",
        )
        while fenced.one("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") != 1:
            assert not slow.done()
        with held(fenced.endpoint(), tables=TABLES, seconds=20, consent=True) as lock:
            assert lock.still_held()
            assert lock.seconds > 0.5
