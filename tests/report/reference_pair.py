"""Pieces of run documents about the reference pair: servers, scope, stages, ledger, rows, methods, links."""

from __future__ import annotations

from harness.core.coverage import Coverage, Skipped, StageStatus
from harness.core.deltas import TableRows
from harness.core.document import (
    Environment,
    RelatedRun,
    RunDocument,
    ScopeTable,
    ServerFacts,
    StageRecord,
)
from harness.core.findings import Evidence, Finding, FoundObject, worst_first
from harness.core.ledger import Chunk, Ledger, MovedTable
from harness.core.outcomes import (
    Attestation,
    Latency,
    MethodResult,
    Outcome,
    OutcomeError,
)
from harness.core.record import Severity, Side
from harness.core.verdict import decide

TABLES = {
    "public.companies": 1,
    "public.clients": 1299,
    "public.services": 63,
    "public.staff": 12,
    "public.staff_schedules": 56,
    "public.bookings": 38,
    "public.dialog_contexts": 21,
}
TARGET_ONLY = ("whatsapp_auth", "whatsapp_keys", "message_queue", "audit_log", "feature_flags")
METHODS = {
    "get_client_by_phone": (31.2, 44.0, 2.1, 3.4),
    "get_client_by_id": (28.4, 39.5, 1.7, 2.2),
    "search_clients_by_name": (46.8, 71.3, 4.4, 9.1),
    "get_staff": (27.0, 33.1, 1.5, 2.0),
    "get_services": (29.9, 41.7, 2.0, 2.9),
    "get_upcoming_appointments": (34.5, 52.6, 2.6, 4.8),
    "upsert_clients": (58.2, 93.4, 7.9, 12.5),
    "get_company": (25.3, 30.8, 1.2, 1.6),
}


def document(
    *,
    title: str,
    findings: list[Finding],
    stages: list[StageRecord],
    coverage: list[Coverage] | None = None,
    scope: list[ScopeTable] | None = None,
    exclude: bool = True,
    **more: object,
) -> RunDocument:
    """A document with the reference pair's servers, and the verdict that follows from findings and stages."""
    ordered = worst_first(findings)
    covered = coverage
    if covered is None:
        covered = [
            Coverage(stage=each.name, unit="table", checked=7, items=tuple(TABLES))
            for each in stages
            if each.status in ("passed", "failed")
        ]
        if exclude and covered:
            reminders = Skipped(item="public.reminders", reason="moves in the next release", decided=True)
            covered[-1] = covered[-1].model_copy(update={"skipped": (reminders,)})
    statuses = [(each.name, each.status, each.summary) for each in stages]
    return RunDocument.model_validate(
        {
            "id": "20260714T091203Z-7f3a",
            "title": title,
            "started_at": "2026-07-14T09:12:03+00:00",
            "finished_at": "2026-07-14T09:12:11+00:00",
            "seconds": 8.2,
            "verdict": decide(ordered, statuses, fail_on=Severity.RISK),
            "source": server("Supabase project (production)", "16.14", "127.0.0.1:54321", "7391045512345678901"),
            "target": server("New server", "18.1", "10.0.0.5:5432", "7402210998877665544"),
            "scope": tuple(reference_scope() if scope is None else scope),
            "stages": tuple(stages),
            "coverage": tuple(covered),
            "findings": tuple(ordered),
            "environment": Environment(
                pgparity="0.1.0",
                python="3.11.9",
                platform="Linux x86_64",
                packages={"psycopg": "3.2.3", "supabase": "2.20.0", "sqlglot": "26.1.0"},
            ),
            **{name: tuple(value) if isinstance(value, list) else value for name, value in more.items()},
        }
    )


def reference_scope() -> list[ScopeTable]:
    """The seven tables, reminders excluded, what lives on the target alone."""
    compared = [ScopeTable(table=name, scope="compared", source_rows=number) for name, number in TABLES.items()]
    excluded = ScopeTable(
        table="public.reminders", scope="excluded", reason="moves in the next release", source_rows=20, target_rows=0
    )
    alone = [
        ScopeTable(table=f"public.{name}", scope="target only", target_rows=728 if name == "whatsapp_keys" else 1)
        for name in TARGET_ONLY
    ]
    return [*compared, excluded, *alone]


def acts() -> list[RelatedRun]:
    """Links to the four acts of the demo."""
    told = (
        ("a", "The target that was built first", "Made for another product: seven columns are not there.", "NO-GO"),
        (
            "b",
            "Columns aligned, every row moved, and still NO-GO",
            "Upserts without a unique index behind them.",
            "NO-GO",
        ),
        ("c", "Schema aligned, code mended", "Every row is equal and every method gives the same answer.", "GO"),
        ("d", "One method regresses", "The same databases, one planted fault in one method.", "NO-GO"),
    )
    return [
        RelatedRun(title=f"({name}) {title}", text=text, href=f"runs/{name}/report.html", status=status)
        for name, title, text, status in told
    ]


def stage(name: str, status: StageStatus, summary: str, seconds: float = 0) -> StageRecord:
    """A stage that began with the run, or did not run."""
    started = "2026-07-14T09:12:04+00:00" if status != "not run" else None
    return StageRecord(name=name, status=status, summary=summary, started_at=started, seconds=seconds)


def server(label: str, version: str, address: str, identifier: str) -> ServerFacts:
    """One of the two servers."""
    return ServerFacts(
        label=label,
        address=address,
        database="postgres",
        role="pgparity",
        version=version,
        system_identifier=identifier,
        encoding="UTF8",
        collation="C.UTF-8",
        snapshot="00000003-0000001B-1" if version.startswith("16") else None,
    )


def ledger() -> Ledger:
    """All 1,490 rows moved; clients in two chunks."""
    tables = tuple(
        MovedTable(
            table=name, target_table=name, mode="copy", rows=number, bytes=number * 412, seconds=0.02 + number / 4000,
            chunks=2 if number > 1000 else 1, verified=True,
        )
        for name, number in TABLES.items()
    )  # fmt: skip
    halves = ((None, (1000650, 900100), 650), ((1000650, 900100), None, 649))
    chunks = tuple(
        Chunk(
            table="public.clients", ordinal=place, lower=lower, upper=upper, rows=number, seconds=0.16,
            finished_at="2026-07-14T09:12:06+00:00",
        )
        for place, (lower, upper, number) in enumerate(halves)
    )  # fmt: skip
    return Ledger(migration="5b7d9f", snapshot="00000003-0000001B-1", tables=tables, chunks=chunks)


def identical(name: str, number: int) -> TableRows:
    """A table whose rows are the same on both sides."""
    return TableRows(
        table=name, target_table=name, status="identical", source_rows=number, target_rows=number, key=("id",),
        columns=("id",), seconds=0.05, method="hash of 12 columns",
    )  # fmt: skip


def method(name: str, different: int = 0) -> MethodResult:
    """A method with six cases and the latency of METHODS."""
    source_p50, source_p95, target_p50, target_p95 = METHODS[name]
    return MethodResult(
        method=name,
        cases=6,
        equal=6 - different,
        drift=0,
        different=different,
        exercised=("rows", "no rows", "error"),
        latency=Latency(
            source_p50=source_p50, source_p95=source_p95, target_p50=target_p50, target_p95=target_p95,
            ratio=source_p50 / target_p50,
        ),
    )  # fmt: skip


def outcome(side: Side, milliseconds: float, error: OutcomeError | None = None) -> Outcome:
    """What one side answered."""
    address, identifier = ("127.0.0.1:54321", "7391") if side is Side.SOURCE else ("10.0.0.5:5432", "7402")
    seen = Attestation(side=side, address=address, database="postgres", system_identifier=identifier, exchanges=1)
    shape = "error" if error else "list of 10 objects"
    return Outcome(side=side, attestations=(seen,), shape=shape, error=error, milliseconds=milliseconds, statements=1)


def renamed_constraint() -> Finding:
    """A cosmetic finding: a constraint with another name."""
    return Finding(
        code="CON007",
        severity=Severity.COSMETIC,
        stage="diff",
        object=FoundObject(kind="constraint", identity="public.staff.staff_yclients_id_key"),
        title="Unique constraint of public.staff has another name on the target",
        table="public.staff",
        evidence=(
            Evidence(label="name", source="staff_yclients_id_company_id_key", target="staff_yclients_company_key"),
        ),
    )
