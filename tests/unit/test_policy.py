"""A policy decides what is the platform's, and what of the user's schema needs it is listed with ways out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.core.managed_parts import unmanaged
from harness.core.model.catalog import Catalog, Dependency
from harness.core.model.privileges import Privilege
from harness.core.model.programs import Extension, Routine
from harness.core.model.relations import Column, Schema, Table, View
from harness.core.model.replication import Publication
from harness.core.model.rules import Constraint, Policy, Trigger
from harness.core.platform_dependencies import dependency_findings, platform_dependencies
from harness.core.platform_dependency import PlatformDependency
from harness.core.platform_mentions import mentions
from harness.core.policy import read_policy
from harness.core.record import Severity
from harness.errors import ConfigurationError
from harness.stages.policy import policy_names, policy_of, policy_text
from tests.unit.catalogs import SERVER

SUPABASE = read_policy(policy_text("supabase"), "supabase")
AUTH = (
    Table(schema="auth", name="users"),
    Table(schema="storage", name="objects"),
)


def source(**families: object) -> Catalog:
    tables = (*AUTH, Table(schema="public", name="clients"))
    return replace(Catalog(server=SERVER, tables=tables), **families)  # type: ignore[arg-type]


def found(catalog: Catalog, target: Catalog | None = None) -> set[tuple[str, str, str]]:
    there = target or Catalog(server=SERVER)
    return {(each.code, each.identity, each.needs) for each in platform_dependencies(catalog, there, SUPABASE)}


def policy(
    using: str, *, schema: str = "public", table: str = "clients", roles: tuple[str, ...] = ("public",)
) -> Policy:
    return Policy(schema=schema, table=table, name="own", using=using, roles=roles)


def test_every_policy_that_ships_can_be_read() -> None:
    assert "supabase" in policy_names()
    assert policy_of("supabase") == SUPABASE
    with pytest.raises(ConfigurationError, match="there is no policy neon"):
        policy_of("neon")


def test_a_wrong_key_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"mine\.toml: shemas: unknown key"):
        read_policy('name = "a"\nabout = "b"\n[shemas]\nx = "y"\n', "mine.toml")
    with pytest.raises(ConfigurationError, match=r"mine\.toml is not TOML"):
        read_policy("name = ", "mine.toml")


def test_managed_objects_are_left_out_and_counted() -> None:
    whole = source(
        schemas=(Schema(name="auth"), Schema(name="storage"), Schema(name="public")),
        columns=(Column(schema="auth", table="users", name="id", type="uuid"),),
        extensions=(Extension(name="pg_graphql"), Extension(name="citext")),
    )
    parts = unmanaged(whole, Catalog(server=SERVER), SUPABASE)
    assert {each.identity for each in parts.source.objects()} == {"public", "public.clients", "citext"}
    assert parts.filtered == {
        "policy supabase: extension pg_graphql is managed by Supabase": 1,
        "policy supabase: schema auth is managed by Supabase": 2,
        "policy supabase: schema storage is managed by Supabase": 2,
    }


def test_a_users_policy_on_a_managed_table_is_compared_where_both_sides_have_the_table() -> None:
    whole = source(policies=(policy("true", schema="storage", table="objects"),))
    assert unmanaged(whole, source(), SUPABASE).source.policies == whole.policies
    assert unmanaged(whole, Catalog(server=SERVER), SUPABASE).source.policies == ()


def test_functions_of_the_platform_are_found_where_they_are_called() -> None:
    catalog = source(
        policies=(policy("(owner = ( SELECT auth.uid() AS uid))"),),
        columns=(Column(schema="public", table="clients", name="owner", type="uuid", default="auth.uid()"),),
        views=(View(schema="public", name="mine", definition="SELECT 1 WHERE auth.role() = 'x'"),),
        routines=(Routine(schema="public", name="f", arguments="", body="BEGIN EXECUTE 'SELECT auth.email()'; END"),),
    )
    assert found(catalog) == {
        ("PLT001", "public.clients.own", "function auth.uid"),
        ("PLT001", "public.clients.owner", "function auth.uid"),
        ("PLT001", "public.mine", "function auth.role"),
        ("PLT001", "public.f()", "function auth.email"),
    }


def test_foreign_keys_triggers_and_policies_on_managed_tables_are_listed() -> None:
    reference = Constraint(
        schema="public", table="clients", name="owner_fkey", type="foreign key", columns=("owner",),
        definition="FOREIGN KEY (owner) REFERENCES auth.users(id)", references="auth.users", references_columns=("id",),
    )  # fmt: skip
    catalog = source(
        constraints=(reference,),
        triggers=(
            Trigger(schema="auth", table="users", name="made", definition="AFTER INSERT", function="public.made"),
            Trigger(schema="auth", table="users", name="own", definition="AFTER INSERT", function="auth.own"),
        ),
        policies=(policy("true", schema="storage", table="objects", roles=("authenticated",)),),
    )
    assert found(catalog) == {
        ("PLT002", "public.clients.owner_fkey", "table auth.users"),
        ("PLT003", "auth.users.made", "table auth.users"),
        ("PLT003", "storage.objects.own", "table storage.objects"),
        ("PLT005", "storage.objects.own", "role authenticated"),
    }


def test_publications_and_extensions_are_listed_with_what_uses_them() -> None:
    catalog = source(
        extensions=(Extension(name="citext", version="1.6", schema="extensions"),),
        columns=(Column(schema="public", table="clients", name="mail", type="extensions.citext"),),
        publications=(Publication(name="supabase_realtime", tables=("public.clients", "auth.users")),),
        dependencies=(
            Dependency(kind="column", identity="public.clients.mail", on_kind="extension", on_identity="citext"),
        ),
    )
    listed = found(catalog)
    assert ("PLT004", "public.clients", "publication supabase_realtime") in listed
    assert ("PLT006", "public.clients.mail", "extension citext 1.6 in schema extensions") in listed


def test_what_the_target_has_alarms_nobody_and_what_was_not_looked_at_is_said() -> None:
    catalog = source(policies=(policy("auth.uid() IS NOT NULL"),))
    there = Catalog(server=SERVER, routines=(Routine(schema="auth", name="uid", arguments=""),))
    one = platform_dependencies(catalog, there, SUPABASE)
    assert [(each.on_target, each.severity) for each in one] == [(True, Severity.COSMETIC)]
    unseen = platform_dependencies(catalog, Catalog(server=SERVER, scope=("public",)), SUPABASE)
    assert [(each.on_target, each.severity) for each in unseen] == [(None, Severity.RISK)]


def test_every_dependency_says_what_breaks_and_the_ways_out() -> None:
    catalog = source(policies=(policy("auth.uid() IS NOT NULL", roles=("anon",)),))
    listed = platform_dependencies(catalog, Catalog(server=SERVER), SUPABASE)
    assert {each.code for each in listed} == {"PLT001", "PLT005"}
    assert all(each.breaks and len(each.ways_out) > 1 for each in listed)
    assert any("request.jwt.claims" in way for each in listed for way in each.ways_out)
    assert PlatformDependency.from_json(listed[0].to_json()) == listed[0]
    findings = dependency_findings(listed)
    assert [each.code for each in findings] == ["PLT001", "PLT005"]
    assert all(each.fix for each in findings)


def test_grants_to_roles_of_the_platform_are_one_line_an_object_and_left_out_where_the_role_is_not() -> None:
    grants = tuple(
        Privilege(object_kind="table", object="public.clients", holder="anon", grantee="anon", privilege=each)
        for each in ("SELECT", "INSERT")
    )
    catalog = replace(source(privileges=grants), server=replace(SERVER, platform_roles=("anon",)))
    assert found(catalog) == {("PLT005", "public.clients", "role anon")}
    parts = unmanaged(catalog, source(), SUPABASE)
    assert parts.source.privileges == ()
    assert parts.filtered == {"policy supabase: role anon is managed by Supabase, and not there on both sides": 2}
    assert unmanaged(catalog, catalog, SUPABASE).source.privileges == grants


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("SELECT auth.uid()", {"auth.uid"}),
        ("SELECT net.amount FROM sums net", set()),
        ("SELECT net.amount FROM sums AS net WHERE net.http_get('x') > 0", {"net.http_get"}),
        ("-- auth.uid()\nSELECT 1", set()),
        ('SELECT "auth"."uid"()', {"auth.uid"}),
        ("SELECT db.auth.uid", set()),
        ("SELECT 'auth.uid()' || auth.uid()", {"auth.uid"}),
        ("SELECT unauth.uid()", set()),
    ],
)
def test_mentions_are_names_and_not_aliases_or_comments(text: str, names: set[str]) -> None:
    assert {f"{each.schema}.{each.name}" for each in mentions([("body", text)], SUPABASE)} == names
