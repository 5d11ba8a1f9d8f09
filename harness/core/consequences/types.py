"""Consequences of types, collations and conversions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from harness.core.consequences.type_change import type_change
from harness.core.differences import Difference
from harness.core.model.types import Enum
from harness.core.record import Consequence

_DATA_LOSS = Consequence.DATA_LOSS
_WRITES_FAIL = Consequence.WRITES_FAIL
_WRONG_RESULTS = Consequence.WRONG_RESULTS
_PERFORMANCE = Consequence.PERFORMANCE
_COSMETIC = Consequence.COSMETIC

_ORDER = (_COSMETIC, _PERFORMANCE, _WRONG_RESULTS, _WRITES_FAIL, _DATA_LOSS)

_NAME = r'(?:"(?:[^"]|"")+"|[^\s"]+)'
_CHECK = re.compile(rf"CONSTRAINT {_NAME} (.*?)( NOT VALID)?\Z", re.DOTALL)
_ATTRIBUTE = re.compile(rf"({_NAME}) (.*?)(?: COLLATE ({_NAME}))?\Z", re.DOTALL)

_ALTERED: dict[tuple[str, str | None], Consequence] = {
    ("domain", "not_null_name"): _COSMETIC,
    ("range type", "subtype_diff"): _PERFORMANCE,
    ("range type", "multirange_type_name"): _WRITES_FAIL,
    ("base type", "alignment"): _COSMETIC,
    ("base type", "storage"): _PERFORMANCE,
    ("base type", "analyze"): _PERFORMANCE,
    ("base type", "internal_length"): _WRITES_FAIL,
    ("base type", "passed_by_value"): _WRITES_FAIL,
}
"""All else answers otherwise"""
_CALLED = frozenset({"input", "output", "receive", "send", "typmod_in", "typmod_out", "subscript", "collatable"})
"""Attributes of a base type without which something is refused"""


def removed(each: Difference) -> Consequence:
    """Statements that name it fail; a conversion is chosen, and without it another one is."""
    return _WRONG_RESULTS if each.object.kind == "conversion" else _WRITES_FAIL


def added(_: Difference) -> Consequence:
    """Nothing of the source can use it."""
    return _COSMETIC


def altered(each: Difference) -> Consequence:
    """By what the attribute decides."""
    kind, source, target = each.object.kind, each.source_value, each.target_value
    match (kind, each.attribute):
        case (_, "owner"):
            return _COSMETIC
        case ("enum", "labels"):
            return _labels(source, target)
        case ("domain", "type") | ("range type", "subtype"):
            return type_change(source, target)
        case ("domain", "not_null"):
            return _WRITES_FAIL if target else _WRONG_RESULTS
        case ("domain", "check"):
            return _checks(source, target)
        case ("composite type", "attributes"):
            return _attributes(source, target)
        case ("base type", attribute) if attribute in _CALLED:
            if not source:
                return _COSMETIC
            return _WRONG_RESULTS if target else _WRITES_FAIL
    return _ALTERED.get((kind, each.attribute), _WRONG_RESULTS)


def _labels(source: tuple[str, ...], target: tuple[str, ...]) -> Consequence:
    if set(source) - set(target):
        return _DATA_LOSS
    return _COSMETIC if source == tuple(label for label in target if label in source) else _WRONG_RESULTS


def _checks(source: tuple[str, ...], target: tuple[str, ...]) -> Consequence:
    """A rule more refuses writes; a rule less, or one that was never proved, lets wrong values be."""
    ours, theirs = _rules(source), _rules(target)
    if theirs.keys() - ours.keys():
        return _WRITES_FAIL
    if ours.keys() - theirs.keys():
        return _WRONG_RESULTS
    return _WRONG_RESULTS if any(ours[rule] and not theirs[rule] for rule in ours) else _COSMETIC


def _rules(checks: tuple[str, ...]) -> dict[str, bool]:
    """Definition of each check and whether it is valid."""
    found = (_CHECK.match(check) for check in checks)
    return {match[1]: match[2] is None for match in found if match is not None}


def _attributes(source: tuple[str, ...], target: tuple[str, ...]) -> Consequence:
    """The worst of what happens to the attributes one by one; a name more makes rows of the old length too short."""
    ours, theirs = _named(source), _named(target)
    if len(ours) == len(theirs) and list(ours.values()) == list(theirs.values()):
        same_names = set(ours) == set(theirs)
        return _WRONG_RESULTS if same_names else _WRITES_FAIL
    found = {_COSMETIC}
    if ours.keys() - theirs.keys():
        found.add(_DATA_LOSS)
    if theirs.keys() - ours.keys():
        found.add(_WRITES_FAIL)
    both = [name for name in ours if name in theirs]
    if both != [name for name in theirs if name in ours]:
        found.add(_WRONG_RESULTS)
    for name in both:
        (mine, order), (its, other_order) = ours[name], theirs[name]
        if mine != its:
            found.add(type_change(mine, its))
        if order != other_order:
            found.add(_WRONG_RESULTS)
    return max(found, key=_ORDER.index)


def _named(attributes: tuple[str, ...]) -> dict[str, tuple[str, str | None]]:
    """Type and collation of each attribute by name."""
    found = (_ATTRIBUTE.match(attribute) for attribute in attributes)
    return {match[1]: (match[2], match[3]) for match in found if match is not None}


def other_enum(each: Difference, ours: Iterable[Enum], theirs: Iterable[Enum]) -> bool:
    """Whether a column changed from one enum type to another that has all its labels: only casts by name fail."""
    if each.attribute != "type" or each.object.kind != "column":
        return False
    array = each.source_value.endswith("[]")
    if array != each.target_value.endswith("[]"):
        return False
    mine = {enum.identity: enum.labels for enum in ours}.get(each.source_value.removesuffix("[]"))
    its = {enum.identity: enum.labels for enum in theirs}.get(each.target_value.removesuffix("[]"))
    return mine is not None and its is not None and set(mine) <= set(its)


def judge(each: Difference) -> Consequence:
    """What the difference does once the application runs on the target."""
    if each.attribute is not None:
        return altered(each)
    return removed(each) if each.change == "removed" else added(each)


JUDGES: dict[str, Callable[[Difference], Consequence]] = dict.fromkeys(
    ("enum", "domain", "composite type", "range type", "base type", "collation", "conversion"), judge
)
"""How each kind of the family is judged"""
