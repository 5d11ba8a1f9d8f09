"""The rows of a source that is reached by REST alone, compared with the target's, page by page, cells as texts.

What is seen: every cell is asked for as `column::text`, so numeric scale, -0, array bounds, white space in json and the
digits of numbers beyond 2^53 are compared as PostgreSQL writes them, and not as JSON would. What is not seen: the
padding of char(n), which the cast takes off on both sides; and the pages are not of one snapshot: rows that are written
while they are read are noticed where their number changes (count=exact, before and after), not where one is updated.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from harness.core import cells
from harness.core.deltas import Cell, ClassCount, RowDelta, TableRows, TableStatus
from harness.core.masking import personal_hash
from harness.core.projection import TableProjection
from harness.core.record import JsonValue
from harness.core.rest_catalog import SERVICE_ROLE
from harness.core.row_forms import CellForm
from harness.postgres.named_rows import Texts, TextTable, equal_values, named_rows, row_count, text_rows
from harness.stages.rest_source import RestFailed, RestSource
from harness.stages.rows_table import ROW_KEY, ComparedTable
from harness.stages.seen_keys import SeenKeys

_WHOLE_NUMBERS: Final = frozenset({"int2", "int4", "int8"})
_ZONED: Final = frozenset({"timestamptz", "tstzrange", "tstzmultirange"})
"""Their texts depend on the session's zone, which a project may not let a client set"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestComparison:
    """One table and how it is read on both sides."""

    projection: TableProjection
    rest: RestSource
    source_columns: tuple[str, ...]
    """Of the source, in the order of `target.columns`"""
    target: TextTable
    forms: dict[str, CellForm]
    type_drift: tuple[str, ...]
    personal: frozenset[str]
    uncompared: tuple[str, ...]
    limit: int


@dataclass(slots=True)
class _Progress:
    """What was read and found so far."""

    limit: int
    received: int = 0
    matched: int = 0
    """Rows of the target that a row of the source has named"""
    counts: Counter[str] = field(default_factory=Counter)
    classes: Counter[tuple[str, str, bool]] = field(default_factory=Counter)
    listed: list[RowDelta] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Unequal:
    """A row of both sides whose texts are not the same."""

    source: Texts
    target: Texts


def compare_by_rest(comparison: RestComparison) -> ComparedTable:
    """Compare one table. StatementFailed: the target cannot answer; PgparityError: the project cannot be reached."""
    started = time.monotonic()
    progress = _Progress(comparison.limit)
    target_rows = row_count(comparison.target)
    if comparison.uncompared:
        progress.reasons.append(f"columns have no counterpart: {', '.join(comparison.uncompared)}")
    if comparison.rest.role != SERVICE_ROLE:
        role = comparison.rest.role or "a role that is not told"
        progress.reasons.append(f"the key is of {role}: row-level security may hide rows from it")
    source_rows = 0
    try:
        source_rows = _read(comparison, progress, target_rows)
    except RestFailed as failure:
        progress.reasons.append(failure.reason)
    progress.listed.sort(key=lambda delta: tuple((value is None, str(value)) for value in delta.key.values()))
    counts, found = progress.counts, sum(progress.counts.values())
    result = TableRows(
        table=comparison.projection.source.identity,
        target_table=comparison.projection.target.identity,
        status=_status(comparison, progress),
        source_rows=max(source_rows, progress.received),
        target_rows=target_rows,
        key=comparison.target.key,
        columns=comparison.target.columns,
        missing_on_source=counts["missing_on_source"],
        missing_on_target=counts["missing_on_target"],
        different=counts["different"],
        drifting=counts["drifting"],
        differences=tuple(progress.listed),
        truncated=found > len(progress.listed),
        type_drift=comparison.type_drift,
        reason="; ".join(progress.reasons) or None,
        seconds=round(time.monotonic() - started, 6),
        method=_method(comparison),
        classes=tuple(
            ClassCount.model_validate({"column": column, "class": name, "drift": drift, "rows": rows})
            for (column, name, drift), rows in progress.classes.most_common()
        ),
    )
    return ComparedTable(result, progress.classes)


def _read(comparison: RestComparison, progress: _Progress, target_rows: int) -> int:
    """Read the source to its end; what it never named is searched for only where all of it was seen."""
    rest, table = comparison.rest, comparison.projection.source
    before = rest.count(table.schema, table.name)
    with SeenKeys() as seen:
        key = _source_key(comparison)
        pages = rest.pages(table.schema, table.name, comparison.source_columns, key)
        if key:
            for page in pages:
                progress.received += len(page)
                _keyed(comparison, page, progress, seen)
        else:
            _unkeyed(comparison, pages, progress, before)
        after = rest.count(table.schema, table.name)
        if before != after:
            progress.reasons.append(f"the source was written meanwhile: it had {before:,} rows, and then {after:,}")
        elif progress.received != after:
            progress.reasons.append(f"the project says {after:,} rows and gave {progress.received:,}")
        else:
            if key and rest.role == SERVICE_ROLE and progress.matched != target_rows:
                _never_named(comparison, progress, seen)
            counts = progress.counts
            if after - counts["missing_on_target"] != target_rows - counts["missing_on_source"]:
                progress.reasons.append(
                    f"the source has {after:,} rows and the target {target_rows:,}; not all that differ were found"
                )
    return after


def _keyed(comparison: RestComparison, page: list[Texts], progress: _Progress, seen: SeenKeys) -> None:
    """A page of the source: each row beside the rows of the target that have its key."""
    columns = comparison.target.columns
    places = [columns.index(name) for name in comparison.target.key]
    found = named_rows(comparison.target, [[row[place] for place in places] for row in page])
    # A key that is not unique on the source names the same rows of the target more than once: they count once.
    by_key: dict[Texts, list[int]] = {}
    for number, row in enumerate(page):
        by_key.setdefault(tuple(row[place] for place in places), []).append(number)
    unequal: list[_Unequal] = []
    for numbers in by_key.values():
        others = found.get(numbers[0], [])
        seen.add([other[place] for place in places] for other in others)
        progress.matched += len(others)
        rows = []
        for row in (page[number] for number in numbers):
            if row in others:
                others.remove(row)
            else:
                rows.append(row)
        unequal += [_Unequal(row, other) for row, other in zip(rows, others, strict=False)]
        for row in rows[len(others) :]:
            _add(comparison, progress, "missing_on_target", row)
        for other in others[len(rows) :]:
            _add(comparison, progress, "missing_on_source", other)
    for pair, differing in _classified(comparison, unequal):
        if not differing:
            continue
        drift = all(cell.drift for cell in differing)
        progress.classes.update((cell.column, cell.cls, cell.drift) for cell in differing)
        _add(comparison, progress, "drifting" if drift else "different", pair.source, differing)


def _unkeyed(comparison: RestComparison, pages: Iterable[list[Texts]], progress: _Progress, count: int) -> None:
    """Rows without a key, as multisets: only where one page holds them all, for nothing orders pages then."""
    page = next(iter(pages), [])
    progress.received = len(page)
    if len(page) != count:
        raise RestFailed("the table has no key to read it page by page with, and is larger than a page")
    left = Counter(page)
    for rows in text_rows(comparison.target, comparison.target.columns):
        for row in rows:
            if left[row] > 0:
                left[row] -= 1
            else:
                _add(comparison, progress, "missing_on_source", row)
    for row in left.elements():
        _add(comparison, progress, "missing_on_target", row)


def _never_named(comparison: RestComparison, progress: _Progress, seen: SeenKeys) -> None:
    """Rows of the target whose keys no page held."""
    columns, key = comparison.target.columns, comparison.target.key
    for rows in text_rows(comparison.target, key):
        for row in seen.unknown(rows):
            values = dict(zip(key, row, strict=True))
            _add(comparison, progress, "missing_on_source", tuple(values.get(name) for name in columns))


def _classified(comparison: RestComparison, unequal: list[_Unequal]) -> Iterator[tuple[_Unequal, tuple[Cell, ...]]]:
    """The differing cells of each pair. Values that are equal are drift, or nothing where only the way differs that a
    session or a type writes them in.
    """
    columns = comparison.target.columns
    asked: dict[str, dict[tuple[str, str], bool]] = {}
    for pair in unequal:
        for name, one, other in zip(columns, pair.source, pair.target, strict=True):
            if one != other and one is not None and other is not None and (kind := _equality(comparison, name)):
                asked.setdefault(kind, {})[one, other] = False
    for kind, pairs in asked.items():
        answers = equal_values(comparison.target, kind, list(pairs))
        asked[kind] = dict(zip(pairs, answers, strict=True))
    for pair in unequal:
        found = []
        for name, one, other in zip(columns, pair.source, pair.target, strict=True):
            if one == other:
                continue
            same = (
                one is not None and other is not None and asked.get(_equality(comparison, name), {}).get((one, other))
            )
            if same and (name in comparison.type_drift or comparison.target.types[name].name in _ZONED):
                continue
            named = cells.classify(one, other, comparison.forms[name].kind, equal=bool(same))
            found.append({"column": name, "class": named.name, "drift": named.drift})
        yield pair, tuple(Cell.model_validate(each) for each in found)


def _equality(comparison: RestComparison, name: str) -> str:
    """The type of pg_catalog whose = decides about two texts of a column; '' where texts alone count."""
    described, form = comparison.target.types[name], comparison.forms[name]
    if described.name in _ZONED or form.settled_as is not None:
        return described.name
    if name not in comparison.type_drift:
        return ""
    return {"number": "numeric", "timestamp": "timestamptz", "json": "jsonb"}.get(form.kind, "")


def _source_key(comparison: RestComparison) -> tuple[str, ...]:
    names = dict(zip(comparison.target.columns, comparison.source_columns, strict=True))
    return tuple(names[name] for name in comparison.target.key)


def _add(
    comparison: RestComparison, progress: _Progress, kind: str, row: Texts, differing: tuple[Cell, ...] = ()
) -> None:
    progress.counts[kind] += 1
    if len(progress.listed) < progress.limit:
        status = "different" if kind == "drifting" else kind
        delta = {"key": _shown_key(comparison, row), "status": status, "cells": differing}
        progress.listed.append(RowDelta.model_validate(delta))


def _shown_key(comparison: RestComparison, row: Texts) -> dict[str, JsonValue]:
    table = comparison.target
    if not table.key:
        return {ROW_KEY: personal_hash(row)}
    values = dict(zip(table.columns, row, strict=True))
    shown: dict[str, JsonValue] = {}
    for name in table.key:
        value = values[name]
        if value is None or name in comparison.personal:
            shown[name] = None if value is None else personal_hash(value)
        else:
            shown[name] = int(value) if table.types[name].name in _WHOLE_NUMBERS else value
    return shown


def _status(comparison: RestComparison, progress: _Progress) -> TableStatus:
    if any(progress.counts[kind] for kind in ("missing_on_source", "missing_on_target", "different")):
        return "differs"
    if progress.reasons:
        return "incomplete"
    return "drift" if comparison.type_drift or progress.counts["drifting"] else "identical"


def _method(comparison: RestComparison) -> str:
    key = comparison.target.key
    text = "the source through REST, page by page and not in one snapshot, every cell as text"
    text += f"; matched by {', '.join(key)}" if key else "; no key: compared as multisets"
    if comparison.projection.target_only:
        text += f"; on the target only, not compared: {', '.join(comparison.projection.target_only)}"
    return text
