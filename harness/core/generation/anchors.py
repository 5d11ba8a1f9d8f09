"""Anchors: the rows of the sample that arguments are taken from, those first at which a lost filter shows."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from harness.core.generation import names
from harness.core.generation.planning import Plan
from harness.core.generation.sampled import Row, SampledTable


def hidden_classes(plan: Plan, table: SampledTable) -> Iterator[tuple[str, list[Row]]]:
    """Rows by what they hold in a column that the method looks at, or may look at, without having an argument for it.

    Each is the column's name and the rows with one value of it, or without one.
    """
    bound = {place.binding.column for place in plan.bound(table.identity)}
    for column in table.columns:
        asked = (table.identity, column.name) in plan.known.filters
        if column.name in bound or not (asked or set(names.words(column.name)) & names.HIDING):
            continue
        classes: dict[str, list[Row]] = {}
        few = column.family in ("boolean", "text") and len(table.distinct(column.name)) <= 6
        for row in table.rows:
            value = row.get(column.name)
            classes.setdefault(repr(value) if few else str(value is None), []).append(row)
        if len(classes) > 1:
            yield from ((column.name, rows) for rows in list(classes.values())[:5])


def anchors(plan: Plan, rng: random.Random, many: int) -> list[Row]:
    """Rows to take arguments from: where losing one filter shows, of large groups, with NULLs, and by chance."""
    table = plan.table
    if table is None or not table.rows:
        return [{}]
    columns = list(dict.fromkeys(each.binding.column for each in plan.bound(plan.anchor) if not each.binding.end))
    rows = list(table.rows)
    rng.shuffle(rows)
    complete = [row for row in rows if all(row.get(name) is not None for name in columns)] or rows
    counted = {name: _groups(complete, [each for each in columns if each != name]) for name in columns}
    single = {name: _groups(complete, [name]) for name in columns}
    whole = _groups(complete, columns)

    def telling(row: Row) -> tuple[float, int]:
        """Columns of which losing the filter shows, then how many rows agree, few columns deciding."""
        key = _key(row, columns)
        lost = sum(
            counted[name][_key(row, [each for each in columns if each != name])] > whole[key] for name in columns
        )
        return lost, min(whole[key], 50)

    def crowded(row: Row) -> int:
        return sum(min(single[name][_key(row, [name])], 200) for name in columns) + whole[_key(row, columns)]

    chosen = [max(complete, key=telling), max(complete, key=crowded), complete[0]]
    nulls = [row for row in complete if any(value is None for value in row.values())]
    chosen += nulls[:1]
    chosen += [rng.choice(found) for _, found in hidden_classes(plan, table)] if plan.known.written else []
    chosen.append(min(complete, key=lambda row: whole[_key(row, columns)]))
    seen: dict[str, Row] = {}
    for row in (*chosen, *complete):
        seen.setdefault(repr(_key(row, columns)) if columns else repr(row), row)
        if len(seen) == many:
            break
    return list(seen.values())


def _key(row: Row, columns: Sequence[str]) -> str:
    return repr([row.get(name) for name in columns])


def _groups(rows: Sequence[Row], columns: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in rows:
        key = _key(row, columns)
        found[key] = found.get(key, 0) + 1
    return found
