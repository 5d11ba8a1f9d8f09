"""The verdict follows from findings and coverage alone."""

from __future__ import annotations

import pytest

from harness.core.coverage import StageStatus
from harness.core.findings import Finding, FoundObject
from harness.core.record import Severity
from harness.core.verdict import Status, decide

PASSED: tuple[str, StageStatus, str] = ("rows", "passed", "1,490 rows identical")


def finding(code: str = "COL001", severity: Severity = Severity.BLOCKER, name: str = "public.t.c") -> Finding:
    return Finding(
        code=code,
        severity=severity,
        stage="diff",
        object=FoundObject(kind="column", identity=name),
        title=f"column {name} is missing on the target",
    )


def test_all_that_was_asked_for_was_checked_and_nothing_was_found_is_go() -> None:
    verdict = decide([], [PASSED], fail_on=Severity.RISK)
    assert (verdict.status, verdict.exit_code) == (Status.GO, 0)
    assert verdict.reasons == ("rows: 1,490 rows identical",)


def test_the_strongest_evidence_for_go_comes_first() -> None:
    verdict = decide([], [("diff", "passed", "same"), PASSED], fail_on=Severity.RISK)
    assert verdict.reasons == ("rows: 1,490 rows identical", "diff: same")


def test_nothing_checked_is_never_go() -> None:
    assert decide([], [], fail_on=Severity.RISK).status is Status.INCOMPLETE
    assert decide([], [("rows", "excluded", "by decision")], fail_on=Severity.RISK).status is Status.INCOMPLETE


@pytest.mark.parametrize("status", ["incomplete", "not run"])
def test_a_gap_is_incomplete_and_names_itself(status: StageStatus) -> None:
    verdict = decide([], [PASSED, ("methods", status, "no data layer")], fail_on=Severity.RISK)
    assert (verdict.status, verdict.exit_code) == (Status.INCOMPLETE, 3)
    assert verdict.reasons == ("methods: no data layer",)


def test_a_difference_outweighs_a_gap() -> None:
    verdict = decide([finding()], [PASSED, ("methods", "not run", "…")], fail_on=Severity.RISK)
    assert (verdict.status, verdict.exit_code) == (Status.NO_GO, 1)


@pytest.mark.parametrize(
    ("severity", "fail_on", "status"),
    [
        (Severity.COSMETIC, Severity.RISK, Status.GO),
        (Severity.RISK, Severity.RISK, Status.NO_GO),
        (Severity.RISK, Severity.BLOCKER, Status.GO),
        (Severity.COSMETIC, Severity.COSMETIC, Status.NO_GO),
    ],
)
def test_the_limit_decides_which_severity_stops_the_cutover(
    severity: Severity, fail_on: Severity, status: Status
) -> None:
    assert decide([finding(severity=severity)], [PASSED], fail_on=fail_on).status is status


def test_a_finding_about_coverage_is_no_difference() -> None:
    gap = finding("COV001", Severity.RISK, "public.reminders")
    assert decide([gap], [PASSED], fail_on=Severity.RISK).status is Status.GO
    assert decide([gap], [PASSED, ("scope", "incomplete", "…")], fail_on=Severity.RISK).status is Status.INCOMPLETE


def test_three_reasons_are_three_different_ones() -> None:
    many = [finding(name=f"public.t.c{number}") for number in range(5)]
    others = [finding("ROW001", name="public.t"), finding("CTR004", name="public.u"), finding("MET001", name="m")]
    reasons = decide([*many, *others], [PASSED], fail_on=Severity.RISK).reasons
    assert len(reasons) == 3
    assert reasons[0] == "column public.t.c0 is missing on the target (and 4 more of COL001)"
