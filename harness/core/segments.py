"""Segments: the parts of a table whose sums are compared, ranges of a dense number or buckets of the key's hash."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

ROWS_A_RANGE: Final = 64
"""Few: an index finds the rows of an unequal range, and each costs a group of the first scan only"""
ROWS_A_BUCKET: Final = 256
"""More, for a hash table of many groups leaves the processor's cache and slows the first scan"""
FEWEST: Final = 256
MOST_RANGES: Final = 32_768
MOST_BUCKETS: Final = 16_384
_DENSE: Final = 4
"""Numbers that may be free for each that is taken"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segments:
    """How rows are told apart into segments, alike on both sides."""

    count: int
    """Of buckets a power of two"""
    column: str | None = None
    """Of ranges: the column of the key; None: buckets of the key's hash"""
    low: int = 0
    """The least number of either side"""
    width: int = 1
    """Numbers a range"""

    @property
    def words(self) -> str:
        """For people."""
        if self.column is None:
            return f"{self.count:,} buckets of the key's hash"
        return f"{self.count:,} ranges of {self.column}"

    def ranges(self, wanted: Collection[int]) -> list[tuple[int, int]]:
        """First and last number of the wanted ranges, neighbours as one."""
        found: list[tuple[int, int]] = []
        for number in sorted(wanted):
            first = self.low + number * self.width
            if found and found[-1][1] + 1 == first:
                found[-1] = (found[-1][0], first + self.width - 1)
            else:
                found.append((first, first + self.width - 1))
        return found


def buckets(estimated_rows: int) -> Segments:
    """Segments for any key, and for none: what sorts before what, which collations disagree on, cannot matter."""
    wanted = max(FEWEST, estimated_rows // ROWS_A_BUCKET)
    return Segments(count=min(MOST_BUCKETS, 1 << (wanted - 1).bit_length()))


def ranges(column: str, low: int, high: int, estimated_rows: int) -> Segments | None:
    """Ranges of a unique number from the least to the greatest of both sides; None where it is not dense.

    A range of a dense, unique number cannot hold more rows than it has numbers, so no range is much fuller than
    another; of one that is not dense, a single range could hold all rows.
    """
    span = high - low + 1
    if span > _DENSE * max(estimated_rows, FEWEST):
        return None
    wanted = min(MOST_RANGES, max(FEWEST, estimated_rows // ROWS_A_RANGE))
    width = -(-span // wanted)
    return Segments(count=-(-span // width), column=column, low=low, width=width)
