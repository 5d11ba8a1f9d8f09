"""Compares both sides of one call: answers, errors, what was left behind, and who answered at all."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from harness.core.answers import compare_answers
from harness.core.effect_comparison import compare_effects
from harness.core.effects import effect_notes
from harness.core.masking import masked_arguments
from harness.core.observations import Observation
from harness.core.outcome_errors import compare_errors, is_infrastructure
from harness.core.outcomes import AnswerDelta, Case, OutcomePair, OutcomeVerdict
from harness.core.truncation import clipped, is_capped

DELTAS_KEPT = 50
_ALIKE = frozenset({"value", "case", "white space", "unicode form", "truncated", "precision", "scale", "format"})
"""Classes of other values: which of them two random values fall into is chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What holds for all cases of a run."""

    ignore: frozenset[str] = frozenset()
    """Fields of answers and columns that are not compared"""
    personal_columns: frozenset[str] = frozenset()
    """schema.table.column"""
    row_cap: int | None = None

    @property
    def personal_names(self) -> frozenset[str]:
        """Names of arguments that are shown as a hash: those of personal columns."""
        return frozenset(column.rpartition(".")[2].strip('"') for column in self.personal_columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a pair of calls says, and the codes of the findings that follow from it."""

    codes: frozenset[str] = frozenset()
    deltas: tuple[AnswerDelta, ...] = ()
    effects: tuple[AnswerDelta, ...] = ()
    notes: tuple[str, ...] = ()
    gap: str = ""
    """Why the pair, or a part of it, proves nothing"""
    void: bool = False

    @property
    def verdict(self) -> OutcomeVerdict:
        """The worst of what was found."""
        if self.void:
            return "void"
        if self.codes & {"MET001", "MET003", "MET004", "MET005", "MET006"}:
            return "different"
        return "drift" if "MET002" in self.codes else "equal"


def compare_calls(case: Case, source: Observation, target: Observation, rules: Rules) -> Comparison:
    """Compare both sides of a call."""
    wrong = _wrong_server(source, target)
    if wrong:
        return Comparison(codes=frozenset({"MET007"}), notes=(wrong,), gap=wrong, void=True)
    lost = [each for each in (source, target) if each.error is not None and is_infrastructure(each.error)]
    if lost:
        sides = " and ".join(each.side for each in lost)
        gap = f"the connection of the {sides} was lost, twice"
        return Comparison(notes=(gap,), gap=gap, void=True)
    found = (
        _compare_errors(source, target)
        if source.error or target.error
        else _compare_content(case, source, target, rules)
    )
    effects = compare_effects(
        source.effects, target.effects, ignore=rules.ignore | set(case.ignore), personal=rules.personal_columns
    )
    codes = set(found.codes)
    if effects and not _follows(source, target):
        codes.add("MET002" if all(delta.drift for delta in effects) else "MET006")
    sequences = source.error is None and target.error is None
    notes = effect_notes(source.effects, target.effects, sequences=sequences)
    return replace(found, codes=frozenset(codes), effects=effects, notes=found.notes + notes)


def _follows(source: Observation, target: Observation) -> bool:
    """Whether the rows differ because one side failed, and wrote nothing: that is not a second finding."""
    return any(
        failed.error is not None and other.error is None and not failed.effects.tables
        for failed, other in ((source, target), (target, source))
    )


def without_noise(found: Comparison, noise: Comparison) -> Comparison:
    """Drop what differs between two calls on one side as well: it says nothing about the other side."""
    if noise.void or noise.codes & {"MET003", "MET004", "MET005"}:
        return replace(found, notes=(*found.notes, "the source does not give one answer to two equal calls"))
    deltas = _quiet(found.deltas, noise.deltas)
    effects = _quiet(found.effects, noise.effects)
    masked = [delta.path for delta in (*found.deltas, *found.effects) if delta not in (*deltas, *effects)]
    if not masked:
        return found
    codes = set(found.codes - {"MET001", "MET002", "MET006"})
    codes |= {"MET002" for delta in (*deltas, *effects) if delta.drift}
    codes |= {"MET001" for delta in deltas if not delta.drift} | {"MET006" for delta in effects if not delta.drift}
    told = f"differs between two calls on the source, and was not compared: {', '.join(masked[:3])}"
    rest = f" and {len(masked) - 3} more" if len(masked) > 3 else ""
    return replace(found, codes=frozenset(codes), deltas=deltas, effects=effects, notes=(*found.notes, told + rest))


def outcome_pair(case: Case, source: Observation, target: Observation, found: Comparison, rules: Rules) -> OutcomePair:
    """The pair as it is written down."""
    notes = list(found.notes)
    if len(found.deltas) > DELTAS_KEPT:
        notes.append(f"{len(found.deltas) - DELTAS_KEPT} more places of the answers differ")
    if len(found.effects) > DELTAS_KEPT:
        notes.append(f"{len(found.effects) - DELTAS_KEPT} more places of the rows left behind differ")
    ignore = rules.ignore | set(case.ignore)
    return OutcomePair(
        case=case.id,
        method=case.method,
        arguments=masked_arguments(case.kwargs, rules.personal_names),
        verdict=found.verdict,
        source=source.outcome(ignore),
        target=target.outcome(ignore),
        deltas=found.deltas[:DELTAS_KEPT],
        effects=found.effects[:DELTAS_KEPT],
        notes=tuple(notes),
    )


def _wrong_server(source: Observation, target: Observation) -> str:
    """Why the pair was not answered by two servers; '' where it was.

    A call that fails, or finds nothing, need not have asked anyone: input is checked before a query is sent.
    """
    for each, other in ((source, target), (target, source)):
        if each.elsewhere:
            return f"the call on the {each.side} went to the server of the {other.side}"
        foreign = [seen.database for seen in each.attestations if _is_foreign(seen.database, each)]
        if foreign:
            return f"the call on the {each.side} asked another database of its server"
    silent = [each.side for each in (source, target) if each.has_content and not each.exchanges]
    if silent:
        return f"the {' and the '.join(silent)} answered without asking its server"
    return ""


def _is_foreign(database: str, observation: Observation) -> bool:
    expected = observation.database
    return bool(expected) and database != expected


def _compare_errors(source: Observation, target: Observation) -> Comparison:
    if source.error is None:
        return Comparison(codes=frozenset({"MET004"}))
    if target.error is None:
        return Comparison(codes=frozenset({"MET005"}))
    verdict = compare_errors(source.error, target.error)
    codes = {"different": {"MET003"}, "drift": {"MET002"}, "equal": set[str]()}[verdict]
    notes = ("the codes of the errors differ, their kind does not",) if verdict == "drift" else ()
    return Comparison(codes=frozenset(codes), notes=notes)


def _compare_content(case: Case, source: Observation, target: Observation, rules: Rules) -> Comparison:
    ignore = rules.ignore | set(case.ignore)
    deltas = compare_answers(source.answer, target.answer, ordered=case.ordered, ignore=ignore)
    capped = rules.row_cap is not None and source.through_rest and is_capped(source.answer, rules.row_cap)
    if capped and rules.row_cap is not None:
        return _compare_capped(case, source, target, deltas, ignore, rules.row_cap)
    return Comparison(codes=_codes(deltas), deltas=deltas)


def _compare_capped(
    case: Case,
    source: Observation,
    target: Observation,
    deltas: tuple[AnswerDelta, ...],
    ignore: Collection[str],
    cap: int,
) -> Comparison:
    """The source's answer may end where its interface cut it off: that the target's goes on is no difference."""
    note = f"the source's answer is as long as its row cap ({cap:,}) and may be cut off there"
    if not any(delta.cls == "length" for delta in deltas):
        return Comparison(codes=_codes(deltas) | {"MET010"}, deltas=deltas, notes=(note,))
    if not case.ordered:
        return Comparison(codes=frozenset({"MET010"}), notes=(note,), gap=f"{note}, and has no order", void=True)
    beginning = clipped(source.answer, target.answer, cap)
    deltas = compare_answers(source.answer, beginning, ordered=True, ignore=ignore)
    gap = f"{note}: only the first {cap:,} rows were compared"
    return Comparison(codes=_codes(deltas) | {"MET010"}, deltas=deltas, notes=(note,), gap=gap)


def _codes(deltas: Collection[AnswerDelta]) -> frozenset[str]:
    return frozenset({"MET002" if delta.drift else "MET001" for delta in deltas})


def _quiet(found: tuple[AnswerDelta, ...], noise: tuple[AnswerDelta, ...]) -> tuple[AnswerDelta, ...]:
    noisy = {(delta.path, delta.cls) for delta in noise}
    changing = {delta.path for delta in noise if delta.cls in _ALIKE}
    return tuple(
        delta
        for delta in found
        if (delta.path, delta.cls) not in noisy and not (delta.path in changing and delta.cls in _ALIKE)
    )
