"""Journal: what a run has done so far: its stages with status and time, their coverage and findings."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from harness.core.codes import ABOUT_COVERAGE
from harness.core.configuration import Configuration
from harness.core.coverage import Coverage, Skipped, StageStatus
from harness.core.document import StageRecord
from harness.core.findings import Evidence, Finding, FoundObject, worst_first
from harness.core.record import Severity
from harness.errors import DataLayerFailed, LocalStackError, PgparityError
from harness.stages.events import Events
from harness.stages.result import StageResult

Artifact = TypeVar("Artifact")


def now() -> str:
    """The time as documents write it: UTC, ISO 8601, seconds."""
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass
class Journal:
    """Collects the results of stages; the one mutable thing of a run."""

    configuration: Configuration
    events: Events
    stages: list[StageRecord] = field(default_factory=list)
    coverage: list[Coverage] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def perform(self, stage: str, work: Callable[[], StageResult[Artifact]]) -> Artifact | None:
        """Run one stage and note what came of it; None where it was excluded or could not do its work.

        A local server or a data layer that does not start leaves the stage incomplete, and the run goes on: what was
        found before must not be lost. Every other error ends the run.
        """
        if (decision := self.exclusion(stage)) is not None:
            self.leave_out(stage, decision)
            return None
        self.events.stage_started(stage)
        started_at, started = now(), time.perf_counter()
        try:
            result = work()
        except (LocalStackError, DataLayerFailed) as error:
            self._could_not(stage, error, started_at, time.perf_counter() - started)
            return None
        return self._noted(stage, result, started_at, time.perf_counter() - started)

    def _noted(self, stage: str, result: StageResult[Artifact], started_at: str, seconds: float) -> Artifact:
        self.findings += result.findings
        self.coverage.append(result.coverage)
        status = self._status(result.findings, result.coverage)
        self._note(stage, status, result.summary, started_at, seconds)
        return result.artifact

    def require(self, stage: str, work: Callable[[], StageResult[Artifact]]) -> Artifact:
        """Run a stage that every later one builds on: it cannot be left out, and its errors end the run."""
        self.events.stage_started(stage)
        started_at, started = now(), time.perf_counter()
        return self._noted(stage, work(), started_at, time.perf_counter() - started)

    def add(self, stage: str, later: StageResult[Artifact]) -> None:
        """What a stage found when there was more to look at; findings that are known already are not repeated.

        A stage that had nothing to look at before, and left nothing out, is what it has come to be now.
        """
        if later.coverage.checked and any(
            each.stage == stage and not each.checked and not each.skipped for each in self.coverage
        ):
            self._replace(stage, later)
            return
        known = {finding.anchor for finding in self.findings}
        new = [
            finding for finding in later.findings if finding.anchor not in known and finding.code not in ABOUT_COVERAGE
        ]
        self.findings += new
        if any(each.severity.at_least(self.configuration.run.fail_on) for each in new):
            self.stages = [
                each.model_copy(update={"status": "failed", "summary": f"{each.summary}; {len(new)} more with rows"})
                if each.name == stage
                else each
                for each in self.stages
            ]

    def _replace(self, stage: str, later: StageResult[Artifact]) -> None:
        self.findings = [each for each in self.findings if each.stage != stage] + list(later.findings)
        self.coverage = [later.coverage if each.stage == stage else each for each in self.coverage]
        news = {"status": self._status(later.findings, later.coverage), "summary": later.summary}
        self.stages = [each.model_copy(update=news) if each.name == stage else each for each in self.stages]

    def has(self, code: str) -> bool:
        """Whether a finding of this code was made."""
        return any(finding.code == code for finding in self.findings)

    def forget(self, *stages: str) -> None:
        """Drop what stages found, because they run again on a target that has changed."""
        self.findings = [each for each in self.findings if each.stage not in stages]
        self.coverage = [each for each in self.coverage if each.stage not in stages]
        self.stages = [each for each in self.stages if each.name not in stages]

    def sorted_findings(self) -> list[Finding]:
        """Worst first."""
        return worst_first(self.findings)

    def exclusion(self, stage: str) -> str | None:
        """Why a person left the stage out by name; None where nobody did."""
        return next((reason for name, reason in self.configuration.run.exclude_stages.items() if name == stage), None)

    def leave_out(self, stage: str, reason: str) -> None:
        """A stage that a person excluded."""
        skipped = Skipped(item=f"stage {stage}", reason=reason, decided=True)
        self.coverage.append(Coverage(stage=stage, unit="stage", checked=0, skipped=(skipped,)))
        self._note(stage, "excluded", f"left out: {reason}", now(), 0)

    def not_run(self, stage: str, reason: str) -> None:
        """A stage that an earlier finding made pointless."""
        if (decision := self.exclusion(stage)) is not None:
            self.leave_out(stage, decision)
            return
        skipped = Skipped(item=f"stage {stage}", reason=reason)
        self.coverage.append(Coverage(stage=stage, unit="stage", checked=0, skipped=(skipped,)))
        self._note(stage, "not run", reason, now(), 0)

    def _could_not(self, stage: str, error: PgparityError, started_at: str, seconds: float) -> None:
        evidence = (Evidence(label="reason", text=error.message), Evidence(label="hint", text=error.hint))
        self.findings.append(
            Finding(
                code="COV003",
                severity=Severity.BLOCKER,
                stage=stage,
                object=FoundObject(kind="stage", identity=stage),
                title=f"stage {stage} could not do its work: {error.message}",
                evidence=evidence,
            )
        )
        skipped = Skipped(item=f"stage {stage}", reason=error.message)
        self.coverage.append(Coverage(stage=stage, unit="stage", checked=0, skipped=(skipped,)))
        self._note(stage, "incomplete", error.message, started_at, seconds)

    def _status(self, findings: Sequence[Finding], coverage: Coverage) -> StageStatus:
        limit = self.configuration.run.fail_on
        if any(each.severity.at_least(limit) and each.code not in ABOUT_COVERAGE for each in findings):
            return "failed"
        return "passed" if coverage.complete else "incomplete"

    def _note(self, stage: str, status: StageStatus, summary: str, started_at: str, seconds: float) -> None:
        record = StageRecord(
            name=stage, status=status, summary=summary, started_at=started_at, seconds=round(seconds, 3)
        )
        self.stages.append(record)
        self.events.stage_finished(stage, status, seconds, summary)
