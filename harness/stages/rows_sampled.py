"""The sample of a table: its comparison in place of that of all rows, and what it proves."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from harness.core.deltas import SampleBound
from harness.postgres.row_hash import HashedTable
from harness.postgres.row_sample import counted_rows, sampled
from harness.stages.table_comparison import TableComparison

_CONFIDENCE: Final = 0.95

OnBoth = Callable[[Callable[[HashedTable], int]], tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """The comparison of a sample, and of how many rows it is one."""

    comparison: TableComparison
    rows: tuple[int, int]
    share: float


def drawn_from(comparison: TableComparison, on_both: OnBoth) -> Drawn | None:
    """The comparison of about as many rows as are asked for; None where that is all of them. `on_both` lets both
    servers work at once. StatementFailed: a side could not be counted.
    """
    if comparison.sample is None:
        return None
    counts = on_both(counted_rows)
    most = max(counts)
    if comparison.sample >= most:
        return None
    share = comparison.sample / most
    of_sample = dataclasses.replace(
        comparison,
        source=sampled(comparison.source, share),
        target=sampled(comparison.target, share),
        estimated_rows=comparison.sample,
    )
    return Drawn(comparison=of_sample, rows=counts, share=share)


def bound_of(rows: int) -> SampleBound:
    """The share of differing rows that a sample without one leaves possible: (1 - share) ** rows = 1 - confidence."""
    at_most = 1 - (1 - _CONFIDENCE) ** (1 / rows) if rows else 1.0
    return SampleBound(rows=rows, confidence=_CONFIDENCE, at_most=at_most)


def sampled_reason(drawn: tuple[int, int], rows: tuple[int, int]) -> str:
    """What a table's result is incomplete for: rows that were compared, and rows of both sides."""
    text = f"a sample of {min(drawn):,} of {rows[0]:,} rows was compared"
    return text if rows[0] == rows[1] else f"{text}, and the target has {rows[1]:,} rows"
