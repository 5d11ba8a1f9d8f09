"""Which sequences two databases are given one position of."""

from __future__ import annotations

import pytest

from harness.core.sequence_alignment import SequencePosition, aligned


def at(next_value: int, *, held: int | None = None, increment: int = 1, maximum: int = 1000) -> SequencePosition:
    return SequencePosition(next_value=next_value, increment=increment, maximum=maximum, held=held)


@pytest.mark.parametrize(
    ("source", "target", "found"),
    [
        (at(5), at(9), {"s": 9}),
        (at(9, held=8), at(5, held=4), {"s": 9}),
        (at(5), at(5), {}),
        (at(5, held=5), at(9), {}),
        (at(9), at(5, held=7), {}),
        (at(5, increment=2), at(9), {}),
        (at(-5, increment=-1), at(-9, increment=-1), {}),
        (at(5, maximum=8), at(9), {}),
    ],
)
def test_both_get_the_greater_position_unless_one_is_behind_its_column(
    source: SequencePosition, target: SequencePosition, found: dict[str, int]
) -> None:
    assert aligned({"s": source}, {"s": target}) == found


def test_a_sequence_of_one_side_alone_stays() -> None:
    assert aligned({"s": at(5)}, {"t": at(9)}) == {}
