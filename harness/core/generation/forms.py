"""Forms: the shapes in which a method may want the rows that it writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harness.core.generation.adaptation import Misfit
from harness.core.generation.arguments import arguments, free_value
from harness.core.generation.binding import Known, bound_together
from harness.core.generation.parameter_types import ANYTHING, OptionalOf
from harness.core.generation.planning import Path, Place, Plan, RecordPlace
from harness.core.generation.records import Form, Slot
from harness.core.generation.sampled import Sampled, SampledTable


def forms(record: RecordPlace, known: Known) -> Iterator[Form]:
    """The forms in which a method may want a row, the likeliest first."""
    table = record.table
    if record.type.fields is not None:
        slots, fixed = [], {}
        about = Known(tables=(table.identity,), written=(table.identity,), filters=known.filters)
        typed = [(each.name, each.type) for each in record.type.fields]
        only = Sampled({table.identity: table})
        for given, possible in zip(record.type.fields, bound_together(typed, table.name, only, about), strict=True):
            if possible[0].role == "column":
                column = table.by_name[possible[0].column]
                slots.append(Slot(name=given.name, column=column, type=given.type, required=given.required))
            elif given.required:
                fixed[given.name] = free_value(
                    Place(path=(given.name,), type=given.type, required=True, binding=possible[0])
                )
        yield Form(table=table, slots=tuple(slots), make=record.type.make, fixed=fixed)
        return
    numbered = {key[0] for key in table.keys[:1] if len(key) == 1 and table.by_name[key[0]].filled}
    usual = [
        column
        for column in table.columns
        if not (column.generated or column.name in numbered or column.name in known.refused)
        and not (column.filled and column.family == "datetime")
    ]
    stored = [column for column in table.columns if (table.identity, column.name) in known.stored]
    needed = [each for each in usual if each.not_null and not each.filled]
    free = [each for each in usual if not each.filled]
    every = [column for column in table.columns if not column.generated]
    if stored:
        yield _form(table, stored, record)
    yield _form(table, usual, record)
    if record.listed:
        yield Form(table=table, slots=_slots(stored or free, record), make=lambda row: list(row.values()))
    yield _form(table, usual, record, native=True)
    yield _form(table, [each for each in usual if each.family not in ("json", "array")], record)
    yield _form(table, every, record)
    yield _form(table, needed, record)


def _form(table: SampledTable, columns: Sequence[Any], record: RecordPlace, *, native: bool = False) -> Form:
    return Form(table=table, slots=_slots(columns, record), open_ended=True, native=native)


def _slots(columns: Sequence[Any], record: RecordPlace) -> tuple[Slot, ...]:
    return tuple(Slot(name=each.name, column=each, type=record.type.values or ANYTHING) for each in columns)


def place_form(plan: Plan, values: Mapping[Path, Any]) -> Form | None:
    """The arguments themselves as a form, where they are the columns of a row that is written."""
    table = plan.table
    if table is None or table.identity not in plan.known.written:
        return None
    slots = []
    seen = set()
    for place in plan.bound(plan.anchor):
        if len(place.path) == 1 and place.binding.column not in seen and not place.binding.end:
            seen.add(place.binding.column)
            column = table.by_name[place.binding.column]
            type_ = OptionalOf(place.type) if place.nulls and not isinstance(place.type, OptionalOf) else place.type
            slots.append(Slot(name=place.path[0], column=column, type=type_, required=place.required))
    if not any(slot.column.name not in table.key_columns for slot in slots):
        return None
    covered = {slot.name for slot in slots}
    try:
        rest = arguments(plan, values, {}, full=False)
    except Misfit:
        return None
    return Form(
        table=table,
        slots=tuple(slots),
        fixed={name: value for name, value in rest.items() if name not in covered},
        native=plan.style == 1,
    )
