"""Equal calls made at the same moment: what they came to together, and whether both sides come to the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from harness.core.call_sequences import KnownCase
from harness.core.effects import Effects
from harness.core.findings import Evidence, Finding, FoundObject
from harness.core.method_results import JudgedPair
from harness.core.noise import without_noise
from harness.core.observations import Observation
from harness.core.outcome_errors import compare_errors
from harness.core.outcomes import AnswerDelta, Case, OutcomeError
from harness.core.pairs import Comparison, Rules, compare_calls, outcome_pair
from harness.core.record import Severity

_PLACES_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerOutcome:
    """What one of the callers got. Answers are not compared: which caller gets which is chance."""

    error: OutcomeError | None = None
    hung: bool = False
    """It did not return while it was waited for"""

    @property
    def words(self) -> str:
        """answered, error conflict (23505), did not return."""
        if self.hung:
            return "did not return"
        if self.error is None:
            return "answered"
        return f"error {self.error.kind}" + (f" ({self.error.code})" if self.error.code else "")

    def like(self, other: CallerOutcome) -> bool:
        """Whether both came to the same: an answer, an error of one kind, or no end."""
        if self.hung or other.hung:
            return self.hung and other.hung
        if self.error is None or other.error is None:
            return self.error is None and other.error is None
        return compare_errors(self.error, other.error) != "different"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """All callers at once, one time, on one side."""

    callers: tuple[CallerOutcome, ...]
    seen: Observation
    """Attestations and effects of all of them; it has no answer"""

    @property
    def hung(self) -> bool:
        """Whether one of the callers did not return."""
        return any(each.hung for each in self.callers)

    @property
    def words(self) -> str:
        """What the callers got, and the rows that they left changed."""
        got = [each.words for each in self.callers]
        told = [f"{got.count(each)} {each}" for each in dict.fromkeys(sorted(got))]
        rows = [f"{what}: {number}" for what, number in self.seen.effects.counts().items()]
        return "; ".join([", ".join(told), ", ".join(rows) or "no rows changed"])


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcurrentDifference:
    """A case that never ended alike on both sides when it was called several times at once."""

    case: Case
    source: tuple[Attempt, ...]
    target: tuple[Attempt, ...]
    found: Comparison
    like_a_queue: bool
    """The target ends as one call after another does on the source: it is the source that loses something"""


def alike(case: Case, source: Attempt, target: Attempt, rules: Rules, noise: Iterable[Attempt] = ()) -> Comparison:
    """What both sides came to, compared; what also differs between attempts of one side is left out.

    `noise` are more attempts on the side of `source`. Void, where another server answered.
    """
    ignore = case.model_copy(update={"ignore": (*case.ignore, *_made_keys(source.seen.effects, target.seen.effects))})
    found = compare_calls(ignore, source.seen, target.seen, rules)
    if found.void:
        return found
    for each in noise:
        found = without_noise(found, compare_calls(ignore, source.seen, each.seen, rules))
    if _matched(source.callers, target.callers):
        return found
    worse = any(each.hung or each.error is not None for each in target.callers)
    return replace(found, codes=found.codes | {"MET004" if worse else "MET005"})


def _matched(source: Sequence[CallerOutcome], target: Sequence[CallerOutcome]) -> bool:
    """Whether the outcomes are the same in some order."""
    left = list(target)
    for each in source:
        like = next((other for other in left if each.like(other)), None)
        if like is None:
            return False
        left.remove(like)
    return not left


def _made_keys(*sides: Effects) -> set[str]:
    """Key columns of new rows, where a sequence was moved: which caller drew which number is chance."""
    if not any(each.sequences for each in sides):
        return set()
    return {
        each.table.common_name(each.table.key[0])
        for effects in sides
        for each in effects.tables.values()
        if each.inserted and len(each.table.key) == 1
    }


def chosen_cases(known: Iterable[KnownCase], pairs: Iterable[JudgedPair]) -> tuple[Case, ...]:
    """Of each method that wrote two cases at most: one that puts new rows in, one that changes rows that are there.

    Cases that failed alone are none of them: what several callers get of it is an error each.
    """
    effects = {each.pair.case: each.pair.source.effects for each in pairs}
    chosen: dict[tuple[str, bool], Case] = {}
    for each in known:
        if each.writes and not each.failed:
            inserts = any(what.endswith(" inserted") for what in effects.get(each.case.id, ()))
            chosen.setdefault((each.case.method, inserts), each.case)
    return tuple(case for _, case in sorted(chosen.items(), key=lambda item: (item[0][0], not item[0][1])))


def concurrency_findings(differences: Iterable[ConcurrentDifference], callers: int, rules: Rules) -> list[Finding]:
    """MET019 for each method, the worst of its cases first."""
    by_method: dict[str, list[ConcurrentDifference]] = {}
    for each in differences:
        by_method.setdefault(each.case.method, []).append(each)
    return [_finding(method, each, callers, rules) for method, each in sorted(by_method.items())]


def _finding(method: str, found: Sequence[ConcurrentDifference], callers: int, rules: Rules) -> Finding:
    better = all(each.like_a_queue for each in found)
    title = (
        f"{method} ends like one call after another when {callers} callers call it at once, and does not on the source"
        if better
        else f"{method} ends otherwise on the target when {callers} callers call it at once"
    )
    return Finding(
        code="MET019",
        severity=Severity.COSMETIC if better else Severity.BLOCKER,
        stage="methods",
        object=FoundObject(kind="method", identity=method),
        title=title,
        evidence=tuple(
            Evidence(
                label=_call(each, rules),
                source=_all_words(each.source),
                target=_all_words(each.target),
                text=_places(each.found.effects) or None,
            )
            for each in found
        ),
        breaks=(f"{method}()",),
    )


def _call(found: ConcurrentDifference, rules: Rules) -> str:
    pair = outcome_pair(found.case, found.source[0].seen, found.target[0].seen, found.found, rules)
    arguments = ", ".join(
        f"{name}={value if isinstance(value, str) else repr(value)}" for name, value in pair.arguments.items()
    )
    return f"{pair.case}: {pair.method}({arguments})"


def _all_words(attempts: Iterable[Attempt]) -> str:
    return " | ".join(dict.fromkeys(each.words for each in attempts))


def _places(deltas: Sequence[AnswerDelta]) -> str:
    told = [f"{delta.path}: {delta.cls}" for delta in deltas[:_PLACES_SHOWN]]
    if len(deltas) > len(told):
        told.append(f"{len(deltas) - len(told)} more places")
    return "; ".join(told)
