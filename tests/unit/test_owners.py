"""Owners: two servers whose superusers are called otherwise, a restore as another role, a role that is not there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.core.differences import Difference
from harness.core.model.catalog import Catalog
from harness.core.model.database import Database
from harness.core.model.relations import Schema, Sequence, Table
from harness.core.owners import OWNER, comparable_owners, new_owner, owner_in_plan
from tests.unit.catalogs import SERVER

T = Table(schema="public", name="clients")
HERE = Catalog(server=replace(SERVER, superuser="postgres", roles=("postgres", "app", "reader")))
THERE = Catalog(server=replace(SERVER, superuser="admin", roles=("admin", "app", "restorer")))
RESTORED = replace(THERE, databases=(Database(owner="restorer"),))


def compared(ours: str, theirs: str, *, each: Table | Schema | Sequence = T, target: Catalog = THERE) -> str | None:
    """The class of the difference; "same" for none, None for one that counts."""
    difference = Difference(
        source=replace(each, owner=ours), target=replace(each, owner=theirs), attribute="owner",
        source_value=ours, target_value=theirs,
    )  # fmt: skip
    found = comparable_owners([difference], HERE, target)
    return found[0].equivalence if found else "same"


def test_each_servers_own_superuser_stands_for_the_others() -> None:
    assert compared("postgres", "admin") == "same"


def test_a_role_that_both_servers_have_is_another_owner() -> None:
    assert compared("app", "admin") is None
    assert compared("postgres", "app") is None


def test_the_name_of_the_sources_superuser_is_no_superuser_on_the_target() -> None:
    target = replace(THERE, server=replace(THERE.server, roles=("admin", "postgres")))
    assert compared("postgres", "postgres", target=target) is None


def test_roles_of_which_neither_server_has_the_others_cannot_be_the_same() -> None:
    assert compared("reader", "restorer") == OWNER


def test_a_role_that_the_target_lacks_counts_where_the_targets_owner_is_a_role_of_the_source() -> None:
    assert compared("reader", "app") is None


def test_after_a_restore_as_another_role_the_owner_of_the_database_stands_for_roles_that_are_not_there() -> None:
    shared = replace(RESTORED, databases=(Database(owner="app"),))
    assert compared("reader", "app", target=shared) == OWNER


def test_after_a_restore_as_another_role_a_role_that_is_there_still_counts() -> None:
    assert compared("app", "restorer", target=RESTORED) is None


def test_an_owner_that_is_not_known_is_no_difference() -> None:
    assert compared("", "app") == "same"


@pytest.mark.parametrize(
    ("version", "owner", "same"), [(140000, "admin", True), (150000, "pg_database_owner", True), (150000, "app", False)]
)
def test_the_schema_public_has_the_owner_that_its_server_gives_it(version: int, owner: str, *, same: bool) -> None:
    target = replace(THERE, server=replace(THERE.server, version_number=version))
    found = compared("pg_database_owner", owner, each=Schema(name="public"), target=target)
    assert (found == "same") is same


def test_the_sequence_of_a_column_follows_its_table() -> None:
    sequence = Sequence(schema="public", name="clients_id_seq", owned_by="public.clients.id")
    assert compared("app", "admin", each=sequence) == "same"
    assert compared("app", "admin", each=replace(sequence, owned_by=None)) is None
    assert new_owner(sequence, replace(sequence, owner="app"), HERE, THERE) is None


def test_other_differences_are_left_alone() -> None:
    comment = Difference(source=T, target=T, attribute="comment", source_value="a", target_value="b")
    assert comparable_owners([comment], HERE, THERE) == [comment]


@pytest.mark.parametrize(("owner", "named"), [("postgres", "admin"), ("app", "app"), ("reader", None), ("", None)])
def test_a_plan_names_the_targets_superuser_and_no_role_that_is_not_there(owner: str, named: str | None) -> None:
    assert owner_in_plan(owner, HERE, THERE) == named


def test_a_role_is_taken_to_be_there_where_the_roles_of_a_server_are_not_known() -> None:
    assert owner_in_plan("reader", HERE, Catalog(server=SERVER)) == "reader"


def test_an_owner_is_said_of_what_is_created_and_of_what_has_another_one() -> None:
    wanted = replace(T, owner="app")
    assert new_owner(None, wanted, HERE, THERE) == "app"
    assert new_owner(replace(T, owner="admin"), wanted, HERE, THERE) == "app"
    assert new_owner(wanted, wanted, HERE, THERE) is None
    assert new_owner(replace(T, owner="admin"), replace(T, owner="postgres"), HERE, THERE) is None


def test_a_role_that_the_target_lacks_gets_nothing() -> None:
    assert new_owner(replace(T, owner="admin"), replace(T, owner="reader"), HERE, THERE) is None


@pytest.mark.parametrize(("reader", "given"), [("restorer", None), ("admin", "admin"), ("other", "admin")])
def test_a_role_that_is_no_superuser_gives_nothing_to_one_that_is(reader: str, given: str | None) -> None:
    target = replace(THERE, server=replace(THERE.server, reader=reader, superusers=("admin", "other")))
    assert new_owner(replace(T, owner="restorer"), replace(T, owner="postgres"), HERE, target) == given
    assert new_owner(None, replace(T, owner="postgres"), HERE, target) == given
    assert new_owner(None, replace(T, owner="app"), HERE, target) == "app"


def test_the_sequence_of_a_new_identity_has_its_owner_from_the_column() -> None:
    sequence = Sequence(
        schema="public", name="s", owned_by="public.clients.id", identity_sequence=True, owner="app",
    )  # fmt: skip
    assert new_owner(None, sequence, HERE, THERE) is None
