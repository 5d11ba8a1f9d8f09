"""Digest merge: sums of both sides tell which segments differ; the rows of these tell which rows and cells do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Final

from harness.core import cells
from harness.core.classed_cells import CellTexts, classed
from harness.core.configuration import Tolerance
from harness.core.deltas import Cell
from harness.core.digest import DigestedRow, Sums
from harness.core.row_forms import CellForm, DescribedType
from harness.core.row_merge import HashedRow, Unmatched, unmatched
from harness.core.same_value import same_value

UNCLASSIFIED: Final = "unclassified"
"""The class of a cell whose values were not recorded: that they differ is all that hashes tell"""
UNDECIDED: Final = "not decided without values"
"""The class of a cell whose values were not recorded, and may be within a tolerance or equal"""


@dataclass(frozen=True, slots=True)
class SegmentSums:
    """The sums of both sides in the same segments."""

    source: Sums
    target: Sums
    buckets: int

    @property
    def unequal(self) -> frozenset[int]:
        """Segments whose rows are not all alike."""
        every = self.source.keys() | self.target.keys()
        return frozenset(each for each in every if self.source.get(each) != self.target.get(each))

    @property
    def source_rows(self) -> int:
        """All rows of the source."""
        return sum(count for count, _ in self.source.values())

    @property
    def target_rows(self) -> int:
        """All rows of the target."""
        return sum(count for count, _ in self.target.values())

    def surely_missing(self) -> tuple[int, int]:
        """Rows that must be missing on the source, and on the target: a segment with fewer rows lacks some."""
        on_source = on_target = 0
        for each in self.unequal:
            more = self.source.get(each, (0, 0))[0] - self.target.get(each, (0, 0))[0]
            on_target += max(more, 0)
            on_source += max(-more, 0)
        return on_source, on_target


@dataclass(slots=True)
class Read:
    """The rows of one side as they are read, and what they add up to."""

    rows: Iterable[DigestedRow]
    sums: Sums
    """By segment"""
    buckets: int

    def wanted(self, wanted: frozenset[int]) -> Iterator[DigestedRow]:
        """The rows of the wanted segments."""
        for row in self.rows:
            bucket = row.key & (self.buckets - 1)
            if bucket not in wanted:
                continue
            count, total = self.sums.get(bucket, (0, 0))
            self.sums[bucket] = (count + row.copies, total + row.row * row.copies)
            yield row


@dataclass(frozen=True, slots=True)
class UnequalRows:
    """Rows of one key that have no equal, and all of that key's with their cells."""

    rest: Unmatched
    source: dict[tuple[int, int], DigestedRow]
    target: dict[tuple[int, int], DigestedRow]

    def whole(self, source: HashedRow, target: HashedRow) -> tuple[DigestedRow, DigestedRow]:
        """A pair of rows with their cells."""
        return self.source[source[:2]], self.target[target[:2]]


def unequal_rows(source: Iterable[DigestedRow], target: Iterable[DigestedRow]) -> Iterator[UnequalRows]:
    """The rows without an equal, key by key. Both streams are sorted by (key, row). Memory: the rows of one key."""
    left, right = _by_key(source), _by_key(target)
    one, other = next(left, None), next(right, None)
    while one is not None or other is not None:
        key = min(each[0] for each in (one, other) if each is not None)
        ours = one[1] if one is not None and one[0] == key else {}
        theirs = other[1] if other is not None and other[0] == key else {}
        if ours.keys() != theirs.keys() or any(ours[each].copies != theirs[each].copies for each in ours):
            for rest in unmatched(*([HashedRow(*row[:4]) for row in rows.values()] for rows in (ours, theirs))):
                yield UnequalRows(rest, ours, theirs)
        one = next(left, None) if ours else one
        other = next(right, None) if theirs else other


def _by_key(rows: Iterable[DigestedRow]) -> Iterator[tuple[int, dict[tuple[int, int], DigestedRow]]]:
    for key, group in groupby(rows, key=attrgetter("key")):
        yield key, {(row.key, row.row): row for row in group}


@dataclass(frozen=True, slots=True, kw_only=True)
class CellRules:
    """What decides whether two cells of a recorded table differ, and how."""

    forms: Mapping[str, CellForm]
    """Every hashed column, in the order of the hashes"""
    types: Mapping[str, tuple[DescribedType, DescribedType]]
    """Of each of them, on the source and on the target"""
    tolerances: Mapping[str, Tolerance] = field(default_factory=dict)
    as_text: bool = False
    """Texts were hashed: equal values of several representations have several hashes"""

    def undecided(self, name: str) -> bool:
        """Whether only the values tell that two unequal cells of a column differ."""
        form = self.forms[name]
        by_text = form.told_by_texts or (self.as_text and (form.settled_as is not None or form.kind == "json"))
        return by_text or name in self.tolerances

    def equal(self, name: str, source: str | None, target: str | None) -> bool:
        """Whether two texts of a column stand for equal values, where hashes do not tell. json: the classes do."""
        if source is None or target is None or self.forms[name].kind == "json":
            return False
        return self.undecided(name) and same_value(source, target, *self.types[name])


def differing(source: DigestedRow, target: DigestedRow, rules: CellRules) -> tuple[Cell, ...]:
    """The cells that differ; none where all are within their tolerances.

    A class only where both sides' values are there. Hashes alone tell drift from difference, for equal values share the
    second hash of a cell, and equal values are within any tolerance; what they do not decide is UNDECIDED.
    """
    told: list[Cell] = []
    texts: list[CellTexts] = []
    for number, name in enumerate(rules.forms):
        one, other = source.cells[number], target.cells[number]
        if one[0] == other[0]:
            continue
        drift = one[1] == other[1]
        if source.texts is not None and target.texts is not None:
            left, right = source.texts[number], target.texts[number]
            texts.append(CellTexts(name, left, right, drift or rules.equal(name, left, right)))
        elif drift and name not in rules.tolerances:
            told.append(_cell(name, cells.REPRESENTATION, drift=True))
        elif not drift:
            told.append(_cell(name, UNDECIDED if rules.undecided(name) else UNCLASSIFIED))
    return classed(texts, rules.forms, rules.tolerances) if texts else tuple(told)


def undecided(row: tuple[Cell, ...]) -> bool:
    """Whether a row may be no difference at all: hashes tell of some cells that they may differ, and of no more."""
    return all(cell.drift or cell.cls == UNDECIDED for cell in row) and any(cell.cls == UNDECIDED for cell in row)


def _cell(name: str, kind: str, *, drift: bool = False) -> Cell:
    return Cell.model_validate({"column": name, "class": kind, "drift": drift})
