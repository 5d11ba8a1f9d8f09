"""Stale rows: differing cells that one side's older version of a row explains, by the times of its last update."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from harness.core import cells
from harness.core.cells import CellClass
from harness.core.record import Side
from harness.core.row_forms import CellForm


class DifferingTexts(Protocol):
    """A cell that differs, as both sides write it."""

    @property
    def column(self) -> str:
        """By its name on the target."""
        ...

    @property
    def source(self) -> str | None:
        """None: NULL, or not fetched."""
        ...

    @property
    def target(self) -> str | None:
        """None: NULL, or not fetched."""
        ...


def explained(
    row: Sequence[DifferingTexts], classes: Mapping[str, CellClass], forms: Mapping[str, CellForm]
) -> tuple[dict[str, CellClass], Side | None]:
    """The classes of a row's cells with those that its age explains as stale, and the side that has the older version.

    None: the times of its last update do not say it, and the classes are as they were.
    """
    older = _older(row, classes, forms)
    if older is None:
        return dict(classes), None
    stale = CellClass(cells.STALE)
    names = {name for name, each in classes.items() if each.name in (cells.OTHER, cells.NULL_VALUE)}
    names |= {cell.column for cell in row if _is_update_time(cell, forms)}
    return {name: stale if name in names else each for name, each in classes.items()}, older


def _is_update_time(cell: DifferingTexts, forms: Mapping[str, CellForm]) -> bool:
    return forms[cell.column].kind == "timestamp" and cells.is_update_time(cell.column)


def _older(
    row: Sequence[DifferingTexts], classes: Mapping[str, CellClass], forms: Mapping[str, CellForm]
) -> Side | None:
    """The side with the older version of a row, by the times of its last update; None where they do not say it.

    Times that lie hours apart exactly look like a zone shift, and so does a row that was updated so much later: what
    differs beside them decides, unless another time is shifted too.
    """
    times = [cell for cell in row if _is_update_time(cell, forms)]
    sides = {cells.older(cell.source, cell.target) for cell in times}
    if len(sides) != 1:
        return None
    if any(cells.stale(cell.source, cell.target) for cell in times):
        return sides.pop()
    beside = [cell for cell in row if cell not in times]
    shifted = any(classes[cell.column].name == cells.ZONE for cell in beside)
    unexplained = any(classes[cell.column].name in (cells.OTHER, cells.NULL_VALUE) for cell in beside)
    return sides.pop() if unexplained and not shifted else None
