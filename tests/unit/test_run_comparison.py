"""Two runs beside each other: new, fixed, still there; and nothing is fixed that was not looked at again."""

from __future__ import annotations

from typing import Any

import pytest

from harness.core.coverage import Coverage, Skipped, StageStatus
from harness.core.deltas import SampleBound, TableRows
from harness.core.document import RunDocument, ScopeTable
from harness.core.findings import Finding, FoundObject
from harness.core.merging import merge_runs
from harness.core.outcomes import MethodResult
from harness.core.record import Severity
from harness.core.run_comparison import compare_runs, exit_code_of_change
from tests.report import samples
from tests.report.reference_pair import document, stage

CLIENTS, STAFF = "public.clients", "public.staff"


def finding(
    code: str = "ROW003",
    identity: str = CLIENTS,
    *,
    of: str = "rows",
    kind: str = "table",
    table: str | None = CLIENTS,
    severity: Severity = Severity.BLOCKER,
    title: str = "differs",
    breaks: tuple[str, ...] = (),
) -> Finding:
    return Finding(
        code=code,
        severity=severity,
        stage=of,
        object=FoundObject(kind=kind, identity=identity),
        title=title,
        table=table,
        breaks=breaks,
    )


def rows(table: str, **changes: object) -> TableRows:
    facts: dict[str, object] = {"status": "identical", "source_rows": 9, "target_rows": 9}
    return TableRows.model_validate({"table": table, "target_table": table, **facts, **changes})


def method(**changes: object) -> MethodResult:
    facts = {"cases": 4, "equal": 4, "drift": 0, "different": 0, "exercised": ("rows", "error")}
    return MethodResult.model_validate({"method": "get_staff", **facts, **changes})


def run(
    *findings: Finding,
    of: str = "rows",
    status: StageStatus = "passed",
    items: tuple[str, ...] = (CLIENTS, STAFF),
    skipped: tuple[Skipped, ...] = (),
    checked: int = 18,
    scopes: dict[str, str] | None = None,
    **more: Any,
) -> RunDocument:
    told = {CLIENTS: "compared", STAFF: "compared"} | (scopes or {})
    defaults: dict[str, Any] = {"rows": [rows(CLIENTS), rows(STAFF)], "methods": [method()]}
    return document(
        title="run",
        findings=list(findings),
        stages=[stage(of, status, "told")],
        coverage=[Coverage(stage=of, unit="row", checked=checked, items=items, skipped=skipped)],
        scope=[ScopeTable.model_validate({"table": name, "scope": each}) for name, each in told.items()],
        **(defaults | more),
    )


def elsewhere(document: RunDocument, side: str) -> RunDocument:
    """The same run of another server."""
    other = getattr(document, side).model_copy(update={"system_identifier": "1"})
    return document.model_copy(update={side: other})


def without(document: RunDocument, table: str) -> RunDocument:
    """The run as if nobody had a table of that name in scope."""
    return document.model_copy(update={"scope": tuple(each for each in document.scope if each.table != table)})


def standings(newer: RunDocument, older: RunDocument) -> list[tuple[str, str]]:
    return [(each.standing, each.object.identity) for each in compare_runs(newer, older).findings]


def reason(newer: RunDocument, older: RunDocument) -> str:
    """Why the one finding of the older run was not checked again; '' where it is fixed."""
    (only,) = compare_runs(newer, older).findings
    assert (only.standing == "not checked again") == bool(only.reason)
    assert only.standing in ("fixed", "not checked again")
    return only.reason


def test_findings_are_new_fixed_or_still_there_and_other_words_are_the_same_finding() -> None:
    older = run(finding(title="2 rows differ"), finding(identity=STAFF, table=STAFF))
    newer = run(finding(title="3 rows differ"), finding("IDX001", "public.i"))
    assert standings(newer, older) == [("new", "public.i"), ("fixed", STAFF), ("still there", CLIENTS)]


def test_another_severity_of_a_finding_is_told() -> None:
    older, newer = run(finding(severity=Severity.COSMETIC)), run(finding())
    (only,) = compare_runs(newer, older).findings
    assert (only.standing, only.severity, only.was) == ("still there", Severity.BLOCKER, Severity.COSMETIC)


def test_two_findings_of_one_code_and_object_are_matched_by_their_words_and_counted() -> None:
    older = run(finding(title="a"), finding(title="b"))
    compared = compare_runs(run(finding(title="c"), finding(title="b"), finding(title="d")), older).findings
    assert sorted(each.standing for each in compared) == ["new", "still there", "still there"]
    assert {each.title for each in compared if each.standing == "still there"} >= {"b"}


def test_a_run_compared_with_itself_has_nothing_new_and_nothing_fixed() -> None:
    for each in (samples.planted(), samples.first_built(), samples.interrupted(), samples.aligned()):
        comparison = compare_runs(each, each)
        assert {found.standing for found in comparison.findings} <= {"still there"}
        assert comparison.no_longer_checked == ()
        assert comparison.notes == ()
        assert exit_code_of_change(each, comparison) == 0


def test_what_was_checked_again_and_not_found_is_fixed() -> None:
    assert reason(run(), run(finding())) == ""


@pytest.mark.parametrize(
    ("newer", "words"),
    [
        (run(of="diff"), "has no stage rows"),
        (run(status="excluded"), "was left out: told"),
        (run(status="not run"), "did not run: told"),
        (run(status="incomplete", checked=0), "checked nothing"),
        (run(scopes={CLIENTS: "excluded"}), "not compared any more (excluded)"),
        (run(skipped=(Skipped(item=CLIENTS, reason="timeout"),)), "public.clients: timeout"),
        (run(skipped=(Skipped(item="rows of public.clients on the source", reason="x"),)), "rows of public.clients"),
        (run(skipped=(Skipped(item=f"{CLIENTS}.name", reason="ignored", decided=True),)), "ignored"),
        (run(skipped=(Skipped(item="public", reason="no rights"),)), "public: no rights"),
        (run(skipped=(Skipped(item="stage rows", reason="no"),)), "stage rows: no"),
        (run(skipped=(Skipped(item="3 changes", reason="a rule", decided=True),)), "3 more changes are left out"),
        (run(items=(STAFF,)), "public.clients was checked then, and not now"),
        (run(rows=[rows(STAFF)]), "were not compared"),
        (run(rows=[rows(CLIENTS, status="incomplete", reason="timeout")]), "not compared wholly: timeout"),
        (run(rows=[rows(CLIENTS, sample=SampleBound(rows=5, at_most=0.1))]), "only 5 rows"),
        (run(rows=[rows(CLIENTS, tolerated=2)]), "2 rows of public.clients are within the tolerances"),
        (without(run(), CLIENTS), "public.clients is not among the tables"),
        (elsewhere(run(), "target"), "another target"),
        (elsewhere(run(), "source"), "another source"),
    ],
)
def test_nothing_is_fixed_that_was_not_looked_at_again(newer: RunDocument, words: str) -> None:
    assert words in reason(newer, run(finding()))


@pytest.mark.parametrize(
    "skipped",
    [
        Skipped(item=STAFF, reason="timeout"),
        Skipped(item="public.clients_old", reason="timeout"),
        Skipped(item="xpublic.clients", reason="timeout"),
        Skipped(item="public.clients_old.name", reason="timeout"),
    ],
)
def test_a_gap_elsewhere_does_not_keep_a_finding_from_being_fixed(skipped: Skipped) -> None:
    assert reason(run(skipped=(skipped,)), run(finding())) == ""


def test_a_column_that_was_always_left_out_does_not_keep_its_table_from_being_fixed() -> None:
    always = (Skipped(item=f"{CLIENTS}.updated_at", reason="set by a trigger", decided=True),)
    assert reason(run(skipped=always), run(finding(), skipped=always)) == ""


def test_rows_that_were_always_left_out_do_not_keep_their_table_from_being_fixed() -> None:
    def only(condition: str, *, decided: bool = True) -> tuple[Skipped, ...]:
        words = f"only those are compared where {condition}"
        return (Skipped(item=f"rows of {CLIENTS} on the source", reason=words, decided=decided),)

    older = run(finding(), skipped=only("id < 9"))
    assert reason(run(skipped=only("id < 9")), older) == ""
    assert "id < 5" in reason(run(skipped=only("id < 5")), older)
    assert reason(run(skipped=only("x", decided=False)), run(finding(), skipped=only("x", decided=False)))


def test_rows_that_were_always_within_the_tolerances_do_not_keep_their_table_from_being_fixed() -> None:
    tolerant = [rows(CLIENTS, tolerated=2), rows(STAFF)]
    assert reason(run(rows=tolerant), run(finding(), rows=tolerant)) == ""


@pytest.mark.parametrize("recorded", [True, False], ids=["schemas recorded", "by an older pgparity"])
@pytest.mark.parametrize(
    ("kind", "identity", "table", "words"),
    [
        ("column", "app.orders.name", "app.orders", "schema app is not compared any more"),
        ("function", "app.total(public.clients)", None, "schema app is not compared any more"),
        ("schema", "app", None, "schema app is not compared any more"),
        ("function", "public.total(app.orders)", None, ""),
        ("extension", "pgcrypto", None, ""),
        ("column", f"{CLIENTS}.name", CLIENTS, ""),
    ],
)
def test_nothing_is_fixed_in_a_schema_that_is_not_compared_any_more(
    recorded: bool, kind: str, identity: str, table: str | None, words: str
) -> None:
    found = finding("COL001", identity, of="diff", kind=kind, table=table)
    older = run(found, of="diff", scopes={"app.orders": "compared"}, schemas=["public", "app"] * recorded)
    newer = run(of="diff", schemas=["public"] * recorded)
    assert words in reason(newer, older)
    assert bool(words) == bool(reason(newer, older))


def test_a_table_that_the_target_alone_had_is_fixed_when_it_is_gone() -> None:
    found = finding("TBL002", "public.extra", of="diff", table="public.extra")
    older = run(found, of="diff", scopes={"public.extra": "target only"})
    assert reason(run(of="diff"), older) == ""


def targets(*parts: RunDocument, labels: str = "eu,us") -> RunDocument:
    """Runs of several targets as one."""
    named = [
        each.model_copy(
            update={
                "id": label,
                "target": each.target.model_copy(
                    update={"label": label, "system_identifier": label, "address": f"{label}:5432"}
                ),
            }
        )
        for each, label in zip(parts, labels.split(","), strict=True)
    ]
    return merge_runs(named) if len(named) > 1 else named[0]


def test_what_was_found_of_one_of_several_targets_is_fixed_only_where_that_one_was_looked_at_again() -> None:
    found = finding("COL003", f"{CLIENTS}.name", of="diff", kind="column")
    older = targets(run(found, of="diff"), run(of="diff"))
    assert standings(targets(run(of="diff"), run(of="diff")), older) == [("fixed", f"{CLIENTS}.name [eu]")]
    for newer in (
        run(of="diff"),
        targets(run(of="diff"), labels="us"),
        targets(run(of="diff"), labels="eu"),
        targets(run(of="diff"), run(of="diff"), labels="us,asia"),
    ):
        assert "another target" in reason(newer, older)


@pytest.mark.parametrize(
    ("skipped", "words"),
    [
        (Skipped(item="stage diff", reason="not today", decided=True), "not today"),
        (Skipped(item="2 changes", reason="a rule", decided=True), "2 more changes are left out"),
        (Skipped(item=f"privileges of {CLIENTS}.name", reason="no rights"), "no rights"),
    ],
)
def test_what_is_left_out_of_one_of_several_targets_is_not_fixed_there_and_is_at_the_other(
    skipped: Skipped, words: str
) -> None:
    found = finding("COL003", f"{CLIENTS}.name", of="diff", kind="column")
    older = targets(run(found, of="diff"), run(found, of="diff"))
    newer = compare_runs(targets(run(of="diff", skipped=(skipped,)), run(of="diff")), older)
    (eu,) = newer.of("not checked again")
    (us,) = newer.of("fixed")
    assert (eu.object.identity, us.object.identity) == (f"{CLIENTS}.name [eu]", f"{CLIENTS}.name [us]")
    assert words in eu.reason


def test_a_gap_of_one_column_says_nothing_of_another() -> None:
    found = finding("COL003", f"{CLIENTS}.name", of="diff", kind="column")
    gap = (Skipped(item=f"{CLIENTS}.phone", reason="x"),)
    assert reason(run(of="diff", skipped=gap), run(found, of="diff")) == ""


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ((), "was not called"),
        ((method(cases=2, equal=0, void=2),), "no call of it counts"),
        ((method(cases=3, equal=3),), "4 cases of get_staff were compared then, 3 now"),
        ((method(exercised=("rows",)),), "another kind of case then: error"),
        ((method(cases=5, equal=5),), ""),
    ],
)
def test_a_method_is_mended_only_where_as_many_cases_of_the_same_kinds_say_so(
    now: tuple[MethodResult, ...], words: str
) -> None:
    found = finding("MET001", "get_staff", of="methods", kind="method", table=None)
    older, newer = run(found, of="methods"), run(of="methods", methods=now)
    assert words in reason(newer, older)
    assert bool(words) == bool(reason(newer, older))


@pytest.mark.parametrize(
    ("paths", "words"), [(("data[*].status",), "field status: "), (("data[*].name",), ""), ((), "field status: ")]
)
def test_a_method_is_not_mended_where_the_field_that_differed_is_ignored_now(
    paths: tuple[str, ...], words: str
) -> None:
    fields = tuple({"path": path, "class": "value", "cases": 1, "rate": 0.2} for path in paths)
    found = finding("MET001", "get_staff", of="methods", kind="method", table=None)
    older = run(found, of="methods", methods=(method(fields=fields),))
    ignored = (Skipped(item="field status", reason="methods.ignore_fields names it", decided=True),)
    assert words in reason(run(of="methods", skipped=ignored), older)
    assert bool(words) == bool(reason(run(of="methods", skipped=ignored), older))
    always = run(found, of="methods", methods=(method(fields=fields),), skipped=ignored)
    assert reason(run(of="methods", skipped=ignored), always) == ""


def test_a_method_is_not_mended_where_its_difference_is_expected_now() -> None:
    found = finding("MET001", "get_staff", of="methods", kind="method", table=None)
    other = finding("MET001", "get_staff_2", of="methods", kind="method", table=None)
    accepted = (Skipped(item="what is expected of get_staff at * (*)", reason="until 2999-12-31: x", decided=True),)
    both = [method(), method(method="get_staff_2")]
    compared = compare_runs(
        run(of="methods", skipped=accepted, methods=both), run(found, other, of="methods", methods=both)
    )
    (told,) = compared.of("not checked again")
    assert (told.object.identity, "until 2999" in told.reason) == ("get_staff", True)
    assert [each.object.identity for each in compared.of("fixed")] == ["get_staff_2"]


@pytest.mark.parametrize(
    ("item", "words"),
    [("get_staff: one", "get_staff: one: died"), ("get_staff_2: one", ""), ("get: one", "")],
)
def test_a_method_is_not_mended_where_a_written_case_of_it_has_no_answer_now(item: str, words: str) -> None:
    found = finding("MET001", "get_staff", of="methods", kind="method", table=None)
    newer = run(of="methods", skipped=(Skipped(item=item, reason="died"),))
    assert reason(newer, run(found, of="methods")) == words


def check(code: str = "ROW008", name: str = "totals") -> Finding:
    return finding(code, name, kind="check", table=None)


@pytest.mark.parametrize(
    ("newer", "words"),
    [
        (run(), "check totals"),
        (run(skipped=(Skipped(item="check totals", reason="timeout"),)), "check totals: timeout"),
        (run(items=(CLIENTS, "check totals of June")), "check totals"),
        (run(items=(CLIENTS, "check totals")), ""),
    ],
)
@pytest.mark.parametrize("code", ["ROW008", "ROW009"])
def test_a_check_is_mended_only_where_it_was_asked_again(code: str, newer: RunDocument, words: str) -> None:
    older = run(check(code), items=(CLIENTS, "check totals") if code == "ROW008" else (CLIENTS,))
    assert words in reason(newer, older)
    assert bool(words) == bool(reason(newer, older))


def test_a_failing_check_that_is_taken_out_keeps_the_gate_shut() -> None:
    older, newer = run(check(), items=(CLIENTS, "check totals")), run(items=(CLIENTS,))
    assert exit_code_of_change(newer, compare_runs(newer, older)) == 3


def test_a_check_is_asked_again_of_the_one_target_it_failed_at() -> None:
    asked = (CLIENTS, "check totals")
    older = targets(run(check(), items=asked), run(check(), items=asked))
    compared = compare_runs(targets(run(items=(CLIENTS,)), run(items=asked)), older)
    assert [each.object.identity for each in compared.of("fixed")] == ["totals [us]"]
    assert [each.object.identity for each in compared.of("not checked again")] == ["totals [eu]"]


def objects(
    numbers: str, code: str = "MIG007", *, of: str = "rows", severity: Severity = Severity.BLOCKER, title: str = ""
) -> Finding:
    told = title or f"{numbers} are missing"
    return finding(code, numbers, of=of, kind="large object", table=None, severity=severity, title=told)


OBJECTS = (CLIENTS, "large objects")


@pytest.mark.parametrize("of", ["rows", "migrate"])
@pytest.mark.parametrize(
    ("items", "skipped", "words"),
    [
        ((CLIENTS,), (Skipped(item="large objects", reason="a sample"),), "large objects: a sample"),
        ((CLIENTS,), (Skipped(item="large objects", reason="left", decided=True),), "large objects: left"),
        ((CLIENTS,), (), "large objects were not compared"),
        (OBJECTS, (), ""),
    ],
)
@pytest.mark.parametrize(("code", "numbers"), [("MIG007", "7001"), ("MIG006", "large objects")])
def test_large_objects_are_mended_only_where_they_were_compared_again(
    code: str, numbers: str, items: tuple[str, ...], skipped: tuple[Skipped, ...], words: str, of: str
) -> None:
    older = run(objects(numbers, code, of=of), of=of, items=OBJECTS if code == "MIG007" else (CLIENTS,))
    newer = run(of=of, items=items, skipped=skipped)
    assert words in reason(newer, older)
    assert bool(words) == bool(reason(newer, older))


CUT = ", ".join(map(str, range(7001, 7021))) + " and 1,080 more"


@pytest.mark.parametrize(
    ("then", "now", "told", "code"),
    [
        (["7001, 7002"], ["7001"], [("still there", "7001")], 0),
        (["7001"], ["7001, 7002"], [("new", "7001, 7002"), ("still there", "7001")], 1),
        (["7001"], ["9001"], [("new", "9001"), ("fixed", "7001")], 1),
        (["7001, 7002"], ["7002", "7001"], [("still there", "7001"), ("still there", "7002")], 0),
        (["7001", "7002"], ["7001, 7002"], [("still there", "7001, 7002")], 0),
        ([CUT], [CUT], [("still there", CUT)], 0),
        ([CUT], ["7003"], [("still there", "7003")], 0),
        ([CUT], ["9001"], [("new", "9001"), ("not checked again", CUT)], 1),
        (["7001"], [CUT], [("new", CUT), ("still there", "7001")], 1),
        (["9001"], [CUT], [("new", CUT), ("not checked again", "9001")], 1),
    ],
)
def test_large_objects_are_known_by_their_numbers(
    then: list[str], now: list[str], told: list[tuple[str, str]], code: int
) -> None:
    older, newer = (run(*map(objects, numbers), items=OBJECTS) for numbers in (then, now))
    assert standings(newer, older) == told
    assert exit_code_of_change(newer, compare_runs(newer, older)) == code


def test_a_large_object_that_was_a_risk_and_is_missing_now_is_worse() -> None:
    older = run(objects("7001, 7002", severity=Severity.RISK), objects("7003"), items=OBJECTS)
    newer = run(objects("7002, 7003"), items=OBJECTS)
    (only,) = compare_runs(newer, older).findings
    assert (only.standing, only.was) == ("still there", Severity.RISK)


def test_large_objects_of_another_target_are_others() -> None:
    older = targets(run(objects("7001, 7002"), items=OBJECTS), run(items=OBJECTS))
    newer = targets(run(items=OBJECTS), run(objects("7001"), items=OBJECTS))
    assert standings(newer, older) == [("new", "7001 [us]"), ("fixed", "7001, 7002 [eu]")]


def test_a_statement_is_mended_only_where_its_method_was_rehearsed_again() -> None:
    found = finding("CTR003", "public.clients.nme", of="contract", kind="column", breaks=("get_staff",))
    older = run(found, of="contract", items=("get_staff", "get_client"))
    assert "get_staff was checked then" in reason(run(of="contract", items=("get_client",)), older)
    assert reason(run(of="contract", items=("get_staff",)), older) == ""


def test_what_is_no_longer_checked_is_told_with_its_reason() -> None:
    gap, decision = Skipped(item=STAFF, reason="timeout"), Skipped(item="public.x", reason="later", decided=True)
    newer = run(skipped=(gap, decision), rows=[rows(CLIENTS)], methods=[])
    lost = {(each.stage, each.item): each.decided for each in compare_runs(newer, run()).no_longer_checked}
    assert lost == {("rows", STAFF): False, ("rows", "public.x"): True, ("methods", "get_staff"): False}


@pytest.mark.parametrize(
    ("newer", "words"),
    [
        (run(methods=[method(cases=2, equal=2)]), "4 cases of get_staff were compared then, 2 now"),
        (run(methods=[method(cases=5, equal=3, void=2)]), "4 cases of get_staff were compared then, 3 now"),
        (run(methods=[method(exercised=("rows",))]), "another kind of case then: error"),
        (run(rows=[rows(CLIENTS, sample=SampleBound(rows=5, at_most=0.1)), rows(STAFF)]), "only 5 rows of it"),
        (run(methods=[method(cases=5, equal=5)]), ""),
    ],
)
def test_less_evidence_than_before_is_told_and_keeps_the_gate_shut(newer: RunDocument, words: str) -> None:
    comparison = compare_runs(newer, run())
    assert [words in each.reason for each in comparison.no_longer_checked] == [True] * bool(words)
    assert exit_code_of_change(newer, comparison) == (3 if words else 0)


def test_runs_of_other_databases_another_limit_or_in_the_wrong_order_are_said_to_be_so() -> None:
    older, newer = run(), run()
    other = older.model_copy(
        update={
            "started_at": "2027-01-01T00:00:00+00:00",
            "target": older.target.model_copy(update={"system_identifier": "1"}),
            "verdict": older.verdict.model_copy(update={"fail_on": Severity.BLOCKER}),
        }
    )
    assert compare_runs(newer, other).notes == (
        "the run that was given as the older one is the later one",
        "the target was another database then",
        "the limit is risk now and was blocker then",
    )


@pytest.mark.parametrize(
    ("newer", "older", "code"),
    [
        (run(finding()), run(finding()), 0),
        (run(), run(finding()), 0),
        (run(finding()), run(), 1),
        (run(finding(severity=Severity.COSMETIC)), run(), 0),
        (run(finding(severity=Severity.RISK)), run(finding(severity=Severity.COSMETIC)), 1),
        (run(finding("ROW005")), run(), 0),
        (run(rows=[rows(STAFF)]), run(finding()), 3),
        (run(skipped=(Skipped(item=STAFF, reason="timeout"),)), run(), 3),
        (run(skipped=(Skipped(item=STAFF, reason="later", decided=True),)), run(), 0),
        (elsewhere(run(), "target"), run(finding()), 3),
    ],
    ids=[
        "same",
        "fixed",
        "new",
        "new below the limit",
        "worse",
        "about coverage",
        "unknown",
        "gap",
        "decision",
        "another target",
    ],
)
def test_a_gate_on_what_is_new_is_red_for_new_findings_and_open_where_it_cannot_know(
    newer: RunDocument, older: RunDocument, code: int
) -> None:
    assert exit_code_of_change(newer, compare_runs(newer, older)) == code
