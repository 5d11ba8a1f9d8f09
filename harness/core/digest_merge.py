"""Digest merge: sums of both sides tell which segments differ; the rows of these tell which rows and cells do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from harness.core import cells
from harness.core.cells import CellKind
from harness.core.deltas import Cell
from harness.core.digest import DigestedColumn, DigestedRow, Sums
from harness.core.row_merge import HashedRow

UNCLASSIFIED: Final = "unclassified"
"""The class of a cell whose values were not recorded: that they differ is all that hashes tell"""


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
    """The rows of one side as they are merged, and the cells of those that may still be asked about."""

    rows: Iterable[DigestedRow]
    sums: Sums
    """What the rows added up to, by segment"""
    buckets: int
    _cells: dict[tuple[int, int], DigestedRow] = field(default_factory=dict)
    _recent: list[int] = field(default_factory=list)

    def hashed(self, wanted: frozenset[int]) -> Iterator[HashedRow]:
        """The rows of the wanted segments for the merge, which looks one row ahead: two keys' cells are kept."""
        for row in self.rows:
            bucket = row.key & (self.buckets - 1)
            if bucket not in wanted:
                continue
            count, total = self.sums.get(bucket, (0, 0))
            self.sums[bucket] = (count + row.copies, total + row.row * row.copies)
            if row.key not in self._recent:
                self._recent = [*self._recent[-1:], row.key]
                self._cells = {at: kept for at, kept in self._cells.items() if at[0] in self._recent}
            self._cells[row[:2]] = row
            yield HashedRow(row.key, row.row, row.copies, row.values)

    def whole(self, row: HashedRow) -> DigestedRow:
        """The row with its cells."""
        return self._cells[row[:2]]


def differing(
    source: DigestedRow, target: DigestedRow, columns: tuple[DigestedColumn, ...], kinds: dict[str, CellKind]
) -> tuple[Cell, ...]:
    """The cells that differ; a class only where both sides' values are there.

    Hashes alone tell drift from difference: equal values share the second hash of a cell.
    """
    found = []
    for number, column in enumerate(columns):
        one, other = source.cells[number], target.cells[number]
        if one[0] == other[0]:
            continue
        drift = one[1] == other[1]
        if source.texts is not None and target.texts is not None:
            kind = kinds[column.name]
            named = cells.classify(source.texts[number], target.texts[number], kind, equal=drift)
            found.append((column.name, named.name, named.drift or drift))
        else:
            found.append((column.name, cells.REPRESENTATION if drift else UNCLASSIFIED, drift))
    return tuple(Cell.model_validate({"column": name, "class": kind, "drift": drift}) for name, kind, drift in found)
