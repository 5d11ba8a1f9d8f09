"""The results of one method in several runs as one: cases are added, what is not known of all together is left out."""

from __future__ import annotations

from collections.abc import Sequence

from harness.core.method_coverage import KINDS, ordered
from harness.core.outcomes import FieldDifference, MethodResult


def merged_method(results: Sequence[MethodResult]) -> MethodResult:
    """The cases of all runs; one result, where several runs have the very same one.

    Medians cannot be added: latency is that of the run with the most paired calls.
    """
    found = list({each.to_json(): each for each in results}.values())
    if len(found) == 1:
        return found[0]
    timed = [each.latency for each in found if each.latency is not None]
    makes_sense = {kind for each in found for kind in each.applicable}
    return MethodResult(
        method=found[0].method,
        cases=sum(each.cases for each in found),
        equal=sum(each.equal for each in found),
        drift=sum(each.drift for each in found),
        different=sum(each.different for each in found),
        void=sum(each.void for each in found),
        applicable=tuple(kind for kind in KINDS if kind in makes_sense),
        exercised=ordered(kind for each in found for kind in each.exercised),
        fields=_fields(found),
        latency=max(timed, key=lambda each: each.pairs, default=None),
    )


def _fields(results: Sequence[MethodResult]) -> tuple[FieldDifference, ...]:
    """Places that differ: cases are added; a rate is that of all cases that were compared."""
    compared = max(sum(each.cases - each.void for each in results), 1)
    groups: dict[tuple[object, ...], list[FieldDifference]] = {}
    for result in results:
        for field in result.fields:
            place = (field.path, field.cls, field.drift, field.source, field.target)
            groups.setdefault(place, []).append(field)
    merged = [
        same[0].model_copy(
            update={
                "cases": (cases := sum(field.cases for field in same)),
                "rate": min(cases / compared, 1.0),
                "noise": sum(field.noise for field in same),
                # Of how many cases were asked twice is not told: the highest share stands.
                "noise_rate": max(field.noise_rate for field in same),
            }
        )
        for same in groups.values()
    ]
    return tuple(sorted(merged, key=lambda field: (-field.cases, field.path)))
