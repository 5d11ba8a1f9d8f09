"""Rows, cell by cell: pairs of rows with one key that are not equal, and the class of each cell that differs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from harness.core import cells
from harness.core.deltas import Cell
from harness.core.row_forms import CellForm
from harness.core.row_merge import Pair
from harness.postgres.row_fetch import Address, cell_hashes, cell_texts, settle
from harness.postgres.row_hash import HashedTable

PAIRS_AT_ONCE: Final = 500
BYTES_AT_ONCE: Final = 8 * 2**20
"""Cells are fetched for so many bytes of rows at once; a larger row comes alone."""

_UPDATE_TIMES: Final = frozenset(
    {"updated_at", "updated", "updated_on", "last_updated", "update_time", "modified_at", "modified", "changed_at"}
)

Texts = dict[Address, tuple[str | None, ...]]


class RowVanished(Exception):
    """A row that was hashed in this snapshot cannot be found again by its hashes."""


@dataclass(frozen=True, slots=True)
class DifferingCell:
    """A cell of a pair, before its class is known."""

    column: str
    source: str | None
    target: str | None


def classified(
    pairs: Iterable[Pair], source: HashedTable, target: HashedTable, forms: dict[str, CellForm]
) -> Iterator[tuple[Pair, tuple[Cell, ...]]]:
    """Each pair with its differing cells, classed, in the order of the columns. Memory: PAIRS_AT_ONCE pairs' keys and
    hashes, and BYTES_AT_ONCE of cells (or one row).

    RowVanished: the statement that hashes rows does not give the same twice.
    """
    names = tuple(forms)
    waiting = iter(pairs)
    while batch := list(islice(waiting, PAIRS_AT_ONCE)):
        left = cell_hashes(source, [pair.source for pair in batch])
        right = cell_hashes(target, [pair.target for pair in batch])
        for part in _parts(batch, left, right):
            differing = [
                [
                    name
                    for name, one, other in zip(names, left[pair.source[:2]][1], right[pair.target[:2]][1], strict=True)
                    if one != other
                ]
                for pair in part
            ]
            columns = [name for name in names if any(name in of_pair for of_pair in differing)]
            yield from zip(part, _classes(part, differing, columns, source, target, forms), strict=True)


def _parts(
    batch: Sequence[Pair],
    left: dict[Address, tuple[int, tuple[int, ...]]],
    right: dict[Address, tuple[int, tuple[int, ...]]],
) -> Iterator[list[Pair]]:
    part: list[Pair] = []
    total = 0
    for pair in batch:
        if pair.source[:2] not in left or pair.target[:2] not in right:
            raise RowVanished
        size = left[pair.source[:2]][0] + right[pair.target[:2]][0]
        if part and total + size > BYTES_AT_ONCE:
            yield part
            part, total = [], 0
        part.append(pair)
        total += size
    yield part


def _classes(
    part: Sequence[Pair],
    differing: Sequence[Sequence[str]],
    columns: Sequence[str],
    source: HashedTable,
    target: HashedTable,
    forms: dict[str, CellForm],
) -> Iterator[tuple[Cell, ...]]:
    left: Texts = cell_texts(source, [pair.source for pair in part], columns)
    right: Texts = cell_texts(target, [pair.target for pair in part], columns)
    position = {name: number for number, name in enumerate(columns)}
    found = [
        [
            DifferingCell(name, left[pair.source[:2]][position[name]], right[pair.target[:2]][position[name]])
            for name in names
        ]
        for pair, names in zip(part, differing, strict=True)
    ]
    equal = _equal([cell for row in found for cell in row], target, forms)
    for row in found:
        yield _row(row, equal, forms)


def _equal(found: Sequence[DifferingCell], target: HashedTable, forms: dict[str, CellForm]) -> set[DifferingCell]:
    """The cells whose values are equal by PostgreSQL's =, asked of the target for all cells of a type at once."""
    by_type: dict[str, dict[DifferingCell, tuple[str, str]]] = {}
    for cell in found:
        settled_as = forms[cell.column].settled_as
        if settled_as is not None and cell.source is not None and cell.target is not None:
            by_type.setdefault(settled_as, {})[cell] = (cell.source, cell.target)
    equal: set[DifferingCell] = set()
    for settled_as, asked in by_type.items():
        answers = settle(target.connection, target.endpoint, settled_as, list(asked.values()))
        equal.update(cell for cell, answer in zip(asked, answers, strict=True) if answer)
    return equal


def _row(row: Sequence[DifferingCell], equal: set[DifferingCell], forms: dict[str, CellForm]) -> tuple[Cell, ...]:
    classes = {
        cell.column: cells.classify(cell.source, cell.target, forms[cell.column].kind, equal=cell in equal)
        for cell in row
    }
    times = [cell for cell in row if cell.column.lower() in _UPDATE_TIMES and forms[cell.column].kind == "timestamp"]
    if any(cells.stale(cell.source, cell.target) for cell in times):
        stale = cells.CellClass(cells.STALE)
        classes = {name: stale if each.name == cells.OTHER else each for name, each in classes.items()}
    return tuple(
        Cell.model_validate({"column": name, "class": each.name, "drift": each.drift}) for name, each in classes.items()
    )
