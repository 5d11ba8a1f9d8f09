"""The rows of unequal segments: where few of them differ, those are found first, and only they are fetched with keys.

Of a table in which one row in a hundred differs nearly every segment does. All of their rows, with keys and in order,
would pass through Python one by one; 16 bytes a row are compared a segment at a time.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Final

from harness.core.packed_rows import Segment, unlike_names
from harness.core.segments import Segments
from harness.postgres.packed_rows import packed_rows
from harness.postgres.row_hash import HashedTable
from harness.stages.rows_state import Sums

FEWEST_ROWS: Final = 50_000
"""Of fewer rows all are fetched at once"""
MOST_NAMES: Final = 100_000
"""That are held; a table in which more rows differ is gone through row by row"""
LARGEST_SEGMENT: Final = 500_000
"""Rows of one segment that are packed into one value: 8 MB"""
_NEARLY_ALL: Final = 0.97
"""Of the segments: then more rows differ than MOST_NAMES, or the table is small"""

OnBoth = Callable[[Callable[[HashedTable], Iterator[Segment]]], tuple[Iterator[Segment], Iterator[Segment]]]


def names_of_unlike_rows(
    on_both: OnBoth, segments: Segments, unequal: set[int], sums: tuple[Sums, Sums], again: Callable[[], None]
) -> frozenset[int] | None:
    """What names the rows that are not alike on both sides (postgres.packed_rows.named); None: too many, or so few rows
    that all of them are fetched as quickly.

    `on_both` lets both servers work at once; `again` is called where what is found has to be fetched by another scan,
    and may raise. StatementFailed, ConnectionFailed: as any reading.
    """
    counts = [[found[number][0] for number in unequal if number in found] for found in sums]
    rows = max(sum(of_side) for of_side in counts)
    largest = max(max(of_side, default=0) for of_side in counts)
    if rows < FEWEST_ROWS or largest > LARGEST_SEGMENT or len(unequal) > _NEARLY_ALL * segments.count:
        return None
    names: set[int] = set()
    with contextlib.ExitStack() as stack:

        def begun(side: HashedTable) -> Iterator[Segment]:
            packed = packed_rows(side, segments, unequal, rows)
            stack.callback(packed.close)
            # The first of them is fetched: the server has done its sorting.
            first = next(packed, None)
            return packed if first is None else chain((first,), packed)

        for name in unlike_names(*on_both(begun)):
            names.add(name)
            if len(names) > MOST_NAMES:
                again()
                return None
    if segments.column is None:
        again()
    return frozenset(names)
