"""What is found on a target that was built for another product: missing columns, renames, three plans."""

from __future__ import annotations

from harness.core.findings import Evidence, Finding, Fix, FoundObject
from harness.core.plan import Cost, Hazard, Plan, Precheck, Step
from harness.core.record import Severity
from tests.report.reference_pair import TARGET_ONLY

MISSING = {
    "public.companies": ("company_id", "integer NOT NULL", "yclients_company_id"),
    "public.clients": ("yclients_id", "bigint NOT NULL", "yclients_client_id"),
    "public.services": ("yclients_id", "bigint NOT NULL", "yclients_service_id"),
    "public.staff": ("yclients_id", "bigint NOT NULL", "yclients_staff_id"),
    "public.staff_schedules": ("staff_name", "text", None),
    "public.bookings": ("yclients_record_id", "bigint NOT NULL", "yclients_booking_id"),
    "public.dialog_contexts": ("user_id", "text NOT NULL", None),
}


def plans() -> list[Plan]:
    """Recreate (loses data), map (no statement at all) and add-missing (proved) for the first-built target."""
    return [
        Plan(
            strategy="recreate",
            source_fingerprint="a3f1c09be27d4450a3f1c09be27d4450",
            target_fingerprint="77e2b11c90d34aa877e2b11c90d34aa8",
            steps=(
                Step(
                    sql="DROP TABLE public.bookings;",
                    why="public.bookings has other columns on the target",
                    kind="table",
                    identity="public.bookings",
                    hazards=(Hazard.LOCK, Hazard.DATA_LOSS),
                    lock="ACCESS EXCLUSIVE",
                ),
            ),
            untouched=tuple(f"public.{name}" for name in TARGET_ONLY),
            cost=Cost(
                rows_affected=0,
                columns_lost=("public.companies.marketplace_id", "public.companies.marketplace_rating"),
                locks=("ACCESS EXCLUSIVE on public.bookings",),
            ),
            proved=True,
        ),
        Plan(
            strategy="map",
            source_fingerprint="a3f1c09be27d4450a3f1c09be27d4450",
            target_fingerprint="77e2b11c90d34aa877e2b11c90d34aa8",
            not_covered=("34 statements of the data layer still name the source's columns",),
            cost=Cost(columns_lost=("public.clients.ai_context",), breaks=("get_client_by_id: column yclients_id",)),
        ),
        Plan(
            strategy="add-missing",
            source_fingerprint="a3f1c09be27d4450a3f1c09be27d4450",
            target_fingerprint="77e2b11c90d34aa877e2b11c90d34aa8",
            steps=(
                Step(
                    sql="ALTER TABLE public.companies\n    ADD COLUMN company_id integer;",
                    why="column public.companies.company_id is missing on the target",
                    kind="column",
                    identity="public.companies.company_id",
                    hazards=(Hazard.LOCK,),
                    lock="ACCESS EXCLUSIVE",
                ),
                Step(
                    sql="CREATE UNIQUE INDEX CONCURRENTLY clients_yclients_id_company_id_key\n"
                    "    ON public.clients (yclients_id, company_id);",
                    why="upserts conflict on (yclients_id, company_id)",
                    kind="index",
                    identity="public.clients_yclients_id_company_id_key",
                    transactional=False,
                    lock="SHARE UPDATE EXCLUSIVE",
                    prechecks=(
                        Precheck(text="duplicates of (yclients_id, company_id)", sql="SELECT 0", found=0),
                        Precheck(text="rows with no company_id", sql="SELECT 3", found=3),
                    ),
                ),
            ),
            proved=True,
        ),
    ]


def missing_column(table: str) -> Finding:
    column, kind, twin = MISSING[table]
    short = table.removeprefix("public.")
    return Finding(
        code="COL001",
        severity=Severity.BLOCKER,
        stage="diff",
        object=FoundObject(kind="column", identity=f"{table}.{column}"),
        title=f"Column {table}.{column} is missing on the target",
        table=table,
        evidence=(
            Evidence(
                label="column", source=f"{column} {kind}", target=f"{twin} {kind}" if twin else None,
                text="the nearest column of the target" if twin else None,
            ),
        ),
        breaks=(f"load of {short}: 42703", f"upsert_{short}", f"get_{short}_by_id"),
        fix=Fix(
            text="Add the column; fill it before it is made NOT NULL.",
            sql=f"ALTER TABLE {table}\n    ADD COLUMN {column} {kind.split()[0]};",
            safe=twin is None,
        ),
        query="SELECT attname FROM pg_attribute\n"
        f"WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped;",
    )  # fmt: skip


def rename(table: str) -> Finding:
    column, kind, twin = MISSING[table]
    return Finding(
        code="COL007",
        severity=Severity.RISK,
        stage="diff",
        object=FoundObject(kind="column", identity=f"{table}.{column}"),
        title=f"Column {table}.{column} may be {twin} on the target",
        table=table,
        evidence=(
            Evidence(label="name", source=column, target=twin),
            Evidence(label="definition", source=kind, target=kind),
            Evidence(label="why", text="same type, same place in the unique key, names that share a word"),
        ),
        fix=Fix(text="Declare the rename in pgparity.toml, or rename the column."),
    )
