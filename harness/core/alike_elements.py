"""Pairs elements of two lists that are most alike, so that a difference names a field and not a whole element."""

from __future__ import annotations

from typing import Any

from deepdiff import DeepDiff

from harness.core.likeness import opened

Pairs = list[tuple[int, int]]

_PAIRED_BY_LIKENESS = 12
"""Up to so many elements left over of a multiset are paired by likeness: each pair costs a deep comparison."""


def most_alike(source: list[Any], target: list[Any], left_source: list[int], left_target: list[int]) -> Pairs:
    """Pair what is left over by likeness, so that a delta names the field that differs and not the whole element."""
    if not left_source or not left_target or max(len(left_source), len(left_target)) > _PAIRED_BY_LIKENESS:
        return []
    objects = [
        [one for one in left if isinstance(opened(all_of[one])[1], dict)]
        for left, all_of in ((left_source, source), (left_target, target))
    ]
    distances = sorted(
        (_distance(source[one], target[other]), one, other) for one in objects[0] for other in objects[1]
    )
    pairs: Pairs = []
    for distance, one, other in distances:
        taken = any(one == first or other == second for first, second in pairs)
        if not taken and distance < 0.5:
            pairs.append((one, other))
    return pairs


def _distance(source: Any, target: Any) -> float:
    """deepdiff's deep distance: 0 equal, 1 nothing in common."""
    found = DeepDiff(opened(source)[1], opened(target)[1], ignore_order=True, get_deep_distance=True)
    return float(found.get("deep_distance", 0.0))
