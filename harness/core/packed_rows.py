"""Packed rows: all rows of a segment as one string of bytes, so that millions of equal ones are told apart quickly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

ENTRY: Final = 16
"""Bytes a row: a whole number that names it, and the hash of its columns, each as int8send writes it"""
_NAME: Final = 8

Segment = tuple[int, bytes]
"""Its number, and its rows in any order"""


def unlike_names(source: Iterable[Segment], target: Iterable[Segment]) -> Iterator[int]:
    """What names the rows that are not on both sides equally often. Both streams are sorted by their numbers.

    A name may come more than once. Memory: one segment a side.
    """
    sources, targets = iter(source), iter(target)
    left, right = next(sources, None), next(targets, None)
    while left is not None or right is not None:
        if right is None or (left is not None and left[0] < right[0]):
            yield from _names(left[1] if left else b"", b"")
            left = next(sources, None)
        elif left is None or right[0] < left[0]:
            yield from _names(b"", right[1])
            right = next(targets, None)
        else:
            yield from _names(left[1], right[1])
            left, right = next(sources, None), next(targets, None)


def _names(left: bytes, right: bytes) -> Iterator[int]:
    one, other = _entries(left), _entries(right)
    unlike = set(one).symmetric_difference(other)
    if len(set(one)) < len(one) or len(set(other)) < len(other):
        counts, counts_of_other = Counter(one), Counter(other)
        unlike = {entry for entry in counts | counts_of_other if counts[entry] != counts_of_other[entry]}
    for name in {entry[:_NAME] for entry in unlike}:
        yield int.from_bytes(name, "big", signed=True)


def _entries(packed: bytes) -> list[bytes]:
    return [packed[at : at + ENTRY] for at in range(0, len(packed), ENTRY)]
