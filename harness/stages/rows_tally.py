"""The tally of one table: rows that differ are counted by kind, the first of them classed, listed and kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from harness.core.deltas import Cell, ClassCount, DeltaStatus, RowDelta
from harness.core.record import JsonValue
from harness.core.row_keys import shown_row_key
from harness.core.row_merge import HashedRow, Pair
from harness.postgres.row_hash import HashedTable
from harness.stages.rows_cells import classified
from harness.stages.rows_recheck import Rechecked, Standing
from harness.stages.table_comparison import TableComparison

CLASSIFIED_AT_MOST: Final = 20_000
"""Rows of a table whose cells are looked at; of the others a hash tells whether their values are equal"""


class Enough(Exception):
    """There are more differences than the comparison was to find."""


@dataclass(slots=True)
class Tally:
    """Differences counted so far, the first of them listed."""

    comparison: TableComparison
    counts: Counter[str] = field(default_factory=Counter)
    classes: Counter[tuple[str, str, bool]] = field(default_factory=Counter)
    listed: list[RowDelta] = field(default_factory=list)
    rechecked: Rechecked = field(default_factory=Rechecked)
    tolerated: int = 0
    looked_at: int = 0
    """Pairs whose cells were classed"""
    unclassed: int = 0
    """Pairs that only the hashes tell of"""
    differing: list[HashedRow] = field(default_factory=list)
    """The first ones, as the source has them"""
    target_only: list[HashedRow] = field(default_factory=list)

    @property
    def found(self) -> int:
        """Differences in all."""
        return sum(self.counts.values())

    def add(self, standing: Standing) -> None:
        """Count rows that differ for good. Enough: there are more of them than were asked for."""
        for rest in standing.rows:
            for row in rest.source_only:
                self._keep(self.differing, row)
                self._count("missing_on_target", self._missing(row, "missing_on_target", standing.source), row.copies)
            for row in rest.target_only:
                self._keep(self.target_only, row)
                self._count("missing_on_source", self._missing(row, "missing_on_source", standing.target), row.copies)
        comparison = self.comparison
        for pair, cells in classified(
            self._to_classify(standing),
            standing.source,
            standing.target,
            comparison.forms,
            tolerances=comparison.tolerances,
            show_values=comparison.show_values,
            personal=comparison.hidden,
        ):
            if not cells:
                self.tolerated += pair.copies
                continue
            drift = all(cell.drift for cell in cells)
            self._differs(pair, cells, "drifting" if drift else "different")
            self.classes.update({(cell.column, cell.cls, cell.drift): pair.copies for cell in cells})

    def class_counts(self) -> tuple[ClassCount, ...]:
        """The commonest first."""
        return tuple(
            ClassCount.model_validate({"column": column, "class": cls, "drift": drift, "rows": count})
            for (column, cls, drift), count in self.classes.most_common()
        )

    def _to_classify(self, standing: Standing) -> Iterator[Pair]:
        for rest in standing.rows:
            for pair in rest.pairs:
                if self.looked_at < CLASSIFIED_AT_MOST or pair.source.same is None or pair.target.same is None:
                    self.looked_at += 1
                    yield pair
                else:
                    self.unclassed += pair.copies
                    self._differs(pair, (), "drifting" if pair.source.same == pair.target.same else "different")

    def _differs(self, pair: Pair, cells: tuple[Cell, ...], kind: str) -> None:
        source = self.comparison.source
        if kind == "different":
            self._keep(self.differing, pair.source)
        self._count(
            kind,
            lambda: RowDelta(key=shown_key(self.comparison, pair.source, source), status="different", cells=cells),
            pair.copies,
        )

    def _missing(self, row: HashedRow, status: DeltaStatus, side: HashedTable) -> Callable[[], RowDelta]:
        return lambda: RowDelta(key=shown_key(self.comparison, row, side), status=status)

    def _count(self, kind: str, delta: Callable[[], RowDelta], copies: int) -> None:
        """Count a difference, and list it as often as it occurs while there is room."""
        stop_after = self.comparison.stop_after
        counted = copies if stop_after is None else min(copies, stop_after - self.found)
        self.counts[kind] += counted
        if self.comparison.heard is not None:
            for _ in range(counted):
                self.comparison.heard(delta())
        room = min(counted, self.comparison.limit - len(self.listed))
        if room > 0:
            self.listed.extend([delta()] * room)
        if counted < copies:
            raise Enough

    @staticmethod
    def _keep(rows: list[HashedRow], row: HashedRow) -> None:
        if len(rows) < CLASSIFIED_AT_MOST:
            rows.append(row)


def shown_key(comparison: TableComparison, row: HashedRow, side: HashedTable) -> dict[str, JsonValue]:
    """The key of a row, its personal parts as a hash."""
    key = {name: side.types[name].known_name for name in side.key}
    return shown_row_key(key, row.values, row.row, personal=comparison.personal)


def in_order(delta: RowDelta) -> tuple[object, ...]:
    """By key, for lists: numbers by value."""
    values = delta.key.values()
    return tuple(
        (value is None, not isinstance(value, int), value if isinstance(value, int) else str(value)) for value in values
    )
