"""Same value: whether the texts of two values, of types that may differ, stand for one value, part by part."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Final

from harness.core import structured_texts
from harness.core.cell_parts import same_json
from harness.core.cell_times import moment, seconds_apart
from harness.core.row_types import DescribedType, unwrapped
from harness.core.structured_texts import NotWritten
from harness.core.type_drift import equal_across_types

_NUMBERS: Final = frozenset({"int2", "int4", "int8", "numeric", "float4", "float8"})
_MOMENTS: Final = frozenset({"date", "timestamp", "timestamptz"})
_DOCUMENTS: Final = frozenset({"json", "jsonb"})


def same_value(source: str, target: str, source_type: DescribedType, target_type: DescribedType) -> bool:
    """Whether two texts stand for values that are equal by PostgreSQL's =, or that are one value of two types.

    Composite values are compared field by field, by the fields' names where both types have the same ones, else by
    their places; arrays element by element, with their bounds; ranges bound by bound. json: by parsed value.
    """
    source_type, target_type = unwrapped(source_type), unwrapped(target_type)
    compare = _STRUCTURED.get(source_type.kind) if source_type.kind == target_type.kind else None
    if compare is None or not source_type.parts or not target_type.parts:
        return source == target or _same_scalar(source, target, source_type, target_type)
    try:
        return compare(source, target, source_type, target_type)
    except NotWritten:
        return source == target


def _same_fields(source: str, target: str, left: DescribedType, right: DescribedType) -> bool:
    one, other = structured_texts.fields(source), structured_texts.fields(target)
    if len(one) != len(left.parts) or len(other) != len(right.parts) or len(one) != len(other):
        return False
    order = range(len(one))
    names = [name for name, _ in right.parts]
    if sorted(names) == sorted(name for name, _ in left.parts):
        order_of_target = [names.index(name) for name, _ in left.parts]
    else:
        order_of_target = list(order)
    return all(
        _same(one[number], other[place], left.parts[number][1], right.parts[place][1])
        for number, place in zip(order, order_of_target, strict=True)
    )


def _same_elements(source: str, target: str, left: DescribedType, right: DescribedType) -> bool:
    shape, one = structured_texts.elements(source)
    other_shape, other = structured_texts.elements(target)
    of_left, of_right = left.parts[0][1], right.parts[0][1]
    return shape == other_shape and all(
        _same(mine, theirs, of_left, of_right) for mine, theirs in zip(one, other, strict=True)
    )


def _same_bounds(source: str, target: str, left: DescribedType, right: DescribedType) -> bool:
    brackets, one = structured_texts.bounds(source)
    other_brackets, other = structured_texts.bounds(target)
    of_left, of_right = left.parts[0][1], right.parts[0][1]
    return brackets == other_brackets and all(
        _same(mine, theirs, of_left, of_right) for mine, theirs in zip(one, other, strict=True)
    )


def _same_ranges(source: str, target: str, left: DescribedType, right: DescribedType) -> bool:
    one, other = structured_texts.ranges(source), structured_texts.ranges(target)
    return len(one) == len(other) and all(
        _same_bounds(mine, theirs, left, right) for mine, theirs in zip(one, other, strict=True)
    )


_STRUCTURED: Final[dict[str, Callable[[str, str, DescribedType, DescribedType], bool]]] = {
    "composite": _same_fields,
    "array": _same_elements,
    "range": _same_bounds,
    "multirange": _same_ranges,
}


def _same(source: str | None, target: str | None, left: DescribedType, right: DescribedType) -> bool:
    if source is None or target is None:
        return source is target
    return same_value(source, target, left, right)


def _same_scalar(source: str, target: str, left: DescribedType, right: DescribedType) -> bool:
    names = {left.known_name, right.known_name}
    if names <= _NUMBERS:
        return _same_number(source, target)
    if names <= _MOMENTS:
        one = moment(source)
        return one is not None and one == moment(target)
    if names <= _DOCUMENTS:
        return same_json(source, target)
    if names == {"interval"}:
        return seconds_apart(source, target) == 0
    if names == {"citext"}:
        return source.lower() == target.lower()
    if "bpchar" in names:
        padded = [
            text.rstrip(" ") if each.known_name == "bpchar" else text
            for text, each in ((source, left), (target, right))
        ]
        source, target = padded
    return source == target or equal_across_types(source, target, left.known_name, right.known_name)


def _same_number(source: str, target: str) -> bool:
    try:
        return Decimal(source) == Decimal(target)
    except InvalidOperation:
        return False
