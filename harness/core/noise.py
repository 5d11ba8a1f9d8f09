"""Noise: what differs between two calls on the source as well says nothing about the target."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from harness.core.observations import Observation
from harness.core.outcomes import AnswerDelta, Case
from harness.core.pairs import DIFFERENT, Comparison, Rules, compare_calls

_ALIKE = frozenset({"value", "case", "white space", "unicode form", "truncated", "precision", "scale", "format"})
"""Classes of other values: which of them two random values fall into is chance."""


def without_noise(found: Comparison, noise: Comparison, certain: Collection[str] = ()) -> Comparison:
    """Drop what differs between two calls on one side as well: it says nothing about the other side.

    :param certain: paths that differ all the same, as `missed_deadlines` tells
    """
    if noise.void or noise.codes & {"MET003", "MET004", "MET005"}:
        chance = "the source does not give one answer to two equal calls"
        codes = found.codes - DIFFERENT - {"MET002"}
        return replace(found, codes=codes, deltas=(), effects=(), notes=(*found.notes, chance), gap=chance, void=True)
    found = replace(found, noise=(*noise.deltas, *noise.effects))
    deltas = _quiet(found.deltas, noise.deltas, certain)
    effects = _quiet(found.effects, noise.effects, certain)
    # By identity: answers that differ in every field of every row have tens of thousands of places.
    kept = {id(delta) for delta in (*deltas, *effects)}
    masked = [delta.path for delta in (*found.deltas, *found.effects) if id(delta) not in kept]
    if not masked:
        return found
    left = set(found.codes) - {"MET001", "MET002", "MET006"}
    left |= {"MET002" for delta in (*deltas, *effects) if delta.drift}
    left |= {"MET001" for delta in deltas if not delta.drift} | {"MET006" for delta in effects if not delta.drift}
    told = f"differs between two calls on the source, and was not compared: {', '.join(masked[:3])}"
    rest = f" and {len(masked) - 3} more" if len(masked) > 3 else ""
    return replace(found, codes=frozenset(left), deltas=deltas, effects=effects, notes=(*found.notes, told + rest))


def missed_deadlines(
    case: Case, source: Observation, target: Observation, again: Observation, rules: Rules
) -> frozenset[str]:
    """Paths of answers and rows that differ by more than the times of the calls explain; `again`: the source once more.

    Deadlines are moments that move with the clock, and still lie where they should or do not: a token valid for seven
    days. Two calls of one layer give two such moments, so they count as noise. That they lie as far from their own call
    on the source each time, and not on the target, is no chance.
    """
    relative = replace(rules, relative_moments=True)
    by_chance = _paths(compare_calls(case, source, again, relative))
    return _paths(compare_calls(case, source, target, relative)) - by_chance


def _paths(found: Comparison) -> frozenset[str]:
    return frozenset(delta.path for delta in (*found.deltas, *found.effects))


def _quiet(
    found: tuple[AnswerDelta, ...], noise: tuple[AnswerDelta, ...], certain: Collection[str]
) -> tuple[AnswerDelta, ...]:
    noisy = {(delta.path, delta.cls) for delta in noise}
    changing = {delta.path for delta in noise if delta.cls in _ALIKE}
    return tuple(
        delta
        for delta in found
        if delta.path in certain
        or ((delta.path, delta.cls) not in noisy and not (delta.path in changing and delta.cls in _ALIKE))
    )
