"""Before the fence: what a role lacks to put it up, and who could write all the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.core.record import Side
from harness.errors import ConfigurationError, PrivilegeMissing
from harness.postgres.fence import breaches, may_fence, unfence, writers_besides
from tests.postgres.fenced_database import DENIED, INSERT, TABLES, Database, put_up, salon_with_roles
from tests.server_versions import since


@pytest.fixture
def fenced(database: str) -> Iterator[Database]:
    with salon_with_roles(database) as made:
        yield made


def besides(database: Database) -> dict[str, tuple[str, ...]]:
    found = writers_besides(database.endpoint(), roles=[database.role("app")], tables=TABLES)
    return {each.role.removesuffix(f"_{database.number}"): each.reasons for each in found.roles}


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
def test_roles_and_tables_that_are_not_there_are_named(fenced: Database) -> None:
    with pytest.raises(ConfigurationError, match="no role ghost"):
        may_fence(fenced.endpoint(), roles=["ghost"], tables=TABLES)
    with pytest.raises(ConfigurationError, match=r"no table public\.ghost"):
        may_fence(fenced.endpoint(), roles=[], tables=["public.ghost"])
