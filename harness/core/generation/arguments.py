"""Arguments: the values that one row gives to every place of a plan, and keyword arguments made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from harness.core.generation.adaptation import Misfit, adapted
from harness.core.generation.moments import moment_of
from harness.core.generation.parameter_types import ANYTHING, Anything, Choice, ListOf, RecordOf, Scalar, bare
from harness.core.generation.planning import OMITTED, Path, Place, Plan
from harness.core.generation.records import altered
from harness.core.generation.sampled import Row, SampledColumn


def row_values(plan: Plan, row: Row) -> dict[Path, Any]:
    """The JSON value of every place, taken from one row and those that belong to it."""
    return {place.path: _value(plan, place, row) for place in plan.places}


def _value(plan: Plan, place: Place, row: Row) -> Any:
    binding = place.binding
    if binding.role == "limit":
        return 50
    if binding.role == "offset":
        return 0
    if binding.role == "page":
        return 1
    if binding.role != "column":
        return free_value(place)
    value = next(iter(held(place, related(plan, row, binding.table))), None)
    table = plan.sampled.tables[binding.table]
    if binding.end:
        value = _end(plan, place, row)
        return _stand_in(plan, place, row) if value is None and not place.nulls else value
    if value is None and not place.nulls:
        near = near_values(plan, place, row) if binding.element else []
        value = next(iter(near or every_value(plan, place)), None)
    if value is None and (not place.nulls or (binding.table in plan.known.written and not table.rows)):
        value = _stand_in(plan, place, row)
    if binding.several and table.by_name[binding.column].family != "array":
        near = [each for each in near_values(plan, place, row) if each != value]
        return ([] if value is None else [value]) + near[:3]
    return value


def held(place: Place, row: Row) -> list[Any]:
    """What a row holds of what the place stands for: the value of a column, or the elements of an array."""
    value = row.get(place.binding.column)
    if place.binding.element:
        return [each for each in value if each is not None] if isinstance(value, list) else []
    return [] if value is None else [value]


def every_value(plan: Plan, place: Place) -> Sequence[Any]:
    """All that the rows hold of what the place stands for, each once."""
    table = plan.sampled.tables[place.binding.table]
    if not place.binding.element:
        return table.distinct(place.binding.column)
    return list({repr(each): each for row in table.rows for each in held(place, row)}.values())


def _stand_in(plan: Plan, place: Place, row: Row) -> Any:
    """A value for a column that no row has one of: a key that it may refer to, the tenant of that row, else any."""
    table, column = plan.sampled.tables[place.binding.table], plan.column(place)
    if column.references is not None and (key := _referenced(plan, column, row)) is not None:
        return key
    for other in table.columns if column.name.endswith("_id") else ():
        if other.references is not None and other.references[0] in plan.sampled.tables:
            found = related(plan, row, other.references[0]).get(column.name)
            if found is not None:
                return found
    if isinstance(bare(place.type), Choice):
        return free_value(place)
    if column.family == "array":
        return []
    if column.family == "text" and not column.labels:
        return "New text"[: column.length]
    value = altered(column, None)
    if column.type == "timestamp without time zone":
        value = value.removesuffix("+00:00")
    return free_value(place) if value is None else value


def _referenced(plan: Plan, column: SampledColumn, row: Row) -> Any:
    """A key of the row that belongs to this one in the table that the column refers to; None where there is none."""
    identity, key = column.references or ("", "")
    return related(plan, row, identity).get(key) if identity in plan.sampled.tables else None


def free_value(place: Place) -> Any:
    inner = bare(place.type)
    if isinstance(inner, Choice):
        return getattr(inner.values[0], "value", inner.values[0]) if inner.values else None
    if isinstance(inner, ListOf):
        return []
    if isinstance(inner, RecordOf):
        return {}
    kinds = {"integer": 1, "number": 1, "decimal": 1, "boolean": True, "date": "2025-01-15", "time": "10:00:00"}
    if isinstance(inner, Scalar):
        moment = {"datetime": "2025-01-15T10:00:00+00:00", "uuid": "00000000-0000-4000-8000-000000000001"}
        return (kinds | moment | {"bytes": "\\x00", "interval": "1:00:00"}).get(inner.kind, "text")
    return 1


def _end(plan: Plan, place: Place, row: Row) -> Any:
    """An end of a range: a value that is there, so that rows lie exactly on it."""
    found = sorted((each for each in near_values(plan, place, row)), key=str)
    numbers = [each for each in found if not isinstance(each, str)]
    found = sorted(numbers) if numbers else found
    if not found:
        return None
    return found[len(found) // 4] if place.binding.end == "lower" else found[(3 * len(found)) // 4]


def near_values(plan: Plan, place: Place, row: Row, *, foreign: bool = False) -> list[Any]:
    """The values of a place's column in rows that agree with `row` in the columns of the other places, or do not."""
    binding = place.binding
    table = plan.sampled.tables[binding.table]
    own = related(plan, row, binding.table)
    others = {
        each.binding.column
        for each in plan.bound(binding.table)
        if each.path != place.path and not each.binding.end and each.binding.column != binding.column and each.required
    }
    if plan.known.written:
        others &= table.key_columns | {name for of, name in plan.known.filters if of == binding.table}
    found: dict[str, Any] = {}
    for each in table.rows:
        if all(each.get(name) == own.get(name) for name in others) is not foreign:
            for value in held(place, each):
                found.setdefault(repr(value), value)
    references = table.by_name[binding.column].references
    if not foreign and references and references[0] in plan.sampled.tables and not table.distinct(binding.column):
        return list(plan.sampled.tables[references[0]].distinct(references[1]))
    return list(found.values())


def related(plan: Plan, row: Row, identity: str) -> Row:
    """The row of another table that belongs to a row of the anchor: by foreign key, else by columns of one name."""
    anchor = plan.table
    if anchor is None or identity == plan.anchor:
        return row
    table = plan.sampled.tables[identity]
    links = [
        (column.name, column.references[1])
        for column in anchor.columns
        if column.references and column.references[0] == identity
    ]
    links += [
        (column.references[1], column.name)
        for column in table.columns
        if column.references and column.references[0] == plan.anchor
    ]
    links = [link for link in links if row.get(link[0]) is not None]
    alike = [
        name for name in table.by_name if name in anchor.by_name and name not in ("id", "created_at", "updated_at")
    ]

    def nearness(each: Row) -> int:
        linked = sum(each.get(theirs) == row.get(ours) for ours, theirs in links)
        return int(10 * linked + sum(each.get(name) == row.get(name) and each.get(name) is not None for name in alike))

    return max(table.rows, key=nearness, default={})


def arguments(plan: Plan, values: Mapping[Path, Any], changes: Mapping[Path, Any], *, full: bool) -> dict[str, Any]:
    """The keyword arguments. Misfit: a value cannot be what is declared.

    :param full: whether optional places are given too; those in `changes` always are.
    """
    made: dict[str, Any] = {}
    inside: dict[str, dict[str, Any]] = {name: {} for name in plan.containers}
    for place in plan.places:
        changed = place.path in changes
        value = changes[place.path] if changed else values[place.path]
        if value is OMITTED or (not changed and not place.required and not _given(place, value, full=full)):
            continue
        final = _final(plan, place, value)
        if len(place.path) == 1:
            made[place.path[0]] = final
        else:
            inside[place.path[0]][place.path[1]] = final
    for name, fields in inside.items():
        parameter = plan.signature.parameter(name)
        if not fields and parameter is not None and not parameter.required:
            continue
        try:
            made[name] = plan.containers[name].make(fields)
        except Exception:  # noqa: BLE001 - a model of the user's refuses it
            raise Misfit from None
    return made


def _given(place: Place, value: Any, *, full: bool) -> bool:
    return full and place.binding.role == "column" and value is not None and not place.binding.end


def _final(plan: Plan, place: Place, value: Any) -> Any:
    binding = place.binding
    column = None
    if binding.role == "column":
        column = plan.column(place)
    if value is None:
        if place.required and not place.nulls and not isinstance(place.type, Anything):
            raise Misfit
        return None
    type_ = place.type
    inner = bare(type_)
    if isinstance(inner, ListOf) and isinstance(value, list):
        native = plan.style == 1
        item = inner.of if column is None or column.family != "array" else ANYTHING
        return inner.make([None if each is None else adapted(each, item, column, native=native) for each in value])
    if isinstance(inner, Choice):
        try:
            return adapted(value, type_, column)
        except Misfit:
            if binding.role == "column" and place.required:
                return inner.values[0]
            raise
    return adapted(value, type_, column, native=plan.style == 1)


def span_of(values: Sequence[Any]) -> tuple[Any, Any] | None:
    """The first and the last of some dates, moments or numbers."""
    fit = [each for each in values if not isinstance(each, str) or moment_of(each) is not None]
    return (min(fit), max(fit)) if fit and len({isinstance(each, str) for each in fit}) == 1 else None
