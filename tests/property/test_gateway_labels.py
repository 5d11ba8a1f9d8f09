"""Names of subqueries stay apart in the 63 bytes that PostgreSQL looks at."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.gateway.queries.labels import label

PARTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80)


@given(PARTS, PARTS, st.integers(0, 9))
def test_a_label_is_never_cut_off(table: str, name: str, depth: int) -> None:
    assert len(label(table, name, depth).encode()) <= 63


@given(PARTS, PARTS, PARTS)
def test_labels_of_different_names_differ(table: str, one: str, other: str) -> None:
    assert (label(table, one, 1) == label(table, other, 1)) == (one == other)


@given(st.integers(50, 200), st.integers(1, 9), st.integers(1, 9))
def test_labels_of_long_names_differ_by_their_last_character(length: int, one: int, other: int) -> None:
    assert (label("a" * length, one) == label("a" * length, other)) == (one == other)


def test_a_short_label_is_readable() -> None:
    assert label("clients", "bookings", 1) == "clients_bookings_1"
