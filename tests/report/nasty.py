"""Run documents with values that break outputs, and with very many findings."""

from __future__ import annotations

from harness.core.change import Change, RenameSuggestion
from harness.core.coverage import Coverage, Skipped
from harness.core.deltas import Cell, ClassCount, RowDelta, Slice, TableRows
from harness.core.document import (
    ComparedFinding,
    Environment,
    NoLongerChecked,
    RelatedRun,
    RunComparison,
    RunDocument,
    RunSummary,
    ScopeTable,
    ServerFacts,
    StageRecord,
    StageTime,
)
from harness.core.findings import Evidence, Finding, Fix, FoundObject
from harness.core.ledger import Chunk, Ledger, MovedLargeObjects, MovedTable
from harness.core.mapping import ColumnMapping, Mapping, TableMapping
from harness.core.outcomes import (
    AnswerDelta,
    Attestation,
    FieldDifference,
    Latency,
    MethodResult,
    Outcome,
    OutcomeError,
    OutcomePair,
)
from harness.core.plan import Cost, Hazard, Plan, Precheck, Step
from harness.core.record import Consequence, Severity, Side
from harness.core.verdict import Status, Verdict
from harness.render.comparison_lines import STANDINGS
from tests.report.reference_pair import document, stage

NASTY = (
    "</script><script>alert(1)</script>",
    "[/red] [bold]x[/bold]",
    "\x1b[31mred\x1b[0m \x9b31m",
    "safe\u202etxt.exe\u2066\u200e",
    "nul\x00nul \x07 \uffff",
    "col_" + "x" * 300,
    "Имя клиента «Ёлка»",
    '<!-- " onload="x" \' --> & &amp; ]]> {{ 7*7 }} {% raw %}',
    "`code` | @team #12 [a](javascript:x) ![i](//e)",
    "::error::injected\n::set-output name=a::b\r\n%0A",
)


def nasty(text: str) -> RunDocument:
    """A document with `text` in every field that a database, a file or a person can fill."""
    evidence = (
        Evidence(label=text, source=text, target=f"{text}!", text=text),
        Evidence(label=text, text=text),
        Evidence(label=text, target=text),
    )
    fix = Fix(text=text, sql=text, safe=True)
    found = FoundObject(kind=text, identity=text)
    finding = Finding(
        code="COL001",
        severity=Severity.BLOCKER,
        stage="diff",
        object=found,
        title=text,
        table=text,
        evidence=evidence,
        breaks=(text,),
        fix=fix,
        query=text,
    )
    seen = Attestation(side=Side.SOURCE, address=text, database=text, system_identifier=text, exchanges=1)
    call = Outcome(
        side=Side.SOURCE,
        attestations=(seen,),
        shape=text,
        error=OutcomeError(kind=text, code=text),
        milliseconds=1,
        statements=1,
    )
    delta = AnswerDelta.model_validate({"path": text, "class": text, "source": text, "target": text})
    step = Step(
        sql=text,
        why=text,
        kind=text,
        identity=text,
        hazards=tuple(Hazard),
        lock=text,
        prechecks=(Precheck(text=text, sql=text, found=1),),
    )
    cell = Cell.model_validate({"column": text, "class": text, "source": text, "target": text})
    rows = TableRows(
        table=text,
        target_table=text,
        status="incomplete",
        source_rows=1,
        target_rows=1,
        key=(text,),
        columns=(text,),
        differences=(RowDelta(key={text: text}, status="different", cells=(cell,)),),
        truncated=True,
        reason=text,
        method=text,
        classes=(ClassCount.model_validate({"column": text, "class": text, "rows": 1}),),
        slices=(Slice(column=text, value=text, differences=1, share=1, share_of_rows=0.5),),
    )
    before = RunSummary(
        id=f"{text}before",
        title=text,
        started_at=text,
        seconds=1,
        status=Status.GO,
        source=text,
        target=text,
        stages=(StageTime(name=text, status="passed", seconds=1),),
        href=text,
    )
    moved = [
        Chunk(table=text, ordinal=place, lower=(text,), upper=(text,), rows=1, seconds=1, finished_at=finished)
        for place, finished in enumerate((text, "2026-07-14T09:12:06+00:00", "2026-07-14T09:12:09+00:00"))
    ]
    server = ServerFacts(
        label=text, address=text, database=text, role=text, version=text, system_identifier=text, encoding=text,
        collation=text, snapshot=text,
    )  # fmt: skip
    changed = tuple(
        ComparedFinding(
            standing=standing, code="COL001", severity=Severity.BLOCKER, was=Severity.RISK, stage=text, object=found,
            title=text, table=text, reason=text if standing == "not checked again" else "",
        )
        for standing in STANDINGS
    )  # fmt: skip
    comparison = RunComparison(
        older=before,
        notes=(text,),
        findings=changed,
        no_longer_checked=(NoLongerChecked(stage=text, item=text, reason=text, decided=True),),
    )
    return RunDocument(
        id=text,
        title=text,
        started_at=text,
        finished_at=text,
        seconds=1,
        verdict=Verdict(status=Status.NO_GO, exit_code=1, fail_on=Severity.RISK, reasons=(text, "another reason")),
        source=server,
        target=server,
        schemas=(text,),
        scope=(ScopeTable(table=text, scope="unnamed", reason=text),),
        stages=(
            StageRecord(name="diff", status="failed", summary=text, started_at=text, seconds=1),
            StageRecord(name=text or "stage", status="incomplete", summary=text),
        ),
        coverage=(
            Coverage(
                stage=text,
                unit=text,
                checked=1,
                items=(text,),
                skipped=(Skipped(item=text, reason=text), Skipped(item=text, reason=text, decided=True)),
            ),
        ),
        findings=(finding, finding),
        changes=(
            Change(
                kind=text, identity=text, attribute=text, change="altered", source=text, target={text: [text]},
                consequence=Consequence.EXPOSURE, equivalence=text, table=text, dependents=(text,),
            ),
        ),
        renames=(RenameSuggestion(kind=text, source=text, target=text, evidence=(text,), confidence=0.5),),
        unmodelled=(text,),
        plans=(
            Plan(
                strategy="recreate",
                source_fingerprint=text,
                target_fingerprint=text,
                steps=(step,),
                untouched=(text,),
                not_covered=(text,),
                cost=Cost(columns_lost=(text,), locks=(text,), breaks=(text,)),
            ),
        ),
        mapping=Mapping(
            tables={
                text: TableMapping(
                    target=text,
                    columns={text: ColumnMapping(expression=text, cast=text), f"{text}2": ColumnMapping(source=text)},
                    drop={text: text},
                )
            }
        ),
        migration=Ledger(
            migration=text,
            snapshot=text,
            tables=(MovedTable(table=text, target_table=f"{text}2", mode="copy", rows=1, error=text),),
            large_objects=MovedLargeObjects(objects=1, bytes=1, roles_left_out=(text,)),
            chunks=tuple(moved),
        ),
        rows=(rows,),
        methods=(
            MethodResult(
                method=text, cases=1, equal=0, drift=0, different=1, exercised=(text,),
                fields=(FieldDifference.model_validate(
                        {"path": text, "class": text, "source": text, "target": text, "cases": 1, "rate": 1}
                    ),),
                latency=Latency(
                    source_p50=2, source_p95=3, target_p50=1, target_p95=9, ratio=2, ratio_low=1.5, ratio_high=3
                ),
            ),
        ),
        outcomes=(
            OutcomePair(
                case=text, method=text, arguments={text: text}, verdict="different", source=call, target=call,
                purpose=f"about {text}",
                deltas=(delta,), effects=(delta,), notes=(text,),
            ),
        ),
        related=(RelatedRun(title=text, text=text, href=text, status=text),),
        history=(before,),
        comparison=comparison,
        parts=(before, before),
        environment=Environment(pgparity=text, python=text, platform=text, packages={text: text}),
    )  # fmt: skip


def many(number: int) -> RunDocument:
    """`number` findings of three severities, as a large schema gives them."""
    severities = (Severity.BLOCKER, Severity.RISK, Severity.COSMETIC)
    codes = {Severity.BLOCKER: "COL001", Severity.RISK: "IDX001", Severity.COSMETIC: "CON007"}
    findings = []
    for place in range(number):
        severity = severities[place % 3]
        table = f"public.table_{place % 400:04d}"
        identity = f"{table}.column_{place:06d}"
        findings.append(
            Finding(
                code=codes[severity],
                severity=severity,
                stage="diff",
                object=FoundObject(kind="column", identity=identity),
                title=f"Column {identity} is not the same on the target",
                table=table,
                evidence=(Evidence(label="type", source="character varying(255)", target="character varying(64)"),),
                fix=Fix(text="Change the type.", sql=f"ALTER TABLE {table} ALTER COLUMN column_{place:06d} TYPE text;"),
            )
        )
    return document(
        title="A large schema", findings=findings, stages=[stage("diff", "failed", f"{number:,} findings", 3.0)]
    )
