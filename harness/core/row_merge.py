"""Row merge: two streams of row hashes, sorted alike, become the rows that have no equal on the other side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple


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
    compared as multisets, and what is left is paired in the order of the row hashes. Memory: the rows left of one key.
    """
    left: list[HashedRow] = []
    right: list[HashedRow] = []
    current: int | None = None
    for from_source, from_target in _matched(source, target):
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


_END = HashedRow(key=1 << 64, row=0)


def _matched(
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
