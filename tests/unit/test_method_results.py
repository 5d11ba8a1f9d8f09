"""What the pairs of a method add up to: fields with their rates, the matrix of coverage, findings, the JSON object."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.configuration import Configuration, ExpectedDifference
from harness.core.coverage import Skipped
from harness.core.effects import Effects, TableEffects, WatchedTable
from harness.core.field_rates import field_differences, field_path
from harness.core.latency import latency
from harness.core.latency_findings import latency_findings
from harness.core.method_coverage import KINDS, matrix_of
from harness.core.method_findings import call_of, coverage_findings, pair_findings
from harness.core.method_results import JudgedPair, judged, method_result
from harness.core.noise import without_noise
from harness.core.observations import Observation
from harness.core.outcomes import AnswerDelta, Attestation, Case, MethodResult
from harness.core.pairs import Comparison, Rules, compare_calls, outcome_pair
from harness.core.record import Severity, Side
from harness.render.methods_json import methods_report, render_methods_json
from harness.stages.methods_result import Learned, accepted, added_up
from tests.report.samples import planted

RULES = Rules()


def observed(side: Side, answer: Any, *, exchanges: int = 1, milliseconds: float = 1.0, wrote: bool = False) -> Any:
    table = WatchedTable(identity="public.clients", schema="public", name="clients", columns={"id": "int"}, key=("id",))
    rows = TableEffects(table=table, inserted=({"id": "1"},))
    seen = Attestation(side=side, address=side, database=side, system_identifier=side, exchanges=exchanges)
    return Observation(
        side=side,
        answer=answer,
        milliseconds=milliseconds,
        attestations=(seen,) if exchanges else (),
        effects=Effects(tables={"public.clients": rows}, touched=True) if wrote else Effects(),
    )


def delta(path: str, kind: str, *, drift: bool = False) -> AnswerDelta:
    return AnswerDelta.model_validate({"path": path, "class": kind, "drift": drift})


def pair(source: Any, target: Any, *, again: Any = None, case: Case | None = None, **more: Any) -> JudgedPair:
    """A judged pair of two answers; `again` is what the source answers the second time."""
    case = case or Case(id="one", method="get")
    one, other = observed(Side.SOURCE, source, **more), observed(Side.TARGET, target, **more)
    found = compare_calls(case, one, other, RULES)
    twice = bool(found.deltas)
    if twice:
        second = observed(Side.SOURCE, source if again is None else again, **more)
        found = without_noise(found, compare_calls(case, one, second, RULES))
    return judged(
        outcome_pair(case, one, other, found, RULES), found, one, other, bad_input=case.bad_input, asked_twice=twice
    )


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("data[12].visits[0].name", "data[*].visits[*].name"),
        ("public.clients(id=7).name", "public.clients(*).name"),
        ("public.clients(number=7, company_id=900100)", "public.clients(*)"),
        ("data.name", "data.name"),
        ("", ""),
    ],
)
def test_a_path_is_told_without_positions_and_keys(path: str, shown: str) -> None:
    assert field_path(path) == shown


def test_a_field_that_differs_in_many_rows_of_a_case_counts_that_case_once() -> None:
    rows = [{"id": number, "name": "a"} for number in range(40)]
    others = [{"id": number, "name": "b"} for number in range(40)]
    result = method_result("get", [pair(rows, others), pair(rows, rows), pair(rows, rows), pair(rows, rows)])
    (field,) = result.fields
    assert (field.path, field.cls, field.drift, field.cases, field.rate) == ("[*].name", "value", False, 1, 0.25)
    assert (field.noise, field.noise_rate) == (0, 0.0)


def test_what_the_source_does_by_itself_is_told_beside_what_it_does_not() -> None:
    noisy = {"token": "aa", "name": "x"}
    pairs = [pair(noisy, {"token": "bb", "name": "y"}, again={"token": "cc", "name": "x"}) for _ in range(3)]
    result = method_result("get", pairs)
    rates = {field.path: (field.cases, field.rate, field.noise, field.noise_rate) for field in result.fields}
    assert rates == {"name": (3, 1.0, 0, 0.0), "token": (0, 0.0, 3, 1.0)}


def test_a_field_is_drift_only_where_all_of_it_is() -> None:
    deltas = (delta("[0].n", "type", drift=True), delta("[1].n", "type"))
    (field,) = field_differences([Comparison(deltas=deltas)], 0)
    assert not field.drift


@given(st.lists(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 3)), max_size=4), max_size=6))
def test_rates_are_shares_and_no_place_is_lost(cases: list[list[tuple[str, int]]]) -> None:
    comparisons = [
        Comparison(deltas=tuple(delta(f"[{index}].{name}", "value") for name, index in deltas)) for deltas in cases
    ]
    fields = field_differences(comparisons, 0)
    assert {field.path for field in fields} == {f"[*].{name}" for deltas in cases for name, _ in deltas}
    assert all(0 < field.rate <= 1 for field in fields)


def test_evidence_names_a_field_once_however_many_rows_differ_in_it() -> None:
    rows = [{"id": number, "name": "a", "at": "b"} for number in range(30)]
    others = [each | {"name": "c"} for each in rows]
    (finding,) = pair_findings([pair(rows, others)], allow_drift=False)
    assert [(each.label, each.text) for each in finding.evidence] == [
        ("[*].name", "value in 1 of 1 case (100%), never by itself"),
        ("one: get()", "[*].name: value, 30 times"),
    ]


def test_a_generated_case_is_named_by_what_it_is_about() -> None:
    case = Case(id="get: generated 4", method="get", kwargs={"id": 7}, origin="generated", purpose="an id that is not")
    assert call_of(pair(1, 2, case=case).pair) == "an id that is not: get(id=7)"


def test_each_kind_of_case_is_exercised_by_what_was_seen_of_it() -> None:
    failure = {"success": False, "data": None, "error": {"kind": "x"}}
    bad = Case(id="bad", method="get", bad_input=True)
    assert pair([1], [1]).exercised == {"rows"}
    assert pair([], []).exercised == {"no rows"}
    assert pair([1], [1], wrote=True).exercised == {"rows", "writes"}
    assert pair(failure, failure).exercised == {"error"}
    assert pair(failure, failure, exchanges=0).exercised == {"error", "bad input"}
    assert pair([], [], case=bad).exercised == {"no rows", "bad input"}


def results(*pairs: JudgedPair, **more: Any) -> MethodResult:
    return method_result("get", pairs, **more)


def test_the_matrix_asks_of_a_method_what_makes_sense_for_it() -> None:
    assert results(pair([1], [1])).applicable == KINDS[:4]
    assert results(pair([1], [1]), takes_arguments=False).applicable == ("rows",)
    assert results(pair([1], [1], wrote=True)).applicable == ("rows", "bad input", "error", "concurrency")
    assert results(pair([1], [1], wrote=True), pair([], [])).applicable == KINDS
    assert results(pair([1], [1], wrote=True), at_once=False).applicable == ("rows", "bad input", "error")
    assert results().applicable == KINDS[:4]


def test_the_share_is_of_the_cells_that_make_sense() -> None:
    matrix = matrix_of([results(pair([1], [1])), results(), results(pair([1], [1], wrote=True), concurrent=True)])
    assert (matrix.exercised, matrix.applicable) == (1 + 0 + 2, 4 + 4 + 4)
    assert matrix.percent == 25.0
    assert matrix_of([]).percent == 0.0


def test_a_method_s_empty_cells_are_one_cosmetic_finding() -> None:
    (finding,) = coverage_findings(matrix_of([results(pair([1], [1]))]))
    assert (finding.code, finding.severity, finding.object.identity) == ("MET021", Severity.COSMETIC, "get")
    assert finding.title == "no case of get was of these kinds: no rows, bad input, error"


def test_a_method_that_no_case_calls_has_no_second_finding_about_its_cells() -> None:
    assert coverage_findings(matrix_of([results()])) == []


def test_a_method_that_takes_longer_on_the_target_is_a_risk_with_its_interval() -> None:
    times = [(2.0, 60.0)] * 8
    (finding,) = latency_findings([results(more_times=times)], times=2.0, floor=25.0)
    assert (finding.code, finding.severity, finding.title) == (
        "MET017",
        Severity.RISK,
        "get takes 30.0 times as long on the target",
    )
    assert [each.text for each in finding.evidence][-2:] == [
        "30.0 to 30.0 times as long (95 % confidence, 8 pairs of calls)",
        "2.0 times as long, and 25 ms",
    ]
    assert latency_findings([results(more_times=[(2.0, 3.0)] * 8)], times=2.0, floor=25.0) == []


def test_a_method_that_is_slow_only_where_it_finds_rows_is_named_once_and_as_that() -> None:
    among_misses = results(more_times=[(2.0, 2.1)] * 20 + [(2.0, 60.0)] * 8)
    hits = latency([(2.0, 60.0)] * 8)
    assert hits is not None
    assert latency_findings([among_misses], times=2.0, floor=25.0) == []
    (finding,) = latency_findings([among_misses], {"get": hits}, times=2.0, floor=25.0)
    assert finding.title == "get takes 30.0 times as long on the target where it finds rows or writes"
    everywhere = results(more_times=[(2.0, 60.0)] * 8)
    (finding,) = latency_findings([everywhere], {"get": hits}, times=2.0, floor=25.0)
    assert finding.title == "get takes 30.0 times as long on the target"
    quick = latency([(2.0, 2.1)] * 8)
    assert quick is not None
    assert latency_findings([among_misses], {"get": quick}, times=2.0, floor=25.0) == []


def test_a_hiccup_among_calls_that_find_nothing_does_not_make_the_method_slow_whatever_it_finds() -> None:
    """One call of nine found a row; it alone looked slow, and was made eleven times more."""
    of_misses, of_hits = [(2.0, 2.1)] * 4 + [(2.0, 60.0)] * 4, [(2.0, 250.0)] * 12
    method = results(more_times=of_misses + of_hits)
    hits, misses, slow = latency(of_hits), latency([*of_misses, (2.0, 2.1)]), latency([(2.0, 60.0)] * 8)
    assert hits is not None
    assert misses is not None
    assert slow is not None
    (finding,) = latency_findings([method], {"get": hits}, times=2.0, floor=25.0)
    assert finding.title == "get takes 125.0 times as long on the target"
    (finding,) = latency_findings([method], {"get": hits}, {"get": misses}, times=2.0, floor=25.0)
    assert finding.title == "get takes 125.0 times as long on the target where it finds rows or writes"
    (finding,) = latency_findings([method], {"get": hits}, {"get": slow}, times=2.0, floor=25.0)
    assert finding.title == "get takes 125.0 times as long on the target"
    quick = latency([(2.0, 2.1)] * 8)
    assert quick is not None
    (finding,) = latency_findings([method], {"get": quick}, {"get": misses}, times=2.0, floor=25.0)
    assert finding.title == "get takes 125.0 times as long on the target"


def test_the_json_object_has_methods_findings_and_coverage_by_cell() -> None:
    sample = planted().model_copy(update={"methods": (results(pair([1], [1])), results())})
    report = methods_report(sample)
    assert list(report) == ["methods", "findings", "coverage", "pairs"]
    assert json.loads(render_methods_json(sample)) == report
    assert [each["method"] for each in report["methods"]] == [each.method for each in sample.methods]
    assert {"method", "cases", "equal", "drift", "different", "void", "latency", "exercised", "fields"} <= set(
        report["methods"][0]
    )
    cells = report["coverage"]["cells"]
    assert (cells["exercised"], cells["applicable"], cells["percent"]) == (1, 8, 12.5)
    assert (report["coverage"]["methods"], report["coverage"]["exercised"]) == (2, 1)


def test_fields_that_are_ignored_are_told_as_left_out_by_decision() -> None:
    learned = Learned(methods=(frozenset(), frozenset()), pairs={})
    ignoring = Configuration.model_validate({"methods": {"ignore_fields": ["status"]}})
    (left,) = added_up(learned, ignoring).coverage.skipped
    assert (left.item, left.decided) == ("field status", True)
    assert left.reason == "methods.ignore_fields names it"
    assert added_up(learned, Configuration()).coverage.skipped == ()


def test_differences_that_are_expected_are_told_as_left_out_until_their_day_is_past() -> None:
    def until(day: str, **more: str) -> ExpectedDifference:
        return ExpectedDifference.model_validate({"expires": day, "reason": "the caller rounds", **more})

    left = accepted({"get_staff": {until("2999-12-31", code="MET002"), until("2020-01-31")}, "get_prices": set()})
    assert left == [
        Skipped(
            item="what is expected of get_staff at * (MET002)",
            reason="until 2999-12-31: the caller rounds",
            decided=True,
        )
    ]
