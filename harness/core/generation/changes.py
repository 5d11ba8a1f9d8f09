"""Changes: around arguments that find rows, one thing changed at a time, then some things by chance."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, islice, zip_longest

from harness.core.generation.anchors import hidden_classes
from harness.core.generation.arguments import near_values, span_of
from harness.core.generation.calls import Base, Call, Lane, call
from harness.core.generation.forms import place_form
from harness.core.generation.parameter_types import ListOf, bare
from harness.core.generation.place_values import place_values
from harness.core.generation.planning import OMITTED, Place, Plan
from harness.core.generation.sampled import Row
from harness.core.generation.writing import changed_rows, written_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """What can be changed, each thing for itself, as often as it gets a turn."""

    leading: tuple[Lane, ...]
    """Turns that are taken until `first` has no more"""
    first: Lane
    """Of every text argument each kind of change once"""
    following: tuple[Lane, ...]
    """Turns that are taken then"""


def lanes(base: Base, rng: random.Random) -> Lanes:
    """What can be changed; rows to write first."""
    plan = base.plan
    rows: list[Lane] = [written_rows(base, record, rng) for record in plan.records]
    if not plan.records and (form := place_form(plan, base.values)) is not None:
        rows.append(changed_rows(base, form, "", rng))
    texts = [place for place in plan.places if _is_text(plan, place)]
    others = [_of_place(base, place, rng) for place in plan.places if place not in texts]
    # What a pattern is made of has more to it than any other text.
    texts.sort(key=lambda place: (place.binding.table, place.binding.column) not in plan.known.sought)
    first = _in_turn([_of_place(base, place, rng, first=True) for place in texts])
    rest = [_of_place(base, place, rng, first=False) for place in texts]
    # Rows and texts have more to them than a number: they get more turns.
    alone = (_pairs(base), _hidden(base, rng))
    return Lanes(
        leading=(*rows, *alone, *([first] * max(3, len(texts))), *rows, *others, *rows),
        first=first,
        following=(*rows, *alone, *rest, *rows, *others, *rows, *(rest if not rows else ()), together(base)),
    )


def _in_turn(each: Sequence[Lane]) -> Lane:
    for turn in zip_longest(*each):
        yield from (made for made in turn if made is not None)


def _hidden(base: Base, rng: random.Random) -> Lane:
    """Arguments of rows that a filter without an argument may hide: deleted ones, inactive ones."""
    plan = base.plan
    tables = dict.fromkeys([plan.anchor, *(place.binding.table for place in plan.places)])
    for table in (plan.sampled.tables[each] for each in tables if each in plan.sampled.tables):
        own = [place for place in plan.bound(table.identity) if not place.binding.end]
        for column, rows in hidden_classes(plan, table) if own else ():
            row = rng.choice([row for row in rows if _agree(row, base, table.identity)] or rows)
            changes = {place.path: row.get(place.binding.column) for place in own}
            yield from call(base, f"arguments of a row with another {column}", changes)


def _agree(row: Row, base: Base, table: str) -> bool:
    """Whether the row is of the base's tenant: it agrees in what several tables are asked by."""
    shared = [each for each in base.plan.bound(table) if each.binding.column in names_of_tenants(base.plan)]
    return all(row.get(each.binding.column) == base.values.get(each.path) for each in shared)


def names_of_tenants(plan: Plan) -> frozenset[str]:
    """Columns by which rows of several tables belong together, beside their own keys."""
    found: dict[str, int] = {}
    for table in plan.sampled.tables.values():
        for column in table.columns:
            if column.name.endswith("_id"):
                found[column.name] = found.get(column.name, 0) + 1
    return frozenset(name for name, number in found.items() if number > 1)


def _is_text(plan: Plan, place: Place) -> bool:
    binding = place.binding
    return binding.role == "column" and plan.column(place).family == "text"


def beside(base: Base, rng: random.Random, number: int) -> Lane:
    """The first changes of every argument of a further base."""
    yield from _in_turn([islice(_of_place(base, place, rng), number) for place in base.plan.places])


def _pairs(base: Base) -> Lane:
    """Two arguments at once, where one alone says little: a page within the rows, both ends of a range."""
    by_role = {place.binding.role: place for place in base.plan.places}
    limit, offset, page = by_role.get("limit"), by_role.get("offset"), by_role.get("page")
    if limit and offset:
        yield from call(base, f"{limit.words} 2 and {offset.words} 1", {limit.path: 2, offset.path: 1})
        yield from call(base, f"{limit.words} 3 and {offset.words} 2", {limit.path: 3, offset.path: 2})
    if limit and page:
        yield from call(base, f"{limit.words} 2 and {page.words} 2", {limit.path: 2, page.path: 2})
        yield from call(base, f"{limit.words} 1 and {page.words} 3", {limit.path: 1, page.path: 3})
    lower = next((each for each in base.plan.places if each.binding.end == "lower"), None)
    upper = next((each for each in base.plan.places if each.binding.end == "upper"), None)
    for low in (lower,) if lower and upper else ():
        found = span_of(near_values(base.plan, low, base.row))
        if found is None or upper is None:
            continue
        both = f"{low.words} and {upper.words}"
        own = base.row.get(low.binding.column, found[0])
        yield from call(base, f"{both} at the first and the last row", {low.path: found[0], upper.path: found[1]})
        yield from call(base, f"{both} at one row", {low.path: own, upper.path: own})
        yield from call(base, f"{both} the wrong way round", {low.path: found[1], upper.path: found[0]})
    optional = [each for each in base.plan.places if not each.required and base.values.get(each.path) is not None]
    if len(optional) > 1:
        yield from call(base, "everything given", {each.path: base.values[each.path] for each in optional})


_TOGETHER = 2
"""Pairs of optional arguments that are given at once"""
_WITHIN = {"offset": 1, "page": 2}
"""Parts of a query that leave some rows out"""


def together(base: Base) -> Lane:
    """Two optional arguments at once: a layer may look at the one only where the other is left out.

    Filters with a part of the rows first, then filters with each other.
    """
    optional = [each for each in base.plan.places if not each.required and not each.binding.end]
    given = {each.path: _WITHIN.get(each.binding.role, base.values.get(each.path)) for each in optional}
    filters = [each for each in optional if each.binding.role == "column" and given[each.path] is not None]
    parts = [each for each in optional if each.binding.role in ("offset", "page")]
    pairs = [(one, other) for other in parts for one in filters] + list(combinations(filters, 2))
    for one, other in pairs[:_TOGETHER]:
        words = f"{one.words} and {other.words} together"
        yield from call(base, words, {place.path: given[place.path] for place in (one, other)})


def _of_place(base: Base, place: Place, rng: random.Random, *, first: bool | None = None) -> Lane:
    """Changes of one argument: all of them, or those to be tried first, or the others."""
    for value in place_values(base, place, rng):
        if first is None or value.first is first:
            yield from call(base, f"{place.words} {value.words}", {place.path: value.value}, bad=value.bad)
    if not place.required and first is not True:
        yield from call(base, f"{place.words} left out", {place.path: OMITTED})


def misused(base: Base) -> Lane:
    """What is no list where one is wanted, and lists of what their elements cannot be.

    A layer that leaves these to its server says what the server says, each in its own way: they are for layers that
    look at their arguments themselves.
    """
    for place in base.plan.places:
        inner = bare(place.type)
        if len(place.path) > 1 or not isinstance(inner, ListOf):
            continue
        own = base.values.get(place.path)
        some = own[:1] if isinstance(own, list) else []
        for made in call(base, "", {}):
            for words, value in (
                ("with a word in it", inner.make([*some, "no such value"])),
                ("with None in it", inner.make([*some, None])),
                ("as a text", "no such value"),
            ):
                yield Call(f"{place.words} {words}", {**made.arguments, place.path[0]: value}, bad=True)


def below_zero(base: Base) -> Lane:
    """Numbers of rows below 0 of a layer that asks through REST.

    PostgREST refuses such a limit, as PostgreSQL does. An offset below 0 it takes as the beginning and counts the limit
    from there (https://github.com/PostgREST/postgrest/pull/1929), where PostgreSQL refuses it: no layer is to blame.
    """
    for place in base.plan.places if base.plan.known.over_rest else ():
        if place.binding.role in ("limit", "offset", "page"):
            yield from call(base, f"{place.words} -1", {place.path: -1}, bad=True)


def by_chance(base: Base, rng: random.Random) -> Lane:
    """Several arguments changed at once, for ever."""
    places = [place for place in base.plan.places if len(base.plan.places) > 1]
    while places:
        chosen = rng.sample(places, k=min(len(places), rng.randint(2, 3)))
        changes = {}
        for place in chosen:
            possible = [value for value in place_values(base, place, rng) if not value.bad]
            if possible:
                changes[place.path] = rng.choice(possible[:10]).value
        yield from call(base, f"{', '.join(place.words for place in chosen)} by chance", changes)
        if not changes:
            return
