"""Tables after those that their foreign keys point to."""

from __future__ import annotations

import itertools

from harness.core.load_order import dependents, load_order
from harness.core.model.rules import Constraint
from tests.unit.catalogs import foreign_key


def order(tables: str, *constraints: Constraint) -> list[str]:
    groups = load_order([f"public.{name}" for name in tables], constraints)
    return ["+".join(table.removeprefix("public.") for table in group.tables) for group in groups]


def test_independent_tables_keep_their_order() -> None:
    assert order("bca") == ["b", "c", "a"]


def test_a_table_comes_after_the_one_it_points_to() -> None:
    assert order("abc", foreign_key("a", "b"), foreign_key("b", "c")) == ["c", "b", "a"]


def test_a_foreign_key_to_a_table_that_is_not_loaded_does_not_count() -> None:
    assert order("ab", foreign_key("a", "elsewhere")) == ["a", "b"]


def test_a_foreign_key_that_is_not_enforced_does_not_count() -> None:
    assert order("ab", foreign_key("a", "b", enforced=False)) == ["a", "b"]
    constraints = [foreign_key("a", "b", enforced=False)]
    assert dependents(["public.a", "public.b"], constraints, "public.b") == frozenset()


def test_a_table_that_points_to_itself_is_loaded_by_one_statement() -> None:
    (group,) = load_order(["public.a"], [foreign_key("a", "a")])
    assert (group.self_referencing, group.refused, group.one_transaction) == (True, None, False)


def test_a_cycle_is_one_group_in_the_order_that_its_firm_foreign_keys_want() -> None:
    constraints = [foreign_key("a", "b"), foreign_key("b", "a", deferrable=True), foreign_key("c", "a")]
    groups = load_order(["public.c", "public.a", "public.b"], constraints)
    assert [group.tables for group in groups] == [("public.b", "public.a"), ("public.c",)]
    assert groups[0].deferred == ("public.b.b_a_fkey",)
    assert groups[0].refused is None


def test_a_cycle_of_firm_foreign_keys_is_refused_by_the_name_of_one() -> None:
    constraints = [
        foreign_key("a", "b"),
        foreign_key("b", "c"),
        foreign_key("c", "b"),
        foreign_key("c", "a", deferrable=True),
    ]
    (group,) = load_order(["public.a", "public.b", "public.c"], constraints)
    assert group.refused == "public.b.b_c_fkey"


def test_a_chain_of_thousands_of_tables_is_ordered() -> None:
    names = [f"t{number}" for number in range(5000)]
    constraints = [foreign_key(one, other) for one, other in itertools.pairwise(names)]
    groups = load_order([f"public.{name}" for name in names], constraints)
    assert [group.tables[0] for group in groups] == [f"public.{name}" for name in reversed(names)]


def test_what_needs_a_table_is_found_through_others() -> None:
    tables = [f"public.{name}" for name in "abcd"]
    constraints = [foreign_key("a", "b"), foreign_key("b", "c"), foreign_key("c", "b")]
    assert dependents(tables, constraints, "public.c") == {"public.a", "public.b"}
