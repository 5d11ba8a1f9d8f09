"""Segments: which numbers are dense enough for ranges, and that ranges cover all of them once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.core import segments


@given(low=st.integers(-(2**40), 2**40), rows=st.integers(1, 5_000_000), free=st.integers(1, 4))
def test_ranges_cover_every_number_from_the_least_to_the_greatest(low: int, rows: int, free: int) -> None:
    high = low + rows * free - 1
    found = segments.ranges("id", low, high, rows)
    assert found is not None
    assert 0 <= (high - low) // found.width < found.count
    first, last = found.ranges(range(found.count))[0]
    assert (first, last >= high) == (low, True)


def test_numbers_with_wide_gaps_make_no_ranges() -> None:
    assert segments.ranges("id", 1, 2**62, 1_000_000) is None


def test_neighbouring_ranges_are_read_as_one() -> None:
    found = segments.Segments(count=9, column="id", low=100, width=10)
    assert found.ranges([3, 0, 1, 8]) == [(100, 119), (130, 139), (180, 189)]


@given(rows=st.integers(0, 10**9))
def test_buckets_are_a_power_of_two(rows: int) -> None:
    count = segments.buckets(rows).count
    assert count & (count - 1) == 0
    assert segments.FEWEST <= count <= segments.MOST_BUCKETS
