"""Both sides of a call judged: verdicts, codes, who answered, noise, the row cap; and what pairs add up to."""

from __future__ import annotations

from typing import Any

import pytest

from harness.core.effects import Effects, TableEffects, WatchedTable
from harness.core.latency import latency, percentile
from harness.core.method_findings import call_of, clone_findings, method_findings, pair_findings
from harness.core.method_results import JudgedPair, judged, method_result
from harness.core.noise import without_noise
from harness.core.observations import Observation, shape_of
from harness.core.outcomes import Attestation, Case
from harness.core.pairs import Rules, compare_calls, outcome_pair
from harness.core.record import Severity, Side

RULES = Rules(ignore=frozenset({"updated_at"}), personal_columns=frozenset({"public.clients.phone"}), row_cap=3)
CASE = Case(id="a case", method="get_clients", kwargs={"company_id": 900100, "phone": "80005550101", "name": "Анна"})
ORDERS = WatchedTable(
    identity="public.o", schema="public", name="o", columns={"id": "integer"}, key=("id",), common="public.o"
)
ONE_ROW = Effects(tables={"public.o": TableEffects(table=ORDERS, inserted=({"id": "1"},))}, touched=True)


def seen(side: Side, answer: Any = None, *, exchanges: int = 1, **more: Any) -> Observation:
    own = Attestation(side=side, address="h:1", database=f"{side}_clone", system_identifier="1", exchanges=exchanges)
    return Observation(
        side=side,
        database=f"{side}_clone",
        answer=answer,
        milliseconds=2.0,
        attestations=(own,) if exchanges else (),
        **more,
    )


def source(answer: Any = None, **more: Any) -> Observation:
    return seen(Side.SOURCE, answer, **more)


def target(answer: Any = None, **more: Any) -> Observation:
    return seen(Side.TARGET, answer, **more)


def success(data: Any) -> dict[str, Any]:
    return {"success": True, "data": data, "error": None}


def failure(kind: str, code: str) -> dict[str, Any]:
    return {"success": False, "data": None, "error": {"kind": kind, "code": code, "message": "m"}}


def codes_of(one: Observation, other: Observation, case: Case = CASE) -> tuple[str, set[str]]:
    found = compare_calls(case, one, other, RULES)
    return found.verdict, set(found.codes)


@pytest.mark.parametrize(
    ("one", "other", "verdict", "codes"),
    [
        (success([1]), success([1]), "equal", set[str]()),
        (success([{"updated_at": 1}]), success([{"updated_at": 2}]), "equal", set[str]()),
        (success([1]), success([2]), "different", {"MET001"}),
        (success([1]), success(["1"]), "drift", {"MET002"}),
        (failure("conflict", "23505"), failure("conflict", "23505"), "equal", set[str]()),
        (failure("conflict", "23505"), failure("conflict", "21000"), "drift", {"MET002"}),
        (failure("conflict", "23505"), failure("internal", "42P10"), "different", {"MET003"}),
        (success([1]), failure("internal", "42703"), "different", {"MET004"}),
        (failure("conflict", "P0003"), success({"id": 1}), "different", {"MET005"}),
    ],
)
def test_answers_and_errors_give_a_verdict_and_codes(one: Any, other: Any, verdict: str, codes: set[str]) -> None:
    assert codes_of(source(one), target(other)) == (verdict, codes)


def test_a_raised_error_is_the_error_of_an_envelope() -> None:
    class Conflict(Exception):
        sqlstate = "23505"

    assert codes_of(source(failure("conflict", "23505")), target(exception=Conflict())) == ("equal", set())


def test_messages_are_never_compared() -> None:
    one, other = failure("conflict", "23505"), failure("conflict", "23505")
    other["error"]["message"] = "another text"
    assert codes_of(source(one), target(other)) == ("equal", set())


def test_other_rows_left_behind_are_a_finding_of_their_own() -> None:
    assert codes_of(source(success(1), effects=ONE_ROW), target(success(1))) == ("different", {"MET006"})


def test_rows_that_a_failed_call_did_not_write_are_no_second_finding() -> None:
    failed = target(failure("internal", "42P10"))
    assert codes_of(source(success(1), effects=ONE_ROW), failed) == ("different", {"MET004"})


def test_rows_that_a_failed_call_did_write_are_one() -> None:
    failed = target(failure("internal", "42P10"), effects=ONE_ROW)
    assert codes_of(source(failure("internal", "42P10")), failed) == ("different", {"MET006"})


def test_data_that_no_server_was_asked_for_voids_the_pair() -> None:
    assert codes_of(source(success([1])), target(success([1]), exchanges=0)) == ("void", {"MET007"})


def test_a_refused_input_or_an_empty_answer_needs_no_server() -> None:
    refused = failure("invalid_input", "invalid_input")
    assert codes_of(source(refused, exchanges=0), target(refused, exchanges=0)) == ("equal", set())
    assert codes_of(source(success([])), target(success([]), exchanges=0)) == ("equal", set())


def test_traffic_to_the_other_sides_server_voids_the_pair() -> None:
    elsewhere = source().attestations
    found = compare_calls(CASE, source(success([1])), target(success([1]), elsewhere=elsewhere), RULES)
    assert (found.verdict, set(found.codes)) == ("void", {"MET007"})
    assert found.gap == "the call on the target went to the server of the source"


def test_another_database_of_the_right_server_voids_the_pair() -> None:
    stray = Attestation(side=Side.TARGET, address="h:1", database="other", system_identifier="1", exchanges=1)
    one = Observation(side=Side.TARGET, database="target_clone", answer=success([1]), attestations=(stray,))
    assert codes_of(source(success([1])), one) == ("void", {"MET007"})


def test_a_lost_connection_is_void_and_never_a_mismatch() -> None:
    found = compare_calls(CASE, source(success([1])), target(failure("connection", "08006")), RULES)
    assert (found.verdict, set(found.codes)) == ("void", set())
    assert "target" in found.gap


def test_an_answer_cut_off_at_the_row_cap_is_not_held_against_the_target() -> None:
    one, other = source(success([1, 2, 3]), through_rest=True), target(success([1, 2, 3, 4]))
    found = compare_calls(CASE, one, other, RULES)
    assert (found.verdict, set(found.codes)) == ("equal", {"MET010"})
    assert found.gap
    other = target(success([1, 9, 3, 4]))
    assert codes_of(one, other) == ("different", {"MET001", "MET010"})


def test_an_unordered_answer_cut_off_at_the_row_cap_proves_nothing() -> None:
    case = CASE.model_copy(update={"ordered": False})
    one, other = source(success([1, 2, 3]), through_rest=True), target(success([5, 4, 3, 2]))
    assert codes_of(one, other, case) == ("void", {"MET010"})


def test_an_unordered_answer_cut_off_at_the_row_cap_is_looked_for_in_the_whole_one() -> None:
    case = CASE.model_copy(update={"ordered": False})
    one, other = source(success([1, 2, 3]), through_rest=True), target(success([4, 3, 2, 1]))
    found = compare_calls(case, one, other, RULES)
    assert (found.verdict, set(found.codes)) == ("equal", {"MET010"})
    assert found.gap


def test_an_answer_that_is_counted_to_be_whole_is_not_cut_off() -> None:
    one = source(success([1, 2, 3]), through_rest=True, total=3)
    assert codes_of(one, target(success([1, 2, 3]))) == ("equal", set())
    assert codes_of(one, target(success([1, 2, 3, 4]))) == ("different", {"MET001"})


def test_an_answer_that_is_cut_off_says_how_many_rows_there_are() -> None:
    one = source(success([1, 2, 3]), through_rest=True, total=1100)
    found = compare_calls(CASE, one, target(success([1, 2, 3, 4])), RULES)
    assert "1,100 rows are there" in found.gap


def test_the_row_cap_does_not_concern_answers_that_came_without_the_gateway() -> None:
    assert codes_of(source(success([1, 2, 3])), target(success([1, 2, 3, 4]))) == ("different", {"MET001"})


def test_what_differs_between_two_calls_on_the_source_is_noise() -> None:
    one, again = source(success({"id": 1, "token": "a1"})), source(success({"id": 1, "token": "b2"}))
    other = target(success({"id": 1, "token": "c3"}))
    found = compare_calls(CASE, one, other, RULES)
    quiet = without_noise(found, compare_calls(CASE, one, again, RULES))
    assert (found.verdict, quiet.verdict) == ("different", "equal")
    assert "data.token" in quiet.notes[-1]


@pytest.mark.parametrize("token", [None, 5, ["c3"]])
def test_noise_does_not_hide_a_field_that_is_null_or_of_another_type_on_the_target(token: object) -> None:
    one, again = source(success({"token": "a1"})), source(success({"token": "b2"}))
    found = compare_calls(CASE, one, target(success({"token": token})), RULES)
    assert without_noise(found, compare_calls(CASE, one, again, RULES)).verdict == "different"


def test_noise_in_one_field_does_not_hide_another() -> None:
    one, again = source(success({"n": 1, "m": 1})), source(success({"n": 2, "m": 1}))
    found = compare_calls(CASE, one, target(success({"n": 3, "m": 2})), RULES)
    quiet = without_noise(found, compare_calls(CASE, one, again, RULES))
    assert [delta.path for delta in quiet.deltas] == ["data.m"]


def test_a_pair_that_is_written_down_holds_no_argument_and_no_answer() -> None:
    one, other = source(success([{"name": "Анна"}])), target(success([{"name": "Вера"}]))
    pair = outcome_pair(CASE, one, other, compare_calls(CASE, one, other, RULES), RULES)
    text = pair.to_json()
    assert all(word not in text for word in ("Анна", "Вера", "80005550101"))
    assert call_of(pair).startswith("a case: get_clients(company_id=900100, phone=#")
    assert (pair.source.shape, pair.source.statements) == ("list of 1 object", 1)


def test_deltas_beyond_what_is_kept_are_counted() -> None:
    one, other = source(success(list(range(80)))), target(success(list(range(1, 81))))
    pair = outcome_pair(CASE, one, other, compare_calls(CASE, one, other, RULES), RULES)
    assert len(pair.deltas) == 50
    assert pair.notes == ("30 more places of the answers differ",)


@pytest.mark.parametrize(
    ("content", "shape"),
    [
        (None, "null"),
        ([], "empty list"),
        ([1], "list of 1 int"),
        ([{"a": 1}, {"a": 2}], "list of 2 objects"),
        ([1, "a"], "list of 2 values"),
        ({"a": 1}, "object with 1 field"),
        (True, "bool"),
    ],
)
def test_a_shape_says_what_an_answer_is_without_what_it_holds(content: Any, shape: str) -> None:
    assert shape_of(content) == shape


def pair_of(one: Observation, other: Observation, method: str = "get_clients") -> JudgedPair:
    case = CASE.model_copy(update={"method": method})
    found = compare_calls(case, one, other, RULES)
    return judged(outcome_pair(case, one, other, found, RULES), found, one, other)


def test_a_method_adds_up_to_its_cases_and_what_they_exercised() -> None:
    pairs = [
        pair_of(source(success([1])), target(success([1]))),
        pair_of(source(success([])), target(success([]))),
        pair_of(source(success([1])), target(success(["1"]))),
        pair_of(source(success([1])), target(failure("internal", "42703"))),
        pair_of(source(success([1])), target(success([1]), exchanges=0)),
    ]
    result = method_result("get_clients", pairs)
    assert (result.cases, result.equal, result.drift, result.different, result.void) == (5, 2, 1, 1, 1)
    assert result.exercised == ("rows", "no rows", "error")


def test_latency_is_taken_from_calls_that_both_servers_answered() -> None:
    result = method_result("m", [pair_of(source(success([]), exchanges=0), target(success([]), exchanges=0))])
    assert result.latency is None
    found = latency([(10.0, 2.0), (20.0, 2.0), (30.0, 10.0)])
    assert found is not None
    assert (found.source_p50, found.target_p95, found.ratio) == (20.0, 10.0, 5.0)


def test_percentiles_are_the_nearest_rank() -> None:
    assert [percentile([5, 1, 4, 2, 3], percent) for percent in (1, 50, 95, 100)] == [1, 3, 5, 5]


def test_one_finding_a_method_and_code_tells_how_many_cases_and_what_of_them() -> None:
    pairs = [pair_of(source(success([1])), target(success([2])))] * 12
    pairs.append(pair_of(source(success([1])), target(success([1]))))
    (finding,) = pair_findings(pairs, allow_drift=False)
    assert (finding.code, finding.severity, finding.object.identity) == ("MET001", Severity.BLOCKER, "get_clients")
    assert finding.title == "get_clients answers otherwise on the target in 12 of 13 cases (value)"
    assert (finding.evidence[0].label, finding.evidence[0].text) == (
        "data[*]",
        "value in 12 of 13 cases (92%), never by itself",
    )
    assert len(finding.evidence) == 12
    assert finding.evidence[1].text == "data[*]: value"
    assert finding.breaks == ("get_clients()",)


@pytest.mark.parametrize(("allowed", "severity"), [(False, Severity.RISK), (True, Severity.COSMETIC)])
def test_drift_is_a_risk_unless_it_is_allowed(allowed: bool, severity: Severity) -> None:
    pairs = [pair_of(source(success([1])), target(success(["1"])))]
    assert [each.severity for each in pair_findings(pairs, allow_drift=allowed)] == [severity]


def test_methods_that_were_not_called_found_nothing_or_exist_on_one_side_are_named() -> None:
    empty = pair_of(source(success([])), target(success([])), "find")
    methods = (frozenset({"find", "get", "old"}), frozenset({"find", "get", "new"}))
    found = method_findings({"find": [empty]}, methods)
    assert {(each.code, each.object.identity, each.severity) for each in found} == {
        ("MET009", "old", Severity.BLOCKER),
        ("MET009", "new", Severity.COSMETIC),
        ("MET008", "get", Severity.RISK),
        ("MET011", "find", Severity.RISK),
    }


def test_clones_that_are_not_like_the_database_are_a_finding() -> None:
    found = clone_findings(Side.SOURCE, ["extension citext: not available"], ["the clone runs on PostgreSQL 18"])
    assert [(each.code, each.severity, each.object.identity) for each in found] == [
        ("MET012", Severity.RISK, "source objects"),
        ("MET012", Severity.COSMETIC, "source environment"),
    ]
    assert clone_findings(Side.SOURCE, [], []) == []


@pytest.mark.parametrize(
    "table",
    [
        TableEffects(table=ORDERS, unread=60_000),
        TableEffects(table=ORDERS, deleted_rows=60_000, unseen_deleted=60_000),
    ],
)
def test_rows_of_which_only_the_number_is_known_are_a_gap_and_never_equal(table: TableEffects) -> None:
    many = Effects(tables={"public.o": table}, touched=True)
    found = compare_calls(CASE, source(success(1), effects=many), target(success(1), effects=many), RULES)
    assert found.verdict == "void"
    assert found.gap == "more rows of public.o were written than are read: only their number was compared"
    other = compare_calls(CASE, source(success(1), effects=many), target(success(2), effects=many), RULES)
    assert other.verdict == "different", "what was seen counts"


def test_a_sequence_that_moves_on_one_side_only_is_told_and_is_no_difference_of_rows() -> None:
    moved = Effects(sequences={"public.o_id_seq": 2}, touched=True)
    found = compare_calls(CASE, source(success(1), effects=moved), target(success(1)), RULES)
    assert found.verdict == "equal"
    assert found.codes == {"MET024"}
    assert found.notes == ("sequence public.o_id_seq moved by 2 on the source, 0 on the target",)
    assert not compare_calls(CASE, source(success(1), effects=moved), target(success(1), effects=moved), RULES).codes


def test_a_transaction_that_both_sides_leave_open_is_told() -> None:
    held = Effects(open_transaction=True, touched=True)
    found = compare_calls(CASE, source(success(1), effects=held), target(success(1), effects=held), RULES)
    assert found.codes == {"MET024"}
