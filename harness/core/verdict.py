"""Verdict: GO, NO-GO or INCOMPLETE, decided from findings and coverage alone, with the reasons that decided it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from pydantic import Field

from harness.core.codes import ABOUT_COVERAGE
from harness.core.coverage import StageStatus
from harness.core.findings import Finding, worst_first
from harness.core.record import Record, Severity

REASONS_SHOWN = 3
PATH = ("introspect", "scope", "diff", "align", "contract", "migrate", "rows", "methods")


class Status(StrEnum):
    """The three verdicts, in words."""

    GO = "GO"
    NO_GO = "NO-GO"
    INCOMPLETE = "INCOMPLETE"

    @property
    def exit_code(self) -> int:
        """0 verified, 1 differences, 3 incomplete; 2 (could not run) is an error, not a verdict."""
        return {Status.GO: 0, Status.NO_GO: 1, Status.INCOMPLETE: 3}[self]


class Verdict(Record):
    """The end of a run."""

    status: Status
    exit_code: int
    fail_on: Severity = Field(description="Findings of this severity or worse make it NO-GO")
    reasons: tuple[str, ...] = Field(description="What decided it, weightiest first; at most three")


def decide(
    findings: Sequence[Finding], statuses: Iterable[tuple[str, StageStatus, str]], *, fail_on: Severity
) -> Verdict:
    """Decide. `statuses` holds (stage, status, why) of every stage.

    A finding at or above `fail_on` is NO-GO. Without one, anything asked for and not checked is INCOMPLETE, and so is a
    run in which nothing was checked at all. GO is what remains.
    """
    stages = list(statuses)
    failing = [
        finding
        for finding in worst_first(list(findings))
        if finding.severity.at_least(fail_on) and finding.code not in ABOUT_COVERAGE
    ]
    gaps = [f"{stage}: {why}" for stage, status, why in stages if status in ("incomplete", "not run")]
    if failing:
        status, reasons = Status.NO_GO, _summary(failing)
    elif gaps:
        status, reasons = Status.INCOMPLETE, gaps
    elif not any(state == "passed" for _, state, _ in stages):
        status, reasons = Status.INCOMPLETE, ["nothing was checked"]
    else:
        status = Status.GO
        # Later stages are the stronger evidence: equal methods say more than equal columns.
        reasons = [f"{stage}: {why}" for stage, state, why in reversed(stages) if state == "passed"]
    return Verdict(status=status, exit_code=status.exit_code, fail_on=fail_on, reasons=tuple(reasons[:REASONS_SHOWN]))


def _summary(findings: Sequence[Finding]) -> list[str]:
    """One sentence a code, causes before what follows from them: a single reason must not be told three times."""
    by_code: dict[str, list[Finding]] = {}
    for finding in findings:
        by_code.setdefault(finding.code, []).append(finding)
    groups = sorted(
        by_code.values(), key=lambda group: (group[0].severity.rank, _place(group[0]), -len(group), group[0].code)
    )
    return [
        group[0].title if len(group) == 1 else f"{group[0].title} (and {len(group) - 1} more of {group[0].code})"
        for group in groups
    ]


def _place(finding: Finding) -> int:
    """Where on the path of the data it was found: a missing constraint explains an upsert that fails."""
    return PATH.index(finding.stage) if finding.stage in PATH else len(PATH)
