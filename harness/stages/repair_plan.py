"""Repair plan: every row that differs becomes a change, kept on disk by its key and hashes until it is written."""

from __future__ import annotations

import json
import tempfile
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from types import MappingProxyType
from typing import Final

from harness.core import repair
from harness.core.configuration import Tolerance
from harness.core.deltas import Cell
from harness.core.record import JsonValue
from harness.core.repair import LeftRow, RepairKind, RowChange
from harness.core.row_merge import HashedRow, Pair, Unmatched, unmatched
from harness.postgres.row_fetch import Address
from harness.postgres.row_hash import bucket_sums, hashed_rows
from harness.stages.rows_cells import classified
from harness.stages.rows_recheck import Patience, Rechecked, still_unequal
from harness.stages.rows_tally import shown_key
from harness.stages.table_comparison import TableComparison

KINDS: Final[tuple[RepairKind, ...]] = ("insert", "update", "delete")
_BUCKETS: Final = 65_536
_REMEMBERED: Final = 16_384
"""Rows: a merge takes off equal ones thousands at a time (core.row_merge), and is that far ahead of what it hands on"""
LEFT_LISTED: Final = 100
_IN_MEMORY: Final = 2**20


class Spool:
    """Changes in order, beyond a megabyte in a file without a name; each with the reason why it was refused, if so."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY, mode="w+", encoding="utf-8")  # noqa: SIM115
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, change: RowChange, reason: str = "") -> None:
        """Append one."""
        rows = (change.source, change.target)
        self._file.write(json.dumps([change.kind, *rows, change.columns, change.kept, change.copies, reason]) + "\n")
        self._count += 1

    def refused(self) -> Iterator[tuple[RowChange, str]]:
        """All of them with their reasons; nothing may be added meanwhile."""
        self._file.seek(0)
        for line in self._file:
            kind, source, target, columns, kept, copies, reason = json.loads(line)
            change = RowChange(
                kind=kind,
                source=_row(source),
                target=_row(target),
                columns=tuple(columns),
                kept=kept,
                copies=copies,
            )
            yield change, reason

    def batches(self, rows: int) -> Iterator[list[RowChange]]:
        """All of them, so many at once."""
        waiting = (change for change, _ in self.refused())
        while batch := list(islice(waiting, rows)):
            yield batch

    def close(self) -> None:
        """Forget them."""
        self._file.close()


def _row(values: list[object] | None) -> HashedRow | None:
    if values is None:
        return None
    key, row, copies, texts, *_ = values
    return HashedRow(key, row, copies, tuple(texts))  # type: ignore[arg-type]


@dataclass(slots=True)
class Left:
    """Rows that are not made equal: all counted by reason, the first listed."""

    comparison: TableComparison
    reasons: Counter[str] = field(default_factory=Counter)
    listed: list[LeftRow] = field(default_factory=list)

    def add(self, change: RowChange, reason: str, copies: int | None = None) -> None:
        """Note a row, or its copies."""
        self.reasons[reason] += change.copies if copies is None else copies
        if len(self.listed) < LEFT_LISTED:
            self.listed.append(LeftRow(key=self._key(change), kind=change.kind, reason=reason))

    def _key(self, change: RowChange) -> dict[str, JsonValue]:
        side = self.comparison.source if change.target is None else self.comparison.target
        return shown_key(self.comparison, change.row, side)


@dataclass(slots=True)
class TablePlan:
    """What one table needs."""

    comparison: TableComparison
    left: Left
    spools: dict[RepairKind, Spool] = field(default_factory=lambda: {kind: Spool() for kind in KINDS})
    counts: Counter[str] = field(default_factory=Counter)
    """Rows by kind, also those that are left"""
    refused: Mapping[RepairKind, str] = field(default_factory=dict)
    """Kinds that are not written at all, and why"""

    @property
    def unique(self) -> bool:
        """Whether a row is known by its key alone."""
        return self.comparison.key is not None and self.comparison.key.unique

    def add(self, change: RowChange) -> None:
        """Note a change that will be made, if its kind is."""
        if change.kind in self.refused:
            self.leave(change, self.refused[change.kind])
            return
        self.counts[change.kind] += change.copies
        self.spools[change.kind].add(change)

    def leave(self, change: RowChange, reason: str) -> None:
        """Note a change that will not be made."""
        self.counts[change.kind] += change.copies
        self.left.add(change, reason)

    def close(self) -> None:
        """Forget the changes."""
        for spool in self.spools.values():
            spool.close()


def plan_table(
    comparison: TableComparison,
    *,
    deletes: bool,
    allow_drift: bool,
    tolerances: Mapping[str, Tolerance],
    refused: Mapping[RepairKind, str] = MappingProxyType({}),
) -> TablePlan:
    """Every change that one table needs; those of `refused` kinds are left. Memory: the rows of one batch.

    StatementFailed: a statement on either side failed. RowVanished: the source does not give the same twice.
    """
    plan = TablePlan(comparison, Left(comparison), refused=refused)
    copies: dict[int, dict[Address, int]] = {}

    def found() -> Iterator[Unmatched]:
        for rest, of_source in _differences(comparison):
            if not plan.unique:
                # Reading again takes batches: until it hands the key's rows on, a merge has gone further.
                (key,) = {row.key for row in _rows_of(rest)}
                copies[key] = of_source.of(key)
            yield rest

    tally = Rechecked()
    patience = Patience(seconds=comparison.settle_seconds, since=comparison.snapshots_at)
    for standing in still_unequal(found(), comparison.source, comparison.target, patience, tally):
        kept: dict[tuple[Address, Address], int] = {}
        for rest in standing.rows:
            _plan_single(plan, rest, copies, kept, deletes=deletes)
        pairs = [pair for rest in standing.rows for pair in rest.pairs]
        for pair, cells in classified(pairs, standing.source, standing.target, comparison.forms, tolerances=tolerances):
            stays = kept[pair.source[:2], pair.target[:2]]
            _plan_update(plan, pair, stays, [cell for cell in cells if not (allow_drift and cell.drift)])
    if tally.moving:
        plan.counts["update"] += tally.moving
        plan.left.reasons[repair.MOVING] += tally.moving
    return plan


def _plan_single(
    plan: TablePlan,
    rest: Unmatched,
    copies: dict[int, dict[Address, int]],
    kept: dict[tuple[Address, Address], int],
    *,
    deletes: bool,
) -> None:
    """Plan the rows of one key that one side has, and note how many equal ones the source has besides its pairs."""
    (key,) = {row.key for row in _rows_of(rest)}
    of_source = copies.pop(key, {})
    used: Counter[Address] = Counter()
    for pair in rest.pairs:
        place = pair.target[:2]
        kept[pair.source[:2], place] = of_source.get(place, 0) + used[place]
        used[place] += pair.copies
    for row in rest.source_only:
        total = of_source.get(row[:2], row.copies)
        plan.add(RowChange(kind="insert", source=row, kept=total, copies=row.copies))
    for row in rest.target_only:
        change = RowChange(kind="delete", target=row, kept=of_source.get(row[:2], 0), copies=row.copies)
        if deletes:
            plan.add(change)
        else:
            plan.leave(change, repair.NOT_ALLOWED)


def _rows_of(rest: Unmatched) -> list[HashedRow]:
    return [*rest.source_only, *rest.target_only, *(pair.source for pair in rest.pairs)]


def _plan_update(plan: TablePlan, pair: Pair, stays: int, cells: list[Cell]) -> None:
    if not cells:
        return
    projected = plan.comparison.projection.by_name
    columns = tuple(cell.column for cell in cells if projected[cell.column].writable)
    fixed = [name for name in columns if projected[name].always_identity]
    change = RowChange(
        kind="update", source=pair.source, target=pair.target, columns=columns, kept=stays, copies=pair.copies
    )
    if fixed:
        plan.leave(change, repair.ALWAYS_IDENTITY)
    elif columns:
        plan.add(change)
    else:
        plan.leave(change, repair.GENERATED)


def _differences(comparison: TableComparison) -> Iterator[tuple[Unmatched, _Copies]]:
    """What each key's rows leave over, and who knows how many rows of each hash the source has of that key."""
    with ThreadPoolExecutor(max_workers=2) as executor:
        sides = (comparison.source, comparison.target)
        left, right = executor.map(lambda side: bucket_sums(side, _BUCKETS), sides)
    unequal = {bucket for bucket in left.keys() | right.keys() if left.get(bucket) != right.get(bucket)}
    if not unequal:
        return
    source = _Copies(hashed_rows(comparison.source, _BUCKETS, unequal))
    for rest in unmatched(source, hashed_rows(comparison.target, _BUCKETS, unequal)):
        yield rest, source


class _Copies:
    """A stream of rows, sorted by key, that remembers the copies of as many as a merge reads ahead, by whole keys."""

    def __init__(self, rows: Iterable[HashedRow]) -> None:
        self._rows = rows
        self._keys: OrderedDict[int, dict[Address, int]] = OrderedDict()
        self._remembered = 0

    def of(self, key: int) -> dict[Address, int]:
        """Copies by key and row hash, of a key that the merge has just gone through."""
        return self._keys.get(key, {})

    def __iter__(self) -> Iterator[HashedRow]:
        for row in self._rows:
            self._keys.setdefault(row.key, {})[row[:2]] = row.copies
            self._remembered += 1
            while self._remembered - len(next(iter(self._keys.values()))) >= _REMEMBERED:
                self._remembered -= len(self._keys.popitem(last=False)[1])
            yield row
