"""Dependency order: needs first, rank among what is free, circles named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.order import CycleError, ordered


def test_needs_come_first_and_rank_decides_among_what_is_free() -> None:
    needs = {"view": ["table"], "table": ["type"], "type": [], "index": ["table"], "zebra": []}
    assert ordered(needs, rank=lambda node: node) == ["type", "table", "index", "view", "zebra"]


def test_needs_that_are_no_nodes_and_needs_of_oneself_are_passed_over() -> None:
    assert ordered({"a": ["a", "elsewhere"]}, rank=str) == ["a"]


def test_a_circle_is_an_error_that_names_it() -> None:
    with pytest.raises(CycleError) as error:
        ordered({"a": ["b"], "b": ["a"]}, rank=str)
    assert {"a", "b"} <= set(error.value.args[1])


@given(st.dictionaries(st.integers(0, 30), st.lists(st.integers(0, 30), max_size=4), max_size=20))
def test_every_node_stands_behind_its_needs(wanted: dict[int, list[int]]) -> None:
    needs = {node: [need for need in each if need < node] for node, each in wanted.items()}
    order = ordered(needs, rank=lambda node: -node)
    assert sorted(order) == sorted(needs)
    assert all(order.index(need) < order.index(node) for node, each in needs.items() for need in each if need in needs)
