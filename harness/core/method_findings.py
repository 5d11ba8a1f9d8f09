"""Findings of the method comparison: one a method and code, with the cases as evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from harness.core.field_rates import field_differences, field_path
from harness.core.findings import Evidence, Finding, FoundObject
from harness.core.method_coverage import CoverageMatrix
from harness.core.method_results import JudgedPair
from harness.core.outcomes import AnswerDelta, FieldDifference, Outcome, OutcomePair
from harness.core.record import JsonValue, Severity, Side

STAGE = "methods"
CASES_SHOWN = 10
_PLACES_SHOWN = 5
_CLASSES_NAMED = 3


def pair_findings(pairs: Sequence[JudgedPair], *, allow_drift: bool) -> list[Finding]:
    """Findings of what was seen in single pairs (MET001 to MET007, MET010, MET013 to MET016, MET018), by method."""
    by_method: dict[str, list[JudgedPair]] = {}
    for each in pairs:
        by_method.setdefault(each.pair.method, []).append(each)
    found = []
    for method, of_method in sorted(by_method.items()):
        grouped: dict[str, list[JudgedPair]] = {}
        for each in of_method:
            for code in each.found.codes:
                grouped.setdefault(code, []).append(each)
        for code, with_code in sorted(grouped.items()):
            severity = _severity(code, with_code, allow_drift=allow_drift)
            found.append(_finding(method, code, with_code, of_method, severity))
    return found


def method_findings(
    pairs: Mapping[str, Sequence[JudgedPair]], methods: tuple[frozenset[str], frozenset[str]]
) -> list[Finding]:
    """Findings MET008, MET009 and MET011: what is not known. `methods` are the source's and the target's."""
    found = []
    source, target = methods
    for method in sorted(source ^ target):
        side, other = (Side.SOURCE, Side.TARGET) if method in source else (Side.TARGET, Side.SOURCE)
        severity = Severity.BLOCKER if side is Side.SOURCE else Severity.COSMETIC
        found.append(
            _about(method, "MET009", severity, f"{method} exists on the {side} layer and not on the {other}'s")
        )
    for method in sorted(source & target):
        of_method = pairs.get(method, ())
        if not of_method:
            found.append(_about(method, "MET008", Severity.RISK, f"no case calls {method}"))
        elif _found_nothing(of_method):
            title = f"{method} found no rows in any of its {_cases(len(of_method))}"
            found.append(_about(method, "MET011", Severity.RISK, title))
    return found


def unused_layer(side: Side, factory: str) -> Finding:
    """The data layer never asked its server: all it answered came from elsewhere."""
    return Finding(
        code="MET007",
        severity=Severity.BLOCKER,
        stage=STAGE,
        object=FoundObject(kind="data layer", identity=factory),
        title=f"the {side} layer {factory} never asked the {side} server for anything",
        evidence=(Evidence(label="seen on the wire", text=f"no statement and no request on the {side}'s relays"),),
        breaks=("every comparison of this run",),
    )


def clone_findings(side: Side, lacking: Sequence[str], notes: Sequence[str]) -> list[Finding]:
    """In what the clones are not like the database."""
    found = []
    if lacking:
        evidence = tuple(Evidence(label="not made", text=each) for each in lacking[:CASES_SHOWN])
        title = f"{len(lacking)} objects of the {side} could not be made in its clone"
        found.append(_clone(side, "objects", Severity.RISK, title, evidence))
    if notes:
        evidence = tuple(Evidence(label="differs", text=each) for each in notes)
        found.append(_clone(side, "environment", Severity.COSMETIC, f"of the {side}, {'; '.join(notes)}", evidence))
    return found


def coverage_findings(matrix: CoverageMatrix) -> list[Finding]:
    """Finding MET021: of each method that was called at all, the kinds of case that it was not called with."""
    return [
        _about(
            each.method,
            "MET021",
            Severity.COSMETIC,
            f"no case of {each.method} was of these kinds: {', '.join(each.missing)}",
        )
        for each in matrix.methods
        if each.exercised and each.missing
    ]


def _clone(side: Side, what: str, severity: Severity, title: str, evidence: tuple[Evidence, ...]) -> Finding:
    found_object = FoundObject(kind="clone", identity=f"{side} {what}")
    return Finding(code="MET012", severity=severity, stage=STAGE, object=found_object, title=title, evidence=evidence)


def _found_nothing(pairs: Sequence[JudgedPair]) -> bool:
    exercised = frozenset[str]().union(*(each.exercised for each in pairs))
    return not exercised & {"rows", "writes"} and all(each.pair.verdict in ("equal", "drift") for each in pairs)


def _about(method: str, code: str, severity: Severity, title: str) -> Finding:
    found_object = FoundObject(kind="method", identity=method)
    return Finding(code=code, severity=severity, stage=STAGE, object=found_object, title=title, breaks=(f"{method}()",))


def _severity(code: str, found: Sequence[JudgedPair], *, allow_drift: bool) -> Severity:
    if code == "MET010":
        # Where both answers end at the cap, the call may well have asked for no more.
        return Severity.RISK if any(each.found.gap for each in found) else Severity.COSMETIC
    if code == "MET002":
        return Severity.COSMETIC if allow_drift else Severity.RISK
    if code in ("MET014", "MET015", "MET018"):
        return Severity.RISK
    # A stale cache is a gap: the pair is void, and the stage incomplete by it.
    return Severity.COSMETIC if code in ("MET013", "MET016", "MET024") else Severity.BLOCKER


_WORDS = {
    "MET001": "answers otherwise on the target",
    "MET002": "gives equal values in another form on the target",
    "MET003": "fails with another kind of error on the target",
    "MET004": "works on the source and fails on the target",
    "MET005": "fails on the source and works on the target",
    "MET006": "leaves other rows behind on the target",
    "MET007": "was not answered by the server that it was called for",
    "MET010": "gives as many rows as the source's row cap allows, which may not be all",
    "MET013": "leaves open on the source which rows come first",
    "MET014": "asks the target's server once for each row",
    "MET015": "leaves out rows that row-level security hides on the source",
    "MET016": "was refused by the source's interface, whose cache of the schema is stale,",
    "MET018": "differs as was expected until a day that is past",
    "MET024": "leaves a sequence or a transaction otherwise than on the source",
}


def _finding(
    method: str, code: str, found: Sequence[JudgedPair], of_method: Sequence[JudgedPair], severity: Severity
) -> Finding:
    shown = found[:CASES_SHOWN]
    evidence = [*_fields(code, found, of_method), *(_evidence(code, each) for each in shown)]
    if len(found) > len(shown):
        evidence.append(Evidence(label="more", text=f"{len(found) - len(shown)} more cases"))
    how_often = f"in {len(found)} of {_cases(len(of_method))}{_classes(code, found)}"
    return Finding(
        code=code,
        severity=severity,
        stage=STAGE,
        object=FoundObject(kind="method", identity=method),
        title=f"{method} {_WORDS[code]} {how_often}",
        evidence=tuple(evidence),
        breaks=(f"{method}()",),
    )


def _fields(code: str, found: Sequence[JudgedPair], of_method: Sequence[JudgedPair]) -> list[Evidence]:
    """The places that differ, with how often they do, and how often by themselves."""
    places = {(field_path(delta.path), delta.cls) for each in found for delta in _deltas(code, each)}
    compared = [each for each in of_method if not each.found.void]
    twice = sum(each.asked_twice for each in compared)
    rated = [
        each
        for each in field_differences([each.found for each in compared], twice)
        if (each.path, each.cls) in places and each.cases
    ]
    told = [Evidence(label=each.path or "the answer", text=_rate(each, len(compared))) for each in rated[:CASES_SHOWN]]
    if len(rated) > len(told):
        told.append(Evidence(label="more", text=f"{len(rated) - len(told)} more places"))
    return told


def _rate(seen: FieldDifference, compared: int) -> str:
    kinds = f" ({seen.source}, {seen.target})" if seen.source != seen.target else ""
    by_itself = f", by itself in {seen.noise_rate:.0%}" if seen.noise else ", never by itself"
    return f"{seen.cls}{kinds} in {seen.cases} of {_cases(compared)} ({seen.rate:.0%}){by_itself}"


def _classes(code: str, found: Sequence[JudgedPair]) -> str:
    """What kinds of differences, the most frequent first: (order, length)."""
    counted = Counter(delta.cls for each in found for delta in _deltas(code, each))
    if code in ("MET003", "MET004", "MET005"):
        errors = [(each.pair.target if code != "MET005" else each.pair.source).error for each in found]
        counted = Counter(error.code or error.kind for error in errors if error is not None)
    named = [cls for cls, _ in counted.most_common(_CLASSES_NAMED)]
    return f" ({', '.join(named)})" if named else ""


def _deltas(code: str, each: JudgedPair) -> tuple[AnswerDelta, ...]:
    pair = each.pair
    if code == "MET001":
        return tuple(delta for delta in pair.deltas if not delta.drift)
    if code == "MET006":
        return tuple(delta for delta in pair.effects if not delta.drift)
    if code == "MET002":
        return tuple(delta for delta in (*pair.deltas, *pair.effects) if delta.drift)
    return ()


def _evidence(code: str, each: JudgedPair) -> Evidence:
    pair = each.pair
    places = _places(_deltas(code, each))
    text = "; ".join([*places, *(pair.notes if code in ("MET007", "MET010") or not places else ())]) or None
    return Evidence(
        label=call_of(pair),
        source=_seen(pair.source, effects=code == "MET006"),
        target=_seen(pair.target, effects=code == "MET006"),
        text=text,
    )


def call_of(pair: OutcomePair) -> str:
    """The case, or what a generated one is about, and its call, with masked arguments."""
    arguments = ", ".join(f"{name}={_argument(value)}" for name, value in pair.arguments.items())
    return f"{pair.purpose or pair.case}: {pair.method}({arguments})"


def _argument(value: JsonValue) -> str:
    return value if isinstance(value, str) else repr(value)


def _seen(outcome: Outcome, *, effects: bool) -> str:
    if not effects:
        return outcome.shape
    return ", ".join(f"{what}: {number}" for what, number in outcome.effects.items()) or "no rows changed"


def _places(deltas: Iterable[AnswerDelta]) -> list[str]:
    """path: class (type on the source, on the target), the first ones; those of one field in many rows are one."""
    listed: dict[str, int] = {}
    for delta in deltas:
        kinds = f" ({delta.source}, {delta.target})" if delta.source != delta.target else ""
        place = f"{field_path(delta.path) or 'the answer'}: {delta.cls}{kinds}"
        listed[place] = listed.get(place, 0) + 1
    told = [f"{place}, {number} times" if number > 1 else place for place, number in listed.items()][:_PLACES_SHOWN]
    if len(listed) > len(told):
        told.append(f"{len(listed) - len(told)} more places")
    return told


def _cases(number: int) -> str:
    return f"{number} case{'' if number == 1 else 's'}"
