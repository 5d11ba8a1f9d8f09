"""The run document of a cutover: its steps as stages, its checks as coverage, what does not hold as findings."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

from harness.core.coverage import Coverage, Skipped, StageStatus
from harness.core.cutover.record import CutoverCheck, CutoverRecord, CutoverStep
from harness.core.document import RunDocument, ServerFacts, StageRecord
from harness.core.findings import Evidence, Finding, Fix, FoundObject, worst_first
from harness.core.record import Severity
from harness.core.verdict import decide
from harness.errors import PgparityError
from harness.postgres.connect import Endpoint, address, server_facts, session
from harness.stages.cutover.request import STAGE, CutoverRequest
from harness.stages.environment import environment

_STATUSES: dict[str, StageStatus] = {"passed": "passed", "failed": "failed", "skipped": "excluded"}


def cutover_document(request: CutoverRequest, record: CutoverRecord, started: datetime) -> RunDocument:
    """The document, GO only where the target is open. A server that cannot be reached now is told as such."""
    findings = worst_first(list(_findings(record)))
    stages = tuple(_stages(record))
    limit = request.configuration.run.fail_on
    return RunDocument(
        id=uuid.uuid4().hex[:12],
        title=request.run.title or "Cutover",
        started_at=started.isoformat(timespec="seconds"),
        finished_at=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=round((datetime.now(UTC) - started).total_seconds(), 3),
        verdict=decide(findings, ((each.name, each.status, each.summary) for each in stages), fail_on=limit),
        source=_facts(request.source),
        target=_facts(request.target),
        schemas=request.configuration.scope.schemas,
        stages=stages,
        coverage=tuple(_coverage(record)),
        findings=tuple(findings),
        mapping=request.configuration.mapping,
        cutover=record,
        environment=environment(),
    )


def _stages(record: CutoverRecord) -> Iterator[StageRecord]:
    for step in (*record.steps, *record.back):
        yield StageRecord(
            name=step.name,
            status=_STATUSES.get(step.status, "not run"),
            summary=step.summary or step.does,
            started_at=step.started_at,
            seconds=step.seconds,
        )
    if record.state == "incomplete":
        yield StageRecord(name=STAGE, status="incomplete", summary=record.message or "something is half done")


def _coverage(record: CutoverRecord) -> Iterator[Coverage]:
    for step in (*record.steps, *record.back):
        skipped = [Skipped(item=each.name, reason=each.text, decided=each.status == "decided") for each in _left(step)]
        if step.status in ("planned", "not run", "interrupted"):
            skipped.append(Skipped(item=f"step {step.name}", reason="it was not carried out"))
        looked = [each for each in step.checks if each.status in ("ok", "failed")]
        checked = len(looked) or int(step.status == "passed")
        items = tuple(each.name for each in looked)
        yield Coverage(stage=step.name, unit="check", checked=checked, items=items, skipped=tuple(skipped))
        yield from step.coverage


def _left(step: CutoverStep) -> list[CutoverCheck]:
    return [each for each in step.checks if each.status in ("decided", "not checked")]


def _findings(record: CutoverRecord) -> Iterator[Finding]:
    half = record.state == "incomplete"
    for step in (*record.steps, *record.back):
        for check in step.checks:
            if check.status == "not checked":
                yield _finding("CUT003", Severity.RISK, step.name, check)
            elif check.status == "failed":
                lost = check.name == "not carried back"
                yield _finding("CUT004" if lost else "CUT002" if half else "CUT001", Severity.BLOCKER, step.name, check)
    if half:
        command = f"Run `{record.next_command}`." if record.next_command else "`pgparity cutover status` says more."
        told = CutoverCheck(name=STAGE, status="failed", text=record.message or "something is half done", hint=command)
        yield _finding("CUT002", Severity.BLOCKER, STAGE, told)
    if record.state == "rolled back":
        text = "the target was open for a time; the source is in use again"
        yield _finding("CUT005", Severity.RISK, "unfence", CutoverCheck(name=STAGE, status="failed", text=text))


def _finding(code: str, severity: Severity, step: str, check: CutoverCheck) -> Finding:
    return Finding(
        code=code,
        severity=severity,
        stage=step,
        object=FoundObject(kind="check", identity=f"{step}: {check.name}"),
        title=f"{check.name}: {check.text}",
        evidence=(Evidence(label="step", text=step),),
        fix=Fix(text=check.hint) if check.hint else None,
    )


def _facts(endpoint: Endpoint) -> ServerFacts:
    try:
        with session(endpoint, purpose="cutover") as connection:
            return server_facts(connection, endpoint)
    except PgparityError:
        unknown = "not reached"
        return ServerFacts(
            label=endpoint.name,
            address=address(endpoint),
            database=endpoint.parameters().get("dbname", unknown),
            role=endpoint.parameters().get("user", unknown),
            version=unknown,
            encoding=unknown,
            collation=unknown,
        )
