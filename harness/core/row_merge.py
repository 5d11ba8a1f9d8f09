"""Row merge: two streams of row hashes, sorted alike, become the rows that have no equal on the other side."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from operator import eq, itemgetter
from typing import Final, NamedTuple


class HashedRow(NamedTuple):
    """A row, or several that are equal to the last bit, as its side sees it."""

    key: int
    """Hash of the columns that rows are matched by"""
    row: int
    """Hash of all compared columns"""
    copies: int = 1
    values: tuple[str | None, ...] = ()
    """The key's values as text"""
    same: int | None = None
    """Where it was asked for: a hash that rows have alike whose values are equal by ="""


class Pair(NamedTuple):
    """Rows of both sides with one key that are not equal."""

    source: HashedRow
    target: HashedRow
    copies: int


@dataclass(frozen=True, slots=True)
class Unmatched:
    """What one key's rows leave over once equal rows are taken off."""

    pairs: list[Pair] = field(default_factory=list)
    source_only: list[HashedRow] = field(default_factory=list)
    target_only: list[HashedRow] = field(default_factory=list)


def unmatched(source: Iterable[HashedRow], target: Iterable[HashedRow]) -> Iterator[Unmatched]:
    """The rows without an equal, key by key. Both streams are sorted by (key, row).

    A key is usually one row a side; where several rows share it (no unique key, NULLs in it, no key at all) they are
    compared as multisets, and what is left is paired in the order of the row hashes. Memory: _AT_ONCE rows a side, and
    those left of one key.
    """
    left: list[HashedRow] = []
    right: list[HashedRow] = []
    current: int | None = None
    for ours, theirs in _chunks(source, target):
        one_to_one = _one_to_one(ours, theirs, current)
        if one_to_one:
            if left or right:
                yield _paired(left, right)
            left, right, current = [], [], ours[one_to_one - 1].key
            for one, other in zip(ours[:one_to_one], theirs[:one_to_one], strict=True):
                yield _paired([one], [other])
        for from_source, from_target in _merged(ours[one_to_one:], theirs[one_to_one:]):
            key = (from_source or from_target or _END).key
            if key != current:
                if left or right:
                    yield _paired(left, right)
                left, right, current = [], [], key
            copies = (from_source.copies if from_source else 0) - (from_target.copies if from_target else 0)
            if copies > 0 and from_source:
                left.append(from_source if copies == from_source.copies else from_source._replace(copies=copies))
            elif copies < 0 and from_target:
                right.append(from_target if copies == -from_target.copies else from_target._replace(copies=-copies))
    if left or right:
        yield _paired(left, right)


def _one_to_one(ours: list[HashedRow], theirs: list[HashedRow], current: int | None) -> int:
    """How many rows at the beginning are one of each side with a key of their own: in a table that drifts, all.

    Not the last of them, whose key may go on.
    """
    common = min(len(ours), len(theirs))
    keys = list(map(_KEY, ours[:common]))
    if common < _WORTH_IT or keys[0] == current or keys != list(map(_KEY, theirs[:common])):
        return 0
    if any(map(eq, map(_ROW, ours), map(_ROW, theirs))):
        return 0
    return common - 1 if len(set(keys)) == common else 0


_END = HashedRow(key=1 << 64, row=0)
_AT_ONCE: Final = 4096
"""Rows a side that are looked at together"""
_WORTH_IT: Final = 2
_KEY: Final = itemgetter(0)
_ROW: Final = itemgetter(1)
_ADDRESS: Final = itemgetter(0, 1)
_COPIES: Final = itemgetter(0, 1, 2)


def _chunks(
    source: Iterable[HashedRow], target: Iterable[HashedRow]
) -> Iterator[tuple[list[HashedRow], list[HashedRow]]]:
    """Both streams up to one address at a time, without most of the rows that are equal."""
    sources, targets = iter(source), iter(target)
    left: list[HashedRow] = []
    right: list[HashedRow] = []
    wanted, more = _AT_ONCE, (True, True)
    while any(more) or left or right:
        left += islice(sources, max(wanted - len(left), 0)) if more[0] else ()
        right += islice(targets, max(wanted - len(right), 0)) if more[1] else ()
        more = (more[0] and len(left) >= wanted, more[1] and len(right) >= wanted)
        # Up to here all rows of both sides are there.
        ends = [rows[-1][:2] for rows, goes_on in ((left, more[0]), (right, more[1])) if goes_on]
        cuts = [bisect_left(rows, min(ends), key=_ADDRESS) if ends else len(rows) for rows in (left, right)]
        if not any(cuts):
            # Nothing but rows of one address: all of them are needed.
            wanted *= 2
            continue
        yield _unequal(left[: cuts[0]], right[: cuts[1]])
        left, right, wanted = left[cuts[0] :], right[cuts[1] :], _AT_ONCE


def _unequal(left: list[HashedRow], right: list[HashedRow]) -> tuple[list[HashedRow], list[HashedRow]]:
    """The same rows without those that the other side has too, by sets: they are millions, and nearly all are equal."""
    ours, theirs = list(map(_COPIES, left)), list(map(_COPIES, right))
    distinct = set(ours)
    equal = distinct.intersection(theirs)
    if not equal or len(distinct) < len(ours) or len(set(theirs)) < len(theirs):
        return left, right
    return (
        [row for row, copies in zip(left, ours, strict=True) if copies not in equal],
        [row for row, copies in zip(right, theirs, strict=True) if copies not in equal],
    )


def _merged(
    source: Iterable[HashedRow], target: Iterable[HashedRow]
) -> Iterator[tuple[HashedRow | None, HashedRow | None]]:
    sources, targets = iter(source), iter(target)
    left, right = next(sources, _END), next(targets, _END)
    while left is not _END or right is not _END:
        if left[:2] == right[:2]:
            yield left, right
            left, right = next(sources, _END), next(targets, _END)
        elif left[:2] < right[:2]:
            yield left, None
            left = next(sources, _END)
        else:
            yield None, right
            right = next(targets, _END)


def _paired(left: list[HashedRow], right: list[HashedRow]) -> Unmatched:
    if len(left) == len(right) == 1 and left[0].copies == right[0].copies:
        # Nearly every key of a table with one, and there can be millions.
        return Unmatched([Pair(left[0], right[0], left[0].copies)])
    found = Unmatched()
    while left and right:
        copies = min(left[0].copies, right[0].copies)
        found.pairs.append(Pair(left[0], right[0], copies))
        for rows in (left, right):
            rest = rows[0].copies - copies
            rows[:1] = [rows[0]._replace(copies=rest)] if rest else []
    found.source_only.extend(left)
    found.target_only.extend(right)
    return found
