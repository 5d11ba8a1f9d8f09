"""What is said of a run in every output: its gaps, its tables, what to do next."""

from __future__ import annotations

from harness.core.coverage import Coverage
from harness.core.record import Severity
from harness.core.unchecked import decisions, gaps
from harness.core.verdict import Status
from harness.render.conclusion import failing, meaning, next_steps, tally
from harness.render.table_matrix import matrix
from tests.report import samples
from tests.report.nasty import many
from tests.report.reference_pair import document, stage


def test_a_gap_is_told_once_and_a_stage_that_did_not_run_is_one() -> None:
    found = [(gap.stage, gap.item) for gap in gaps(samples.interrupted())]
    assert found == [("rows", "public.dialog_contexts"), ("methods", "the whole stage"), ("scope", "public.waitlist")]


def test_a_stage_that_checked_nothing_is_a_gap() -> None:
    document = samples.aligned().model_copy(update={"coverage": (Coverage(stage="methods", unit="case", checked=0),)})
    assert [(gap.stage, gap.item) for gap in gaps(document)] == [("methods", "every case")]


def test_what_a_person_excluded_is_a_decision_and_no_gap() -> None:
    document = samples.aligned()
    assert gaps(document) == ()
    assert [(left.item, left.reason) for left in decisions(document)] == [
        ("public.reminders", "moves in the next release")
    ]


def test_an_excluded_stage_is_a_decision() -> None:
    excluded = stage("migrate", "excluded", "rows are moved by hand")
    found = decisions(document(title="x", findings=[], stages=[excluded], scope=[]))
    assert [(left.stage, left.reason) for left in found] == [("migrate", "rows are moved by hand")]


def test_go_tells_to_keep_the_evidence_and_to_run_again_before_the_cutover() -> None:
    document = samples.aligned()
    assert document.verdict.status is Status.GO
    assert "the target can replace the source" in meaning(document)
    assert any("run again right before the cutover" in step for step in next_steps(document))


def test_no_go_tells_how_many_must_be_mended_and_offers_the_plan_with_the_fewest_hazards_first() -> None:
    document = samples.first_built()
    assert meaning(document).startswith("14 findings must be mended")
    assert tally(document) == "7 blockers, 7 risks, 0 cosmetic"
    offered = [step.split()[1] for step in next_steps(document) if step.startswith("Plan")]
    assert offered == ["add-missing", "recreate"]


def test_stages_that_a_finding_stopped_are_not_called_gaps_to_close() -> None:
    steps = " ".join(next_steps(samples.first_built()))
    assert "3 stages did not run because of this" in steps
    assert "Close" not in steps
    assert "Close 3 gaps" in " ".join(next_steps(samples.interrupted()))


def test_the_matrix_never_calls_a_table_equal_that_was_not_compared() -> None:
    lines = {line.table: line for line in matrix(samples.aligned())}
    assert lines["public.clients"].schema.text == "equal"
    assert lines["public.clients"].rows.text == "identical"
    assert lines["public.reminders"].schema.text == "not compared"
    assert lines["public.reminders"].rows.text == "not compared"
    before = {line.table: line for line in matrix(samples.first_built())}
    assert before["public.clients"].schema.text == "1 blocker, 3 risks"
    assert before["public.clients"].rows.text == "not run"
    assert before["public.clients"].methods.text == "not run"


def test_the_matrix_says_nothing_of_a_stage_that_is_not_in_the_run() -> None:
    for line in matrix(many(10)):
        assert line.rows.text in ("not run", "not compared")
        assert line.contract.text in ("not run", "not compared")


def test_the_matrix_counts_the_rows_of_every_class() -> None:
    lines = {line.table: line for line in matrix(samples.planted())}
    assert lines["public.clients"].rows.text == "1 missing on the target, 2 different"
    assert lines["public.clients"].rows.tone == "stop"
    assert lines["public.bookings"].methods.text == "1 blocker"


def test_a_finding_about_coverage_is_not_counted_among_those_to_mend() -> None:
    document = samples.planted()
    about = document.findings[0].model_copy(update={"code": "MET010", "severity": Severity.RISK})
    assert failing(document.model_copy(update={"findings": (*document.findings, about)})) == document.findings[:2]


def test_go_with_a_risk_tells_to_read_it() -> None:
    document = samples.aligned()
    about = document.findings[0].model_copy(update={"code": "MET010", "severity": Severity.RISK})
    assert next_steps(document.model_copy(update={"findings": (about,)}))[0].startswith("Read 1 risk")
