"""Elements that the source's own query leaves the order of open: runs of ties, and rows cut off within one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.core.call_moments import CallWindow, Clock
from harness.core.likeness import likeness, opened
from harness.core.ordering import Ordering, same_terms

RowsLike = Callable[[str, Mapping[str, Any]], int | None]
"""How many rows of the source's table hold these values, by column, two at most; None: it cannot be told."""


@dataclass(frozen=True, slots=True)
class Run:
    """Positions, the same on both sides, of elements that the query gives one place."""

    positions: range
    cut: bool
    """Rows of the same place may have been left out"""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOrder:
    """What the queries of one call determine, and what is needed to tell other rows from wrong ones."""

    source: tuple[Ordering, ...]
    target: tuple[Ordering, ...] = ()
    arguments: Mapping[str, Any] = field(default_factory=dict)
    """Those of the call: an argument with a column's name is taken for the value of its condition"""
    rows_like: RowsLike | None = None
    clock: Clock = field(default_factory=Clock)

    def readings(
        self, source: Sequence[Any], target: Sequence[Any], path: str, *, ordered: bool = True
    ) -> Iterator[tuple[Ordering, list[Run]]]:
        """The queries that both lists can be answers of, with the runs of elements that each leaves open.

        A query whose order the target's list does not keep is none of them.
        """
        place = path.rpartition(".")[2] if "]" in path or "." in path else ""
        fields = _fields(source) | _fields(target)
        for ordering in self.source:
            if ordering.place not in ("", "*", place) or ordering.total or not ordering.fits(fields):
                continue
            keys = [
                [_sort_values(each, ordering, window) for each in elements]
                for elements, window in ((source, self.clock.source), (target, self.clock.target))
            ]
            readable = _readable(source, ordering) if ordered else 0
            if readable < len(ordering.keys) and not any(same_terms(ordering, each) for each in self.target):
                continue
            if readable and keys[0] != keys[1]:
                continue
            yield ordering, list(_runs(keys[0] if readable else [()] * len(source), ordering))

    def are_other_rows(
        self, ordering: Ordering, all_of_source: Sequence[Any], left: Sequence[Any], instead: Sequence[Any]
    ) -> bool:
        """Whether elements that the source's answer has not are rows that it could have had in place of those left."""
        asked = self._asked_for(ordering, all_of_source)
        for key in ordering.identifying:
            names = [ordering.name_in_answer(column) for column in key]
            there = {self._values(each, names) for each in left}
            if None not in there and any(self._values(each, names) in there for each in instead):
                return False  # the same row, with other values
        return all(self._could_be(ordering, each, asked) for each in instead) and self._more_than(
            ordering, asked, len(all_of_source)
        )

    def _could_be(self, ordering: Ordering, element: Any, asked: Mapping[str, Any]) -> bool:
        values = _column_values(element, ordering)
        for column, value in asked.items():
            if column in values and likeness(values[column]) != likeness(value):
                return False
        return self._number_like(ordering, {**asked, **values}) != 0

    def _number_like(self, ordering: Ordering, values: Mapping[str, Any]) -> int | None:
        if self.rows_like is None or not ordering.relation or not values:
            return None
        return self.rows_like(ordering.relation, values)

    def _more_than(self, ordering: Ordering, asked: Mapping[str, Any], number: int) -> bool:
        """Whether the query left rows out; where it has no LIMIT, the data layer may have."""
        if ordering.limited:
            return True
        if not ordering.conditions_known or set(asked) != ordering.equal or number != 1:
            return False
        found = self._number_like(ordering, asked) if asked else None
        return found is not None and found > number

    def _asked_for(self, ordering: Ordering, elements: Sequence[Any]) -> dict[str, Any]:
        """The values that conditions of the query ask for, as the answer or the arguments say them."""
        asked = {column: self.arguments[column] for column in ordering.equal if column in self.arguments}
        for column in ordering.equal:
            values = [_column_values(each, ordering) for each in elements]
            if values and all(column in each for each in values):
                asked[column] = values[0][column]
        return asked

    def _values(self, element: Any, names: Collection[str | None]) -> tuple[Any, ...] | None:
        content = opened(element)[1]
        if not isinstance(content, dict) or any(name is None or name not in content for name in names):
            return None
        return tuple(likeness(content[name]) for name in names)


def _fields(elements: Sequence[Any]) -> set[str]:
    found: set[str] = set()
    for each in elements[:3]:
        content = opened(each)[1]
        if isinstance(content, dict):
            found |= {str(name) for name in content}
    return found


def _column_values(element: Any, ordering: Ordering) -> dict[str, Any]:
    """Columns of the table with the values that an element shows of them."""
    content = opened(element)[1]
    if isinstance(content, dict):
        return {
            column: content[name]
            for column in dict.fromkeys([*dict(ordering.names), *ordering.equal])
            if not column.startswith("(") and (name := ordering.name_in_answer(column)) in content
        }
    columns = [column for column, _ in ordering.names]
    alone = len(columns) == 1 and not ordering.every and not columns[0].startswith("(")
    return {columns[0]: content} if alone and not isinstance(content, list) else {}


def _readable(elements: Sequence[Any], ordering: Ordering) -> int:
    """How many of the first keys can be read in every element."""
    values = [_key_values(each, ordering) for each in elements]
    return min((len(each) for each in values), default=0)


def _sort_values(element: Any, ordering: Ordering, window: CallWindow | None) -> tuple[Any, ...]:
    return tuple(likeness(value, window=window) for value in _key_values(element, ordering))


def _key_values(element: Any, ordering: Ordering) -> list[Any]:
    values: list[Any] = []
    shown = _column_values(element, ordering)
    content = opened(element)[1]
    for key in ordering.keys:
        name = ordering.name_in_answer(key.column)
        if key.column in shown:
            values.append(shown[key.column])
        elif isinstance(content, dict) and name in content:
            values.append(content[name])
        else:
            break
    return values


def _runs(keys: Sequence[tuple[Any, ...]], ordering: Ordering) -> Iterator[Run]:
    """Runs of equal keys; the last one may be cut off, the first one where OFFSET left rows out."""
    start = 0
    for end in range(1, len(keys) + 1):
        if end == len(keys) or keys[end] != keys[start]:
            yield Run(range(start, end), cut=end == len(keys) or (start == 0 and ordering.skipped))
            start = end
