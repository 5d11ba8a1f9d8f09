"""Rows to write: as they are, changed, new, incomplete, refused by a constraint, alone and several at once."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from harness.core.generation.lists import arrays, documents, lists_in
from harness.core.generation.records import Material, RowChange, fresh_value
from harness.core.generation.sampled import SampledColumn

BATCH = 501


_NUMBERS = ("integer", "number", "decimal")


def row_changes(material: Material) -> Iterator[RowChange]:
    """One row to write, the most telling first."""
    table, free = material.table, material.free()
    new = material.fresh(material.other)
    needed = {column.name for column in material.columns if column.not_null and not column.filled}
    needed |= {column.name for key in table.keys for column in material.columns if column.name in key}
    optional = frozenset(column.name for column in material.columns if column.name not in needed)
    changed = material.changed()
    yield RowChange("an existing row changed", changed)
    yield RowChange("a new row", new)
    if optional:
        yield RowChange("a new row with nothing optional", new, omitted=optional)
        yield RowChange("an existing row with nothing optional", changed, omitted=optional)
    nullable = [column.name for column in free if not column.not_null]
    if nullable:
        yield RowChange("an existing row with NULL where it may be", changed | dict.fromkeys(nullable))
    texts = [column for column in free if column.family == "text" and not column.labels and column.references is None]
    documented = [column for column in free if column.family == "json"]
    if documented:
        for at, words in enumerate(("replaced", "with one key less", "with one key more")):
            replaced = {each.name: _nth(documents(material.row.get(each.name)), at) for each in documented}
            yield RowChange(f"an existing row with its documents {words}", material.own(material.row) | replaced)
    filled = [each for each in documented if next(lists_in(material.row.get(each.name)), None) is not None]
    if filled:
        for at, words in enumerate(("in another order", "with a value twice", "shorter")):
            values = {each.name: _nth(lists_in(material.row.get(each.name)), at) for each in filled}
            yield RowChange(
                f"an existing row with a list in its documents {words}", material.own(material.row) | values
            )
    listed = [column for column in free if column.family == "array"]
    if listed:
        for at, words in enumerate(("in another order", "with a value twice", "shorter", "with NULL", "emptied")):
            values = {each.name: _nth(arrays(material.row.get(each.name)), at) for each in listed}
            yield RowChange(f"an existing row with its lists {words}", material.own(material.row) | values)
    labelled = [column for column in listed if column.element_labels]
    if labelled:
        every = {each.name: list(each.element_labels) for each in labelled}
        yield RowChange("an existing row with every label in its lists", material.own(material.row) | every)
    yield from _interleaved(
        _refused(material, new, texts), _texts(new, texts), _numbers(material, new), _moments(material, new)
    )
    yield RowChange("an existing row as it is", material.own(material.row))
    if len(table.keys) > 1 or material.other is not material.row:
        yield RowChange("another existing row changed", material.own(material.other) | _flipped(material))
    for name in list(optional)[:3] if len(optional) > 1 else ():
        yield RowChange(f"an existing row without {name}", changed, omitted=frozenset({name}))
    yield RowChange("a row with a column that is unknown", new, bad=True, more={"no_such_column": 1})


def _interleaved(*lanes: Iterator[RowChange]) -> Iterator[RowChange]:
    for turn in zip_longest(*lanes):
        yield from (each for each in turn if each is not None)


def _texts(new: dict[str, Any], texts: list[SampledColumn]) -> Iterator[RowChange]:
    """Texts that may be NULL apart from those that may not: a data layer may refuse the latter and not look further."""
    for words, make in _TEXTS:
        for which, own in (("optional texts", False), ("texts", True)):
            chosen = [each for each in texts if each.not_null is own]
            if chosen:
                made = {each.name: _cut(make(str(new.get(each.name) or "Ivan")), each) for each in chosen}
                yield RowChange(f"a new row with its {which} {words}", new | made)


def _refused(material: Material, new: dict[str, Any], texts: list[SampledColumn]) -> Iterator[RowChange]:
    """Rows that a constraint may refuse; whether it does, the database says."""
    numbers = [each for each in material.free() if each.family in _NUMBERS and each.references is None]
    demanded = [each.name for each in material.columns if each.not_null and not each.filled]
    free_demanded = [name for name in demanded if name not in material.table.key_columns]
    for name in free_demanded[:2] or demanded[:1]:
        yield RowChange(f"a new row with NULL in {name}", new | {name: None}, bad=True)
    if numbers:
        yield RowChange("a new row with its numbers negative", new | {each.name: -1 for each in numbers}, bad=True)
    pointing = [each for each in material.columns if each.references is not None]
    for column in pointing[:1]:
        value = fresh_value(column, new.get(column.name), material.table.distinct(column.name), 7)
        yield RowChange(f"a new row whose {column.name} points to nothing", new | {column.name: value}, bad=True)
    for key in material.table.keys[1:]:
        given = {name: material.row.get(name) for name in key if name in new}
        if len(given) == len(key) and all(value is not None for value in given.values()):
            yield RowChange(f"a new row with another row's {' and '.join(key)}", new | given, bad=True)
    sized = [each for each in texts if each.length]
    if sized:
        full = {each.name: ("ж" * (each.length or 1)) for each in sized}
        yield RowChange("a new row with its texts as long as they may be", new | full)
        yield RowChange(
            "a new row with a text too long", new | {sized[0].name: "ж" * ((sized[0].length or 1) + 1)}, bad=True
        )
    labelled = [each for each in material.free() if each.labels]
    if labelled:
        yield RowChange("a new row with a label that is none", new | {labelled[0].name: "no_such_label"}, bad=True)


def _numbers(material: Material, new: dict[str, Any]) -> Iterator[RowChange]:
    scaled = [each for each in material.free() if each.family in ("decimal", "number")]
    if not scaled:
        return
    digits = {each.name: Decimal("12.34") if each.scale == 2 else Decimal("12") for each in scaled}
    yield RowChange("a new row with amounts of two digits", new | digits)
    halves = {each.name: Decimal("12.345") if each.scale == 2 else Decimal("2.5") for each in scaled}
    yield RowChange("a new row with amounts to be rounded", new | halves)
    yield RowChange("a new row with amounts of 0", new | dict.fromkeys(digits, 0))


def _moments(material: Material, new: dict[str, Any]) -> Iterator[RowChange]:
    zoned = [each for each in material.columns if each.type == "timestamp with time zone"]
    zoned = [each for each in zoned if each.name not in material.table.key_columns]
    if zoned:
        values = dict.fromkeys((each.name for each in zoned), "2025-06-30T23:30:00.123456+00:00")
        yield RowChange("a new row with moments shortly before midnight", new | values)
        values = dict.fromkeys(values, "2025-06-30T23:30:00-05:00")
        yield RowChange("a new row with moments of another zone", new | values)


def _flipped(material: Material) -> dict[str, Any]:
    return {each.name: material.row.get(each.name) for each in material.free()}


_TEXTS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("empty", lambda _: ""),
    ("in another case and with blanks around", lambda text: f" {text.swapcase()} "),
    ("of unusual characters", lambda text: f"{text[:2]}'\"%_\\,(;){{}}\u00a0\u2028"),
    ("in Unicode of two parts", lambda text: unicodedata.normalize("NFD", f"Йё é {text}")),
    ("of blanks", lambda _: "  "),
)


def _cut(text: str, column: SampledColumn) -> str:
    return text[: column.length] if column.length else text


def _nth(values: Iterator[Any], at: int) -> Any:
    found = list(values)
    return found[at % len(found)].value


def batches(material: Material) -> Iterator[tuple[str, Sequence[RowChange], bool]]:
    """Lists of rows: (words, rows, whether no caller should send them), the most telling first."""
    own = material.own(material.row)
    changed = RowChange("", material.changed())
    new, second = RowChange("", material.fresh(material.other)), RowChange("", material.fresh(material.row, 1))
    needed = {column.name for column in material.columns if column.not_null and not column.filled}
    needed |= material.table.key_columns
    optional = frozenset(column.name for column in material.columns if column.name not in needed)
    yield "an existing row changed and a new one", (changed, new), False
    yield "two new rows", (new, second), False
    for bad in _refused(material, dict(second.values), []):
        yield f"a new row, then {bad.words}", (new, bad), True
    yield "a new row, then one whose key is there", (new, RowChange("", own)), False
    yield "the same new row twice", (new, new), True
    yield "the same key twice", (new, RowChange("", {**material.changed(), **_key_of(material, new.values)})), True
    yield "no rows", (), False
    if optional:
        bare = replace(second, omitted=optional)
        yield "rows with unequal columns", (new, bare), False
        yield (
            "rows with unequal columns, the shorter one first",
            (bare, replace(changed, values=material.changed())),
            False,
        )
    nothing = [column.name for column in material.free() if not column.not_null]
    if nothing:
        yield "rows with NULL where it may be", (replace(new, values={**new.values, **dict.fromkeys(nothing)}),), False
    yield "one existing row as it is", (RowChange("", own),), False
    bad_first = next(_refused(material, dict(second.values), []), None)
    if bad_first is not None:
        yield f"{bad_first.words}, then a good one", (bad_first, new), True
    for change in row_changes(material):
        yield change.words, (change,), change.bad
    yield f"{BATCH} new rows", tuple(RowChange("", material.fresh(material.other, at)) for at in range(BATCH)), False


def _key_of(material: Material, row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in material.table.key_columns if name in row}
