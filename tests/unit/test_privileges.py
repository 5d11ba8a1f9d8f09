"""Privileges: what PostgreSQL gives by itself, what one version alone knows, owners, everybody, absent roles."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.core.diff import compare
from harness.core.managed import PLATFORM_ROLES
from harness.core.model.catalog import Catalog
from harness.core.model.privileges import PUBLIC, DefaultPrivilege, Privilege
from harness.core.model.programs import Routine
from harness.core.model.relations import Schema, Sequence, Table
from harness.core.privileges import ABSENT_ROLE, PLATFORM
from tests.unit.catalogs import SERVER

T = Table(schema="public", name="clients", owner="app")
F = Routine(schema="public", name="price_of", arguments="integer", owner="app")
ROLES = ("app", "reader", "writer", "postgres")
BASE = Catalog(
    server=replace(SERVER, roles=ROLES, superuser="postgres"), schemas=(Schema(name="public", owner="postgres"),),
    tables=(T,), routines=(F,),
)  # fmt: skip


def on_table(privilege: str = "SELECT", grantee: str = "reader", **told: Any) -> Privilege:
    told = {"holder": grantee, **told}
    return Privilege(object_kind="table", object="public.clients", grantee=grantee, privilege=privilege, **told)


def everybody_executes(**told: Any) -> Privilege:
    return Privilege(
        object_kind="routine", object="public.price_of(integer)", holder=PUBLIC, grantee=PUBLIC, privilege="EXECUTE",
        **told,
    )  # fmt: skip


def having(*privileges: Privilege, base: Catalog = BASE) -> Catalog:
    return replace(base, privileges=privileges)


def of_version(number: int, catalog: Catalog) -> Catalog:
    return replace(catalog, server=replace(catalog.server, version_number=number))


def told(source: Catalog, target: Catalog) -> list[tuple[str, str, str | None]]:
    return [(each.change, each.identity, each.equivalence) for each in compare(source, target).changes]


SELECT = "table public.clients reader SELECT"
EXECUTE = "routine public.price_of(integer) PUBLIC EXECUTE"
NOTHING: list[tuple[str, str, str | None]] = []


def test_a_grant_of_one_side_is_told() -> None:
    assert told(having(on_table()), BASE) == [("removed", SELECT, None)]
    assert told(BASE, having(on_table())) == [("added", SELECT, None)]


def test_a_list_that_is_null_and_one_that_says_the_defaults_are_the_same() -> None:
    # Defaults that are there are not listed at all, whichever way they came about.
    assert told(having(), having()) == NOTHING


def test_a_default_that_was_taken_away_is_what_the_other_side_has() -> None:
    taken = everybody_executes(revoked=True, built_in=True)
    assert told(BASE, having(taken)) == [("removed", EXECUTE, None)]
    assert told(having(taken), BASE) == [("added", EXECUTE, None)]
    assert told(having(taken), having(taken)) == NOTHING


def test_a_default_that_may_be_handed_on_is_a_grant_option_more() -> None:
    widened = having(everybody_executes(with_grant_option=True, built_in=True))
    (change,) = compare(widened, BASE).changes
    assert (change.identity, change.attribute, change.source, change.target) == (
        EXECUTE, "with_grant_option", True, False,
    )  # fmt: skip


def test_a_default_taken_away_from_an_object_of_one_side_says_nothing_of_the_other() -> None:
    taken = everybody_executes(revoked=True, built_in=True)
    assert told(having(taken), replace(BASE, routines=())) == [("removed", "public.price_of(integer)", None)]


def test_what_the_owner_took_from_himself_is_the_same_under_another_owner() -> None:
    ours = having(on_table("DELETE", "app", holder="", revoked=True, built_in=True))
    other = replace(BASE, tables=(replace(T, owner="writer"),))
    theirs = having(on_table("DELETE", "writer", holder="", revoked=True, built_in=True), base=other)
    assert [each.attribute for each in compare(ours, theirs).changes] == ["owner"]


@pytest.mark.parametrize(("ours", "theirs", "counts"), [(160000, 170000, False), (170000, 180000, True)])
def test_maintain_counts_where_both_servers_know_it(ours: int, theirs: int, *, counts: bool) -> None:
    source, target = of_version(ours, BASE), of_version(theirs, having(on_table("MAINTAIN")))
    expected = [("added", "table public.clients reader MAINTAIN", None)] if counts else NOTHING
    assert told(source, target) == expected
    assert told(target, source) == [("removed", identity, known) for _, identity, known in expected]


def on_public(**said: Any) -> Privilege:
    return Privilege(
        object_kind="schema", object="public", holder=PUBLIC, grantee=PUBLIC, privilege="CREATE", **said
    )  # fmt: skip


def test_that_everybody_creates_in_public_until_14_is_no_difference_from_15() -> None:
    assert told(of_version(140000, BASE), of_version(150000, BASE)) == NOTHING


def test_taken_away_on_14_it_is_as_15_begins() -> None:
    taken = having(on_public(revoked=True, built_in=True))
    assert told(of_version(140000, taken), of_version(150000, BASE)) == NOTHING


def test_given_on_15_it_is_as_14_begins() -> None:
    assert told(of_version(140000, BASE), of_version(150000, having(on_public()))) == NOTHING


def test_taken_away_on_14_and_given_on_15_it_differs() -> None:
    source = of_version(140000, having(on_public(revoked=True, built_in=True)))
    assert told(source, of_version(150000, having(on_public()))) == [("added", "schema public PUBLIC CREATE", None)]


def test_between_servers_that_both_let_everybody_create_it_counts() -> None:
    taken = having(on_public(revoked=True, built_in=True))
    assert told(of_version(130000, taken), of_version(140000, BASE)) == [("added", "schema public PUBLIC CREATE", None)]


def test_what_a_role_has_as_owner_on_the_target_is_told_by_the_owner() -> None:
    source = having(on_table(grantee="reader"))
    target = replace(BASE, tables=(replace(T, owner="reader"),))
    (change,) = compare(source, target).changes
    assert (change.kind, change.attribute) == ("table", "owner")


def test_a_role_that_the_target_lacks_cannot_have_it_there() -> None:
    target = replace(BASE, server=replace(BASE.server, roles=("app", "postgres")))
    assert told(having(on_table()), target) == [("removed", SELECT, ABSENT_ROLE)]


def test_everybody_is_no_role_that_a_server_could_lack() -> None:
    target = replace(BASE, server=replace(BASE.server, roles=("app",)))
    assert told(having(on_table(grantee=PUBLIC)), target) == [("removed", "table public.clients PUBLIC SELECT", None)]


def test_roles_of_a_platform_stay_behind_where_none_of_them_has_anything() -> None:
    server = replace(BASE.server, roles=(*ROLES, *PLATFORM_ROLES))
    source = having(on_table(grantee=PLATFORM_ROLES[0]))
    target = replace(BASE, server=server)
    assert [each for _, _, each in told(source, target)] == [PLATFORM]
    other = having(on_table("INSERT", PLATFORM_ROLES[0]), base=target)
    assert {each for _, _, each in told(source, other)} == {None}


def test_the_sequence_of_a_column_is_the_same_under_another_name() -> None:
    def with_sequence(name: str) -> Catalog:
        sequence = Sequence(schema="public", name=name, owned_by="public.clients.id", identity_sequence=True)
        use = Privilege(
            object_kind="sequence", object=f"public.{name}", holder="reader", grantee="reader", privilege="USAGE"
        )
        return replace(BASE, sequences=(sequence,), privileges=(use,))

    found = compare(with_sequence("clients_id_seq"), with_sequence("other")).changes
    assert "privilege" not in {each.kind for each in found}


def test_a_default_privilege_of_a_role_that_is_not_there_cannot_be_had() -> None:
    given = DefaultPrivilege(creator="app", in_schema="", object_type="tables", grantee="reader", privilege="SELECT")
    source = replace(BASE, default_privileges=(given,))
    assert told(source, BASE) == [("removed", "app - tables reader SELECT", None)]
    lacking = replace(BASE, server=replace(BASE.server, roles=("app", "postgres")))
    assert told(source, lacking) == [("removed", "app - tables reader SELECT", ABSENT_ROLE)]


def test_a_default_privilege_that_was_taken_away_is_what_the_other_side_has() -> None:
    taken = DefaultPrivilege(
        creator="app", in_schema="", object_type="functions", grantee=PUBLIC, privilege="EXECUTE", revoked=True,
        built_in=True,
    )  # fmt: skip
    assert told(replace(BASE, default_privileges=(taken,)), BASE) == [("added", "app - functions PUBLIC EXECUTE", None)]


def test_a_privilege_of_the_table_that_goes_knows_which_of_its_columns_come_back() -> None:
    column = Privilege(
        object_kind="column", object="public.clients.name", relation="public.clients", holder="reader",
        grantee="reader", privilege="SELECT",
    )  # fmt: skip
    comparison = compare(having(column), having(on_table()))
    (gone,) = (each.target for each in comparison.differences if each.source is None)
    assert isinstance(gone, Privilege)
    assert gone.restored == (("public.clients.name", "reader", False),)


def test_what_the_targets_superuser_took_from_himself_a_plan_gives_him_and_not_the_sources() -> None:
    source = replace(BASE, tables=(replace(T, owner="postgres"),))
    taken = on_table("DELETE", "admin", holder="", revoked=True, built_in=True)
    server = replace(BASE.server, superuser="admin", roles=("admin", "app", "reader"))
    target = replace(BASE, server=server, tables=(replace(T, owner="admin"),), privileges=(taken,))
    (found,) = compare(source, target).differences
    assert isinstance(found.source, Privilege)
    assert (found.change, found.source.privilege, found.source.role) == ("removed", "DELETE", "admin")
