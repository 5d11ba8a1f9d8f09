"""Classed cells: the cells of a row that differ, of which both sides' texts are at hand, under the rules of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.core import cells
from harness.core.configuration import Tolerance
from harness.core.deltas import Cell
from harness.core.row_forms import CellForm
from harness.core.stale_rows import explained
from harness.core.tolerance import within


@dataclass(frozen=True, slots=True)
class CellTexts:
    """A cell that differs, as both sides write it."""

    column: str
    source: str | None
    target: str | None
    equal: bool = False
    """PostgreSQL's = holds between the values"""


def classed(
    row: Sequence[CellTexts], forms: Mapping[str, CellForm], tolerances: Mapping[str, Tolerance]
) -> tuple[Cell, ...]:
    """The cells with their classes, in their order; none of those within the tolerance of their column."""
    kept = [cell for cell in row if not _tolerated(cell, forms, tolerances)]
    found = {
        cell.column: cells.classify(
            cell.source,
            cell.target,
            forms[cell.column].kind,
            equal=cell.equal,
            other_type=forms[cell.column].type_drift,
        )
        for cell in kept
    }
    classes, older = explained(kept, found, forms)
    told: list[dict[str, Any]] = []
    for cell in kept:
        each = classes[cell.column]
        facts: dict[str, Any] = {"column": cell.column, "class": each.name, "drift": each.drift}
        told.append(facts | ({"older": older} if each.name == cells.STALE else {}))
    return tuple(Cell.model_validate(each) for each in told)


def _tolerated(cell: CellTexts, forms: Mapping[str, CellForm], tolerances: Mapping[str, Tolerance]) -> bool:
    tolerance = tolerances.get(cell.column)
    return tolerance is not None and within(cell.source, cell.target, forms[cell.column].kind, tolerance)
