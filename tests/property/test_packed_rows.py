"""Laws of telling packed rows apart."""

from __future__ import annotations

from collections import Counter, defaultdict

from hypothesis import given
from hypothesis import strategies as st

from harness.core.packed_rows import ENTRY, Segment, unlike_names

Row = tuple[int, int, int]
"""Segment, name, hash"""
ROWS = st.lists(st.tuples(st.integers(0, 4), st.integers(-3, 3), st.integers(-2, 2)), max_size=25)


def packed(rows: list[Row]) -> list[Segment]:
    by_segment: dict[int, bytes] = defaultdict(bytes)
    for segment, name, row in rows:
        by_segment[segment] += name.to_bytes(8, "big", signed=True) + row.to_bytes(8, "big", signed=True)
    return sorted(by_segment.items())


@given(ROWS, ROWS)
def test_named_is_what_is_not_on_both_sides_equally_often(left: list[Row], right: list[Row]) -> None:
    one, other = Counter(left), Counter(right)
    expected = {name for segment, name, row in one | other if one[segment, name, row] != other[segment, name, row]}
    assert set(unlike_names(packed(left), packed(right))) == expected


@given(ROWS)
def test_equal_rows_in_another_order_have_no_name(rows: list[Row]) -> None:
    assert list(unlike_names(packed(rows), packed(rows[::-1]))) == []


def test_a_row_takes_as_many_bytes_as_its_parts() -> None:
    assert len(packed([(0, 1, 2)])[0][1]) == ENTRY
