"""The fence: what it takes, and that it gives back all of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.core.model.catalog import Catalog
from harness.errors import PgparityError, PlanRefused
from harness.postgres.connect import session
from harness.postgres.fence import breaches, fence, fence_record, held, unfence, write_sentinel, writers_besides
from harness.postgres.introspect import introspect
from tests.postgres.fenced_database import DENIED, INSERT, LOCKED, TABLES, Database, put_up, salon_with_roles


@pytest.fixture
def fenced(database: str) -> Iterator[Database]:
    with salon_with_roles(database) as made:
        yield made


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
    found = writers_besides(fenced.endpoint(), roles=[fenced.role("app")], tables=TABLES)
    (reasons,) = (each.reasons for each in found.roles if each.role == fenced.role("other"))
    assert reasons == (f"may write to public.clients as a member of {fenced.role('everybody')}",)
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
@pytest.mark.parametrize("role", ["app", "owner"])
def test_the_catalog_is_the_same_before_and_after_and_never_has_what_is_kept_of_the_fence(
    fenced: Database, role: str
) -> None:
    def catalog() -> Catalog:
        with session(fenced.endpoint(), purpose="test") as connection:
            return introspect(connection)

    before = catalog()
    put_up(fenced, role)
    write_sentinel(fenced.endpoint(), "c1", consent=True)
    under = catalog()
    assert under.tables == before.tables
    assert under.privileges != before.privileges
    unfence(fenced.endpoint(), "c1", consent=True)
    assert catalog().fingerprint == before.fingerprint


@pytest.mark.long
def test_the_schema_stays_where_it_was_before_or_holds_something_else(fenced: Database) -> None:
    fenced.run("CREATE SCHEMA pgparity CREATE TABLE ledger (x int)", dsn=fenced.dsn("owner"))
    put_up(fenced)
    unfence(fenced.endpoint(), consent=True)
    assert fenced.one("SELECT to_regclass('pgparity.ledger') IS NOT NULL") is True
    assert fenced.one("SELECT to_regclass('pgparity.fence') IS NULL") is True
