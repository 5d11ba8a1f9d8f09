"""The rows of a source that is reached by REST alone, compared with the target's, page by page, cells as texts.

What is seen: every cell is asked for as `column::text`, so numeric scale, -0, array bounds, white space in json and the
digits of numbers beyond 2^53 are compared as PostgreSQL writes them, and not as JSON would. What is not seen: the
padding of char(n), which the cast takes off on both sides; and the pages are not of one snapshot. Each row is compared
as it was when its page was read: rows that come or go meanwhile are noticed by their number (count=exact, before and
after), one that is updated after its page was read is not, unless the source is read twice. Two readings that gave the
same rows in the same order prove that the source was so at the moment between them: whatever was written before it
would be in the first, whatever after it in the second, but for what was written and taken back
(Afek et al., Atomic Snapshots of Shared Memory, 1993: the double collect).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from harness.core.deltas import ClassCount, SourceRead, TableRows, TableStatus
from harness.core.rest_catalog import SERVICE_ROLE
from harness.postgres.named_rows import Texts, named_rows, row_count, text_rows
from harness.stages.rest_again import standing
from harness.stages.rest_cells import classified, slices_of_texts
from harness.stages.rest_comparison import DifferingKey, Found, RestComparison, sealed
from harness.stages.rest_floats import FloatsOfTable
from harness.stages.rest_source import Page, RestFailed
from harness.stages.rows_recheck import WAITING_AT_MOST, moving_reason
from harness.stages.rows_table import ComparedTable
from harness.stages.rows_tally import in_order
from harness.stages.seen_keys import SeenKeys


def compare_by_rest(comparison: RestComparison) -> ComparedTable:
    """Compare one table. StatementFailed: the target cannot answer; PgparityError: the project cannot be reached."""
    started = time.monotonic()
    found = Found(comparison.limit)
    target_rows = row_count(comparison.target)
    if comparison.uncompared:
        found.reasons.append(f"columns have no counterpart: {', '.join(comparison.uncompared)}")
    if comparison.rest.role != SERVICE_ROLE:
        role = comparison.rest.role or "a role that is not told"
        found.reasons.append(f"the key is of {role}: row-level security may hide rows from it")
    source_rows, alike = 0, None
    began = _now()
    try:
        source_rows = _read(comparison, found, target_rows)
        ended = _now()
        if comparison.twice and not found.reasons:
            alike = _same_again(comparison, found)
        _settled(comparison, found)
    except RestFailed as failure:
        ended = _now()
        found.reasons.append(failure.reason)
        # What was not read again is told as it was found: it may be settled by now, and the table is incomplete.
        _tell(comparison, found, found.waiting)
    found.listed.sort(key=in_order)
    moving = moving_reason(found.rechecked)
    reasons = [*found.reasons, *([moving] if moving else [])]
    counts = found.counts
    read = SourceRead(began=began, ended=ended, snapshot=False, same_again=alike)
    result = TableRows(
        table=comparison.projection.source.identity,
        target_table=comparison.projection.target.identity,
        status=_status(comparison, found, reasons),
        source_rows=max(source_rows, found.received),
        target_rows=target_rows,
        key=comparison.target.key,
        columns=comparison.target.columns,
        missing_on_source=counts["missing_on_source"],
        missing_on_target=counts["missing_on_target"],
        different=counts["different"],
        drifting=counts["drifting"],
        tolerated=found.tolerated,
        settled=found.rechecked.settled,
        moving=found.rechecked.moving,
        differences=tuple(found.listed),
        truncated=sum(counts.values()) > len(found.listed),
        type_drift=comparison.type_drift,
        reason="; ".join(reasons) or None,
        seconds=round(time.monotonic() - started, 6),
        method=_method(comparison, found, read),
        classes=tuple(
            ClassCount.model_validate({"column": column, "class": name, "drift": drift, "rows": rows})
            for (column, name, drift), rows in found.classes.most_common()
        ),
        slices=slices_of_texts(comparison, found.differing, target_rows),
        source_read=read,
    )
    return ComparedTable(result, found.classes)


def _read(comparison: RestComparison, found: Found, target_rows: int) -> int:
    """Read the source to its end; what it never named is searched for only where all of it was seen."""
    before = _count(comparison)
    floats = FloatsOfTable(comparison)
    with SeenKeys() as seen:
        if comparison.target.key:
            last: Texts = ()
            for page in _pages(comparison):
                found.received += len(page)
                sealed(found.seal, page)
                _keyed(comparison, page, found, seen)
                floats.see(page, last)
                last = comparison.key_of(page[-1])
        else:
            floats.see(_unkeyed(comparison, found, before), ())
        found.reasons += floats.reasons()
        after = _count(comparison)
        if before != after:
            found.reasons.append(f"the source was written meanwhile: it had {before:,} rows, and then {after:,}")
        elif found.received != after:
            found.reasons.append(f"the project says {after:,} rows and gave {found.received:,}")
        else:
            if comparison.target.key and comparison.rest.role == SERVICE_ROLE and found.matched != target_rows:
                _never_named(comparison, found, seen)
            first = found.first
            if after - first["missing_on_target"] != target_rows - first["missing_on_source"]:
                found.reasons.append(
                    f"the source has {after:,} rows and the target {target_rows:,}; not all that differ were found"
                )
    return after


def _same_again(comparison: RestComparison, found: Found) -> bool:
    """Whether the source, read from its beginning once more, gives the same rows in the same order."""
    again = Found(comparison.limit)
    for page in _pages(comparison):
        sealed(again.seal, page if comparison.target.key else sorted(page, key=repr))
    alike = again.seal.digest() == found.seal.digest()
    if not alike:
        found.reasons.append("the source was written while it was read: a second reading gave other rows")
    return alike


def _count(comparison: RestComparison) -> int:
    table = comparison.projection.source
    return comparison.rest.count(table.schema, table.name, where=comparison.where)


def _pages(comparison: RestComparison) -> Iterator[list[Texts]]:
    table = comparison.projection.source
    return comparison.rest.pages(
        table.schema, table.name, comparison.source_columns, comparison.source_key, where=comparison.where
    )


def _keyed(comparison: RestComparison, page: list[Texts], found: Found, seen: SeenKeys) -> None:
    """A page of the source: each row beside the rows of the target that have its key."""
    rows = named_rows(comparison.target, [comparison.key_of(row) for row in page])
    read_at = comparison.patience.clock()
    # A key that is not unique on the source names the same rows of the target more than once: they count once.
    by_key: dict[Texts, list[int]] = {}
    for number, row in enumerate(page):
        by_key.setdefault(comparison.key_of(row), []).append(number)
    for key, numbers in by_key.items():
        others = Counter(rows.get(numbers[0], []))
        seen.add(comparison.key_of(other) for other in others)
        found.matched += others.total()
        ours = Counter(page[number] for number in numbers)
        both = ours & others
        differing = DifferingKey(key, tuple((ours - both).elements()), tuple((others - both).elements()), read_at)
        if differing.rows:
            _wait(comparison, found, differing)


def _unkeyed(comparison: RestComparison, found: Found, count: int) -> Page:
    """Rows without a key, as multisets: only where one page holds them all, for nothing orders pages then."""
    page = next(iter(_pages(comparison)), [])
    found.received = len(page)
    sealed(found.seal, sorted(page, key=repr))
    if len(page) != count:
        raise RestFailed("the table has no key to read it page by page with, and is larger than a page")
    left = Counter(page)
    now = comparison.patience.clock()
    for rows in text_rows(comparison.target, comparison.target.columns):
        for row in rows:
            if left[row] > 0:
                left[row] -= 1
            else:
                _wait(comparison, found, DifferingKey((), (), (row,), now))
    for row in left.elements():
        _wait(comparison, found, DifferingKey((), (row,), (), now))
    return page


def _never_named(comparison: RestComparison, found: Found, seen: SeenKeys) -> None:
    """Rows of the target whose keys no page held."""
    for keys in text_rows(comparison.target, comparison.target.key):
        unknown = [tuple(key) for key in seen.unknown(keys)]
        if unknown:
            rows = named_rows(comparison.target, unknown)
            now = comparison.patience.clock()
            for number, key in enumerate(unknown):
                # A key with NULL in it is found by no =; what is known of its row is the key.
                others = rows.get(number) or [_only_key(comparison, key)]
                _wait(comparison, found, DifferingKey(key, (), tuple(others), now))


def _only_key(comparison: RestComparison, key: Texts) -> Texts:
    values = dict(zip(comparison.target.key, key, strict=True))
    return tuple(values.get(name) for name in comparison.target.columns)


def _wait(comparison: RestComparison, found: Found, differing: DifferingKey) -> None:
    pairs = min(len(differing.source), len(differing.target))
    found.first["missing_on_target"] += len(differing.source) - pairs
    found.first["missing_on_source"] += len(differing.target) - pairs
    found.waiting.append(differing)
    if len(found.waiting) >= WAITING_AT_MOST:
        _settled(comparison, found)


def _settled(comparison: RestComparison, found: Found) -> None:
    _tell(comparison, found, standing(comparison, found))


def _tell(comparison: RestComparison, found: Found, differing: Iterable[DifferingKey]) -> None:
    """Count what differs for good, cell by cell."""
    pairs = []
    for each in differing:
        pairs += list(zip(each.source, each.target, strict=False))
        for row in each.source[len(each.target) :]:
            found.add(comparison, "missing_on_target", row)
        for row in each.target[len(each.source) :]:
            found.add(comparison, "missing_on_source", row)
    for (source, _), cells, tolerated in classified(comparison, pairs):
        if cells:
            found.add(comparison, "drifting" if all(cell.drift for cell in cells) else "different", source, cells)
        found.tolerated += tolerated


def _status(comparison: RestComparison, found: Found, reasons: list[str]) -> TableStatus:
    if any(found.counts[kind] for kind in ("missing_on_source", "missing_on_target", "different")):
        return "differs"
    if reasons:
        return "incomplete"
    return "drift" if comparison.type_drift or found.counts["drifting"] else "identical"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _method(comparison: RestComparison, found: Found, read: SourceRead) -> str:
    key = comparison.target.key
    text = f"the source through REST, page by page from {read.began} to {read.ended}, without a snapshot: each row as"
    text += " it was when its page was read, every cell as text"
    if read.same_again:
        text += "; read twice, and alike both times"
    text += f"; matched by {', '.join(key)}" if key else "; no key: compared as multisets"
    if found.rechecked.again:
        text += f"; {found.rechecked.again:,} that differed were read again"
    if comparison.projection.target_only:
        text += f"; on the target only, not compared: {', '.join(comparison.projection.target_only)}"
    return text
