"""Laws of the order in which tables are loaded."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.core.load_order import dependents, load_order
from harness.core.model.rules import Constraint
from tests.unit.catalogs import foreign_key

NAMES = [f"t{number}" for number in range(7)]
GRAPHS = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES), st.booleans()),
    max_size=14,
    unique_by=lambda edge: edge[:2],
)  # fmt: skip
TABLES = [f"public.{name}" for name in NAMES]


def constraints(edges: list[tuple[str, str, bool]]) -> list[Constraint]:
    return [foreign_key(one, other, deferrable=deferrable) for one, other, deferrable in edges]


@given(GRAPHS)
def test_every_table_is_loaded_once(edges: list[tuple[str, str, bool]]) -> None:
    loaded = [table for group in load_order(TABLES, constraints(edges)) for table in group.tables]
    assert sorted(loaded) == TABLES


@given(GRAPHS)
def test_no_foreign_key_points_forward_unless_it_is_deferred_or_the_group_refused(
    edges: list[tuple[str, str, bool]],
) -> None:
    groups = load_order(TABLES, constraints(edges))
    at = {table: number for number, table in enumerate(table for group in groups for table in group.tables)}
    of_table = {table: group for group in groups for table in group.tables}
    for constraint in constraints(edges):
        table, references = str(constraint.table_identity), str(constraint.references)
        group = of_table[table]
        if table == references or group.refused or constraint.identity in group.deferred:
            continue
        assert at[references] < at[table]


@given(GRAPHS)
def test_tables_share_a_group_exactly_when_each_needs_the_other(edges: list[tuple[str, str, bool]]) -> None:
    found = constraints(edges)
    needs = {table: dependents(TABLES, found, table) for table in TABLES}
    together = {frozenset(group.tables) for group in load_order(TABLES, found)}
    expected = {
        frozenset({table, *(other for other in TABLES if other in needs[table] and table in needs[other])})
        for table in TABLES
    }
    assert together == expected


@given(GRAPHS, st.permutations(TABLES))
def test_the_order_does_not_depend_on_the_order_of_the_constraints(
    edges: list[tuple[str, str, bool]], tables: list[str]
) -> None:
    found = constraints(edges)
    assert load_order(tables, found) == load_order(tables, list(reversed(found)))
