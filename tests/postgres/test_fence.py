"""The fence: what it takes, what it gives back, whom it does not bind, and what holds where it does not."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from harness.core.record import Side
from harness.embedded.server import Server
from harness.errors import ConfigurationError, MigrationFailed, PgparityError, PlanRefused, PrivilegeMissing
from harness.postgres.connect import session
from harness.postgres.fence import (
    breaches,
    check_sentinel,
    drained,
    fence,
    fence_record,
    held,
    may_fence,
    unfence,
    write_sentinel,
    writers_besides,
)
from tests.postgres.fenced_database import Database, database_with_roles
from tests.server_versions import MAJOR, NEWER_MAJOR, since

DENIED = "42501"
LOCKED = "55P03"
TABLES = ("public.clients", "public.bookings")
INSERT = "INSERT INTO public.clients VALUES (1, 'x')"


@pytest.fixture
def fenced(database: str) -> Iterator[Database]:
    """Two tables of an owner, and an application that may write them."""
    with database_with_roles(database, "owner", "app", "other") as made:
        made.run(
            "CREATE TABLE public.clients (id int PRIMARY KEY, name text)",
            "CREATE TABLE public.bookings (id int PRIMARY KEY, client int REFERENCES public.clients)",
            "GRANT ALL ON public.clients, public.bookings TO {app}",
            dsn=made.dsn("owner"),
        )
        yield made


def put_up(database: Database, *roles: str, cutover: str = "c1", role: str = "owner") -> int:
    names = [database.role(name) for name in roles or ("app",)]
    return fence(database.endpoint(role), cutover=cutover, roles=names, tables=TABLES, consent=True).new_rights


def besides(database: Database) -> dict[str, tuple[str, ...]]:
    found = writers_besides(database.endpoint(), roles=[database.role("app")], tables=TABLES)
    return {each.role.removesuffix(f"_{database.number}"): each.reasons for each in found.roles}


def test_a_fenced_role_writes_nothing_and_has_every_right_again_after(fenced: Database) -> None:
    fenced.run("GRANT INSERT ON public.bookings TO PUBLIC", "GRANT UPDATE (name) ON public.clients TO {app}")
    before = fenced.rights()
    assert put_up(fenced) == 10
    statements = (
        INSERT,
        "UPDATE public.clients SET name = ''",
        "DELETE FROM public.bookings",
        "TRUNCATE public.bookings",
    )
    assert [fenced.state_of("app", each) for each in statements] == [DENIED] * 4
    assert fenced.state_of("other", "INSERT INTO public.bookings VALUES (1, NULL)") == DENIED
    assert fenced.state_of("app", "SELECT FROM public.clients") == "00000"
    told = unfence(fenced.endpoint(), "c1", consent=True)
    assert (told.restored, told.told) == (10, ())
    assert fenced.rights() == before
    assert fenced.state_of("app", INSERT) == "00000"
    assert fenced.one("SELECT to_regnamespace('pgparity')") is None


@pytest.mark.long
def test_the_same_cutover_fences_once_and_another_is_refused_with_its_name(fenced: Database) -> None:
    put_up(fenced)
    before = fenced.rights()
    assert put_up(fenced) == 0
    assert fenced.rights() == before
    with pytest.raises(PlanRefused, match=r"fenced by the cutover c1 since 20"):
        put_up(fenced, cutover="c2")
    with pytest.raises(PlanRefused, match="c1"):
        unfence(fenced.endpoint(), "c2", consent=True)
    assert unfence(fenced.endpoint(), "c1", consent=True).whole
    again = unfence(fenced.endpoint(), "c1", consent=True)
    assert (again.record, again.restored, again.told) == (None, 0, ())


def test_nothing_is_fenced_and_no_session_writes_without_consent(fenced: Database) -> None:
    before = fenced.rights()
    with pytest.raises(PgparityError, match="consent"):
        fence(fenced.endpoint(), cutover="c1", roles=[fenced.role("app")], tables=TABLES, consent=False)
    with pytest.raises(PgparityError, match="read only"), session(fenced.endpoint(), purpose="x", writable=True):
        pass
    assert fenced.rights() == before
    assert fence_record(fenced.endpoint()) is None


@pytest.mark.long
def test_a_right_that_is_granted_again_is_told_and_taken_by_the_same_cutover(fenced: Database) -> None:
    before = fenced.rights()
    put_up(fenced)
    assert breaches(fenced.endpoint()) == ()
    fenced.run("GRANT INSERT ON public.clients TO {app}", dsn=fenced.dsn("owner"))
    (told,) = breaches(fenced.endpoint())
    assert "INSERT on public.clients" in told
    assert put_up(fenced) == 1
    assert breaches(fenced.endpoint()) == ()
    assert unfence(fenced.endpoint(), "c1", consent=True).whole
    assert fenced.rights() == before


@pytest.mark.long
def test_rights_come_through_memberships_too(fenced: Database) -> None:
    fenced.run(
        "CREATE ROLE {writers}",
        "CREATE ROLE {everybody}",
        "GRANT {everybody} TO {writers}",
        "GRANT {writers} TO {other}",
        "GRANT INSERT ON public.clients TO {everybody}",
    )
    before = fenced.rights()
    assert besides(fenced)["other"] == (f"may write to public.clients as a member of {fenced.role('everybody')}",)
    put_up(fenced, "app", "other")
    assert fenced.state_of("other", INSERT) == DENIED
    assert fenced.state_of("other", fenced.named("SET ROLE {everybody}; " + INSERT)) == DENIED
    unfence(fenced.endpoint(), consent=True)
    assert fenced.rights() == before


@pytest.mark.long
def test_whoever_writes_through_something_else_is_fenced_there(fenced: Database) -> None:
    fenced.run(
        "CREATE VIEW public.named AS SELECT * FROM public.clients",
        "CREATE TABLE public.notes (text text)",
        "CREATE RULE also AS ON INSERT TO public.notes DO ALSO INSERT INTO public.clients VALUES (7, NEW.text)",
        "CREATE TABLE public.chains (id int PRIMARY KEY)",
        "ALTER TABLE public.bookings ADD chain int REFERENCES public.chains ON DELETE CASCADE",
        "CREATE TABLE public.apart (id int)",
        "GRANT ALL ON public.named, public.notes, public.chains, public.apart TO {app}",
        dsn=fenced.dsn("owner"),
    )
    put_up(fenced)
    assert fenced.state_of("app", "INSERT INTO public.named VALUES (1)") == DENIED
    assert fenced.state_of("app", "INSERT INTO public.notes VALUES ('x')") == DENIED
    assert fenced.state_of("app", "DELETE FROM public.chains") == DENIED
    assert fenced.state_of("app", "INSERT INTO public.apart VALUES (1)") == "00000"


@pytest.mark.long
def test_partitions_and_parents_are_fenced_with_a_table(fenced: Database) -> None:
    fenced.run(
        "CREATE TABLE public.log (at int) PARTITION BY RANGE (at)",
        "CREATE TABLE public.log_1 PARTITION OF public.log FOR VALUES FROM (0) TO (10)",
        "CREATE TABLE public.log_2 PARTITION OF public.log FOR VALUES FROM (10) TO (20)",
        "GRANT ALL ON public.log, public.log_1, public.log_2 TO {app}",
        dsn=fenced.dsn("owner"),
    )
    endpoint, role = fenced.endpoint(), fenced.role("app")
    found = fence(endpoint, cutover="c", roles=[role], tables=["public.log"], consent=True)
    assert found.record.relations == ("public.log", "public.log_1", "public.log_2")
    assert fenced.state_of("app", "INSERT INTO public.log_1 VALUES (1)") == DENIED
    unfence(endpoint, consent=True)
    found = fence(endpoint, cutover="c", roles=[role], tables=["public.log_1"], consent=True)
    assert found.record.relations == ("public.log", "public.log_1")
    assert fenced.state_of("app", "INSERT INTO public.log VALUES (1)") == DENIED


def test_an_owner_who_is_the_application_is_fenced_as_well_and_can_hold_the_lock(fenced: Database) -> None:
    fenced.run("GRANT SELECT ON public.clients TO {other}", dsn=fenced.dsn("owner"))
    before = fenced.rights()
    put_up(fenced, "owner")
    assert fenced.state_of("owner", INSERT) == DENIED
    with held(fenced.endpoint(), tables=TABLES, consent=True) as lock:
        assert lock.still_held()
        assert fenced.state_of("owner", INSERT) == LOCKED
        assert fenced.state_of("owner", "SELECT FROM public.clients") == "00000"
        assert breaches(fenced.endpoint()) == ()
        # Rights are given back while the lock keeps everybody waiting: nothing of it is in the way.
        assert unfence(fenced.endpoint(), consent=True).whole
        assert fenced.rights() == before
        put_up(fenced, "owner")
    assert fenced.state_of("owner", INSERT) == DENIED
    assert breaches(fenced.endpoint()) == ()
    assert unfence(fenced.endpoint(), consent=True).whole
    assert fenced.rights() == before


@pytest.mark.long
@since(14, "pg_write_all_data")
def test_who_else_can_write_is_told_with_the_reason(fenced: Database) -> None:
    fenced.run(
        "GRANT UPDATE (name) ON public.clients TO {other}",
        "CREATE ROLE {boss} LOGIN SUPERUSER",
        "CREATE ROLE {deputy} LOGIN NOINHERIT",
        "GRANT {boss} TO {deputy}",
        "CREATE ROLE {loader} LOGIN",
        "GRANT pg_write_all_data TO {loader}",
        "CREATE ROLE {kin} LOGIN",
        "GRANT {owner} TO {kin}",
        "CREATE ROLE {silent} NOLOGIN",
        "GRANT ALL ON public.clients TO {silent}",
        "CREATE FUNCTION public.sneak() RETURNS void SECURITY DEFINER LANGUAGE sql AS 'DELETE FROM public.bookings'",
    )
    found = writers_besides(fenced.endpoint(), roles=[fenced.role("app")], tables=TABLES)
    boss = fenced.role("boss")
    assert besides(fenced) == {
        "other": ("may write to public.clients",),
        "deputy": (f"becomes a superuser as a member of {boss}",),
        "loader": ("member of pg_write_all_data",),
        "kin": (f"owns public.bookings, public.clients as a member of {fenced.role('owner')}",),
        "owner": ("owns public.bookings, public.clients",),
    }
    assert boss in found.superusers
    assert found.own == fenced.role("owner")
    assert found.functions == ("public.sneak(), runs as postgres",)


@pytest.mark.long
def test_what_the_role_lacks_to_fence_is_told_before_and_nothing_is_revoked(fenced: Database) -> None:
    before = fenced.rights()
    roles = [fenced.role("app")]
    assert may_fence(fenced.endpoint(), roles=roles, tables=TABLES) == ()
    told = may_fence(fenced.endpoint("other"), roles=roles, tables=TABLES)
    assert any("may not act as" in each and "which owns public.bookings" in each for each in told)
    assert any("may not create the schema pgparity" in each for each in told)
    assert any("may not lock public.clients" in each for each in told)
    with pytest.raises(PrivilegeMissing, match=r"cannot be fenced|may not create"):
        put_up(fenced, role="other")
    assert fenced.rights() == before


@pytest.mark.long
def test_the_target_is_not_fenced_for_pgparity_itself(fenced: Database) -> None:
    roles = [fenced.role("app")]
    assert may_fence(fenced.endpoint(side=Side.TARGET), roles=roles, tables=TABLES) == ()
    (told,) = may_fence(fenced.endpoint(side=Side.TARGET), roles=[fenced.role("owner")], tables=TABLES)
    assert "pgparity's own role" in told


@pytest.mark.long
def test_rights_that_hang_on_a_fenced_role_are_told_and_come_back_from_whom_they_were(fenced: Database) -> None:
    fenced.run("GRANT INSERT ON public.clients TO {app} WITH GRANT OPTION", dsn=fenced.dsn("owner"))
    fenced.run("GRANT INSERT ON public.clients TO {other}", dsn=fenced.dsn("app"))
    before = fenced.rights()
    told = may_fence(fenced.endpoint(), roles=[fenced.role("app")], tables=TABLES)
    assert any(f"name {fenced.role('other')} among the roles" in each for each in told)
    assert any("granted rights on public.clients" in each for each in told)
    fenced.run("GRANT {app} TO {owner}")
    assert put_up(fenced, "app", "other") == 9
    assert fenced.state_of("other", INSERT) == DENIED
    assert unfence(fenced.endpoint(), consent=True).whole
    assert fenced.rights() == before


@pytest.mark.long
def test_what_was_dropped_meanwhile_is_told_and_stops_nothing(fenced: Database) -> None:
    fenced.run(
        "GRANT INSERT ON public.bookings TO {other}",
        "GRANT UPDATE (name) ON public.clients TO {other}",
        dsn=fenced.dsn("owner"),
    )
    put_up(fenced, "app", "other")
    fenced.run("DROP OWNED BY {other}", "DROP ROLE {other}", "ALTER TABLE public.clients RENAME TO customers")
    told = unfence(fenced.endpoint(), consent=True)
    assert len(told.told) == 2
    assert all(each.endswith("the role is gone") for each in told.told)
    assert fenced.state_of("app", "INSERT INTO public.customers VALUES (1)") == "00000"
    assert fence_record(fenced.endpoint()) is None


@pytest.mark.long
def test_a_fence_that_came_with_a_dump_is_taken_down_by_names(fenced: Database) -> None:
    fenced.run("GRANT UPDATE (name) ON public.clients TO {other} WITH GRANT OPTION", dsn=fenced.dsn("owner"))
    before = fenced.rights()
    put_up(fenced, "app", "other")
    # The numbers of another database: here they are of other tables, or of none.
    fenced.run(
        "UPDATE pgparity.fence SET here = 1, taken = replace(taken::text, '\"relation\": ', '\"relation\": 9')::jsonb"
    )
    assert unfence(fenced.endpoint(), "c1", consent=True).told == ()
    assert fenced.rights() == before


@pytest.mark.long
@since(14, "pg_write_all_data")
def test_a_fenced_role_that_no_privilege_binds_is_told(fenced: Database) -> None:
    unbound = ("GRANT pg_write_all_data TO {app}", "ALTER ROLE {other} SUPERUSER")
    put_up(fenced, "app", "other")
    fenced.run(*unbound)
    told = breaches(fenced.endpoint())
    assert f"{fenced.role('other')} is a superuser, whom no privilege binds" in told
    assert "a fenced role is a member of pg_write_all_data" in told
    assert besides(fenced)["app"] == ("member of pg_write_all_data",)
    told = may_fence(fenced.endpoint(), roles=[fenced.role("app"), fenced.role("other")], tables=TABLES)
    assert any(each.startswith(f"{fenced.role('app')} is a member of pg_write_all_data, and") for each in told)
    assert any(each.startswith(f"{fenced.role('other')} is a superuser, and") for each in told)
    unfence(fenced.endpoint(), "c1", consent=True)
    with pytest.raises(PrivilegeMissing, match="no REVOKE binds it"):
        put_up(fenced)


@pytest.mark.long
def test_a_right_that_cannot_be_given_back_stays_recorded(fenced: Database) -> None:
    put_up(fenced)
    fenced.run("ALTER TABLE public.clients OWNER TO postgres")
    told = unfence(fenced.endpoint(), consent=True)
    assert told.restored == 4
    assert len(told.told) == 4
    assert all("clients" in each for each in told.told)
    record = fence_record(fenced.endpoint())
    assert record is not None
    assert record.rights == 4
    fenced.run("ALTER TABLE public.clients OWNER TO {owner}")
    assert unfence(fenced.endpoint(), consent=True).whole
    assert fenced.state_of("app", INSERT) == "00000"


@pytest.mark.long
def test_the_schema_stays_where_it_was_before_or_holds_something_else(fenced: Database) -> None:
    fenced.run("CREATE SCHEMA pgparity CREATE TABLE ledger (x int)", dsn=fenced.dsn("owner"))
    put_up(fenced)
    unfence(fenced.endpoint(), consent=True)
    assert fenced.one("SELECT to_regclass('pgparity.ledger') IS NOT NULL") is True
    assert fenced.one("SELECT to_regclass('pgparity.fence') IS NULL") is True


@pytest.mark.long
def test_roles_and_tables_that_are_not_there_are_named(fenced: Database) -> None:
    with pytest.raises(ConfigurationError, match="no role ghost"):
        may_fence(fenced.endpoint(), roles=["ghost"], tables=TABLES)
    with pytest.raises(ConfigurationError, match=r"no table public\.ghost"):
        may_fence(fenced.endpoint(), roles=[], tables=["public.ghost"])


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
