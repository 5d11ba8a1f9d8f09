"""Values for one place: by its column, or by what its name and its type say."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from harness.core.generation import names
from harness.core.generation.arguments import every_value, held, near_values, related, span_of
from harness.core.generation.around import Around
from harness.core.generation.calls import Base
from harness.core.generation.lists import Value, limits, listed, many_ids, offsets, pages
from harness.core.generation.parameter_types import Anything, Choice, ListOf, Scalar, bare, takes_none
from harness.core.generation.planning import Place
from harness.core.generation.records import fresh_value
from harness.core.generation.sampled import SampledColumn
from harness.core.generation.values import steps, variations


def place_values(base: Base, place: Place, rng: random.Random) -> Iterator[Value]:
    match place.binding.role:
        case "limit":
            yield from _possible(base, limits(base.rows))
        case "offset":
            yield from _possible(base, offsets(base.rows))
        case "page":
            yield from _possible(base, pages())
        case "column":
            yield from _of_column(base, place, rng)
        case _:
            yield from _of_nothing(base, place, rng)
    if place.nulls and place.binding.role != "column":
        yield Value("NULL", None)


def _possible(base: Base, values: Iterator[Value]) -> Iterator[Value]:
    """Through REST a number below 0 is a case only where the source refuses it: see `below_zero`."""
    return (value for value in values if not (base.plan.known.over_rest and value.bad))


def _of_column(base: Base, place: Place, rng: random.Random) -> Iterator[Value]:
    plan, binding = base.plan, place.binding
    table = plan.sampled.tables[binding.table]
    column = plan.column(place)
    value = base.values.get(place.path)
    near, foreign = near_values(plan, place, base.row), near_values(plan, place, base.row, foreign=True)
    every = every_value(plan, place)
    inner = bare(place.type)
    if binding.several and column.family != "array":
        missing = fresh_value(column, value[0] if value else None, every, 3)
        items = sorted(near, key=repr)
        rng.shuffle(items)
        outside = [each for each in foreign if each not in items][:2]
        nulls = isinstance(inner, ListOf) and not isinstance(inner.of, Scalar | Choice)
        made = listed(items or list(every[:4]), missing, nulls=nulls)
        yield from islice(made, 1)
        if outside and items:
            yield Value("with values of rows that the other arguments exclude", [items[0], *outside])
        yield from made
        yield from many_ids(column, missing)
        if place.nulls:
            yield Value("NULL", None)
        return
    if not place.required and value is not None:
        yield Value("given", value, first=True)
    if takes_none(place.type) and (place.required or len(place.path) > 1 or place.default is not None):
        yield Value("NULL", None, first=True)
    if isinstance(inner, Choice):
        yield from _choices(inner, value)
        if place.nulls:
            yield Value("NULL", None)
        return
    if binding.element and (items := held(place, related(plan, base.row, binding.table))) and items[-1] != value:
        yield Value("the last of a row's list", items[-1], first=True)
    stored = (binding.table, binding.column) in plan.known.stored
    nulls = place.nulls or (isinstance(inner, Anything) and stored and bool(plan.known.written))
    few = 1 < len(every) <= 8 and column.family in ("text", "integer") and (binding.column,) not in table.keys[:1]
    if few:
        yield from (Value(f"value {at} of {len(every)}", each) for at, each in enumerate(every, 1) if each != value)
    if binding.end:
        yield from _ends(base, place, near, value)
    around = Around(
        value=value,
        column=_as_declared(column, place),
        near=near,
        foreign=foreign,
        all=every or near,
        rng=rng,
        nulls=nulls,
        key=binding.column in table.key_columns,
        written=stored and (binding.table, binding.column) not in plan.known.sought,
        sought=(binding.table, binding.column) in plan.known.sought,
        infinite=column.infinite and not stored and not (plan.known.over_rest and _is_number(column)),
    )
    yield from variations(around)


def _as_declared(column: SampledColumn, place: Place) -> SampledColumn:
    """A text column asked for by an integer gets integers."""
    inner = bare(place.type)
    if isinstance(inner, Scalar) and inner.kind == "integer" and column.family == "decimal":
        return SampledColumn(name=column.name, type="bigint", family="integer")
    return column


def _is_number(column: SampledColumn) -> bool:
    """Whether infinity of it is a number: JSON, in which functions are given their arguments through REST, has none."""
    return column.family in ("decimal", "number")


def _ends(base: Base, place: Place, near: Sequence[Any], value: Any) -> Iterator[Value]:
    """Ends of a range that lie exactly on rows, and one step beside: inclusive or not shows there."""
    own = base.row.get(place.binding.column) if base.plan.anchor == place.binding.table else None
    if own is not None and own != value:
        yield Value("exactly at the row", own)
    column = _as_declared(base.plan.column(place), place)
    yield from steps(column, value if own is None else own)
    found = span_of(near)
    if found is not None:
        first, last = found
        yield Value("exactly at the last row", last)
        yield Value("exactly at the first row", first)


def _choices(choice: Choice, value: Any) -> Iterator[Value]:
    for at, each in enumerate(choice.values, 1):
        plain = getattr(each, "value", each)
        if plain != value and each is not None:
            yield Value(f"choice {at} of {len(choice.values)}", plain)


def _of_nothing(base: Base, place: Place, rng: random.Random) -> Iterator[Value]:
    """Values for what no column stands for: flags, orders, numbers."""
    inner = bare(place.type)
    if isinstance(inner, Choice):
        yield from _choices(inner, None)
        return
    said = set(names.words(place.words))
    if inner == Scalar("boolean") or isinstance(place.default, bool):
        yield Value("true", value=True)
        yield Value("false", value=False)
        return
    if said & {"order", "sort", "direction", "ordering", "dir"} and isinstance(inner, Anything | Scalar):
        table = base.plan.table
        if not said & {"direction", "dir"} and table is not None:
            for column in table.columns[:6]:
                yield Value(f"by {column.name}", column.name)
        for word in ("desc", "asc", "DESC"):
            yield Value(word, word)
        return
    if isinstance(inner, ListOf):
        yield from listed([1, 2, 3] if inner.of == Scalar("integer") else ["a", "b"], None, nulls=False)
        return
    kind = inner.kind if isinstance(inner, Scalar) else "integer"
    own = base.values.get(place.path)
    column = SampledColumn(name=place.words, type="bigint" if kind == "integer" else kind, family=kind)
    yield from variations(Around(value=own, column=column, rng=rng))
