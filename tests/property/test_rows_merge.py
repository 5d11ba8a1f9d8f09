"""Laws of merging two streams of row hashes."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core import row_merge
from harness.core.row_merge import HashedRow, Unmatched, unmatched

ROWS = st.lists(st.tuples(st.integers(-3, 3), st.integers(-4, 4)), max_size=25)


def merged(source: list[tuple[int, int]], target: list[tuple[int, int]]) -> list[Unmatched]:
    def stream(rows: list[tuple[int, int]]) -> list[HashedRow]:
        return [HashedRow(key, row, copies) for (key, row), copies in sorted(Counter(rows).items())]

    return list(unmatched(stream(source), stream(target)))


@given(ROWS)
def test_rows_that_are_the_same_leave_nothing(rows: list[tuple[int, int]]) -> None:
    assert merged(rows, list(reversed(rows))) == []


@given(ROWS, ROWS)
def test_what_is_left_is_the_difference_of_the_multisets(
    source: list[tuple[int, int]], target: list[tuple[int, int]]
) -> None:
    left: Counter[tuple[int, int]] = Counter()
    right: Counter[tuple[int, int]] = Counter()
    for rest in merged(source, target):
        for pair in rest.pairs:
            left[pair.source[:2]] += pair.copies
            right[pair.target[:2]] += pair.copies
        left.update({row[:2]: row.copies for row in rest.source_only})
        right.update({row[:2]: row.copies for row in rest.target_only})
    assert left == Counter(source) - Counter(target)
    assert right == Counter(target) - Counter(source)


@given(ROWS, ROWS)
def test_rows_of_one_key_are_paired_as_far_as_both_sides_have_some(
    source: list[tuple[int, int]], target: list[tuple[int, int]]
) -> None:
    for rest in merged(source, target):
        assert not (rest.source_only and rest.target_only)
        assert all(pair.source.key == pair.target.key and pair.source.row != pair.target.row for pair in rest.pairs)


@given(ROWS, ROWS)
def test_exchanging_the_sides_mirrors_the_answer(source: list[tuple[int, int]], target: list[tuple[int, int]]) -> None:
    mirrored = [
        Unmatched(
            pairs=[pair._replace(source=pair.target, target=pair.source) for pair in rest.pairs],
            source_only=rest.target_only,
            target_only=rest.source_only,
        )
        for rest in merged(target, source)
    ]
    assert mirrored == merged(source, target)


@given(ROWS, ROWS, st.integers(1, 4))
def test_how_many_rows_are_looked_at_together_makes_no_difference(
    source: list[tuple[int, int]], target: list[tuple[int, int]], at_once: int
) -> None:
    expected = merged(source, target)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(row_merge, "_AT_ONCE", at_once)
        assert merged(source, target) == expected


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1), st.text("ab", max_size=1)), max_size=12, unique=True))
def test_rows_of_one_address_stay_together_where_a_chunk_ends(rows: list[tuple[int, int, str]]) -> None:
    stream = [HashedRow(key, row, 1, (text,)) for key, row, text in sorted(rows)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(row_merge, "_AT_ONCE", 1)
        assert list(unmatched(stream, stream)) == []
