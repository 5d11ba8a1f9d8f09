"""Run documents to render: the acts of the demo's story in small, an interrupted run, an empty one."""

from __future__ import annotations

from harness.core.change import Change, RenameSuggestion
from harness.core.coverage import Coverage, Skipped
from harness.core.deltas import Cell, RowDelta, TableRows
from harness.core.document import (
    RunDocument,
    ScopeTable,
)
from harness.core.findings import Evidence, Finding, Fix, FoundObject
from harness.core.mapping import ColumnMapping, Mapping, TableMapping
from harness.core.outcomes import (
    AnswerDelta,
    OutcomeError,
    OutcomePair,
)
from harness.core.record import Consequence, Severity, Side
from tests.report.first_built_target import MISSING, missing_column, plans, rename
from tests.report.reference_pair import (
    METHODS,
    TABLES,
    TARGET_ONLY,
    acts,
    document,
    identical,
    ledger,
    method,
    outcome,
    reference_scope,
    renamed_constraint,
    stage,
)


def aligned() -> RunDocument:
    """GO: act (c), every row and method equal, reminders left out by decision."""
    return document(
        title="Schema aligned, code mended",
        findings=[renamed_constraint()],
        stages=[
            stage("introspect", "passed", "8 and 19 tables", 0.31),
            stage("diff", "passed", "5 changes, all harmless", 0.04),
            stage("align", "passed", "nothing to do", 0.02),
            stage("contract", "passed", "61 statements fit both catalogs", 0.55),
            stage("migrate", "passed", "1,490 rows in 7 tables", 0.92),
            stage("rows", "passed", "1,490 rows in 7 tables are identical", 0.48),
            stage("methods", "passed", "25 methods, 118 cases, all equal", 4.8),
        ],
        changes=[
            Change(
                kind="table",
                identity=f"public.{name}",
                change="added",
                target={"columns": 6, "comment": "живёт только здесь"},
                consequence=Consequence.COSMETIC,
                table=f"public.{name}",
            )
            for name in TARGET_ONLY
        ],
        migration=ledger(),
        rows=[identical(name, number) for name, number in TABLES.items()],
        methods=[method(name) for name in METHODS],
        related=acts(),
    )


def first_built() -> RunDocument:
    """NO-GO: act (a), seven columns missing with their renames, three plans, no row moved."""
    findings = [missing_column(table) for table in TABLES]
    findings += [rename(table) for table in TABLES if MISSING[table][2]]
    findings += [
        Finding(
            code="IDX001",
            severity=Severity.RISK,
            stage="diff",
            object=FoundObject(kind="index", identity=f"public.{name}"),
            title=f"Index public.{name} is missing on the target",
            table="public.clients",
            evidence=(
                Evidence(label="definition", source=f"CREATE INDEX {name} ON public.clients USING btree (phone)"),
            ),
            fix=Fix(
                text="Create the index while the application writes.",
                sql=f"CREATE INDEX CONCURRENTLY {name} ON public.clients USING btree (phone);",
                safe=True,
            ),
        )
        for name in ("idx_clients_phone", "idx_clients_last_visit")
    ]
    return document(
        title="The target that was built first",
        findings=findings,
        stages=[
            stage("introspect", "passed", "8 and 19 tables", 0.29),
            stage("diff", "failed", "7 columns missing, 5 possible renames, 2 indexes missing", 0.06),
            stage("align", "failed", "3 plans", 0.9),
            stage("contract", "failed", "34 of 61 statements fail on the target", 0.6),
            stage("migrate", "not run", "the schema would refuse every row"),
            stage("rows", "not run", "no row was moved"),
            stage("methods", "not run", "no row was moved"),
        ],
        changes=[
            Change(
                kind="column",
                identity=f"{table}.{column}",
                change="removed",
                source={"type": kind.split()[0], "nullable": "NOT NULL" not in kind},
                consequence=Consequence.WRITES_FAIL,
                table=table,
                dependents=(f"{table}_{column}_key",),
            )
            for table, (column, kind, _) in MISSING.items()
        ],
        renames=[
            RenameSuggestion(
                kind="column",
                source=f"{table}.{column}",
                target=f"{table}.{twin}",
                evidence=("same type bigint", "same place in the unique key", "names share yclients"),
                confidence=0.83,
            )
            for table, (column, _, twin) in MISSING.items()
            if twin
        ],
        plans=plans(),
        related=acts(),
    )


def planted() -> RunDocument:
    """NO-GO: act (d), one method gives another answer, and one row was lost."""
    missing = Finding(
        code="ROW003",
        severity=Severity.BLOCKER,
        stage="rows",
        object=FoundObject(kind="table", identity="public.clients"),
        title="2 rows of public.clients hold other values on the target",
        table="public.clients",
        evidence=(Evidence(label="columns", text="name: trailing spaces (1), visit_history: other value (1)"),),
        query="SELECT * FROM public.clients WHERE (yclients_id, company_id) IN ((1000017, 900100), (1000203, 900100));",
    )
    differs = Finding(
        code="MET001",
        severity=Severity.BLOCKER,
        stage="methods",
        object=FoundObject(kind="method", identity="get_upcoming_appointments"),
        title="get_upcoming_appointments gives another answer in 3 of 6 cases",
        table="public.bookings",
        evidence=(
            Evidence(label="order of data", source="starts_at desc nulls first", target="starts_at desc nulls last"),
            Evidence(label="rows", source="list of 10 objects", target="list of 10 objects", text="4 are others"),
        ),
        breaks=("reminder before a visit", "cancel_booking picks the wrong visit"),
        fix=Fix(text="Say NULLS FIRST in the repository's query, as the source orders through REST."),
        query="SELECT id, starts_at FROM public.bookings ORDER BY starts_at DESC NULLS FIRST LIMIT 10;",
    )
    pair = OutcomePair(
        case="upcoming/limit-10",
        method="get_upcoming_appointments",
        arguments={"client_phone": "text of 11 digits", "company_id": 900100, "limit": 10},
        verdict="different",
        source=outcome(Side.SOURCE, 34.5),
        target=outcome(Side.TARGET, 2.6),
        deltas=(
            AnswerDelta.model_validate(
                {"path": "data[0].starts_at", "class": "null against value", "source": "null", "target": "str"}
            ),
        ),
        notes=("the answers hold the same number of rows",),
    )
    failed = OutcomePair(
        case="by-phone/two-clients",
        method="get_client_by_phone",
        arguments={"phone": "text of 11 digits"},
        verdict="different",
        source=outcome(Side.SOURCE, 31.0, error=OutcomeError(kind="many rows", code="PGRST116")),
        target=outcome(Side.TARGET, 2.0),
    )
    rows = [identical(name, number) for name, number in TABLES.items() if name != "public.clients"]
    clients = TableRows(
        table="public.clients",
        target_table="public.clients",
        status="differs",
        source_rows=1299,
        target_rows=1298,
        key=("yclients_id", "company_id"),
        columns=tuple(f"c{number}" for number in range(38)),
        missing_on_target=1,
        different=2,
        differences=(
            RowDelta(key={"yclients_id": 1000311, "company_id": 900100}, status="missing_on_target"),
            RowDelta(
                key={"yclients_id": 1000017, "company_id": 900100},
                status="different",
                cells=(
                    Cell.model_validate({"column": "name", "class": "trailing spaces"}),
                    Cell.model_validate({"column": "discount", "class": "scale", "drift": True}),
                ),
            ),
        ),
        method="hash of 38 columns in 3 segments, then by key",
        seconds=0.21,
    )
    return document(
        title="One method regresses",
        findings=[missing, differs, renamed_constraint()],
        stages=[
            stage("introspect", "passed", "8 and 19 tables", 0.31),
            stage("diff", "passed", "no change that matters", 0.04),
            stage("rows", "failed", "3 of 1,490 rows differ", 0.48),
            stage("methods", "failed", "2 of 25 methods give other answers", 5.1),
        ],
        rows=[clients, *rows],
        methods=[
            method(
                name, different=3 if name == "get_upcoming_appointments" else 1 if name == "get_client_by_phone" else 0
            )
            for name in METHODS
        ],
        outcomes=[pair, failed],
        mapping=Mapping(
            tables={
                "public.clients": TableMapping(
                    columns={"full_name": ColumnMapping(source="name"), "country": ColumnMapping(constant="RU")},
                    drop={"legacy_note": "nobody reads it"},
                )
            }
        ),
        related=acts(),
    )


def interrupted() -> RunDocument:
    """INCOMPLETE: a table nobody named, a stage that was stopped, a method without a case."""
    return document(
        title="Rehearsal, stopped half way",
        findings=[],
        stages=[
            stage("introspect", "passed", "9 and 9 tables", 0.3),
            stage("diff", "passed", "no change", 0.02),
            stage("rows", "incomplete", "6 of 7 tables compared", 0.4),
            stage("methods", "not run", "the data layer of the target did not start"),
        ],
        coverage=[
            Coverage(stage="diff", unit="object", checked=214),
            Coverage(
                stage="rows",
                unit="table",
                checked=6,
                items=tuple(list(TABLES)[:6]),
                skipped=(
                    Skipped(item="public.dialog_contexts", reason="statement timeout after 600 s"),
                    Skipped(item="public.clients.updated_at", reason="set by a trigger on the target", decided=True),
                ),
            ),
            Coverage(stage="methods", unit="case", checked=0),
        ],
        scope=[*reference_scope(), ScopeTable(table="public.waitlist", scope="unnamed", source_rows=17, target_rows=0)],
        rows=[identical(name, number) for name, number in list(TABLES.items())[:6]],
        unmodelled=("event trigger pgrst_ddl_watch (source)", "publication supabase_realtime (source)"),
    )


def empty() -> RunDocument:
    """A run of which nothing is known: no stage, no table, no finding."""
    return document(title="", findings=[], stages=[], coverage=[], scope=[], exclude=False)
