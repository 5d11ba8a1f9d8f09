"""The comparison of one table: sums of row hashes first, then the rows of unequal buckets, then their cells."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain
from typing import Final, TypeVar

from harness.core.deltas import Cell, DeltaStatus, RowDelta, TableRows, TableStatus
from harness.core.keys import MatchKey
from harness.core.masking import personal_hash
from harness.core.projection import TableProjection
from harness.core.record import JsonValue
from harness.core.row_forms import CellForm
from harness.core.row_merge import HashedRow, Pair, unmatched
from harness.postgres.row_hash import HashedTable, bucket_sums, hashed_rows
from harness.stages.rows_cells import RowVanished, classified

Answer = TypeVar("Answer")

_ROWS_A_BUCKET: Final = 16
"""Few, so that scattered differences do not make every bucket unequal"""
_FEWEST_BUCKETS: Final = 256
_MOST_BUCKETS: Final = 65_536
_WHOLE_NUMBERS: Final = frozenset({"int2", "int4", "int8"})
CANCEL_SECONDS: Final = 5.0
ROW_KEY: Final = "(row)"
"""What stands for the key of a row in a table that has none: a hash of the row"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableComparison:
    """What is compared, and how."""

    projection: TableProjection
    forms: dict[str, CellForm]
    key: MatchKey | None
    source: HashedTable
    target: HashedTable
    personal: frozenset[str]
    """Columns of the key, by target name, that appear as a hash"""
    uncompared: tuple[str, ...]
    """Columns of the source that have no place on the target"""
    estimated_rows: int
    limit: int


@dataclass(slots=True)
class Tally:
    """Differences counted so far, the first of them listed."""

    limit: int
    counts: Counter[str] = field(default_factory=Counter)
    classes: Counter[tuple[str, str]] = field(default_factory=Counter)
    listed: list[RowDelta] = field(default_factory=list)

    def add(self, kind: str, delta: Callable[[], RowDelta], copies: int = 1) -> None:
        """Count a difference, and list it as often as it occurs while there is room."""
        self.counts[kind] += copies
        room = min(copies, self.limit - len(self.listed))
        if room > 0:
            self.listed.extend([delta()] * room)


@dataclass(frozen=True, slots=True)
class ComparedTable:
    """The artifact of one table, and how often each class of difference was seen in each column."""

    rows: TableRows
    classes: Counter[tuple[str, str]]


def compare_table(comparison: TableComparison) -> ComparedTable:
    """Compare all rows of one table; exact but for collisions of 64-bit hashes.

    StatementFailed: a statement on either side failed, which the caller reports as an incomplete comparison.
    """
    started = time.monotonic()
    tally = Tally(comparison.limit)
    buckets = _bucket_count(comparison.estimated_rows)
    left, right = _on_both(comparison, lambda side: bucket_sums(side, buckets))
    unequal = {bucket for bucket in left.keys() | right.keys() if left.get(bucket) != right.get(bucket)}
    reason = _reason(comparison.uncompared)
    if unequal:
        try:
            _collect(comparison, tally, buckets, unequal)
        except RowVanished:
            reason = "a row could not be read twice alike: is an expression of the mapping volatile?"
    source_rows = sum(count for count, _ in left.values())
    target_rows = sum(count for count, _ in right.values())
    found = sum(tally.counts.values())
    rows = TableRows(
        table=comparison.projection.source.identity,
        target_table=comparison.projection.target.identity,
        status=_status(comparison, tally, reason),
        source_rows=source_rows,
        target_rows=target_rows,
        key=comparison.key.columns if comparison.key else (),
        columns=tuple(comparison.forms),
        missing_on_source=tally.counts["missing_on_source"],
        missing_on_target=tally.counts["missing_on_target"],
        different=tally.counts["different"],
        drifting=tally.counts["drifting"],
        differences=tuple(sorted(tally.listed, key=_in_order)),
        truncated=found > len(tally.listed),
        type_drift=tuple(name for name, form in comparison.forms.items() if form.type_drift),
        reason=reason,
        seconds=round(time.monotonic() - started, 6),
        method=_method(comparison, buckets, len(unequal)),
    )
    return ComparedTable(rows, tally.classes)


def _collect(comparison: TableComparison, tally: Tally, buckets: int, unequal: set[int]) -> None:
    """Go through the rows of the unequal buckets and tell what is missing, what drifts and what differs."""
    streams = _on_both(comparison, lambda side: _begun(hashed_rows(side, buckets, unequal)))

    def pairs() -> Iterator[Pair]:
        for rest in unmatched(*streams):
            for row in rest.source_only:
                delta = _missing(comparison, row, "missing_on_target", comparison.source)
                tally.add("missing_on_target", delta, row.copies)
            for row in rest.target_only:
                delta = _missing(comparison, row, "missing_on_source", comparison.target)
                tally.add("missing_on_source", delta, row.copies)
            yield from rest.pairs

    for pair, cells in classified(pairs(), comparison.source, comparison.target, comparison.forms):
        drift = bool(cells) and all(cell.drift for cell in cells)
        tally.classes.update({(cell.column, cell.cls): pair.copies for cell in cells})
        tally.add("drifting" if drift else "different", _differing(comparison, pair.source, cells), pair.copies)


def _on_both(comparison: TableComparison, work: Callable[[HashedTable], Answer]) -> tuple[Answer, Answer]:
    """Let both servers work at once; each session is used by one thread at a time."""
    with ThreadPoolExecutor(max_workers=2) as executor:
        left = executor.submit(work, comparison.source)
        right = executor.submit(work, comparison.target)
        try:
            return left.result(), right.result()
        except BaseException:
            # The other side may scan for minutes yet, for nothing.
            for side in (comparison.source, comparison.target):
                side.connection.cancel_safe(timeout=CANCEL_SECONDS)
            raise


def _begun(rows: Iterator[HashedRow]) -> Iterator[HashedRow]:
    """The same rows, the first of them fetched: the server has done its sorting."""
    first = next(rows, None)
    return rows if first is None else chain((first,), rows)


def _bucket_count(estimated_rows: int) -> int:
    wanted = max(_FEWEST_BUCKETS, estimated_rows // _ROWS_A_BUCKET)
    return int(min(_MOST_BUCKETS, 1 << (wanted - 1).bit_length()))


def _missing(
    comparison: TableComparison, row: HashedRow, status: DeltaStatus, side: HashedTable
) -> Callable[[], RowDelta]:
    return lambda: RowDelta(key=_shown_key(comparison, row, side), status=status)


def _differing(comparison: TableComparison, row: HashedRow, cells: tuple[Cell, ...]) -> Callable[[], RowDelta]:
    return lambda: RowDelta(key=_shown_key(comparison, row, comparison.source), status="different", cells=cells)


def _shown_key(comparison: TableComparison, row: HashedRow, side: HashedTable) -> dict[str, JsonValue]:
    if not side.key:
        return {ROW_KEY: personal_hash(row.row)}
    shown: dict[str, JsonValue] = {}
    for name, value in zip(side.key, row.values, strict=True):
        if value is None:
            shown[name] = None
        elif name in comparison.personal:
            shown[name] = personal_hash(value)
        else:
            shown[name] = int(value) if side.types[name].name in _WHOLE_NUMBERS else value
    return shown


def _in_order(delta: RowDelta) -> tuple[object, ...]:
    values = delta.key.values()
    return tuple(
        (value is None, not isinstance(value, int), value if isinstance(value, int) else str(value)) for value in values
    )


def _status(comparison: TableComparison, tally: Tally, reason: str | None) -> TableStatus:
    if tally.counts["missing_on_source"] or tally.counts["missing_on_target"] or tally.counts["different"]:
        return "differs"
    if reason is not None:
        return "incomplete"
    type_drift = any(form.type_drift for form in comparison.forms.values())
    return "drift" if type_drift or tally.counts["drifting"] else "identical"


def _reason(uncompared: tuple[str, ...]) -> str | None:
    return f"columns of the source have no place on the target: {', '.join(uncompared)}" if uncompared else None


def _method(comparison: TableComparison, buckets: int, unequal: int) -> str:
    key = f"matched by {', '.join(comparison.key.columns)}" if comparison.key else "no key: compared as multisets"
    text = f"64-bit hashes of whole rows, summed in {buckets:,} buckets; {key}"
    if comparison.key and not comparison.key.unique:
        text += " (not unique on both sides: rows of one key are compared as multisets)"
    if unequal:
        text += f"; {unequal:,} buckets were unequal, and their rows compared one by one"
    if comparison.projection.target_only:
        text += f"; on the target only, not compared: {', '.join(comparison.projection.target_only)}"
    return text
