"""Check answers: how the answers of both sides to one SELECT differ, by the rules that cells are compared by."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from itertools import chain

from harness.core.cell_times import moment
from harness.core.cells import CellClass, classify
from harness.core.configuration import Tolerance
from harness.core.row_forms import CellForm, DescribedType, cell_form
from harness.core.tolerance import within
from harness.core.type_drift import equal_across_types

Row = tuple[str | None, ...]
Settle = Callable[[str, list[tuple[str, str]]], list[bool]]
"""Whether PostgreSQL's = holds between two texts of a type"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one side answers: its columns, and its rows as the types' output functions write them."""

    columns: tuple[str, ...]
    types: tuple[DescribedType, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class CheckCell:
    """A value that differs between two rows of the answers."""

    column: str
    cls: CellClass
    source: str | None
    target: str | None


@dataclass(frozen=True, slots=True)
class DifferingRow:
    """Rows of both answers that belong together, and are not alike."""

    source: Row
    target: Row
    """In the order of the source's columns"""
    cells: tuple[CheckCell, ...]


@dataclass(slots=True)
class ComparedAnswers:
    """How two answers differ."""

    columns: tuple[str, ...] = ()
    forms: dict[str, CellForm] = field(default_factory=dict)
    differing: list[DifferingRow] = field(default_factory=list)
    drifting: list[DifferingRow] = field(default_factory=list)
    source_only: int = 0
    target_only: int = 0

    @property
    def type_drift(self) -> tuple[str, ...]:
        """Columns of another type on the target."""
        return tuple(name for name, form in self.forms.items() if form.type_drift)

    @property
    def different(self) -> bool:
        """Whether anything differs that is not drift."""
        return bool(self.differing or self.source_only or self.target_only)

    @property
    def drift(self) -> bool:
        """Whether values are equal and not alike."""
        return bool(self.drifting or self.type_drift)


def unlike_columns(source: Answer, target: Answer) -> str | None:
    """Why the answers' columns cannot be compared by their names; None where they can."""
    for side, answer in (("source", source), ("target", target)):
        twice = [name for name, count in Counter(answer.columns).items() if count > 1]
        if twice:
            return f"the {side} answers with several columns called {twice[0]}: name each with AS"
    missing = [name for name in source.columns if name not in target.columns]
    more = [name for name in target.columns if name not in source.columns]
    if missing or more:
        only = [f"only the source answers with {', '.join(missing)}"] if missing else []
        only += [f"only the target answers with {', '.join(more)}"] if more else []
        return f"the columns differ: {'; '.join(only)}"
    return None


def forms_of(source: Answer, target: Answer) -> dict[str, CellForm]:
    """How each column's values compare, by name."""
    types = dict(zip(target.columns, target.types, strict=True))
    return {name: cell_form(one, types[name]) for name, one in zip(source.columns, source.types, strict=True)}


def compare_answers(
    source: Answer, target: Answer, *, ordered: bool, tolerances: Mapping[str, Tolerance], settle: Settle
) -> ComparedAnswers:
    """Compare two answers of the same columns: row by row where they are ordered, else as multisets.

    In multisets equal rows are taken off first, then those equal by value or but for columns with a tolerance; the
    others are paired by as many first columns as tell them apart, so that the groups of a GROUP BY meet. Values within
    their column's tolerance are alike.
    """
    forms = forms_of(source, target)
    order = [target.columns.index(name) for name in source.columns]
    left, right = list(source.rows), [tuple(row[number] for number in order) for row in target.rows]
    values = _Values(source.columns, forms, source.types, tuple(target.types[number] for number in order))
    if ordered:
        both = min(len(left), len(right))
        pairs = list(zip(left[:both], right[:both], strict=True))
        rest = (len(left) - both, len(right) - both)
    else:
        pairs, rest = _paired(left, right, values, tolerances)
    result = ComparedAnswers(source.columns, forms, source_only=rest[0], target_only=rest[1])
    unlike = [(one, other) for one, other in pairs if one != other]
    equal = _settled(unlike, values, settle)
    for one, other in unlike:
        cells = tuple(
            CheckCell(name, found, one[number], other[number])
            for number, name in enumerate(source.columns)
            if (found := values.difference(number, one[number], other[number], tolerances, equal)) is not None
        )
        if cells:
            kind = result.drifting if all(cell.cls.drift for cell in cells) else result.differing
            kind.append(DifferingRow(one, other, cells))
    return result


@dataclass(frozen=True, slots=True)
class _Values:
    """The columns of two answers, in one order."""

    names: tuple[str, ...]
    forms: Mapping[str, CellForm]
    source: tuple[DescribedType, ...]
    target: tuple[DescribedType, ...]

    def difference(
        self,
        number: int,
        one: str | None,
        other: str | None,
        tolerances: Mapping[str, Tolerance],
        equal: frozenset[tuple[str, str, str]],
    ) -> CellClass | None:
        """The class of a cell's difference; None where it is alike or within its tolerance."""
        name = self.names[number]
        form, tolerance = self.forms[name], tolerances.get(name)
        if one == other or (tolerance is not None and within(one, other, form.kind, tolerance)):
            return None
        same = (
            one is not None
            and other is not None
            and ((form.settled_as, one, other) in equal or (form.type_drift and self._same_across(number, one, other)))
        )
        found = classify(one, other, form.kind, equal=same, other_type=form.type_drift)
        # An equal value of another type is told once, of the column.
        return None if found.drift and form.type_drift else found

    def _same_across(self, number: int, one: str, other: str) -> bool:
        left, right = (self.canonical(number, text) for text in (one, other))
        return left == right or equal_across_types(one, other, self.source[number].name, self.target[number].name)

    def canonical(self, number: int, text: str | None) -> object:
        """A value that is the same for all texts of an equal number or moment."""
        if text is None:
            return None
        form = self.forms[self.names[number]]
        if form.kind == "number":
            try:
                value = Decimal(text)
            except InvalidOperation:
                return text
            return value if value.is_finite() else text
        if form.kind == "timestamp" and form.type_drift:
            return moment(text) or text
        return text

    def in_order(self, row: Row) -> tuple[tuple[str, object], ...]:
        """What rows are sorted by: numbers as such."""
        return tuple((type(value).__name__, value) for value in self.row(row))

    def row(self, row: Row) -> tuple[object, ...]:
        """The canonical values of a row."""
        return tuple(self.canonical(number, text) for number, text in enumerate(row))


def _paired(
    left: list[Row], right: list[Row], values: _Values, tolerances: Mapping[str, Tolerance]
) -> tuple[list[tuple[Row, Row]], tuple[int, int]]:
    both = Counter(left) & Counter(right)
    left, right = list((Counter(left) - both).elements()), list((Counter(right) - both).elements())
    pairs: list[tuple[Row, Row]] = []
    whole = range(len(values.names))
    near = [number for number in whole if values.names[number] not in tolerances]
    for columns, several in ((whole, True), (near, True), *((range(length), False) for length in reversed(whole[1:]))):
        if not left or not right:
            break
        found, left, right = _meeting(left, right, columns, values, several=several)
        pairs.extend(found)
    if len(left) == len(right) == 1:
        pairs.append((left.pop(), right.pop()))
    return pairs, (len(left), len(right))


def _meeting(
    left: list[Row], right: list[Row], columns: Sequence[int], values: _Values, *, several: bool
) -> tuple[list[tuple[Row, Row]], list[Row], list[Row]]:
    """Pairs of rows with the same values in some columns, and the rows of both sides that are left. `several`: rows
    that share them are paired in the order of their other values; else they have to be alone on their side.
    """
    sides: tuple[dict[tuple[object, ...], list[Row]], ...] = (defaultdict(list), defaultdict(list))
    for groups, rows in zip(sides, (left, right), strict=True):
        for row in sorted(rows, key=values.in_order, reverse=True):
            canonical = values.row(row)
            groups[tuple(canonical[number] for number in columns)].append(row)
    pairs: list[tuple[Row, Row]] = []
    for key, ones in sides[0].items():
        others = sides[1].get(key, [])
        alike = several and (len(columns) == len(values.names) or len(ones) == len(others))
        while ones and others and (alike or len(ones) == len(others) == 1):
            pairs.append((ones.pop(), others.pop()))
    return pairs, list(chain(*sides[0].values())), list(chain(*sides[1].values()))


def _settled(pairs: Sequence[tuple[Row, Row]], values: _Values, settle: Settle) -> frozenset[tuple[str, str, str]]:
    """The values that are equal by PostgreSQL's =, asked for all of a type at once."""
    asked: dict[str, dict[tuple[str, str], None]] = {}
    for left, right in pairs:
        for name, one, other in zip(values.names, left, right, strict=True):
            as_type = values.forms[name].settled_as
            if as_type is not None and one is not None and other is not None and one != other:
                asked.setdefault(as_type, {})[one, other] = None
    return frozenset(
        (as_type, *pair)
        for as_type, texts in asked.items()
        for pair, answer in zip(texts, settle(as_type, list(texts)), strict=True)
        if answer
    )
