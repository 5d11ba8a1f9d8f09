"""Differing rows as bars: by column and class, and by the slice of the table in which they concentrate."""

from __future__ import annotations

from dataclasses import dataclass

from harness.core.deltas import ClassCount, Slice, TableRows
from harness.render.plots import WIDTH, shares

CLASSES, SLICES = 12, 4
"""Shown of each table"""


@dataclass(frozen=True, slots=True)
class ClassBar:
    """The rows of one class in one column, on a scale that ends with the most frequent one."""

    count: ClassCount
    width: float


@dataclass(frozen=True, slots=True)
class SliceBar:
    """A slice's share of the differing rows above its share of all rows; the drawing is as wide as all of them."""

    slice: Slice
    differing: float
    rows: float | None


def class_bars(table: TableRows) -> tuple[ClassBar, ...]:
    """The most frequent classes."""
    shown = table.classes[:CLASSES]
    widths = shares([each.rows for each in shown])
    return tuple(ClassBar(each, width) for each, width in zip(shown, widths, strict=True))


def slice_bars(table: TableRows) -> tuple[SliceBar, ...]:
    """The slices that hold most of the differences."""
    return tuple(
        SliceBar(
            each,
            differing=round(min(each.share, 1) * WIDTH, 1),
            rows=None if each.share_of_rows is None else round(min(each.share_of_rows, 1) * WIDTH, 1),
        )
        for each in table.slices[:SLICES]
    )
