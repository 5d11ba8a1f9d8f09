"""The comparison of one table: sums of row hashes first, then the rows of unequal segments, then their cells."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TypeVar

from harness.core import segments as choice
from harness.core.deltas import TableRows, TableStatus
from harness.core.row_forms import WHOLE_NUMBERS
from harness.core.row_merge import HashedRow, unmatched
from harness.core.segments import Segments
from harness.postgres.packed_rows import named
from harness.postgres.row_hash import HashedTable, hashed_rows, number_bounds, sums_statement
from harness.stages.rows_buckets import of_unequal_buckets, with_bucket_columns
from harness.stages.rows_cells import RowVanished
from harness.stages.rows_pieces import bytes_again, method, pieces_of
from harness.stages.rows_recheck import Patience, moving_reason, still_unequal
from harness.stages.rows_sampled import bound_of, drawn_from, sampled_reason
from harness.stages.rows_scan import CANCEL_SECONDS, Busy, Reading, ReadLimit, scanned
from harness.stages.rows_slices import slices_of
from harness.stages.rows_state import Sums
from harness.stages.rows_tally import CLASSIFIED_AT_MOST, Enough, Tally, in_order
from harness.stages.rows_unequal import names_of_unlike_rows
from harness.stages.table_comparison import TableComparison

__all__ = ["CANCEL_SECONDS", "ComparedTable", "TableComparison", "compare_table"]

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class ComparedTable:
    """The artifact of one table, and how often each class of difference was seen in each column."""

    rows: TableRows
    classes: Counter[tuple[str, str, bool]]


def compare_table(comparison: TableComparison, reading: Reading) -> ComparedTable:
    """Compare all rows of one table, or a sample; exact but for collisions of 64-bit hashes.

    StatementFailed: a statement on either side failed, which the caller reports as an incomplete comparison.
    """
    started = time.monotonic()
    if not _lasting(comparison):
        reading = dataclasses.replace(reading, state=None)
    drawn = drawn_from(comparison, partial(_on_both, comparison))
    comparison = drawn.comparison if drawn is not None else comparison
    share = drawn.share if drawn is not None else None
    comparison = with_bucket_columns(comparison)
    tally = Tally(comparison)
    segments = _segments(comparison)
    known = _known(comparison, reading, segments)
    if known is not None:
        return known
    pieces = (pieces_of(comparison, 0, share), pieces_of(comparison, 1, share))
    before = (sum(side.read_bytes for side in reading.sides), reading.resumed)
    left: Sums = {}
    right: Sums = {}
    unequal: set[int] = set()
    reason = _reason(comparison.uncompared)
    stopped = False
    those = comparison
    reading.bounded(on=True)
    try:
        left, right = scanned(reading, (comparison.source, comparison.target), pieces, segments)
        unequal = {number for number, of_segment in left.items() if right.get(number) != of_segment}
        unequal |= right.keys() - left.keys()
        if unequal:

            def again() -> None:
                for side, sums, of_side in zip(reading.sides, (left, right), pieces, strict=True):
                    side.take(bytes_again(segments, unequal, sums, of_side))

            again()
            those = of_unequal_buckets(comparison, segments, unequal)
            names = names_of_unlike_rows(partial(_on_both, those), segments, unequal, (left, right), again)
            _collect(those, tally, segments, unequal, _rows_in(unequal, left, right), names)
    except RowVanished:
        reason = "a row could not be read twice alike: is an expression of the mapping volatile?"
    except Enough:
        stopped, reason = True, f"stopped after {comparison.stop_after:,} differences: there are more"
    except (ReadLimit, Busy) as ended:
        stopped, reason = True, str(ended) or _limit_reason(reading, len(unequal), tally)
    finally:
        reading.bounded(on=False)
    counts = (sum(count for count, _ in left.values()), sum(count for count, _ in right.values()))
    reason = reason or moving_reason(tally.rechecked)
    bound = None
    if drawn is not None:
        bound = bound_of(min(counts))
        reason = reason or sampled_reason(counts, drawn.rows)
    rows = TableRows(
        table=comparison.projection.source.identity,
        target_table=comparison.projection.target.identity,
        status="incomplete" if stopped else _status(comparison, tally, reason),
        source_rows=drawn.rows[0] if drawn is not None else counts[0],
        target_rows=drawn.rows[1] if drawn is not None else counts[1],
        key=comparison.key.columns if comparison.key else (),
        columns=tuple(comparison.forms),
        missing_on_source=tally.counts["missing_on_source"],
        missing_on_target=tally.counts["missing_on_target"],
        different=tally.counts["different"],
        drifting=tally.counts["drifting"],
        tolerated=tally.tolerated,
        settled=tally.rechecked.settled,
        moving=tally.rechecked.moving,
        differences=tuple(sorted(tally.listed, key=in_order)),
        truncated=(stopped and tally.found > 0) or tally.found > len(tally.listed),
        type_drift=tuple(name for name, form in comparison.forms.items() if form.type_drift),
        reason=reason,
        classes=tally.class_counts(),
        classified=tally.looked_at if tally.unclassed else None,
        slices=()
        if stopped
        else slices_of(comparison, tally.differing, tally.target_only, personal=comparison.hidden, within=those),
        sample=bound,
        read_bytes=sum(side.read_bytes for side in reading.sides) - before[0],
        resumed=reading.resumed - before[1],
        seconds=round(time.monotonic() - started, 6),
        method=method(comparison, segments, len(unequal), tally, reading),
    )
    if reading.state is not None and not stopped:
        reading.state.keep_table(_description(comparison, segments), rows)
    return ComparedTable(rows, tally.classes)


def summed_before(comparison: TableComparison, rows: int, told: str) -> ComparedTable:
    """The result for a table whose rows were hashed and summed on both sides before, and agreed; `told`: how."""
    result = TableRows(
        table=comparison.projection.source.identity,
        target_table=comparison.projection.target.identity,
        status=_status(comparison, Tally(comparison), _reason(comparison.uncompared)),
        source_rows=rows,
        target_rows=rows,
        key=comparison.key.columns if comparison.key else (),
        columns=tuple(comparison.forms),
        type_drift=tuple(name for name, form in comparison.forms.items() if form.type_drift),
        reason=_reason(comparison.uncompared),
        method=f"64-bit hashes of whole rows, {told}",
    )
    return ComparedTable(result, Counter())


def _lasting(comparison: TableComparison) -> bool:
    """Whether rows stay as they are while nothing is written: not those of views, foreign tables and conditions."""
    projection = comparison.projection
    return comparison.stored and projection.source_where is None and projection.target_where is None


def _known(comparison: TableComparison, reading: Reading, segments: Segments) -> ComparedTable | None:
    """The result that an interrupted comparison had of this table, at these very moments."""
    if reading.state is None or comparison.heard is not None:
        return None
    rows = reading.state.table(_description(comparison, segments))
    if rows is None:
        return None
    classes = Counter({(each.column, each.cls, each.drift): each.rows for each in rows.classes})
    taken = "taken over from an interrupted comparison: nothing was written since"
    again = rows.model_copy(update={"resumed": max(1, rows.resumed), "method": f"{rows.method}; {taken}"})
    return ComparedTable(again, classes)


def _description(comparison: TableComparison, segments: Segments) -> str:
    """All that the result of a table depends on, but for its rows."""
    statements = [sums_statement(side, segments).as_string() for side in (comparison.source, comparison.target)]
    settings = [
        *(comparison.limit, comparison.stop_after, comparison.sample, comparison.settle_seconds),
        *(comparison.show_values, sorted(comparison.personal), sorted(comparison.hidden), comparison.uncompared),
        sorted((name, repr(each)) for name, each in comparison.tolerances.items()),
        sorted((name, each.type_drift) for name, each in comparison.forms.items()),
    ]
    return "\x00".join([*statements, repr(settings), repr(comparison.key)])


def _limit_reason(reading: Reading, unequal: int, tally: Tally) -> str:
    most = max(side.max_read or 0 for side in reading.sides)
    text = f"reading on would pass the {most:,} bytes a side that may be read"
    if not unequal:
        return text
    looked = "not all of their rows were looked at" if tally.found else "their rows were not looked at"
    return f"{text}: {unequal:,} segments differ, and {looked}"


def _segments(comparison: TableComparison) -> Segments:
    """Ranges where the key is one dense whole number on both sides, else buckets of its hash."""
    key = comparison.key
    if key is not None and key.unique and len(key.columns) == 1:
        (name,) = key.columns
        column = comparison.projection.by_name[name]
        types = {side.types[name].known_name for side in (comparison.source, comparison.target)}
        if types <= WHOLE_NUMBERS and column.source is not None and not column.converted:
            # Unique on both sides: each has an index that knows its bounds.
            bounds = [each for each in _on_both(comparison, lambda side: number_bounds(side, name)) if each is not None]
            if bounds:
                low, high = min(low for low, _ in bounds), max(high for _, high in bounds)
                found = choice.ranges(name, low, high, comparison.estimated_rows)
                if found is not None:
                    return found
    return choice.buckets(comparison.estimated_rows)


def _rows_in(unequal: set[int], left: Sums, right: Sums) -> int:
    """Rows of the unequal segments, of the side that has more of them."""
    return max(sum(sums[number][0] for number in unequal if number in sums) for sums in (left, right))


def _collect(
    comparison: TableComparison,
    tally: Tally,
    segments: Segments,
    unequal: set[int],
    rows: int,
    names: frozenset[int] | None,
) -> None:
    """Go through the rows of the unequal segments, or those of `names`, and tell what is missing, what drifts and what
    differs.
    """
    rows = rows if names is None else len(names)
    told_by_hashes = not comparison.tolerances and not any(form.told_by_texts for form in comparison.forms.values())
    with_same = rows > CLASSIFIED_AT_MOST and told_by_hashes
    with contextlib.ExitStack() as stack:

        def begun(side: HashedTable) -> Iterator[HashedRow]:
            if names is None:
                rows_of_side = hashed_rows(side, segments, unequal, with_same=with_same)
            else:
                rows_of_side = hashed_rows(named(side, segments, names), 1, [0], with_same=with_same)
            return _begun(stack.enter_context(contextlib.closing(rows_of_side)))

        streams = _on_both(comparison, begun)
        patience = Patience(seconds=comparison.settle_seconds, since=comparison.snapshots_at)
        found = unmatched(*streams)
        for standing in still_unequal(found, comparison.source, comparison.target, patience, tally.rechecked):
            tally.add(standing)
    if not any((tally.found, tally.tolerated, tally.rechecked.settled, tally.rechecked.moving)):
        # The sums differ and no row does: what was summed is not what was read.
        raise RowVanished


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


def _status(comparison: TableComparison, tally: Tally, reason: str | None) -> TableStatus:
    if tally.counts["missing_on_source"] or tally.counts["missing_on_target"] or tally.counts["different"]:
        return "differs"
    if reason is not None:
        return "incomplete"
    type_drift = any(form.type_drift for form in comparison.forms.values())
    return "drift" if type_drift or tally.counts["drifting"] else "identical"


def _reason(uncompared: tuple[str, ...]) -> str | None:
    return f"columns of the source have no place on the target: {', '.join(uncompared)}" if uncompared else None
