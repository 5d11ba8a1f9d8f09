"""Rows to write: the form that a method wants them in, and the material that they are made of."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.core.generation.adaptation import Misfit, adapted
from harness.core.generation.lists import arrays, documents
from harness.core.generation.moments import moment_of
from harness.core.generation.parameter_types import ANYTHING, ParameterType, takes_none
from harness.core.generation.sampled import Row, SampledColumn, SampledTable
from harness.core.generation.values import missing_integer, missing_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A column that a record has a place for, and the name and type of that place."""

    name: str
    column: SampledColumn
    type: ParameterType = ANYTHING
    required: bool = False

    @property
    def nulls(self) -> bool:
        """Whether None may stand there."""
        return self.type == ANYTHING or takes_none(self.type)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a method wants a row."""

    table: SampledTable
    slots: tuple[Slot, ...]
    make: Callable[[Mapping[str, Any]], Any] = dict
    open_ended: bool = False
    """Nothing declares which columns there are"""
    native: bool = False
    fixed: Mapping[str, Any] = field(default_factory=dict)
    """Fields that no column stands for"""

    def content(self, change: RowChange) -> Any:
        """The row in this form. Misfit: a value cannot be of its declared type."""
        given = dict(self.fixed)
        for slot in self.slots:
            if slot.column.name in change.omitted:
                if slot.required:
                    raise Misfit
                continue
            value = change.values.get(slot.column.name)
            if value is None and not slot.nulls:
                if slot.required or slot.column.name in change.values:
                    raise Misfit
                continue
            given[slot.name] = adapted(value, slot.type, slot.column, native=self.native)
        if change.more:
            if not self.open_ended:
                raise Misfit
            given |= change.more
        try:
            return self.make(given)
        except Exception:  # noqa: BLE001 - a model of the user's refuses it: then no caller can send it either
            raise Misfit from None


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row to write, by column, as JSON."""

    words: str
    values: Mapping[str, Any]
    omitted: frozenset[str] = frozenset()
    bad: bool = False
    more: Mapping[str, Any] = field(default_factory=dict)
    """Columns that the table has not"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """The rows that changes are made of."""

    table: SampledTable
    slots: tuple[Slot, ...]
    row: Row
    other: Row
    rng: random.Random

    @property
    def columns(self) -> list[SampledColumn]:
        """Those that can be given."""
        return [slot.column for slot in self.slots]

    def own(self, row: Row) -> dict[str, Any]:
        """What of a row can be given."""
        return {column.name: row.get(column.name) for column in self.columns}

    def free(self) -> list[SampledColumn]:
        """Columns that are no part of a key."""
        return [column for column in self.columns if column.name not in self.table.key_columns]

    def changed(self) -> dict[str, Any]:
        """The row with another value in every column that is no part of a key."""
        return self.own(self.row) | {column.name: self._another(column) for column in self.free()}

    def _another(self, column: SampledColumn) -> Any:
        now, then = self.row.get(column.name), self.other.get(column.name)
        if then is not None and then != now:
            return then
        others = [each for each in self.table.distinct(column.name) if each != now]
        return self.rng.choice(others) if others else altered(column, now)

    def fresh(self, row: Row, step: int = 0) -> dict[str, Any]:
        """A row of which every key is new."""
        made = self.own(row)
        for key in self.table.keys:
            given = [self.table.by_name[name] for name in key if name in made]
            loose = [column for column in given if column.references is None] or given
            if not loose or any(made[each.name] != row.get(each.name) for each in loose):
                continue
            chosen = max(loose, key=lambda each: len(self.table.distinct(each.name)))
            made[chosen.name] = fresh_value(chosen, row.get(chosen.name), self.table.distinct(chosen.name), step)
        return made


def fresh_value(column: SampledColumn, value: Any, known: Sequence[Any], step: int) -> Any:
    """A value that no row has."""
    match column.family:
        case "integer" | "decimal" | "number":
            return missing_integer(column, [int(each) for each in known if not isinstance(each, str)], step)
        case "text":
            if column.labels:
                return value
            made = missing_text(str(value or "new"), known)
            made = made if step == 0 else f"{made[:-3]}{step:03d}"
            return made[-column.length :] if column.length else made
        case "uuid":
            return str(uuid.UUID(int=uuid.uuid5(uuid.NAMESPACE_OID, f"{value} {step}").int))
        case "date" | "datetime":
            last = max((moment for each in known if (moment := moment_of(each)) is not None), default=None)
            if last is None or last.year > 9000:
                return value
            later = last + dt.timedelta(days=1 + step)
            return later.date().isoformat() if column.family == "date" else later.isoformat()
        case _:
            return value


def altered(column: SampledColumn, value: Any) -> Any:
    """Another value, where no other row has one."""
    match column.family:
        case "boolean":
            return not value
        case "integer" | "decimal" | "number":
            return (value or 0) + 1
        case "text":
            if column.labels:
                return next((each for each in column.labels if each != value), value)
            text = f"{value or ''}x"
            return text[-column.length :] if column.length else text
        case "date":
            day = moment_of(value)
            return "2025-03-04" if day is None else (day + dt.timedelta(days=1)).date().isoformat()
        case "datetime":
            moment = moment_of(value)
            return "2025-03-04T05:06:07+00:00" if moment is None else (moment + dt.timedelta(hours=1)).isoformat()
        case "json":
            return next(documents(value)).value
        case "array":
            # Of an empty array of an enum the first label: else nothing would ever be in it.
            return next(arrays(value)).value if value else list(column.element_labels[:1]) or value
        case "uuid":
            return str(uuid.uuid5(uuid.NAMESPACE_OID, str(value)))
        case "time":
            return "10:11:12"
        case _:
            return value
