"""Catch-up: segments are parted into transactions, and keys whose equal values are stored alike are known."""

from __future__ import annotations

import pytest

from harness.core.catch_up import exact_key, parted


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
