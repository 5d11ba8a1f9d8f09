"""Calls: arguments with words for what they are about, and the base that others are made around."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from harness.core.generation.adaptation import Misfit
from harness.core.generation.arguments import arguments
from harness.core.generation.forms import forms
from harness.core.generation.planning import Path, Plan, RecordPlace
from harness.core.generation.records import Form, Material, RowChange, altered
from harness.core.generation.sampled import Row


@dataclass(frozen=True, slots=True)
class Call:
    """Arguments, what they are about, and whether no caller should give them."""

    words: str
    arguments: Mapping[str, Any]
    bad: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """Arguments that calls are made around."""

    plan: Plan
    row: Row
    values: Mapping[Path, Any]
    full: bool
    rows: int = 0
    """In the answer"""
    fresh: bool = False
    """Rows to write are new ones, not changed ones"""


Lane = Iterator[Call]
"""Calls about one thing, the most telling first"""


def call(base: Base, words: str, changes: Mapping[Path, Any], *, bad: bool = False) -> Iterator[Call]:
    """The base with some arguments changed; nothing where they cannot be what is declared."""
    try:
        made = arguments(base.plan, base.values, changes, full=base.full)
        for record in base.plan.records:
            if record.name not in made:
                made |= _record_as_it_is(base, record)
    except Misfit:
        return
    yield Call(words, made, bad)


def _record_as_it_is(base: Base, record: RecordPlace) -> dict[str, Any]:
    form = form_of(base.plan, record)
    material = material_of(base, form, random.Random(0))  # noqa: S311 - nothing is chosen here
    content = form.content(RowChange("", material.fresh(material.other) if base.fresh else material.changed()))
    return {record.name: record.make_list([content]) if record.listed else content}


def form_of(plan: Plan, record: RecordPlace) -> Form:
    """The form of the plan's style; the last one where there are fewer."""
    every = list(forms(record, plan.known))
    return every[min(plan.style, len(every) - 1)]


def material_of(base: Base, form: Form, rng: random.Random) -> Material:
    rows = form.table.rows
    row = base.row if form.table.identity == base.plan.anchor and base.row else next(iter(rows), None)
    if row is None:
        row = {column.name: altered(column, None) for column in form.table.columns if column.references is None}
    others = [each for each in rows if each is not row]
    tenant = [each for each in others if _same_tenant(each, row, form)]
    other = rng.choice(tenant or others) if others else row
    return Material(table=form.table, slots=form.slots, row=row, other=other, rng=rng)


def _same_tenant(one: Row, other: Row, form: Form) -> bool:
    """Whether two rows agree in the key columns of which there are few values."""
    few = [name for name in form.table.key_columns if 1 <= len(form.table.distinct(name)) <= len(form.table.rows) / 3]
    return all(one.get(name) == other.get(name) for name in few)
