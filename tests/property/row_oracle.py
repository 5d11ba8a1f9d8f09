"""What a comparison of two tables is to find, worked out in Python from all of their rows: no hash, no segment."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from harness.core.deltas import RowDelta, TableRows
from tests.property.row_tables import Column, Row, Tables

Shown = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What is to be found."""

    rows: tuple[int, int]
    missing_on_target: int
    missing_on_source: int
    pairs: int
    """Rows of one key that are not alike"""
    drifting: tuple[int, int]
    """Of these the ones that are equal by value: at least and at most. Rows that share a key may be paired otherwise"""
    type_drift: tuple[str, ...]
    listed: Counter[tuple[Shown, str]]
    """Key and status of each difference; of tables with no key without the key, which is a hash"""
    cells: dict[Shown, frozenset[tuple[str, bool]]] | None
    """By key: the columns that differ, and whether that is drift alone; None where rows may share a key"""

    @property
    def found(self) -> int:
        """Differences in all."""
        return self.missing_on_target + self.missing_on_source + self.pairs


@dataclass(frozen=True, slots=True)
class _Read:
    """One row in the forms that are compared."""

    row: Row
    exact: tuple[Hashable, ...]
    equal: tuple[Hashable, ...]
    matched: tuple[Hashable, ...]


def expected(tables: Tables, source: Sequence[Row], target: Sequence[Row]) -> Expected:
    """What a comparison of these rows is to find, row by row."""
    columns = tables.compared
    groups: dict[Hashable, tuple[list[_Read], list[_Read]]] = defaultdict(lambda: ([], []))
    for side, rows in enumerate((source, target)):
        for row in rows:
            read = _Read(
                row,
                tuple(column.exact(text, side) for column, text in zip(columns, row, strict=True)),
                tuple(column.equal(text) for column, text in zip(columns, row, strict=True)),
                tuple(column.matched(text, side) for column, text in zip(columns, row, strict=True)),
            )
            groups[_key(tables, read)][side].append(read)
    missing = extra = pairs = least = most = 0
    listed: Counter[tuple[Shown, str]] = Counter()
    cells: dict[Shown, frozenset[tuple[str, bool]]] = {}
    for left, right in groups.values():
        mine, theirs = _without_equals(left, right)
        paired = min(len(mine), len(theirs))
        pairs += paired
        missing += len(mine) - paired
        extra += len(theirs) - paired
        low, high = _drifting(mine, theirs)
        least, most = least + low, most + high
        for count, of_key, status in (
            (paired, mine, "different"),
            (len(mine) - paired, mine, "missing_on_target"),
            (len(theirs) - paired, theirs, "missing_on_source"),
        ):
            if count:
                listed[_shown(tables, of_key[0]), status] += count
        if paired and tables.key.unique:
            cells[_shown(tables, mine[0])] = _cells(columns, mine[0], theirs[0])
    return Expected(
        rows=(len(source), len(target)),
        missing_on_target=missing,
        missing_on_source=extra,
        pairs=pairs,
        drifting=(least, most),
        type_drift=tuple(column.name for column in columns if column.change is not None),
        listed=+listed,
        cells=cells if tables.key.unique else None,
    )


def _key(tables: Tables, read: _Read) -> Hashable:
    names = tables.key.names
    if not names:
        return read.matched
    return tuple(value for column, value in zip(tables.compared, read.equal, strict=True) if column.name in names)


def _without_equals(left: list[_Read], right: list[_Read]) -> tuple[list[_Read], list[_Read]]:
    """The rows of one key that the other side has not, each as often as it occurs."""
    mine, theirs = Counter(each.exact for each in left), Counter(each.exact for each in right)
    kept: list[list[_Read]] = []
    for rows, more in ((left, mine - theirs), (right, theirs - mine)):
        by_form = {each.exact: each for each in rows}
        kept.append([by_form[form] for form in more.elements()])
    return kept[0], kept[1]


def _drifting(mine: list[_Read], theirs: list[_Read]) -> tuple[int, int]:
    """Pairs that are equal by value: at least and at most."""
    alike = (Counter(each.equal for each in mine) & Counter(each.equal for each in theirs)).total()
    same = len({each.equal for each in (*mine, *theirs)}) == 1
    return (alike if same else 0), alike


def _cells(columns: Sequence[Column], mine: _Read, theirs: _Read) -> frozenset[tuple[str, bool]]:
    found = zip(columns, mine.exact, theirs.exact, mine.equal, theirs.equal, strict=True)
    return frozenset(
        (column.name, left_value is not None and left_value == right_value)
        for column, left, right, left_value, right_value in found
        if left != right
    )


def _shown(tables: Tables, read: _Read) -> Shown:
    """The key as it is told: whole numbers as such. What drifts is told in one of its forms: here by its value."""
    if not tables.key.names:
        return ()
    texts = {column.name: value for column, value in zip(tables.compared, read.equal, strict=True)}
    return tuple(texts[name] for name in sorted(tables.key.names))


def told(tables: Tables, delta: RowDelta) -> Shown:
    """The key of a difference in the same form."""
    if not tables.key.names:
        return ()
    columns = {column.name: column for column in tables.compared}
    return tuple(
        columns[name].equal(None if delta.key[name] is None else str(delta.key[name]))
        for name in sorted(tables.key.names)
    )


def assert_as_expected(tables: Tables, rows: TableRows, wanted: Expected, heard: Sequence[RowDelta]) -> None:
    """The comparison found what was to be found: counts, status, keys and cells."""
    assert rows.reason is None
    assert (rows.source_rows, rows.target_rows) == wanted.rows
    assert (rows.missing_on_target, rows.missing_on_source) == (wanted.missing_on_target, wanted.missing_on_source)
    assert rows.different + rows.drifting == wanted.pairs
    assert wanted.drifting[0] <= rows.drifting <= wanted.drifting[1]
    assert set(rows.type_drift) == set(wanted.type_drift)
    assert (rows.tolerated, rows.settled, rows.moving) == (0, 0, 0)
    differs = bool(rows.different or wanted.missing_on_target or wanted.missing_on_source)
    assert rows.status == ("differs" if differs else "drift" if rows.drifting or rows.type_drift else "identical")
    for found in (rows.differences, heard):
        if found is rows.differences and rows.truncated:
            continue
        assert Counter((told(tables, delta), delta.status) for delta in found) == wanted.listed
        assert_cells(tables, found, wanted)


def assert_cells(tables: Tables, found: Sequence[RowDelta], wanted: Expected) -> None:
    """The cells of rows that were looked at are those that differ; no other row has any."""
    for delta in found:
        if delta.status != "different":
            assert delta.cells == ()
        elif wanted.cells is not None and delta.cells:
            cells = frozenset((cell.column, cell.drift) for cell in delta.cells)
            assert cells == wanted.cells[told(tables, delta)]
