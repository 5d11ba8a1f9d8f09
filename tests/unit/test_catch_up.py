"""Catch-up: segments are parted into transactions, and keys whose equal values are stored alike are known."""

from __future__ import annotations

import dataclasses

import pytest

from harness.core.catch_up import exact_key, parted, reached
from harness.core.model.catalog import Catalog
from harness.core.model.rules import Constraint, Trigger
from tests.unit.catalogs import catalog


@pytest.mark.parametrize(
    ("rows", "groups"),
    [
        ({}, []),
        ({3: 500}, [[3]]),
        ({1: 40, 2: 60, 3: 1}, [[1, 2], [3]]),
        ({9: 10, 1: 200, 4: 10}, [[1], [4, 9]]),
        ({1: 0, 2: 0, 3: 100}, [[1, 2, 3]]),
    ],
)
def test_segments_are_parted_in_their_order_by_the_rows_they_have(
    rows: dict[int, int], groups: list[list[int]]
) -> None:
    assert parted(rows, 100) == groups


@pytest.mark.parametrize(
    ("type_name", "collation", "exact"),
    [("int4", None, True), ("uuid", None, True), ("text", None, True), ("text", "public.any_case", False)]
    + [(name, None, False) for name in ("numeric", "float8", "bpchar", "citext", "interval", "")],
)
def test_a_key_is_exact_where_equal_values_are_stored_alike(type_name: str, collation: str | None, exact: bool) -> None:
    assert exact_key(type_name, collation) is exact


def pointing(table: str, to: str, action: str) -> Constraint:
    return Constraint(
        schema="public",
        table=table,
        name=f"{table}_{to}_fkey",
        type="foreign key",
        definition=f"FOREIGN KEY (x) REFERENCES public.{to}(x){action}",
        references=f"public.{to}",
    )


def chain(*actions: str, trigger: str | None = None, enabled: str = "origin") -> Catalog:
    """a, to which b points, to which c points, …"""
    names = "abcdef"[: len(actions) + 1]
    found = catalog(
        {name: [] for name in names},
        [pointing(one, to, action) for to, one, action in zip(names, names[1:], actions, strict=False)],
    )
    if trigger is None:
        return found
    made = Trigger(schema="public", table=trigger, name="t", definition="AFTER UPDATE …", enabled=enabled)
    return dataclasses.replace(found, triggers=(made,))


@pytest.mark.parametrize(
    ("found", "tables"),
    [
        (chain("", ""), {"a"}),
        (chain(" ON DELETE CASCADE", ""), {"a", "b"}),
        (chain(" ON DELETE SET NULL", " ON UPDATE CASCADE"), {"a", "b", "c"}),
        (chain("", " ON DELETE CASCADE"), {"a"}),
        (chain(" ON UPDATE SET DEFAULT ON DELETE RESTRICT", trigger="c"), {"a", "b"}),
        (chain(" ON DELETE CASCADE", trigger="b", enabled="disabled"), {"a", "b"}),
    ],
)
def test_writes_reach_the_tables_whose_foreign_keys_carry_them_on(found: Catalog, tables: set[str]) -> None:
    assert reached({"public.a"}, found) == frozenset(f"public.{name}" for name in tables)


def test_where_a_trigger_fires_nobody_knows_what_is_reached() -> None:
    assert reached({"public.a"}, chain(" ON DELETE CASCADE", trigger="b")) is None
    assert reached({"public.a"}, chain("", trigger="a")) is None
    assert reached(set(), chain("", trigger="a")) == frozenset()
