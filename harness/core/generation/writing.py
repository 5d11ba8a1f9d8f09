"""Calls that write rows: what is to be written, in the form that the method wants."""

from __future__ import annotations

import random
from dataclasses import replace

from harness.core.generation.adaptation import Misfit
from harness.core.generation.arguments import arguments
from harness.core.generation.calls import Base, Call, Lane, form_of, material_of
from harness.core.generation.planning import RecordPlace
from harness.core.generation.records import Form
from harness.core.generation.row_changes import batches, row_changes


def written_rows(base: Base, record: RecordPlace, rng: random.Random) -> Lane:
    form = form_of(base.plan, record)
    base = _with_values(base, form)
    if not record.listed:
        yield from changed_rows(base, form, record.name, rng)
        return
    material = material_of(base, form, rng)
    for words, changes, bad in batches(material):
        try:
            made = arguments(base.plan, base.values, {}, full=base.full)
            content = record.make_list([form.content(each) for each in changes])
        except (Misfit, TypeError):
            continue
        yield Call(f"{record.name}: {words}", made | {record.name: content}, bad)


def _with_values(base: Base, form: Form) -> Base:
    """The base at a row that has a value for every column, where there is one: NULL in place of NULL tells nothing.

    Where other arguments are of the row it stays the one that it is.
    """
    names = [slot.column.name for slot in form.slots]
    if form.table.identity != base.plan.anchor or any(len(place.path) == 1 for place in base.plan.places):
        return base
    best = min([base.row, *form.table.rows], key=lambda row: sum(row.get(name) is None for name in names))
    return replace(base, row=best)


def changed_rows(base: Base, form: Form, name: str, rng: random.Random) -> Lane:
    material = material_of(base, form, rng)
    for change in row_changes(material):
        try:
            content = form.content(change)
            made = arguments(base.plan, base.values, {}, full=base.full) if name else {}
        except Misfit:
            continue
        yield Call(
            f"{name}: {change.words}" if name else change.words,
            made | ({name: content} if name else content),
            change.bad,
        )
