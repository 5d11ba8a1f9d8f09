"""Compares both sides of one call: answers, errors, what was left behind, and who answered at all."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from harness.core.answers import compare_answers, compare_as_far_as_determined
from harness.core.attested import wrong_server
from harness.core.call_moments import Clock
from harness.core.determined_order import orderings_of
from harness.core.effect_comparison import compare_effects
from harness.core.effects import NO_EFFECTS, effect_notes, left_otherwise
from harness.core.hidden_rows import AskRowsSeen, RowsSeen, is_less, policies_told, refused_by_policy, secured_relations
from harness.core.masking import masked_arguments
from harness.core.model.catalog import Catalog
from harness.core.observations import Observation
from harness.core.open_order import OpenOrder, RowsLike
from harness.core.ordering import Ordering
from harness.core.outcome_errors import compare_errors, is_infrastructure
from harness.core.outcomes import AnswerDelta, Case, OutcomePair, OutcomeVerdict
from harness.core.repeated_statements import repetition
from harness.core.same_answers import identical
from harness.core.shown_differences import with_values
from harness.core.stale_schema_cache import ADVICE, stale_object
from harness.core.truncation import clipped

DELTAS_KEPT = 50
DIFFERENT = frozenset({"MET001", "MET003", "MET004", "MET005", "MET006"})


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What holds for all cases of a run."""

    ignore: frozenset[str] = frozenset()
    """Fields of answers and columns that are not compared"""
    personal_columns: frozenset[str] = frozenset()
    """schema.table.column"""
    relative_moments: bool = False
    """See Clock.relative"""
    personal_arguments: frozenset[str] = frozenset()
    """Names of arguments in which recorded calls have personal values"""
    row_cap: int | None = None
    catalog: Catalog | None = None
    """The source's, in which its queries are looked up; None: nothing is known of keys, policies and its schema"""
    rows_like: RowsLike | None = None
    rows_seen: AskRowsSeen | None = None
    """Confirms what policies hide; None: it is taken for hidden where policies bind the role"""
    show_values: bool = False
    """Whether masked values stand beside the types that differ"""
    clocks_differ: float = 0.05
    """Seconds by which the clocks of a server and of this machine may differ"""

    @cached_property
    def personal_names(self) -> frozenset[str]:
        """Names of arguments that are shown as a hash: those of personal columns, and of recorded personal values."""
        of_columns = frozenset(column.rpartition(".")[2].strip('"') for column in self.personal_columns)
        return of_columns | self.personal_arguments


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a pair of calls says, and the codes of the findings that follow from it."""

    codes: frozenset[str] = frozenset()
    deltas: tuple[AnswerDelta, ...] = ()
    effects: tuple[AnswerDelta, ...] = ()
    noise: tuple[AnswerDelta, ...] = ()
    """What differed between two calls of the source, where it was asked twice"""
    notes: tuple[str, ...] = ()
    gap: str = ""
    """Why the pair, or a part of it, proves nothing"""
    void: bool = False

    @property
    def verdict(self) -> OutcomeVerdict:
        """The worst of what was found."""
        if self.void:
            return "void"
        if self.codes & DIFFERENT:
            return "different"
        return "drift" if "MET002" in self.codes else "equal"


_EQUAL = Comparison()


def compare_calls(case: Case, source: Observation, target: Observation, rules: Rules) -> Comparison:
    """Compare both sides of a call."""
    wrong = wrong_server(source, target)
    if wrong:
        return Comparison(codes=frozenset({"MET007"}), notes=(wrong,), gap=wrong, void=True)
    lost = [each for each in (source, target) if each.error is not None and is_infrastructure(each.error)]
    if lost:
        sides = " and ".join(each.side for each in lost)
        gap = f"the connection of the {sides} was lost, twice"
        return Comparison(notes=(gap,), gap=gap, void=True)
    stale = "" if target.error == source.error else stale_object(source, rules.catalog)
    if stale:
        gap = f"the source's interface does not know {stale}, which its database has: {ADVICE}"
        return Comparison(codes=frozenset({"MET016"}), notes=(gap,), gap=gap, void=True)
    found = (
        _compare_errors(source, target)
        if source.error or target.error
        else _compare_content(case, source, target, rules)
    )
    if source.effects is not NO_EFFECTS or target.effects is not NO_EFFECTS:
        found = _with_effects(found, case, source, target, rules)
    return _with_repetition(_without_hidden_rows(found, source, target, rules), source, target)


def _with_effects(found: Comparison, case: Case, source: Observation, target: Observation, rules: Rules) -> Comparison:
    effects = compare_effects(
        source.effects,
        target.effects,
        ignore=rules.ignore | set(case.ignore),
        personal=rules.personal_columns,
        clock=_clock(source, target, rules),
    )
    uncompared = sorted(
        {identity for each in (source, target) for identity, rows in each.effects.tables.items() if not rows.compared}
    )
    if uncompared and not effects:
        gap = f"more rows of {', '.join(uncompared)} were written than are read: only their number was compared"
        void = not found.codes & DIFFERENT
        found = replace(found, notes=(*found.notes, gap), gap=found.gap or gap, void=found.void or void)
    codes = set(found.codes)
    if effects and not _follows(source, target):
        codes.add("MET002" if all(delta.drift for delta in effects) else "MET006")
    sequences = source.error is None and target.error is None
    notes = effect_notes(source.effects, target.effects, sequences=sequences)
    if not effects and left_otherwise(source.effects, target.effects, sequences=sequences):
        codes.add("MET024")
    return replace(found, codes=frozenset(codes), effects=effects, notes=found.notes + notes)


def _clock(source: Observation, target: Observation, rules: Rules) -> Clock:
    windows = (source.window(rules.clocks_differ), target.window(rules.clocks_differ))
    return Clock(*windows, relative=rules.relative_moments)


def _without_hidden_rows(found: Comparison, source: Observation, target: Observation, rules: Rules) -> Comparison:
    """What policies hide from the source's role is told as that, and not held against the target."""
    if not found.codes & DIFFERENT:
        return found
    relations = secured_relations(source)
    if not relations or target.secured >= set(relations):
        return found
    codes = set(found.codes)
    if refused_by_policy(source, target):
        codes -= {"MET005", "MET006"}
    elif source.error is None and target.error is None:
        if "MET001" in codes and is_less(source.content, target.content):
            codes -= {"MET001"}
        if "MET006" in codes and not source.effects.tables:
            codes -= {"MET006"}
    if codes == found.codes:
        return found
    seen = rules.rows_seen(source) if rules.rows_seen is not None else ()
    where = policies_told(relations, rules.catalog)
    of_reads = "MET006" not in found.codes - codes and (source.error is None or source.error.code != "42501")
    if seen and of_reads and all(each.seen == each.there for each in seen):
        note = f"row-level security of {where} hides nothing of what was asked: {_told(seen)}"
        return replace(found, notes=(*found.notes, note))
    gap = f"row-level security hides rows from the source's role, in {where}"
    if told := _told([each for each in seen if each.seen < each.there]):
        gap += f": {told}"
    return replace(
        found,
        codes=frozenset(codes | {"MET015"}),
        deltas=found.deltas if "MET001" in codes else (),
        effects=found.effects if "MET006" in codes else (),
        notes=(*found.notes, gap),
        gap=gap,
    )


def _told(seen: Sequence[RowsSeen]) -> str:
    return ", ".join(each.words for each in seen)


def _with_repetition(found: Comparison, source: Observation, target: Observation) -> Comparison:
    repeated = repetition(source, target)
    if repeated is None:
        return found
    of_table = f" on {repeated.table}" if repeated.table else ""
    counts = f"{repeated.target} equal statements{of_table} for {repeated.rows} rows"
    if repeated.source * 2 > repeated.target:
        return replace(found, notes=(*found.notes, f"both sides send a statement for each row (N+1): {counts}"))
    note = f"the target sends {counts} (N+1), the source {repeated.source} at most"
    return replace(found, codes=found.codes | {"MET014"}, notes=(*found.notes, note))


def _follows(source: Observation, target: Observation) -> bool:
    """Whether the rows differ because one side failed, and wrote nothing: that is not a second finding."""
    return any(
        failed.error is not None and other.error is None and not failed.effects.tables
        for failed, other in ((source, target), (target, source))
    )


def outcome_pair(case: Case, source: Observation, target: Observation, found: Comparison, rules: Rules) -> OutcomePair:
    """The pair as it is written down."""
    notes = list(found.notes)
    if len(found.deltas) > DELTAS_KEPT:
        notes.append(f"{len(found.deltas) - DELTAS_KEPT} more places of the answers differ")
    if len(found.effects) > DELTAS_KEPT:
        notes.append(f"{len(found.effects) - DELTAS_KEPT} more places of the rows left behind differ")
    ignore = rules.ignore | set(case.ignore)
    deltas = found.deltas[:DELTAS_KEPT]
    if rules.show_values and deltas:
        answers = (source.answer, target.answer)
        deltas = with_values(deltas, *answers, ordered=case.ordered, ignore=ignore, personal=rules.personal_names)
    return OutcomePair(
        case=case.id,
        method=case.method,
        arguments=masked_arguments(case.kwargs, rules.personal_names),
        origin=case.origin,
        purpose=case.purpose,
        verdict=found.verdict,
        source=source.outcome(ignore),
        target=target.outcome(ignore),
        deltas=deltas,
        effects=found.effects[:DELTAS_KEPT],
        notes=tuple(notes),
    )


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
    cap = rules.row_cap
    if cap is not None and source.through_rest and cap in source.list_lengths and source.total != cap:
        return _compare_capped(case, source, target, rules, cap)
    return _compare_answers(case, source, target, target.answer, rules)


def _compare_answers(case: Case, source: Observation, target: Observation, answer: Any, rules: Rules) -> Comparison:
    """Compare the source's answer with one of the target, in so far as the source's own queries determine it."""
    if identical(source.answer, answer):
        return _EQUAL
    ignore = rules.ignore | set(case.ignore)
    clock = _clock(source, target, rules)
    deltas = compare_answers(source.answer, answer, ordered=case.ordered, ignore=ignore, clock=clock)
    orderings = _orderings(source, rules) if any(not delta.drift for delta in deltas) else ()
    if not orderings:
        return Comparison(codes=_codes(deltas), deltas=deltas)
    order = OpenOrder(
        source=orderings,
        target=_orderings(target, rules),
        arguments=case.kwargs,
        rows_like=rules.rows_like,
        clock=clock,
    )
    deltas, places = compare_as_far_as_determined(source.answer, answer, order, ordered=case.ordered, ignore=ignore)
    codes = _codes(deltas) | (frozenset({"MET013"}) if places else frozenset())
    told = f"the source's own query leaves the order open, and which rows come where it ends: {', '.join(places[:3])}"
    return Comparison(codes=codes, deltas=deltas, notes=(told,) if places else ())


def _compare_capped(case: Case, source: Observation, target: Observation, rules: Rules, cap: int) -> Comparison:
    """The source's answer may end where its interface cut it off: that the target's goes on is no difference."""
    note = f"the source's answer is as long as its row cap ({cap:,}) and may be cut off there"
    if source.total is not None:
        note = f"the source's answer is cut off at its row cap ({cap:,}): {source.total:,} rows are there"
    found = _compare_answers(case, source, target, target.answer, rules)
    if not any(delta.cls == "length" for delta in found.deltas):
        return replace(found, codes=found.codes | {"MET010"}, notes=(*found.notes, note))
    gap = f"{note}: only the first {cap:,} rows were compared"
    unsorted = not case.ordered or any(not (each.keys or each.total) for each in _orderings(source, rules))
    if unsorted and is_less(source.content, target.content):
        gap = f"{note}: they were looked for among the target's rows"
        return Comparison(codes=frozenset({"MET010"}), notes=(note,), gap=gap)
    if not case.ordered:
        return Comparison(codes=frozenset({"MET010"}), notes=(note,), gap=f"{note}, and has no order", void=True)
    beginning = clipped(source.answer, target.answer, cap)
    found = _compare_answers(case, source, target, beginning, rules)
    return replace(found, codes=found.codes | {"MET010"}, notes=(*found.notes, note), gap=gap)


def _orderings(seen: Observation, rules: Rules) -> tuple[Ordering, ...]:
    return orderings_of(seen.statements, rules.catalog)


def _codes(deltas: Collection[AnswerDelta]) -> frozenset[str]:
    return frozenset({"MET002" if delta.drift else "MET001" for delta in deltas})
