"""The diff: what counts as one object, what as none, and which differences are no difference in effect."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import harness.core.diff
import harness.core.differences
from harness.core.change import Change
from harness.core.column_order import column_order
from harness.core.diff import compare, diff
from harness.core.model.catalog import Catalog, Dependency, ServerInfo
from harness.core.model.objects import CatalogObject, TablePart
from harness.core.model.programs import Extension
from harness.core.model.relations import Column, Sequence, Table
from harness.core.model.rules import Constraint, Index, Policy, Trigger
from harness.core.record import Severity
from harness.core.rules import Rules
from harness.errors import ConfigurationError

SERVER = ServerInfo(
    version="16.1", version_number=160001, database="d", encoding="UTF8", collate="C", ctype="C",
    locale_provider="libc", timezone="UTC",
)  # fmt: skip
PLATFORM = replace(SERVER, platform_roles=("anon", "service_role"))
IN_T: dict[str, Any] = {"schema": "public", "table": "t"}
T = Table(schema="public", name="t")
A = Column(**IN_T, name="a", type="bigint", position=1)
B = Column(**IN_T, name="b", type="text", position=2)
UNIQUE_A = Constraint(**IN_T, name="t_a_key", type="unique", definition="UNIQUE (a)", columns=("a",))
UNIQUE_A_INDEX = Index(
    **IN_T, name="t_a_key", definition="CREATE UNIQUE INDEX ON public.t USING btree (a)", unique=True, columns=("a",),
    constraint="t_a_key",
)  # fmt: skip
BARE_A = replace(UNIQUE_A_INDEX, name="idx", constraint=None)
BASE = Catalog(server=SERVER, tables=(T,), columns=(A, B))


def told(changes: tuple[Change, ...]) -> list[tuple[str, str, str, str | None, str | None]]:
    return [(each.kind, each.identity, each.change, each.attribute, each.equivalence) for each in changes]


def test_a_missing_table_is_one_change_and_its_parts_are_none() -> None:
    full = replace(BASE, constraints=(UNIQUE_A,), indexes=(UNIQUE_A_INDEX,))
    assert told(diff(full, Catalog(server=SERVER))) == [("table", "public.t", "removed", None, None)]


def test_a_missing_column_takes_its_own_sequence_along() -> None:
    sequence = Sequence(schema="public", name="t_a_seq", owned_by="public.t.a", identity_sequence=True)
    target = replace(BASE, columns=(B,))
    assert told(diff(replace(BASE, sequences=(sequence,)), target)) == [("column", "public.t.a", "removed", None, None)]


def test_a_constraint_named_like_a_missing_column_is_not_its_part() -> None:
    rule = replace(UNIQUE_A, name="a")
    found = diff(replace(BASE, constraints=(rule,)), replace(BASE, columns=(B,)))
    assert {each.kind for each in found} == {"column", "constraint"}


def test_an_index_is_known_by_its_definition_and_not_by_its_name() -> None:
    one, other = replace(BARE_A, name="one"), replace(BARE_A, name="other")
    (change,) = diff(replace(BASE, indexes=(one,)), replace(BASE, indexes=(other,)))
    assert told((change,)) == [("index", "public.t.one", "altered", "name", "name")]
    assert (change.source, change.target, change.severity) == ("one", "other", Severity.COSMETIC)


def test_a_trigger_that_was_renamed_is_the_same_trigger() -> None:
    one = Trigger(**IN_T, name="one", definition="BEFORE INSERT ON public.t FOR EACH ROW EXECUTE FUNCTION public.f()")
    found = diff(replace(BASE, triggers=(one,)), replace(BASE, triggers=(replace(one, name="other"),)))
    assert told(found) == [("trigger", "public.t.one", "altered", "name", "name")]


def test_of_two_indexes_that_traded_names_both_are_there() -> None:
    over_b = replace(BARE_A, name="second", definition="CREATE INDEX ON public.t USING btree (b)", unique=False)
    first = replace(BARE_A, name="first")
    traded = (replace(first, name="second"), replace(over_b, name="first"))
    found = diff(replace(BASE, indexes=(first, over_b)), replace(BASE, indexes=traded))
    assert {each.attribute for each in found} == {"name"}


def test_an_index_of_another_table_is_another_index() -> None:
    elsewhere = replace(BARE_A, table="u")
    found = diff(replace(BASE, indexes=(BARE_A,)), replace(BASE, indexes=(elsewhere,)))
    assert {each.change for each in found} == {"added", "removed"}


@pytest.mark.parametrize("turned", [False, True])
def test_a_unique_index_and_a_unique_constraint_are_the_same_arbiter(turned: bool) -> None:
    ruled = replace(BASE, constraints=(UNIQUE_A,), indexes=(UNIQUE_A_INDEX,))
    bare = replace(BASE, indexes=(BARE_A,))
    (change,) = diff(bare, ruled) if turned else diff(ruled, bare)
    assert (change.change, change.attribute, change.equivalence) == ("altered", "arbiter", "arbiter")
    assert change.severity is Severity.COSMETIC


def test_a_deferrable_constraint_is_no_arbiter() -> None:
    ruled = replace(BASE, constraints=(replace(UNIQUE_A, deferrable=True),), indexes=(UNIQUE_A_INDEX,))
    assert {each.change for each in diff(ruled, replace(BASE, indexes=(BARE_A,)))} == {"added", "removed"}


def test_a_partial_unique_index_is_not_the_arbiter_of_a_constraint() -> None:
    partial = replace(BARE_A, definition=BARE_A.definition + " WHERE (a > 0)", predicate="(a > 0)")
    ruled = replace(BASE, constraints=(UNIQUE_A,), indexes=(UNIQUE_A_INDEX,))
    found = diff(ruled, replace(BASE, indexes=(partial,)))
    assert any(each.kind == "constraint" and each.severity is Severity.BLOCKER for each in found)


def serial(name: str = "t_a_seq") -> Catalog:
    column = replace(A, not_null=True, default=f"nextval('public.{name}'::regclass)", sequence=f"public.{name}")
    owned = Sequence(schema="public", name=name, owned_by="public.t.a")
    return replace(BASE, columns=(column, B), sequences=(owned,))


def identity(kind: str = "by default") -> Catalog:
    column = replace(A, not_null=True, identity_kind=kind, sequence="public.t_a_seq")
    owned = Sequence(schema="public", name="t_a_seq", owned_by="public.t.a", identity_sequence=True)
    return replace(BASE, columns=(column, B), sequences=(owned,))


def test_serial_and_identity_are_one_cosmetic_difference() -> None:
    (change,) = diff(serial(), identity())
    assert (change.identity, change.equivalence, change.severity) == (
        "public.t.a",
        "serial-identity",
        Severity.COSMETIC,
    )


def test_an_identity_that_refuses_explicit_values_is_no_serial() -> None:
    assert any(each.severity is Severity.BLOCKER for each in diff(serial(), identity("always")))


def test_the_name_of_an_owned_sequence_is_cosmetic() -> None:
    found = diff(serial(), serial("other_seq"))
    assert {each.equivalence for each in found} == {"name", "own-sequence"}
    assert {each.severity for each in found} == {Severity.COSMETIC}


def test_a_default_that_takes_from_a_sequence_the_column_does_not_own_is_no_serial() -> None:
    column = replace(A, default="nextval('public.shared'::regclass)", sequence=None)
    found = diff(replace(BASE, columns=(column, B)), identity())
    assert "serial-identity" not in {each.equivalence for each in found}


def protected(*roles: str) -> Catalog:
    policies = (Policy(**IN_T, name="own", roles=roles, using="true"),) if roles else ()
    return replace(BASE, server=PLATFORM, tables=(replace(T, row_security=True),), policies=policies)


def test_row_level_security_for_platform_roles_stays_behind_with_the_platform() -> None:
    found = diff(protected("anon"), BASE)
    assert {each.equivalence for each in found} == {"platform"}
    assert {each.severity for each in found} == {Severity.COSMETIC}


def test_row_level_security_without_policies_closes_a_table_to_the_platform_only() -> None:
    assert told(diff(protected(), BASE)) == [("table", "public.t", "altered", "row_security", "platform")]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (protected("public"), BASE),
        (protected("reporting"), BASE),
        (replace(protected("anon"), server=SERVER), BASE),
        (protected("anon"), replace(BASE, tables=(replace(T, exposed_to=("anon",)),))),
        (replace(protected("anon"), tables=(replace(T, row_security=True, force_row_security=True),)), BASE),
    ],
    ids=["policy for everybody", "policy for a role of one's own", "no platform", "role reaches it", "forced"],
)
def test_row_level_security_that_binds_somebody_else_is_an_exposure(source: Catalog, target: Catalog) -> None:
    lost = [each for each in diff(source, target) if each.attribute == "row_security"]
    assert [(each.consequence, each.severity) for each in lost] == [("exposure", Severity.BLOCKER)]


def test_default_versions_of_an_extension_are_a_class_of_their_own() -> None:
    one = Extension(name="citext", version="1.5", default_version="1.5", schema="public")
    two = Extension(name="citext", version="1.6", default_version="1.6", schema="public")
    (change,) = diff(replace(BASE, extensions=(one,)), replace(BASE, extensions=(two,)))
    assert change.equivalence == "default-version"
    (change,) = diff(replace(BASE, extensions=(one,)), replace(BASE, extensions=(replace(two, version="1.4"),)))
    assert change.severity is Severity.RISK


def test_a_change_names_what_depends_on_its_object() -> None:
    needed = Dependency(kind="view", identity="public.v", on_kind="column", on_identity="public.t.a")
    (change,) = diff(replace(BASE, dependencies=(needed,)), replace(BASE, columns=(B,)))
    assert change.dependents == ("public.v",)


def test_columns_in_another_order_are_told_apart_from_changes() -> None:
    turned = replace(BASE, columns=(replace(A, position=2), replace(B, position=1)))
    assert diff(BASE, turned) == ()
    (order,) = column_order(BASE, turned)
    assert (order.table, order.source, order.target) == ("public.t", ("a", "b"), ("b", "a"))


def test_a_column_of_one_side_alone_does_not_change_the_order_of_the_others() -> None:
    extra = replace(A, name="x", position=1)
    wider = replace(BASE, columns=(extra, replace(A, position=2), replace(B, position=3)))
    assert column_order(BASE, wider) == ()


def test_ignored_changes_are_counted_under_their_reason() -> None:
    rules = Rules(ignore={"column:public.t.*": "not ours"})
    found = compare(BASE, replace(BASE, columns=()), rules)
    assert found.changes == ()
    assert found.filtered == (("not ours", 2),)


def test_a_pattern_without_a_kind_speaks_of_every_kind() -> None:
    assert diff(BASE, replace(BASE, columns=()), Rules(ignore={"public.t.a": "x", "index:*": "y"})) == diff(
        replace(BASE, columns=(B,)), replace(BASE, columns=())
    )


def renamed_pair() -> tuple[Catalog, Catalog]:
    source = replace(BASE, constraints=(UNIQUE_A,), indexes=(UNIQUE_A_INDEX,))
    there: dict[str, Any] = {"schema": "public", "table": "u"}
    target = Catalog(
        server=SERVER,
        tables=(Table(schema="public", name="u"),),
        columns=(replace(A, table="u", name="x"), replace(B, table="u")),
        constraints=(Constraint(**there, name="t_a_key", type="unique", definition="UNIQUE (x)", columns=("x",)),),
        indexes=(
            replace(
                UNIQUE_A_INDEX,
                table="u",
                columns=("x",),
                definition="CREATE UNIQUE INDEX ON public.u USING btree (x)",
            ),
        ),
    )
    return source, target


def test_declared_renames_are_applied_before_the_comparison() -> None:
    source, target = renamed_pair()
    found = diff(source, target, Rules(renames={"public.t": "public.u", "public.t.a": "public.u.x"}))
    assert told(found) == [
        ("table", "public.t", "renamed", "name", "declared"),
        ("column", "public.t.a", "renamed", "name", "declared"),
    ]
    assert [(each.source, each.target) for each in found] == [("public.t", "public.u"), ("public.t.a", "public.u.x")]


def test_a_rename_reaches_foreign_keys_of_other_tables() -> None:
    key = Constraint(
        schema="public", table="child", name="fk", type="foreign key", columns=("a",), references="public.t",
        definition="FOREIGN KEY (a) REFERENCES public.t(a) ON DELETE CASCADE", references_columns=("a",),
    )  # fmt: skip
    child = Table(schema="public", name="child")
    column = Column(schema="public", table="child", name="a", type="bigint")
    source, target = renamed_pair()
    source = replace(source, tables=(T, child), columns=(A, B, column), constraints=(key,), indexes=())
    definition = "FOREIGN KEY (a) REFERENCES public.u(x) ON DELETE CASCADE"
    target = replace(
        target,
        tables=(*target.tables, child),
        columns=(*target.columns, column),
        constraints=(replace(key, definition=definition, references="public.u", references_columns=("x",)),),
        indexes=(),
    )
    found = diff(source, target, Rules(renames={"public.t": "public.u", "public.t.a": "public.u.x"}))
    assert {each.change for each in found} == {"renamed"}


@pytest.mark.parametrize(
    "renames",
    [
        {"public.nothing": "public.u"},
        {"public.t": "public.nothing"},
        {"public.t": "public.u.x"},
        {"t": "u"},
        {"public.t.a": "public.u.x"},
    ],
)
def test_a_rename_of_what_is_not_there_is_an_error(renames: dict[str, str]) -> None:
    source, target = renamed_pair()
    with pytest.raises(ConfigurationError) as error:
        diff(source, target, Rules(renames=renames))
    assert error.value.hint


def kinds(family: type[CatalogObject]) -> set[str]:
    below: list[type[CatalogObject]] = family.__subclasses__()
    return {family.kind, *(kind for each in below for kind in kinds(each))} - {""}


@pytest.mark.parametrize("module", [harness.core.diff, harness.core.differences])
def test_the_differ_knows_no_kind_of_object(module: Any) -> None:
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    classes = [*CatalogObject.__subclasses__(), *TablePart.__subclasses__()]
    families = {family.__name__ for family in classes} - {"TablePart"}
    assert len(kinds(CatalogObject)) > 10
    assert not names & families
    assert not texts & kinds(CatalogObject)
