"""Slices: in which value or day of which column differing rows concentrate, and what share of the table that is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from harness.core.cell_times import moment
from harness.core.deltas import Slice
from harness.core.masking import personal_hash
from harness.core.record import JsonValue

FEWEST: Final = 4
"""Differing rows that a slice has at least"""
SHARE: Final = 0.5
"""Of all differing rows"""
TIMES: Final = 3.0
"""How many times its share of the table's rows"""
FEW_VALUES: Final = 1000
"""Different values up to which a column groups rows"""

SliceKind = Literal["day", "boolean", "number", "text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """What ANALYZE left about a column (pg_stats); values as text."""

    distinct: float
    """Different values; below 0: the negative of their share of the rows"""
    null_share: float
    common: tuple[str, ...] = ()
    common_shares: tuple[float, ...] = ()
    bounds: tuple[str, ...] = ()
    """Of a histogram of equally many rows a bin, without the common values"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Concentration:
    """The value of one column that most differing rows have."""

    column: str
    kind: SliceKind
    value: str
    """As text; of a day, 2026-01-31"""
    differences: int
    share: float


def concentration(column: str, kind: SliceKind, values: Sequence[tuple[str | None, int]]) -> Concentration | None:
    """The commonest value among differing rows, each with how often it occurs; None where none has half of them."""
    counts: Counter[str] = Counter()
    for value, copies in values:
        if value is not None:
            counts[value] += copies
    if not counts:
        return None
    # The smaller value of two equally common ones: an answer must not depend on the order of the rows.
    value, found = min(counts.items(), key=lambda item: (-item[1], item[0]))
    share = found / sum(copies for _, copies in values)
    if found < FEWEST or share < SHARE:
        return None
    return Concentration(column=column, kind=kind, value=value, differences=found, share=share)


def slice_of(found: Concentration, share_of_rows: float | None, *, personal: bool) -> Slice | None:
    """The slice, where it says something: None where it is as large a part of the table, or nobody knows how large."""
    if share_of_rows is None or found.share < TIMES * share_of_rows:
        return None
    value: JsonValue = found.value
    if personal or found.kind == "text":
        value = personal_hash(found.value)
    elif found.kind == "boolean":
        value = found.value == "true"
    elif found.kind == "number":
        value = int(found.value)
    return Slice(
        column=found.column,
        value=value,
        differences=found.differences,
        share=round(found.share, 4),
        share_of_rows=round(share_of_rows, 6),
    )


def few_values(statistics: Statistics | None, rows: int) -> bool:
    """Whether a column has so few different values, for so many rows, that one of them is a group."""
    if statistics is None:
        return False
    distinct = statistics.distinct if statistics.distinct >= 0 else -statistics.distinct * rows
    return 0 < distinct <= FEW_VALUES and distinct * TIMES <= max(rows, 1)


def share_by_statistics(found: Concentration, statistics: Statistics | None, rows: int) -> float | None:
    """About what share of the table's rows has a value, or lies in a day; None where the statistics do not say."""
    if statistics is None:
        return None
    common = dict(zip(statistics.common, statistics.common_shares, strict=False))
    rest = max(0.0, 1.0 - statistics.null_share - sum(common.values()))
    if found.kind == "day":
        share = sum(frequency for value, frequency in common.items() if _day(value) == found.value)
        if statistics.bounds:
            within = sum(_day(bound) == found.value for bound in statistics.bounds)
            return share + rest * within / len(statistics.bounds)
        return share if not rest else None
    spelled = {"true": "t", "false": "f"}.get(found.value, found.value) if found.kind == "boolean" else found.value
    if spelled in common:
        return common[spelled]
    distinct = statistics.distinct if statistics.distinct >= 0 else -statistics.distinct * rows
    return rest / max(1.0, distinct - len(common))


def _day(value: str) -> str:
    found = moment(value)
    return found.date().isoformat() if found else ""
