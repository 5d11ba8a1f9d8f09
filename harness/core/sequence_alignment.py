"""Which sequences of two databases are set to one position, so that both make the same numbers from then on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SequencePosition:
    """Where a sequence stands, and what the columns hold that are filled from it."""

    next_value: int
    increment: int
    maximum: int
    held: int | None = None
    """The greatest value of its columns; None of no rows, or no columns"""

    @property
    def behind(self) -> bool:
        """Whether the next numbers are there already: a fault that has to show as 23505, so nothing is set."""
        return self.held is not None and self.next_value <= self.held


def aligned(source: Mapping[str, SequencePosition], target: Mapping[str, SequencePosition]) -> dict[str, int]:
    """Sequence to the next value that both sides are given: the greater one. Equal, descending and behind ones stay."""
    found = {}
    for identity in source.keys() & target.keys():
        one, other = source[identity], target[identity]
        if one.behind or other.behind or one.next_value == other.next_value:
            continue
        if one.increment != other.increment or one.increment < 0:
            continue
        greater = max(one.next_value, other.next_value)
        if greater <= min(one.maximum, other.maximum):
            found[identity] = greater
    return found
