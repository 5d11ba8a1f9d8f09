"""Comparing with a recorded side: segments by their sums, then rows and cells of those that were asked for."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from harness.core.deltas import Cell, ClassCount, RowDelta, TableRows, TableStatus
from harness.core.digest import DigestedRow, DigestedTable, Sums
from harness.core.digest_merge import UNDECIDED, Read, SegmentSums, differing, undecided, unequal_rows
from harness.core.record import JsonValue, Side
from harness.core.row_keys import shown_row_key
from harness.core.row_merge import HashedRow
from harness.postgres.digested import digested_rows
from harness.render.figures import counted
from harness.stages.digest_pair import DigestPair
from harness.stages.digest_scan import digested_sums
from harness.stages.digest_slices import slices_of_live
from harness.stages.rows_table import ComparedTable
from harness.stages.rows_tally import CLASSIFIED_AT_MOST, in_order


@dataclass(frozen=True, slots=True)
class ComparedDigest:
    """The result of one table, and of each recorded side the segments whose rows would tell more."""

    table: ComparedTable
    wanted: dict[Side, DigestedTable]


def compare_digests(pair: DigestPair, rows: dict[Side, Iterator[DigestedRow] | None]) -> ComparedDigest:
    """Compare one table. `rows` has what was recorded of each recorded side's unequal segments, where it was asked for.

    Exact but for collisions of 64-bit hashes. Memory: the sums, and a few rows.
    """
    started = time.monotonic()
    segments = SegmentSums(_sums(pair, Side.SOURCE), _sums(pair, Side.TARGET), pair.buckets)
    unequal = segments.unequal
    reason = _uncompared(pair.uncompared)
    found = _Found(pair.limit)
    told = False
    if unequal and all(rows.get(side) is not None for side in pair.recorded):
        problem = found.collect(pair, rows, segments)
        told, reason = problem is None, problem or reason
    if unequal and not told:
        found = _Found(pair.limit)
        found.counts["missing_on_source"], found.counts["missing_on_target"] = segments.surely_missing()
        every = len(segments.source.keys() | segments.target.keys())
        most = sum(max(segments.source.get(each, (0, 0))[0], segments.target.get(each, (0, 0))[0]) for each in unequal)
        reason = reason or (
            f"{len(unequal):,} of {every:,} segments differ, with {most:,} rows in them; which rows do is only"
            " known with those of the recorded side: --ask FILE here, data digest --for FILE there"
        )
        if pair.rules.tolerances:
            reason += ", --with-values for the tolerances"
    if found.undecided:
        # What is missing or surely another value is a difference all the same; these rows may be none.
        reason = reason or (
            f"{counted(found.undecided, 'row')} may differ in {', '.join(sorted(found.undecided_columns))}, which only"
            " values decide (tolerances, equal values of other texts): data digest --for FILE --with-values there"
        )
    result = TableRows(
        table=pair.projection.source.identity,
        target_table=pair.projection.target.identity,
        status=_status(pair, found, reason),
        source_rows=segments.source_rows,
        target_rows=segments.target_rows,
        key=pair.key,
        columns=tuple(column.name for column in pair.columns),
        missing_on_source=found.counts["missing_on_source"],
        missing_on_target=found.counts["missing_on_target"],
        different=found.counts["different"],
        drifting=found.counts["drifting"],
        tolerated=found.tolerated,
        differences=tuple(found.listed),
        truncated=told and sum(found.counts.values()) > len(found.listed),
        type_drift=pair.type_drift,
        reason=reason,
        seconds=round(time.monotonic() - started, 6),
        method=_method(pair, len(unequal), told=told),
        classes=found.class_counts(),
        slices=slices_of_live(pair, found.live_rows, _live_rows(pair, segments)) if told else (),
    )
    known = told and not found.undecided
    wanted = {} if known or not unequal else {side: _asked(pair, each, unequal) for side, each in pair.recorded.items()}
    return ComparedDigest(ComparedTable(result, found.classes), wanted)


class _Found:
    """Differences counted, the first of them listed."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.counts: Counter[str] = Counter()
        self.classes: Counter[tuple[str, str, bool]] = Counter()
        self.listed: list[RowDelta] = []
        self.tolerated = 0
        self.undecided = 0
        """Rows that differ in nothing but cells that only their values decide"""
        self.undecided_columns: set[str] = set()
        self.live_rows: list[HashedRow] = []
        """The first of the rows that differ, as the side has them that is a database"""

    def collect(
        self, pair: DigestPair, rows: dict[Side, Iterator[DigestedRow] | None], segments: SegmentSums
    ) -> str | None:
        """Merge the rows of the unequal segments; why that cannot be believed, where it cannot."""
        unequal = segments.unequal
        given = [each for each in rows.values() if each is not None]
        first = [next(each, None) for each in given]
        with_values = any(row is not None and row.texts is not None for row in first)
        again = {
            side: chain([row] if row is not None else [], each)
            for (side, each), row in zip(((s, r) for s, r in rows.items() if r is not None), first, strict=True)
        }
        reads = {
            side: Read(
                again[side]
                if isinstance(of_side, DigestedTable)
                else digested_rows(of_side, pair.buckets, unequal, with_values=with_values),
                {},
                pair.buckets,
            )
            for side, of_side in ((Side.SOURCE, pair.source), (Side.TARGET, pair.target))
        }
        left, right = reads[Side.SOURCE], reads[Side.TARGET]
        for found in unequal_rows(left.wanted(unequal), right.wanted(unequal)):
            rest = found.rest
            for row in rest.source_only:
                self._add("missing_on_target", pair, row, (), row if pair.live is pair.source else None)
            for row in rest.target_only:
                self._add("missing_on_source", pair, row, (), row if pair.live is pair.target else None)
            for one, other, copies in rest.pairs:
                cells = differing(*found.whole(one, other), pair.rules)
                if not cells:
                    self.tolerated += copies
                    continue
                if undecided(cells):
                    self.undecided += copies
                    self.undecided_columns |= {cell.column for cell in cells if cell.cls == UNDECIDED}
                    continue
                kind = "drifting" if all(cell.drift for cell in cells) else "different"
                self.classes.update({(cell.column, cell.cls, cell.drift): copies for cell in cells})
                live = one if pair.live is pair.source else other
                self._add(kind, pair, one._replace(copies=copies), cells, live if kind == "different" else None)
        self.listed.sort(key=in_order)
        for side, table in pair.recorded.items():
            recorded = {each: sums for each, sums in table.sums_of(pair.buckets).items() if each in unequal}
            if reads[side].sums != recorded:
                return (
                    f"the rows given of the {side} are not those that were recorded: it was written since, or other"
                    " segments were asked for. Ask again, or record it again"
                )
        if not any((*self.counts.values(), self.tolerated, self.undecided)):
            return "the sums differ and no row does: is an expression of the mapping or a view volatile?"
        return None

    def _add(
        self, kind: str, pair: DigestPair, row: HashedRow, cells: tuple[Cell, ...], live: HashedRow | None
    ) -> None:
        self.counts[kind] += row.copies
        if live is not None and len(self.live_rows) < CLASSIFIED_AT_MOST:
            self.live_rows.append(live)
        room = min(row.copies, self.limit - len(self.listed))
        if room > 0:
            status = "different" if kind == "drifting" else kind
            delta = RowDelta.model_validate({"key": _shown_key(pair, row), "status": status, "cells": cells})
            self.listed.extend([delta] * room)

    def class_counts(self) -> tuple[ClassCount, ...]:
        """The commonest classes first."""
        return tuple(
            ClassCount.model_validate({"column": column, "class": name, "drift": drift, "rows": count})
            for (column, name, drift), count in self.classes.most_common()
        )


def _sums(pair: DigestPair, side: Side) -> Sums:
    of_side = pair.source if side is Side.SOURCE else pair.target
    if isinstance(of_side, DigestedTable):
        return of_side.sums_of(pair.buckets)
    return digested_sums(of_side, pair.buckets, pair.readings[side])


def _live_rows(pair: DigestPair, segments: SegmentSums) -> int:
    return segments.source_rows if pair.live is pair.source else segments.target_rows


def _asked(pair: DigestPair, table: DigestedTable, unequal: frozenset[int]) -> DigestedTable:
    sums = tuple(each for each in table.sums if each[0] & (pair.buckets - 1) in unequal)
    return table.model_copy(update={"sums": sums})


def _shown_key(pair: DigestPair, row: HashedRow) -> dict[str, JsonValue]:
    types = {column.name: column.type for column in pair.columns}
    key = {name: types[name] for name in pair.key}
    return shown_row_key(key, row.values, row.row, personal=pair.personal, recorded=True)


def _status(pair: DigestPair, found: _Found, reason: str | None) -> TableStatus:
    if found.counts["missing_on_source"] or found.counts["missing_on_target"] or found.counts["different"]:
        return "differs"
    if reason is not None:
        return "incomplete"
    return "drift" if pair.type_drift or found.counts["drifting"] else "identical"


def _uncompared(names: tuple[str, ...]) -> str | None:
    return f"columns were not recorded, or have no place on the other side: {', '.join(names)}" if names else None


def _method(pair: DigestPair, unequal: int, *, told: bool) -> str:
    recorded = " and ".join(pair.recorded)
    text = f"{recorded} as recorded, rows that differ not read again: "
    text += f"sums of 64-bit row hashes in {pair.buckets:,} segments"
    text += f", matched by {', '.join(pair.key)}" if pair.key else ", no key: compared as multisets"
    for side, reading in pair.readings.items():
        if reading.sessions > 1:
            text += f"; read by {reading.sessions} sessions of the {side}"
        if reading.paused:
            text += f"; waited {reading.paused:g} s in all while the {side} was busy"
    if unequal:
        text += f"; {unequal:,} segments were unequal"
    return f"{text}, and their rows compared one by one" if told else text
