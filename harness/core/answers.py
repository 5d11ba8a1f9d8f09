"""Compares two answers of a data layer, however deep, and lists where and how they differ; never what they hold."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from harness.core.alike_elements import Pairs, most_alike
from harness.core.call_moments import Clock
from harness.core.likeness import likeness, opened
from harness.core.masking import shown_key
from harness.core.open_order import OpenOrder
from harness.core.outcomes import AnswerDelta
from harness.core.same_answers import identical
from harness.core.values import Difference, compare_values, different, drift, type_name

_CANDIDATES = 8
_SEVERAL = 3
_ROOTS = ("", "data")
"""Paths of what a data layer answers with, in an envelope or without"""
_PLAIN = frozenset({str, int, bool, type(None)})
"""Types in which equal values have one representation"""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How answers are compared."""

    ordered: bool = True
    """False: lists, at any depth, are multisets"""
    ignore: frozenset[str] = frozenset()
    """Names of fields whose values are not compared, at any depth; that they are there still is"""
    clock: Clock = field(default_factory=Clock)
    """When the calls took place"""
    order: OpenOrder | None = None
    """What the source's queries leave open; None: nothing"""
    left_open: list[str] = field(default_factory=list)
    """Paths at which elements were compared without the order that nobody asked for"""
    values: dict[str, tuple[Any, Any]] | None = None
    """By path the values that differ, for whoever may show them; None: they are not wanted"""


def compare_answers(
    source: Any,
    target: Any,
    *,
    ordered: bool = True,
    ignore: Collection[str] = (),
    clock: Clock | None = None,
) -> tuple[AnswerDelta, ...]:
    """All places where two answers differ, in the order of the source's answer."""
    return tuple(_compare(source, target, "", Comparison(ordered, frozenset(ignore), clock or Clock())))


def differing_values(
    source: Any, target: Any, *, ordered: bool = True, ignore: Collection[str] = ()
) -> dict[str, tuple[Any, Any]]:
    """By path, the values of both sides where they differ. They stay in the process unless they are masked."""
    values: dict[str, tuple[Any, Any]] = {}
    for _ in _compare(source, target, "", Comparison(ordered, frozenset(ignore), values=values)):
        pass
    return values


def compare_as_far_as_determined(
    source: Any, target: Any, order: OpenOrder, *, ordered: bool = True, ignore: Collection[str] = ()
) -> tuple[tuple[AnswerDelta, ...], tuple[str, ...]]:
    """Where two answers differ in what the source's queries determine, and where these leave the order open."""
    rule = Comparison(ordered, frozenset(ignore), order.clock, order)
    deltas = tuple(_compare(source, target, "", rule))
    return deltas, tuple(dict.fromkeys(rule.left_open))


def _compare(source: Any, target: Any, path: str, rule: Comparison) -> Iterator[AnswerDelta]:
    if path in _ROOTS and identical(source, target):
        return
    if rule.order is None or path not in _ROOTS or any(isinstance(opened(each)[1], list) for each in (source, target)):
        yield from _compare_here(source, target, path, rule)
        return
    before = len(rule.left_open)
    deltas = tuple(_compare_here(source, target, path, rule))
    if any(not delta.drift for delta in deltas):
        settled = _within_ties([source], [target], path, rule)
        if settled is not None:
            del rule.left_open[before:]
            rule.left_open.append(path or "(answer)")
            deltas = tuple(settled)
    yield from deltas


def _compare_here(source: Any, target: Any, path: str, rule: Comparison) -> Iterator[AnswerDelta]:
    if type(source) is type(target) and type(source) in _PLAIN and source == target:
        return
    source_form, source = opened(source)
    target_form, target = opened(target)
    if isinstance(source, str) != isinstance(target, str):
        read = _json_text(source, target)
        if read is not None:
            yield from _read_from_text(source, target, read, path, rule)
            return
    if isinstance(source, dict) and isinstance(target, dict):
        if source_form != target_form:
            yield answer_delta(path, drift("type"), source_form, target_form)
        yield from _objects(source, target, path, rule)
    elif isinstance(source, list) and isinstance(target, list):
        if source_form != target_form:
            yield answer_delta(path, drift("type"), source_form, target_form)
        unordered = not rule.ordered or "set" in (source_form, target_form)
        yield from (_multisets if unordered else _sequences)(source, target, path, rule)
    elif isinstance(source, dict | list) or isinstance(target, dict | list):
        found = different("null" if source is None or target is None else "type")
        yield answer_delta(path, found, type_name(source), type_name(target))
    else:
        single = compare_values(source, target, rule.clock)
        if single is not None:
            if rule.values is not None:
                rule.values[path] = (source, target)
            yield answer_delta(path, single, type_name(source), type_name(target))


def _json_text(source: Any, target: Any) -> tuple[Any, Any] | None:
    """Both sides with the text read as JSON, where one is a container and the other a text of one."""
    text, other = (source, target) if isinstance(source, str) else (target, source)
    if not isinstance(other, dict | list):
        return None
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return (value, other) if text is source else (other, value)


def _read_from_text(
    source: Any, target: Any, read: tuple[Any, Any], path: str, rule: Comparison
) -> Iterator[AnswerDelta]:
    deltas = tuple(_compare(*read, path, rule))
    worst = drift("json text") if all(delta.drift for delta in deltas) else different("type")
    yield answer_delta(path, worst, type_name(source), type_name(target))
    yield from deltas


def _objects(source: dict[Any, Any], target: dict[Any, Any], path: str, rule: Comparison) -> Iterator[AnswerDelta]:
    named_source = {str(key): (key, value) for key, value in source.items()}
    named_target = {str(key): (key, value) for key, value in target.items()}
    for name, (key, value) in named_source.items():
        where = _join(path, name)
        if name not in named_target:
            yield answer_delta(where, different("missing key"), type_name(value), None)
            continue
        other_key, other = named_target[name]
        if type(key) is not type(other_key):
            yield answer_delta(where, drift("key type"), type(key).__name__, type(other_key).__name__)
        if name not in rule.ignore:
            yield from _compare(value, other, where, rule)
    for name, (_, value) in named_target.items():
        if name not in named_source:
            yield answer_delta(_join(path, name), different("extra key"), None, type_name(value))


def _sequences(source: list[Any], target: list[Any], path: str, rule: Comparison) -> Iterator[AnswerDelta]:
    if len(source) != len(target):
        yield answer_delta(path, different("length"), type_name(source), type_name(target))
        return
    deltas = [
        delta
        for position, (one, other) in enumerate(zip(source, target, strict=True))
        for delta in _elements(one, other, f"{path}[{position}]", rule)
    ]
    if any(not delta.drift for delta in deltas):
        settled = _within_ties(source, target, path, rule)
        if settled is not None:
            rule.left_open.append(path or "(answer)")
            yield from settled
            return
    if len(source) > 1 and any(not delta.drift for delta in deltas):
        pairs, left_source, left_target = _paired(source, target, rule)
        if not left_source and not left_target:
            yield answer_delta(path, different("order"), type_name(source), type_name(target))
            for one, other in pairs:
                yield from _compare(source[one], target[other], f"{path}[{one}]", rule)
            return
    yield from deltas


def _within_ties(source: list[Any], target: list[Any], path: str, rule: Comparison) -> list[AnswerDelta] | None:
    """The drift of two lists that differ in nothing that the source's query determines; None where they do."""
    if rule.order is None:
        return None
    plain = replace(rule, order=None)
    for ordering, runs in rule.order.readings(source, target, path, ordered=rule.ordered):
        deltas: list[AnswerDelta] = []
        for run in runs:
            ones, others = (
                source[run.positions.start : run.positions.stop],
                target[run.positions.start : run.positions.stop],
            )
            pairs, left, instead = _paired(ones, others, plain)
            if left and not (
                run.cut
                and rule.order.are_other_rows(
                    ordering, source, [ones[at] for at in left], [others[at] for at in instead]
                )
            ):
                break
            for one, other in pairs:
                deltas += _compare(ones[one], others[other], f"{path}[{run.positions.start + one}]", plain)
        else:
            if all(delta.drift for delta in deltas):
                return deltas
    return None


def _elements(source: Any, target: Any, path: str, rule: Comparison) -> list[AnswerDelta]:
    """Two elements at one place. Objects that differ in most of their fields are two objects, not one that changed."""
    deltas = list(_compare(source, target, path, rule))
    fields = opened(source)[1]
    differing = sum(not delta.drift for delta in deltas)
    if isinstance(fields, dict) and differing >= _SEVERAL and differing * 2 > len(fields):
        return [answer_delta(path, different("other element"), type_name(source), type_name(target))]
    return deltas


def _multisets(source: list[Any], target: list[Any], path: str, rule: Comparison) -> Iterator[AnswerDelta]:
    pairs, left_source, left_target = _paired(source, target, rule)
    if left_source and len(source) == len(target):
        settled = _within_ties(source, target, path, rule)
        if settled is not None:
            rule.left_open.append(path or "(answer)")
            yield from settled
            return
    if len(source) != len(target):
        yield answer_delta(path, different("length"), type_name(source), type_name(target))
    alike = most_alike(source, target, left_source, left_target)
    for one, other in sorted(pairs + alike):
        yield from _compare(source[one], target[other], f"{path}[{one}]", rule)
    for one in sorted(set(left_source) - {one for one, _ in alike}):
        yield answer_delta(f"{path}[{one}]", different("missing element"), type_name(source[one]), None)
    for other in sorted(set(left_target) - {other for _, other in alike}):
        yield answer_delta(f"{path}[{other}]", different("extra element"), None, type_name(target[other]))


def _paired(source: list[Any], target: list[Any], rule: Comparison) -> tuple[Pairs, list[int], list[int]]:
    """Positions of elements that are equal but for drift, and those that have no counterpart on either side."""
    waiting: dict[Any, list[int]] = {}
    for position, element in enumerate(target):
        alike = likeness(element, ordered=rule.ordered, ignore=rule.ignore, window=rule.clock.target)
        waiting.setdefault(alike, []).append(position)
    pairs: Pairs = []
    left: list[int] = []
    for position, element in enumerate(source):
        alike = likeness(element, ordered=rule.ordered, ignore=rule.ignore, window=rule.clock.source)
        candidates = waiting.get(alike)
        if candidates:
            best = min(candidates[:_CANDIDATES], key=lambda other: _rank(element, target[other], rule))
            candidates.remove(best)
            pairs.append((position, best))
        else:
            left.append(position)
    return pairs, left, [position for positions in waiting.values() for position in positions]


def _rank(source: Any, target: Any, rule: Comparison) -> int:
    """0 equal, 1 equal but for drift, 2 different: elements that are only alike ('007' and '7') must not be swapped."""
    return max((1 if delta.drift else 2 for delta in _compare(source, target, "", rule)), default=0)


def _join(path: str, name: str) -> str:
    key = shown_key(name)
    if key.startswith("#"):
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else key


def answer_delta(path: str, found: Difference, source: str | None, target: str | None) -> AnswerDelta:
    """A delta; the empty path is the answer itself."""
    return AnswerDelta.model_validate(
        {"path": path or "(answer)", "class": found.cls, "drift": found.drift, "source": source, "target": target}
    )
