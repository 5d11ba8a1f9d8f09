"""The run document of a comparison suite: GO only of what was answered; the order and the processes do not matter."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from harness.core.checked_again import SecondLook
from harness.core.configuration import Configuration
from harness.core.coverage import Coverage, Skipped
from harness.core.deltas import TableRows
from harness.core.document import RunDocument, ScopeTable
from harness.core.findings import Evidence, Finding, FoundObject
from harness.core.merging import merge_runs
from harness.core.outcomes import Case
from harness.core.record import Severity
from harness.core.suite_answers import (
    BESIDE_METHODS,
    BESIDE_TABLES,
    CONCURRENCY,
    NOT_ANSWERED,
    SEQUENCES,
    UNCALLED,
    Heard,
    MethodFacts,
    Question,
    StageFacts,
    SuiteAnswer,
    SuiteFacts,
    Told,
    lightened,
    of_case,
    of_generated,
    of_statements,
)
from harness.core.verdict import Status
from harness.stages.suite_document import NO_LAYERS, WITHOUT_ROWS, suite_document
from harness.stages.suite_findings import distinct
from tests.report.reference_pair import identical, server
from tests.unit.test_method_results import pair

TABLES = ("public.clients", "public.visits")
CASE, OTHER = Case(id="one", method="get"), Case(id="two", method="get")
ROWS = [{"id": 1}]
QUESTIONS = (
    *(Question(stage="diff", item=item) for item in (*TABLES, BESIDE_TABLES)),
    Question(stage="contract", item=of_statements("get"), method="get"),
    Question(stage="contract", item=BESIDE_METHODS),
    *(Question(stage="rows", item=item) for item in TABLES),
    *(Question(stage="methods", item=of_case(each), method=each.method) for each in (CASE, OTHER)),
    Question(stage="methods", item=of_generated(UNCALLED)),
    Question(stage="methods", item=SEQUENCES),
    Question(stage="methods", item=CONCURRENCY),
)
IN_PART = "only in part: not every test of it gave an answer"
WITHOUT_CONTRACT = Configuration.model_validate({"run": {"exclude_stages": {"contract": "a run does it"}}})
METHODS = MethodFacts(source=("get", "put"), target=("get", "put"), factories=("old:layer", "new:layer"))


def covered(stage: str, *skipped: Skipped, checked: int = 5) -> Coverage:
    return Coverage(stage=stage, unit="thing", checked=checked, items=(stage,), skipped=skipped)


def facts(questions: Sequence[Question] = QUESTIONS, *large_objects: Skipped) -> SuiteFacts:
    return SuiteFacts(
        source=server("old", "16.14", "127.0.0.1:1", "1"),
        target=server("new", "18.1", "127.0.0.1:2", "2"),
        introspect=StageFacts(coverage=covered("introspect")),
        scope=StageFacts(coverage=covered("scope")),
        tables=tuple(ScopeTable(table=each, scope="compared") for each in TABLES),
        questions=tuple(questions),
        large_objects=large_objects,
    )


def of_rows(rows: TableRows, *findings: Finding, reason: str = "") -> SuiteAnswer:
    skipped = (Skipped(item=rows.table, reason=reason),) if reason else ()
    coverage = Coverage(stage="rows", unit="row", checked=rows.source_rows, items=(rows.table,), skipped=skipped)
    return SuiteAnswer(stage="rows", item=rows.table, rows=(rows,), coverage=coverage, findings=findings)


def answers() -> list[SuiteAnswer]:
    """Every question answered, all alike."""
    put = pair(ROWS, ROWS, case=Case(id="generated", method="put"))
    return [
        *(SuiteAnswer(stage="diff", item=each) for each in TABLES),
        SuiteAnswer(stage="diff", item=BESIDE_TABLES, coverage=covered("diff"), summary="the schemas are the same"),
        SuiteAnswer(stage="contract", item=of_statements("get")),
        SuiteAnswer(stage="contract", item=BESIDE_METHODS, coverage=covered("contract"), summary="every name holds"),
        *(of_rows(identical(each, 10)) for each in TABLES),
        *(
            SuiteAnswer(stage="methods", item=of_case(each), pairs=(pair(ROWS, ROWS, case=each),))
            for each in (CASE, OTHER)
        ),
        SuiteAnswer(stage="methods", item=of_generated(UNCALLED), pairs=(lightened(put),)),
        SuiteAnswer(stage="methods", item=SEQUENCES),
        SuiteAnswer(stage="methods", item=CONCURRENCY, concurrent=("put",)),
    ]


def made(
    told: Sequence[SuiteAnswer], known: SuiteFacts | None = None, configuration: Configuration | None = None
) -> RunDocument:
    """The document of these answers, each told by a test of its own, as it comes from another process."""
    known = known or facts()
    heard = Heard()
    for each in told:
        methods = METHODS if each.stage == "methods" else None
        heard.hear(Told.from_json(Told(answers=(each,), facts=known, methods=methods).to_json()), 0.5)
    document = suite_document(
        configuration or Configuration(), known, heard, started_at="2026-07-14T09:12:03+00:00", seconds=3
    )
    return RunDocument.from_json(document.to_json())


def gaps(document: RunDocument) -> list[tuple[str, str]]:
    return [(gap.item, gap.reason) for each in document.coverage for gap in each.gaps]


def finding(code: str = "ROW001", severity: Severity = Severity.BLOCKER, stage: str = "rows") -> Finding:
    found = FoundObject(kind="table", identity=TABLES[0])
    return Finding(code=code, severity=severity, stage=stage, object=found, title="rows are missing", table=TABLES[0])


def test_a_suite_whose_every_test_answered_alike_is_go_with_all_that_it_did() -> None:
    document = made(answers(), configuration=WITHOUT_CONTRACT)
    assert document.verdict.status is Status.GO, document.verdict
    assert not gaps(document)
    assert [each.name for each in document.stages] == ["introspect", "scope", "diff", "contract", "rows", "methods"]
    assert [each.status for each in document.stages] == ["passed", "passed", "passed", "excluded", "passed", "passed"]
    assert [each.source_rows for each in document.scope] == [10, 10]
    assert [(each.method, each.cases, each.equal) for each in document.methods] == [("get", 2, 2), ("put", 1, 1)]
    assert document.stage("rows") is not None
    assert [each.seconds for each in document.stages] == [0, 0, 1.5, 1.0, 1.0, 2.5]
    assert {each.side for each in document.servers} == {"source", "target"}


def test_statements_that_a_data_layer_sends_once_there_are_rows_are_a_gap_that_a_merge_keeps() -> None:
    document = made(answers())
    assert document.verdict.status is Status.INCOMPLETE
    assert gaps(document) == [(WITHOUT_ROWS.item, WITHOUT_ROWS.reason)]
    assert {each.name: each.status for each in document.stages}["contract"] == "incomplete"
    both = merge_runs([document, document.model_copy(update={"id": "another"})])
    assert (WITHOUT_ROWS.item, WITHOUT_ROWS.reason) in gaps(both)
    assert both.verdict.status is Status.INCOMPLETE


def test_a_stage_left_out_by_name_is_left_out_though_one_of_its_tests_ran_unless_that_found_something() -> None:
    left_out = Configuration.model_validate({"run": {"exclude_stages": {"rows": "they come later"}}})
    one = [each for each in answers() if each.stage != "rows" or each.item == TABLES[0]]
    document = made(one, configuration=left_out)
    assert {each.name: each.status for each in document.stages}["rows"] == "excluded"
    assert not document.rows
    differing = identical(TABLES[0], 10).model_copy(update={"status": "differs", "missing_on_target": 10})
    document = made([*one, of_rows(differing, finding())], configuration=left_out)
    assert {each.name: each.status for each in document.stages}["rows"] == "failed"
    assert document.verdict.status is Status.NO_GO


def test_expected_differences_are_told_as_left_out_of_their_methods() -> None:
    expected = {"method": "*", "reason": "known", "expires": "2999-01-31"}
    configuration = Configuration.model_validate({"methods": {"expected": [{**expected, "path": "x"}, expected]}})
    told = answers()
    told[7] = told[7].model_copy(update={"excused": (("get", 1),)})
    document = made(told, configuration=configuration)
    (methods,) = (each for each in document.coverage if each.stage == "methods")
    assert [each for each in methods.skipped if each.decided] == [
        Skipped(item="what is expected of get at * (*)", reason="until 2999-01-31: known", decided=True)
    ]
    summary = {each.name: each.summary for each in document.stages}["methods"]
    assert summary.count("nothing was found of the difference that is expected") == 1
    assert "at x" in summary


def partitioned(leaf: TableRows, *found: Finding, parent: TableRows | None = None) -> RunDocument:
    """The second table is a partition of the first."""
    told = [each for each in answers() if each.stage != "rows"]
    known = facts().model_copy(update={"partitions": {TABLES[1]: TABLES[0]}})
    return made([*told, of_rows(parent or identical(TABLES[0], 10)), of_rows(leaf, *found)], known)


def test_rows_of_a_partition_count_once_with_those_of_the_table_that_it_is_part_of() -> None:
    document = partitioned(identical(TABLES[1], 10))
    (rows,) = (each for each in document.coverage if each.stage == "rows")
    assert rows.checked == 10
    assert rows.items == TABLES
    assert [each.table for each in document.rows] == [TABLES[0]]
    differing = identical(TABLES[1], 10).model_copy(update={"status": "differs", "missing_on_target": 10})
    alone = partitioned(differing, finding())
    assert alone.verdict.status is Status.NO_GO, "the parent was found alike at another moment"
    of_parent = identical(TABLES[0], 10).model_copy(update={"status": "differs", "missing_on_target": 10})
    both = partitioned(differing, finding(), parent=of_parent)
    assert [each.table for each in both.rows] == [TABLES[0]]
    assert not [each for each in both.findings if each.stage == "rows"], "the parent's test tells it"


def test_a_view_that_each_test_compares_with_its_table_counts_once_with_its_worst_end() -> None:
    view = identical("public.busy", 3)
    worse = view.model_copy(update={"status": "differs", "different": 1})
    told = [each for each in answers() if each.stage != "rows"]
    for table, seen in zip(TABLES, (worse, view), strict=True):
        told.append(of_rows(identical(table, 10)).model_copy(update={"rows": (identical(table, 10), seen)}))
    document = made(told)
    (rows,) = (each for each in document.coverage if each.stage == "rows")
    assert rows.checked == 23
    assert [(each.table, each.status) for each in document.rows] == [
        (TABLES[0], "identical"),
        ("public.busy", "differs"),
        (TABLES[1], "identical"),
    ]


def test_a_finding_that_tests_tell_with_other_figures_keeps_what_each_says() -> None:
    first, second = (
        finding("MET022", Severity.RISK).model_copy(
            update={
                "title": f"{number} requests",
                "evidence": tuple(Evidence(label=f"{number}.{each}") for each in many),
            }
        )
        for number, many in ((1, range(3)), (2, range(60)))
    )
    (found,) = distinct([SuiteAnswer(stage="methods", item=str(each), findings=(each,)) for each in (first, second)])
    assert found.title == "1 requests; other tests tell other figures"
    assert Evidence(label="another test", text="2 requests") in found.evidence
    assert found.evidence[-1] == Evidence(label="not shown", text="24 more")


def test_another_structure_of_the_same_counts_is_seen_by_its_fingerprint() -> None:
    heard = Heard()
    for number, each in enumerate(answers()):
        seen = ("a", "c" if number else "b")
        heard.hear(Told(answers=(each,), facts=facts().model_copy(update={"fingerprints": seen}), methods=METHODS), 0.5)
    assert heard.changed


@pytest.mark.parametrize("place", range(len(QUESTIONS)), ids=[each.item for each in QUESTIONS])
def test_whatever_no_test_answered_is_a_gap_and_the_verdict_incomplete(place: int) -> None:
    told = answers()
    del told[place]
    document = made(told)
    assert document.verdict.status is Status.INCOMPLETE
    assert (QUESTIONS[place].item, NOT_ANSWERED) in gaps(document)
    assert {reason for _, reason in gaps(document)} <= {NOT_ANSWERED, IN_PART, WITHOUT_ROWS.reason}
    if QUESTIONS[place].stage == "methods":
        guesses = [each for each in document.findings if each.code in ("MET008", "MET011", "MET021")]
        assert not guesses, "what the test would have called is not known"


@pytest.mark.parametrize("stage", ["diff", "contract", "rows", "methods"])
def test_a_stage_that_no_test_was_chosen_of_was_not_run(stage: str) -> None:
    document = made([each for each in answers() if each.stage != stage])
    record = document.stage(stage)
    assert record is not None
    assert record.status == "not run"
    assert document.verdict.status is Status.INCOMPLETE


def test_a_difference_is_no_go_though_other_tests_were_not_run() -> None:
    differing = identical(TABLES[0], 10).model_copy(update={"status": "differs", "missing_on_target": 10})
    document = made([of_rows(differing, finding())])
    assert document.verdict.status is Status.NO_GO
    assert document.verdict.reasons == ("rows are missing",)
    assert (TABLES[1], NOT_ANSWERED) in gaps(document)


def test_cases_that_differ_are_counted_as_a_run_counts_them() -> None:
    told = answers()
    told[7] = SuiteAnswer(stage="methods", item=of_case(CASE), pairs=(pair(ROWS, [{"id": 2}], case=CASE),))
    document = made(told)
    assert document.verdict.status is Status.NO_GO
    assert [each.code for each in document.findings if each.severity is Severity.BLOCKER] == ["MET001"]
    assert [(each.case, each.verdict) for each in document.outcomes] == [("one", "different")]
    assert [(each.different, each.equal) for each in document.methods] == [(1, 1), (0, 1)]


def test_a_test_that_passes_when_it_is_repeated_hides_nothing() -> None:
    differing = identical(TABLES[0], 10).model_copy(update={"status": "differs", "missing_on_target": 10})
    for told in ([of_rows(differing, finding()), *answers()], [*answers(), of_rows(differing, finding())]):
        assert made(told).verdict.status is Status.NO_GO


@pytest.mark.parametrize(
    ("stage", "kind", "unanswered"),
    [
        ("diff", "extension", BESIDE_TABLES),
        ("diff", "table", TABLES[0]),
        ("contract", "column", of_statements("get")),
        ("contract", "statement", BESIDE_METHODS),
        ("contract", "column", ""),
        ("rows", "table", TABLES[0]),
        ("methods", "method", SEQUENCES),
        ("methods", "method", of_generated(UNCALLED)),
    ],
)
def test_what_a_run_found_is_not_fixed_because_no_test_looked(stage: str, kind: str, unanswered: str) -> None:
    about = {"table": TABLES[0], "method": "get", "column": "public.others.name"}.get(kind, "some other thing")
    old = finding(stage=stage).model_copy(
        update={"object": FoundObject(kind=kind, identity=about), "table": about if kind == "table" else None}
    )
    whole = made(answers())
    older = whole.model_copy(
        update={
            "findings": (old,),
            "coverage": tuple(
                each.model_copy(update={"skipped": tuple(gap for gap in each.skipped if not gap.decided)})
                for each in whole.coverage
            ),
        }
    )
    newer = made([each for each in answers() if (each.stage, each.item) != (stage, unanswered)])
    assert SecondLook(newer, older).why_not(old)


def test_the_order_in_which_processes_tell_changes_nothing() -> None:
    first = made(answers())
    for seed in range(5):
        told = answers()
        random.Random(seed).shuffle(told)
        other = made(told)
        assert other.model_copy(update={"id": first.id, "finished_at": first.finished_at}) == first


def test_tables_that_are_empty_prove_nothing_unless_another_has_rows() -> None:
    empty = of_rows(identical(TABLES[0], 0), finding("COV002", Severity.RISK), reason="every compared table is empty")
    empty = empty.model_copy(
        update={
            "coverage": Coverage(
                stage="rows",
                unit="row",
                checked=0,
                items=(TABLES[0],),
                skipped=(Skipped(item="the source", reason="every compared table is empty on the source"),),
            )
        }
    )
    beside = [each for each in answers() if each.item != TABLES[0] or each.stage != "rows"]
    assert made([*beside, empty], configuration=WITHOUT_CONTRACT).verdict.status is Status.GO
    others = empty.model_copy(update={"item": TABLES[1], "rows": (identical(TABLES[1], 0),)})
    document = made([*(each for each in beside if each.stage != "rows"), empty, others])
    assert document.verdict.status is Status.INCOMPLETE
    assert [each.code for each in document.findings if each.severity is Severity.RISK] == ["COV002"]


def test_processes_that_saw_another_structure_make_no_go() -> None:
    heard = Heard()
    for number, each in enumerate(answers()):
        seen = StageFacts(coverage=covered("introspect", checked=6 if number else 5))
        told = Told(answers=(each,), facts=facts().model_copy(update={"introspect": seen}), methods=METHODS)
        heard.hear(told, 0.5)
    document = suite_document(Configuration(), facts(), heard, started_at="2026-07-14T09:12:03+00:00", seconds=3)
    assert document.verdict.status is Status.INCOMPLETE
    assert "changed while the tests ran" in gaps(document)[0][1]


def test_large_objects_are_a_gap_because_no_test_compares_them() -> None:
    document = made(answers(), facts(QUESTIONS, Skipped(item="large objects", reason="no test")), WITHOUT_CONTRACT)
    assert document.verdict.status is Status.INCOMPLETE
    assert [item for item, _ in gaps(document)] == ["large objects"]
    behind = Skipped(item="large objects", reason="3 are not moved: nobody reads them", decided=True)
    document = made(answers(), facts(QUESTIONS, behind), WITHOUT_CONTRACT)
    assert document.verdict.status is Status.GO
    (rows,) = (each for each in document.coverage if each.stage == "rows")
    assert behind in rows.skipped


def test_a_suite_without_data_layers_is_incomplete_unless_the_stages_are_left_out_by_name() -> None:
    told = [each for each in answers() if each.stage in ("diff", "rows")]
    known = facts([each for each in QUESTIONS if each.stage in ("diff", "rows")])
    document = made(told, known)
    assert document.verdict.status is Status.INCOMPLETE
    assert [reason for _, reason in gaps(document)] == [NO_LAYERS, NO_LAYERS]
    reasons = {"contract": "there is no code yet", "methods": "there is no code yet"}
    decided = Configuration.model_validate({"run": {"exclude_stages": reasons}})
    document = made(told, known, decided)
    assert document.verdict.status is Status.GO
    assert [each.status for each in document.stages][-3:] == ["excluded", "passed", "excluded"]


def test_a_layer_that_asked_no_server_in_any_process_is_a_blocker() -> None:
    silent = [
        each.model_copy(update={"used": (True, False)}) if each.stage == "methods" else each for each in answers()
    ]
    document = made(silent)
    assert document.verdict.status is Status.NO_GO
    assert (document.findings[0].code, document.findings[0].object.identity) == ("MET007", "new:layer")
    once = [*silent[:-1], answers()[-1]]
    assert made(once, configuration=WITHOUT_CONTRACT).verdict.status is Status.GO


def test_a_method_that_looks_slow_after_few_calls_is_a_gap() -> None:
    slow = pair(ROWS, ROWS, case=CASE)
    slower = slow.pair.model_copy(update={"target": slow.pair.target.model_copy(update={"milliseconds": 400.0})})
    told = answers()
    told[7:9] = [
        SuiteAnswer(
            stage="methods",
            item=of_case(each),
            pairs=(lightened(type(slow)(pair=slower, found=slow.found, rows=True, wrote=False)),),
        )
        for each in (CASE, OTHER)
    ]
    document = made(told, configuration=WITHOUT_CONTRACT)
    assert document.verdict.status is Status.INCOMPLETE
    assert [item for item, _ in gaps(document)] == ["how long get takes"]


def test_a_method_whose_hits_alone_look_slow_is_a_gap() -> None:
    hit = pair(ROWS, ROWS, case=CASE)
    slower = hit.pair.model_copy(update={"target": hit.pair.target.model_copy(update={"milliseconds": 400.0})})
    hits = (type(hit)(pair=slower, found=hit.found, rows=True, wrote=False),) * 2
    misses = (type(hit)(pair=hit.pair, found=hit.found, rows=False, wrote=False),) * 40
    told = answers()
    told[7] = SuiteAnswer(stage="methods", item=of_case(CASE), pairs=(*hits, *misses))
    document = made(told, configuration=WITHOUT_CONTRACT)
    assert [item for item, _ in gaps(document)] == ["how long get takes"]


def test_what_a_test_tells_of_equal_calls_stays_small() -> None:
    wide = [{f"column_{number}": "x" * 200 for number in range(50)} for _ in range(200)]
    case = Case(id="wide", method="get", kwargs={"ids": list(range(1000))})
    told = Told(
        answers=(SuiteAnswer(stage="methods", item="wide", pairs=(lightened(pair(wide, wide, case=case)),) * 100),)
    )
    assert len(told.to_json()) < 100 * 1_000
