"""Findings of sequences of calls: one a method, with the calls in order as evidence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.core.call_sequences import Divergence
from harness.core.findings import Evidence, Finding, FoundObject
from harness.core.outcomes import AnswerDelta, Outcome
from harness.core.pairs import Rules, outcome_pair
from harness.core.record import Severity

_PLACES_SHOWN = 5
_ENDINGS = {
    "MET001": "answers otherwise on the target",
    "MET003": "fails with another kind of error on the target",
    "MET004": "fails on the target only",
    "MET005": "fails on the source only",
    "MET006": "leaves other rows behind on the target",
}


def sequence_findings(divergences: Sequence[Divergence], rules: Rules) -> list[Finding]:
    """MET020 for each method that a sequence ends with. Arguments are masked as everywhere."""
    by_method: dict[str, Divergence] = {}
    for each in divergences:
        present = by_method.get(each.method)
        if present is None or len(each.plan) < len(present.plan):
            by_method[each.method] = each
    return [_finding(each, rules) for _, each in sorted(by_method.items())]


def _finding(divergence: Divergence, rules: Rules) -> Finding:
    before = len(divergence.plan) - 1
    ending = next(words for code, words in _ENDINGS.items() if code in divergence.found.codes)
    methods = tuple(dict.fromkeys(f"{step.case.method}()" for step in divergence.plan))
    return Finding(
        code="MET020",
        severity=Severity.BLOCKER,
        stage="methods",
        object=FoundObject(kind="method", identity=divergence.method),
        title=f"{divergence.method} {ending} after {before} other call{'' if before == 1 else 's'}, and not alone",
        evidence=tuple(_evidence(divergence, rules)),
        breaks=methods,
    )


def _evidence(divergence: Divergence, rules: Rules) -> Iterable[Evidence]:
    for position, (step, (source, target)) in enumerate(zip(divergence.plan, divergence.calls, strict=True)):
        last = position == len(divergence.plan) - 1
        ignore = rules.ignore | set(step.case.ignore)
        pair = outcome_pair(step.case, source, target, divergence.found, rules)
        arguments = ", ".join(
            f"{name}={value if isinstance(value, str) else repr(value)}" for name, value in pair.arguments.items()
        )
        taken = f", with what came back from call {step.earlier + 1}" if step.earlier is not None else ""
        places = _places((*divergence.found.deltas, *divergence.found.effects)) if last else ""
        by_effects = last and "MET006" in divergence.found.codes
        yield Evidence(
            label=f"call {position + 1}: {step.case.method}({arguments}){taken}",
            source=_seen(source.outcome(ignore), effects=by_effects),
            target=_seen(target.outcome(ignore), effects=by_effects),
            text=places or None,
        )


def _seen(outcome: Outcome, *, effects: bool) -> str:
    if not effects:
        return outcome.shape
    rows = ", ".join(f"{what}: {number}" for what, number in outcome.effects.items()) or "no rows changed"
    return f"{outcome.shape}; since the first call {rows}"


def _places(deltas: Sequence[AnswerDelta]) -> str:
    found = [delta for delta in deltas if not delta.drift]
    told = [
        f"{delta.path}: {delta.cls}" + (f" ({delta.source}, {delta.target})" if delta.source != delta.target else "")
        for delta in found[:_PLACES_SHOWN]
    ]
    if len(found) > len(told):
        told.append(f"{len(found) - len(told)} more places")
    return "; ".join(told)
