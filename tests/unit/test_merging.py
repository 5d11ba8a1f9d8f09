"""Several runs as one: nothing is lost, nothing that one run did not check looks checked, no verdict gets better."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.core.coverage import Coverage, Skipped, StageStatus
from harness.core.document import RunDocument, ScopeTable
from harness.core.history import summary_of
from harness.core.ledger import MovedLargeObjects
from harness.core.mapping import ColumnMapping, Mapping, TableMapping
from harness.core.merged_facts import merged_status
from harness.core.merging import merge_runs
from harness.core.outcomes import FieldDifference, MethodResult
from harness.core.record import Severity
from harness.core.unchecked import decisions, gaps
from harness.core.verdict import Status, decide
from harness.errors import DocumentError
from harness.render.table_matrix import matrix
from tests.report import samples
from tests.report.nasty import nasty
from tests.report.reference_pair import TABLES, document, identical, stage
from tests.unit.test_run_comparison import CLIENTS, STAFF, finding, rows

SAMPLES = (samples.aligned, samples.first_built, samples.planted, samples.interrupted)
RANKS = [Status.GO, Status.INCOMPLETE, Status.NO_GO]


def numbered(found: RunDocument, number: int, **changes: object) -> RunDocument:
    return found.model_copy(update={"id": f"part{number}", "title": f"part {number}", **changes})


def against(found: RunDocument, label: str) -> RunDocument:
    target = found.target.model_copy(update={"label": label, "system_identifier": label})
    return found.model_copy(update={"target": target})


def part(
    number: int,
    table: str = CLIENTS,
    *,
    status: StageStatus = "passed",
    skipped: tuple[Skipped, ...] = (),
    of: str = "rows",
    **more: Any,
) -> RunDocument:
    """A run that compared one table."""
    ran = status in ("passed", "failed")
    return numbered(
        document(
            title="",
            findings=[],
            stages=[stage(of, status, f"told by {number}")],
            coverage=[Coverage(stage=of, unit="row", checked=9 if ran else 0, items=(table,) * ran, skipped=skipped)],
            scope=[ScopeTable(table=table, scope="compared")],
            **({"rows": [rows(table)] if ran else []} | more),
        ),
        number,
    )


def test_one_run_is_itself_and_a_run_that_is_given_twice_counts_once() -> None:
    only = samples.planted()
    assert merge_runs([only]) == merge_runs([only, only]) == only


def test_runs_of_other_tables_add_up() -> None:
    merged = merge_runs([part(1, CLIENTS), part(2, STAFF)])
    assert merged.verdict.status is Status.GO
    assert [each.table for each in merged.rows] == [CLIENTS, STAFF]
    assert [(each.checked, each.items) for each in merged.coverage] == [(18, (CLIENTS, STAFF))]
    assert [(each.status, each.summary, each.seconds) for each in merged.stages] == [
        ("passed", "told by 1; told by 2", sum(each.stages[0].seconds for each in (part(1), part(2))))
    ]
    assert [each.id for each in merged.parts] == ["part1", "part2"]


def test_what_several_runs_checked_alike_is_counted_once() -> None:
    merged = merge_runs([part(1), part(2)])
    assert [each.checked for each in merged.coverage] == [9]
    assert len(merged.rows) == 1


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(SAMPLES), min_size=2, max_size=4), st.booleans())
def test_no_verdict_gets_better_and_nothing_that_was_found_or_left_out_is_lost(made: list[object], apart: bool) -> None:
    parts = [numbered(each(), number) for number, each in enumerate(made)]  # type: ignore[operator]
    parts = [each.model_copy(update={"mapping": Mapping()}) for each in parts]
    if apart:
        parts = [against(each, f"target {number}") for number, each in enumerate(parts)]
    merged = merge_runs(parts)
    worst = max(RANKS.index(each.verdict.status) for each in parts)
    assert RANKS.index(merged.verdict.status) >= worst
    assert merged.verdict.exit_code == merged.verdict.status.exit_code
    for number, each in enumerate(parts):
        mark = f" [target {number}]" if apart else ""
        known = {(found.code, found.object.identity) for found in merged.findings}
        assert {(found.code, found.object.identity + mark) for found in each.findings} <= known
        open_gaps = {(gap.stage, gap.item) for gap in gaps(merged)}
        items = {item.item + mark for coverage in each.coverage for item in coverage.gaps}
        assert items <= {item for _, item in open_gaps}
    assert RunDocument.from_json(merged.to_json()) == merged


def test_the_order_in_which_runs_are_given_does_not_matter() -> None:
    runs = [part(1, CLIENTS), numbered(samples.planted(), 2), against(part(3, STAFF), "other")]
    runs = [each.model_copy(update={"mapping": Mapping()}) for each in runs]
    merged = {merge_runs(order).to_json() for order in permutations(runs)}
    assert len(merged) == 1


def test_a_part_in_which_nothing_was_checked_keeps_the_whole_from_go() -> None:
    left_out = Skipped(item="stage rows", reason="not today", decided=True)
    nothing = part(2, STAFF, status="excluded", skipped=(left_out,))
    assert nothing.verdict.status is Status.INCOMPLETE
    merged = merge_runs([part(1), nothing])
    assert merged.verdict.status is Status.INCOMPLETE
    assert merged.verdict.reasons == ("part 2: nothing was checked",)


@pytest.mark.parametrize(
    ("statuses", "status"),
    [
        (["passed", "failed", "incomplete"], "failed"),
        (["passed", "incomplete"], "incomplete"),
        (["passed", "not run"], "incomplete"),
        (["excluded", "not run"], "not run"),
        (["excluded", "passed"], "passed"),
        (["excluded", "excluded"], "excluded"),
    ],
)
def test_a_stage_is_passed_only_where_no_run_left_it_undone(statuses: list[StageStatus], status: StageStatus) -> None:
    assert merged_status(statuses) == status


def test_a_stage_that_one_run_left_out_is_not_done_for_the_tables_that_only_that_run_compared() -> None:
    left_out = Skipped(item="stage rows", reason="not today", decided=True)
    merged = merge_runs([part(1), part(2, STAFF, status="excluded", skipped=(left_out,))])
    assert [(each.stage, each.item, each.reason) for each in decisions(merged)] == [("rows", STAFF, "not today")]
    assert {line.table: line.rows.text for line in matrix(merged)} == {CLIENTS: "identical", STAFF: "not compared"}


def test_a_stage_that_one_run_left_out_and_another_did_for_the_same_table_is_done() -> None:
    left_out = Skipped(item="stage rows", reason="not today", decided=True)
    merged = merge_runs([part(1), part(2, status="excluded", skipped=(left_out,))])
    assert decisions(merged) == ()
    assert merged.stages[0].status == "passed"


def test_a_schema_that_was_compared_for_one_table_is_not_equal_for_another() -> None:
    left_out = Skipped(item="stage diff", reason="not today", decided=True)
    merged = merge_runs([part(1, of="diff"), part(2, STAFF, of="diff", status="excluded", skipped=(left_out,))])
    assert {line.table: line.schema.text for line in matrix(merged)} == {CLIENTS: "equal", STAFF: "not compared"}


def test_a_stage_that_a_run_does_not_have_is_not_done_for_its_tables() -> None:
    merged = merge_runs([part(1), part(2, STAFF, of="diff")])
    assert {(each.stage, each.item) for each in decisions(merged)} == {("rows", STAFF), ("diff", CLIENTS)}
    assert {line.table: line.rows.text for line in matrix(merged)}[STAFF] == "identical", "its document says so"


def test_the_worse_of_two_comparisons_of_a_table_stands() -> None:
    worse = part(2, rows=[rows(CLIENTS, status="incomplete", reason="timeout")])
    merged = merge_runs([part(1), worse])
    assert [each.status for each in merged.rows] == ["incomplete"]


def test_equal_findings_are_one_and_the_worst_severity_stands() -> None:
    mild = numbered(document(title="", findings=[finding(severity=Severity.RISK)], stages=[]), 1)
    bad = numbered(document(title="", findings=[finding(), finding("ROW001")], stages=[]), 2)
    found = merge_runs([mild, bad]).findings
    assert [(each.code, each.severity) for each in found] == [("ROW001", "blocker"), ("ROW003", "blocker")]


def test_the_strictest_limit_decides() -> None:
    risk = document(title="", findings=[finding(severity=Severity.RISK)], stages=[stage("rows", "passed", "x")])
    lax = risk.model_copy(
        update={"verdict": decide(risk.findings, [("rows", "passed", "x")], fail_on=Severity.BLOCKER)}
    )
    assert lax.verdict.status is Status.GO
    merged = merge_runs([numbered(lax, 1), part(2)])
    assert (merged.verdict.status, merged.verdict.fail_on) == (Status.NO_GO, Severity.RISK)


def test_cases_of_a_method_are_added_and_rates_are_of_all_of_them() -> None:
    def result(cases: int, different: int, kinds: tuple[str, ...]) -> MethodResult:
        field = FieldDifference.model_validate(
            {"path": "data[*].id", "class": "value", "cases": different, "rate": different / cases}
        )
        return MethodResult(
            method="get_staff", cases=cases, equal=cases - different, drift=0, different=different,
            exercised=kinds, applicable=("rows", "error"), fields=(field,) * bool(different),
        )  # fmt: skip

    one, two = result(6, 3, ("error",)), result(4, 0, ("rows", "writes"))
    merged = merge_runs([part(1, methods=[one]), part(2, STAFF, methods=[two])]).methods
    assert [(each.cases, each.equal, each.different, each.exercised) for each in merged] == [
        (10, 7, 3, ("rows", "error", "writes"))
    ]
    assert [(each.cases, each.rate) for each in merged[0].fields] == [(3, 0.3)]
    assert merge_runs([part(1, methods=[one]), part(2, STAFF, methods=[one])]).methods == (one,)


def test_several_targets_are_told_apart_in_every_name() -> None:
    equal = against(numbered(samples.aligned(), 1), "staging")
    differs = against(numbered(samples.planted(), 2, mapping=Mapping()), "eu")
    merged = merge_runs([equal, differs])
    assert merged.target.label == "staging, eu"
    assert merged.verdict.status is Status.NO_GO
    assert all(each.title.startswith(("staging: ", "eu: ")) for each in merged.findings)
    rows_of = {line.table: line.rows.text for line in matrix(merged)}
    assert rows_of["public.clients [staging]"] == "identical"
    assert rows_of["public.clients [eu]"] == "1 missing on the target, 2 different"
    assert len(merged.rows) == 2 * len(TABLES)
    assert {each.method for each in merged.methods} >= {"get_staff [staging]", "get_staff [eu]"}
    assert merged.plans == ()


def test_what_one_target_passed_does_not_count_for_another() -> None:
    left_out = Skipped(item="stage rows", reason="not today", decided=True)
    diff = stage("diff", "passed", "equal")
    other = against(part(2, status="excluded", skipped=(left_out,)), "eu")
    other = other.model_copy(
        update={
            "stages": (diff, *other.stages),
            "coverage": (*other.coverage, Coverage(stage="diff", unit="object", checked=3)),
        }
    )
    merged = merge_runs([against(part(1), "staging"), other])
    lines = {line.table: line.rows.text for line in matrix(merged)}
    assert lines == {f"{CLIENTS} [staging]": "identical", f"{CLIENTS} [eu]": "not compared"}
    assert ("rows", "stage rows [eu]") in {(each.stage, each.item) for each in decisions(merged)}


def test_a_stage_that_one_target_s_run_does_not_have_is_not_done_for_it() -> None:
    one = against(part(1, of="contract"), "staging")
    merged = merge_runs([one, against(part(2), "eu")])
    lines = {line.table: line.contract.text for line in matrix(merged)}
    assert lines == {f"{CLIENTS} [staging]": "no finding", f"{CLIENTS} [eu]": "not checked"}
    assert ("contract", "stage contract [eu]") in {(each.stage, each.item) for each in decisions(merged)}


def test_targets_of_one_label_are_called_by_their_addresses() -> None:
    one, other = against(part(1), "new"), against(part(2), "new")
    other = other.model_copy(
        update={"target": other.target.model_copy(update={"system_identifier": "2", "address": "eu:5432"})}
    )
    merged = merge_runs([one, other])
    assert f"new eu:5432/{other.target.database}" in merged.target.label


def test_runs_of_different_sources_are_not_merged() -> None:
    other = part(2)
    other = other.model_copy(update={"source": other.source.model_copy(update={"database": "another"})})
    with pytest.raises(DocumentError, match="different sources"):
        merge_runs([part(1), other])


def test_runs_with_other_mappings_of_a_table_are_not_merged() -> None:
    rule = Mapping(tables={CLIENTS: TableMapping(columns={"a": ColumnMapping(source="b")})})
    none = Mapping(tables={CLIENTS: TableMapping(target="public.people")})
    with pytest.raises(DocumentError, match="in different ways"):
        merge_runs([part(1, mapping=rule), part(2, STAFF, mapping=none)])


def test_a_merged_document_can_be_merged_again_and_knows_all_its_parts() -> None:
    three = merge_runs([merge_runs([part(1), part(2, STAFF)]), part(3, "public.services")])
    assert [each.id for each in three.parts] == ["part1", "part2", "part3"]
    assert three.parts[0] == summary_of(part(1))
    apart = merge_runs([against(part(1), "a"), against(part(2), "b")])
    with pytest.raises(DocumentError, match="several targets"):
        merge_runs([apart, part(3)])


def test_a_run_that_is_given_beside_a_merge_that_holds_it_counts_once() -> None:
    result = MethodResult(method="get_staff", cases=6, equal=6, drift=0, different=0)
    one, two = part(1, methods=[result]), part(2, STAFF, methods=[result.model_copy(update={"cases": 4, "equal": 4})])
    merged = merge_runs([one, two])
    assert merge_runs([merged, one]) == merge_runs([two, merged, one]) == merged
    three = part(3, "public.services")
    whole = merge_runs([merged, one, three])
    assert [each.id for each in whole.parts] == ["part1", "part2", "part3"]
    assert [each.cases for each in whole.methods] == [10]
    assert whole.seconds == round(sum(each.seconds for each in (one, two, three)), 3)
    assert merge_runs([whole, merged]) == merge_runs([whole, merge_runs([one, two, three])]) == whole
    apart = merge_runs([against(one, "a"), against(two, "b")])
    assert merge_runs([apart, against(one, "a")]) == apart


def test_two_merges_that_share_a_run_are_not_merged() -> None:
    one, two, three = part(1), part(2, STAFF), part(3, "public.services")
    with pytest.raises(DocumentError, match="part2 is in both") as refused:
        merge_runs([merge_runs([one, two]), merge_runs([two, three])])
    assert refused.value.hint == "Merge the runs that they were made of."


def test_a_merge_of_targets_that_have_one_label_cannot_be_merged_again() -> None:
    other = part(2).target.model_copy(update={"label": "new", "system_identifier": "2", "address": "eu:5432"})
    apart = merge_runs([against(part(1), "new"), part(2, target=other)])
    with pytest.raises(DocumentError, match="several targets"):
        merge_runs([apart, part(3)])


def counted(number: int, kind: str, checked: int, **more: Any) -> RunDocument:
    """A run whose stage diff tells how many objects of each kind it compared."""
    compared = Coverage(stage="diff", unit="object", checked=checked, items=(f"{kind}: {checked}",))
    return part(number, of="diff", **more).model_copy(update={"coverage": (compared,)})


def test_objects_that_two_runs_of_one_pair_counted_are_not_added() -> None:
    merged = merge_runs([counted(1, "tables", 7), counted(2, "tables", 8)])
    assert [(each.checked, each.items) for each in merged.coverage] == [(8, ("tables: 8",))]
    apart = merge_runs([against(counted(1, "tables", 7), "a"), against(counted(2, "tables", 8), "b")])
    assert [(each.checked, each.items) for each in apart.coverage] == [(15, ("tables: 7 [a]", "tables: 8 [b]"))]


def test_a_schema_whose_objects_only_a_run_without_the_stage_asked_for_is_not_compared() -> None:
    left_out = Skipped(item="stage diff", reason="not today", decided=True)
    one = part(1, of="diff", schemas=["public"])
    two = part(2, "app.orders", of="diff", status="excluded", skipped=(left_out,), schemas=["public", "app"])
    merged = merge_runs([one, two])
    assert merged.schemas == ("public", "app")
    assert [(each.stage, each.item) for each in decisions(merged)] == [("diff", "app.orders"), ("diff", "app")]


def test_all_rows_of_all_parts_are_in_the_merged_document() -> None:
    names = list(TABLES.items())
    parts = [part(number, name, rows=[identical(name, count)]) for number, (name, count) in enumerate(names)]
    assert sum(each.source_rows for each in merge_runs(parts).rows) == 1490


@pytest.mark.parametrize("apart", [False, True], ids=["one target", "two targets"])
def test_no_field_of_a_document_or_its_ledger_is_forgotten(apart: bool) -> None:
    full = nasty("name").model_copy(update={"comparison": None, "parts": ()})
    moved = MovedLargeObjects(objects=3, bytes=9, verified=True)
    assert full.migration is not None
    full = full.model_copy(update={"migration": full.migration.model_copy(update={"large_objects": moved})})
    parts = [full.model_copy(update={"id": name}) for name in ("one", "two")]
    parts = [against(each, each.id) if apart else each for each in parts]
    merged = merge_runs(parts)
    assert merged.migration is not None
    elsewhere = {"related", "history"} | ({"plans"} if apart else set())
    for whole, own in ((merged, full), (merged.migration, full.migration)):
        lost = {name for name, value in own if value and not getattr(whole, name)}  # type: ignore[union-attr]
        assert lost <= elsewhere


def test_large_objects_that_one_run_did_not_verify_are_not_verified() -> None:
    full = nasty("name").migration
    assert full is not None
    parts = [
        part(
            number,
            migration=full.model_copy(update={"large_objects": MovedLargeObjects(objects=3, bytes=9, verified=each)}),
        )
        for number, each in enumerate((True, False))
    ]
    merged = merge_runs(parts).migration
    assert merged is not None
    assert merged.large_objects is not None
    assert not merged.large_objects.verified
