"""Rows, cell by cell: pairs of rows with one key that are not equal, and the class of each cell that differs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from types import MappingProxyType
from typing import Any, Final, TypeVar

from harness.core import cells
from harness.core.cell_texts import window_class
from harness.core.configuration import Tolerance
from harness.core.deltas import Cell
from harness.core.masking import personal_hash, shown_value
from harness.core.record import Side
from harness.core.row_forms import CellForm
from harness.core.row_merge import HashedRow, Pair
from harness.core.row_types import same_type
from harness.core.same_value import same_value
from harness.core.stale_rows import explained
from harness.core.tolerance import within
from harness.postgres.large_cells import (
    LARGE_CELL,
    CellVanished,
    LargeDifference,
    cell_sizes,
    large_difference,
    row_place,
)
from harness.postgres.row_fetch import Address, cell_hashes, cell_texts, settle
from harness.postgres.row_hash import HashedTable

PAIRS_AT_ONCE: Final = 5000
HASHES_AT_ONCE: Final = 200_000
"""Cells whose hashes are held at once, a side: fewer pairs at a time of a table with very many columns"""
BYTES_AT_ONCE: Final = 8 * 2**20
"""Cells are fetched for so many bytes of rows at once; a larger row comes alone."""
SIDES: Final = 2
_SHOWN_PLAINLY: Final = frozenset({"number", "timestamp", "time", "interval"})
_NO_TOLERANCES: Final[Mapping[str, Tolerance]] = MappingProxyType({})

Answer = TypeVar("Answer")
Hashes = dict[Address, tuple[int, tuple[int, ...]]]
"""Size of a row in bytes, and the hash of each of its cells"""


class RowVanished(Exception):
    """A row that was hashed in this snapshot cannot be found again by its hashes."""


@dataclass(frozen=True, slots=True)
class DifferingCell:
    """A cell of a pair, before its class is known."""

    column: str
    source: str | None
    target: str | None
    sizes: tuple[int | None, int | None] | None = None
    """Bytes, of a cell that is too large to be fetched; source and target are None then. None of these: NULL"""
    large: LargeDifference | None = None
    """Of such a cell that is not NULL on either side"""


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Both sides of a table, and what is known about its columns."""

    source: HashedTable
    target: HashedTable
    forms: dict[str, CellForm]
    tolerances: Mapping[str, Tolerance]
    show_values: bool
    personal: frozenset[str]
    executor: ThreadPoolExecutor = field(repr=False)

    def on_both(self, work: Callable[[int], Answer]) -> tuple[Answer, Answer]:
        """Let both servers work at once: 0 is the source, 1 the target."""
        left, right = self.executor.submit(work, 0), self.executor.submit(work, 1)
        # Both are waited for: a session must not be used while a statement of it runs.
        failures = [each.exception() for each in (left, right)]
        for failure in failures:
            if failure is not None:
                raise failure
        return left.result(), right.result()

    def side(self, side: int) -> HashedTable:
        return (self.source, self.target)[side]


def classified(
    pairs: Iterable[Pair],
    source: HashedTable,
    target: HashedTable,
    forms: dict[str, CellForm],
    *,
    tolerances: Mapping[str, Tolerance] = _NO_TOLERANCES,
    show_values: bool = False,
    personal: frozenset[str] = frozenset(),
) -> Iterator[tuple[Pair, tuple[Cell, ...]]]:
    """Each pair with its differing cells, classed, in the order of the columns; with none where every one of them is
    within its column's tolerance. `show_values`: with both values, masked; those of `personal` columns as a hash.

    Memory: PAIRS_AT_ONCE pairs' keys and hashes, and BYTES_AT_ONCE of cells (or one row, without its large cells).
    RowVanished: the statement that hashes rows does not give the same twice.
    """
    at_once = max(1, min(PAIRS_AT_ONCE, HASHES_AT_ONCE // max(1, len(forms))))
    waiting = iter(pairs)
    with ThreadPoolExecutor(max_workers=SIDES) as executor:
        comparison = _Comparison(source, target, forms, tolerances, show_values, personal, executor)
        while batch := list(islice(waiting, at_once)):
            try:
                yield from _batch(comparison, batch)
            except CellVanished:
                raise RowVanished from None


def _batch(comparison: _Comparison, batch: Sequence[Pair]) -> Iterator[tuple[Pair, tuple[Cell, ...]]]:
    hashes = comparison.on_both(lambda side: cell_hashes(comparison.side(side), [_of(pair, side) for pair in batch]))
    for part in _parts(batch, *hashes):
        names = [_differing(comparison, pair, *hashes) for pair in part]
        size = max(hashes[side][_of(part[0], side)[:2]][0] for side in range(SIDES))
        large = size > LARGE_CELL
        rows = [_with_large(comparison, part[0], names[0])] if large else _fetched(comparison, part, names)
        equal = _equal([cell for row in rows for cell in row], comparison)
        yield from ((pair, _row(comparison, row, equal)) for pair, row in zip(part, rows, strict=True))


def _of(pair: Pair, side: int) -> HashedRow:
    return pair.target if side else pair.source


def _parts(batch: Sequence[Pair], left: Hashes, right: Hashes) -> Iterator[list[Pair]]:
    part: list[Pair] = []
    total = 0
    for pair in batch:
        if pair.source[:2] not in left or pair.target[:2] not in right:
            raise RowVanished
        sizes = left[pair.source[:2]][0], right[pair.target[:2]][0]
        if part and (total + sum(sizes) > BYTES_AT_ONCE or max(sizes) > LARGE_CELL):
            yield part
            part, total = [], 0
        part.append(pair)
        total = BYTES_AT_ONCE if max(sizes) > LARGE_CELL else total + sum(sizes)
    yield part


def _differing(comparison: _Comparison, pair: Pair, left: Hashes, right: Hashes) -> list[str]:
    one, other = left[pair.source[:2]][1], right[pair.target[:2]][1]
    return [name for name, mine, theirs in zip(comparison.forms, one, other, strict=True) if mine != theirs]


def _fetched(
    comparison: _Comparison, part: Sequence[Pair], differing: Sequence[Sequence[str]]
) -> list[list[DifferingCell]]:
    """The differing cells of some pairs, with their texts."""
    wanted = {name for of_pair in differing for name in of_pair}
    columns = [name for name in comparison.forms if name in wanted]
    if not columns:
        return [[] for _ in part]
    left, right = comparison.on_both(
        lambda side: cell_texts(comparison.side(side), [_of(pair, side) for pair in part], columns)
    )
    position = {name: number for number, name in enumerate(columns)}
    return [
        [
            DifferingCell(name, left[pair.source[:2]][position[name]], right[pair.target[:2]][position[name]])
            for name in names
        ]
        for pair, names in zip(part, differing, strict=True)
    ]


def _with_large(comparison: _Comparison, pair: Pair, names: Sequence[str]) -> list[DifferingCell]:
    """The differing cells of one pair of rows that may hold large ones."""
    sizes = comparison.on_both(lambda side: cell_sizes(comparison.side(side), _of(pair, side), names, comparison.forms))
    by_name = {name: (left, right) for name, left, right in zip(names, *sizes, strict=True)}
    large = {name for name, pair_of_sizes in by_name.items() if max(size or 0 for size in pair_of_sizes) > LARGE_CELL}
    (row,) = _fetched(comparison, [pair], [[name for name in names if name not in large]])
    found = {cell.column: cell for cell in row}
    places = comparison.on_both(lambda side: row_place(comparison.side(side), _of(pair, side))) if large else None
    for name in large:
        difference = None
        if places is not None and None not in by_name[name]:
            sides = (comparison.source, comparison.target)
            difference = large_difference(sides, places, name, comparison.forms[name], comparison.on_both)
        found[name] = DifferingCell(name, None, None, by_name[name], difference)
    return [found[name] for name in names]


def _equal(found: Sequence[DifferingCell], comparison: _Comparison) -> set[DifferingCell]:
    """The cells whose values are equal by PostgreSQL's =, asked of the target for all cells of a type at once."""
    by_type: dict[str, dict[DifferingCell, tuple[str, str]]] = {}
    for cell in found:
        settled_as = comparison.forms[cell.column].settled_as
        if settled_as is not None and cell.source is not None and cell.target is not None:
            by_type.setdefault(settled_as, {})[cell] = (cell.source, cell.target)
    equal: set[DifferingCell] = set()
    for settled_as, asked in by_type.items():
        target = comparison.target
        answers = settle(target.connection, target.endpoint, settled_as, list(asked.values()))
        equal.update(cell for cell, answer in zip(asked, answers, strict=True) if answer)
    return equal


def _row(comparison: _Comparison, row: Sequence[DifferingCell], equal: set[DifferingCell]) -> tuple[Cell, ...]:
    kept = [cell for cell in row if not _tolerated(comparison, cell)]
    classes = {cell.column: _class(comparison, cell, equal=cell in equal) for cell in kept}
    classes, older = explained(kept, classes, comparison.forms)
    return tuple(_cell(comparison, cell, classes[cell.column], older) for cell in kept)


def _tolerated(comparison: _Comparison, cell: DifferingCell) -> bool:
    tolerance = comparison.tolerances.get(cell.column)
    if tolerance is None or cell.sizes is not None:
        return False
    return within(cell.source, cell.target, comparison.forms[cell.column].kind, tolerance)


def _class(comparison: _Comparison, cell: DifferingCell, *, equal: bool) -> cells.CellClass:
    kind = comparison.forms[cell.column].kind
    if cell.sizes is not None:
        return _class_of_large(comparison, cell.large, cell.column)
    source, target = (side.types[cell.column] for side in (comparison.source, comparison.target))
    # A document is compared as one by what classifies it, also where it stands for a composite value.
    if cell.source is not None and cell.target is not None and kind != "json":
        equal = equal or same_value(cell.source, cell.target, source, target)
    return cells.classify(cell.source, cell.target, kind, equal=equal, other_type=not same_type(source, target))


def _class_of_large(comparison: _Comparison, large: LargeDifference | None, column: str) -> cells.CellClass:
    if large is None:
        return cells.CellClass(cells.NULL_VALUE)
    if large.equal:
        return cells.CellClass(cells.REPRESENTATION, drift=True)
    kind = comparison.forms[column].kind
    shorter = min(large.lengths)
    found = cells.OTHER
    if kind != "bytes":
        found = window_class(large.source, large.target, to_the_end=large.to_the_end)
    # White space at the end is that, though the shorter value begins the longer one.
    cut = kind in ("text", "bytes") and large.position > shorter > 0
    if cut and (found == cells.OTHER or not large.to_the_end):
        found = cells.truncation(shorter, f"{large.unit}s")
    return cells.CellClass(found)


def _cell(comparison: _Comparison, cell: DifferingCell, found: cells.CellClass, older: Side | None) -> Cell:
    facts: dict[str, Any] = {"column": cell.column, "class": found.name, "drift": found.drift}
    if found.name == cells.STALE:
        facts["older"] = older
    if cell.large is not None:
        facts["at"] = f"{cell.large.unit} {cell.large.position:,} of {max(cell.large.lengths):,}"
    if comparison.show_values:
        facts["source"], facts["target"] = (_shown(comparison, cell, side) for side in range(SIDES))
    return Cell.model_validate(facts)


def _shown(comparison: _Comparison, cell: DifferingCell, side: int) -> str:
    text = (cell.source, cell.target)[side]
    if cell.sizes is not None:
        size = cell.sizes[side]
        return "NULL" if size is None else f"{size:,} bytes"
    if text is None:
        return "NULL"
    if cell.column in comparison.personal:
        return personal_hash(text)
    return text if comparison.forms[cell.column].kind in _SHOWN_PLAINLY else shown_value(text)
