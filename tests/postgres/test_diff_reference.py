"""The diff on real servers: no change across versions and restores, and the known faults of the reference targets."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from harness.core.configuration import Configuration
from harness.core.diff import diff
from harness.core.model.catalog import Catalog
from harness.core.record import Severity, Side
from harness.embedded.server import Server
from harness.postgres.connect import Endpoint, session, snapshot
from harness.postgres.introspect import introspect
from harness.stages.align import align_stage
from harness.stages.diff import diff_stage
from harness.stages.introspect import introspect_stage
from tests.api_roles import create_api_roles

REFERENCE = Path(__file__).parents[2] / "schemas" / "reference"
NAMES = ("source", "first_built", "aligned_plain", "aligned_single", "aligned")
MISSING_KEYS = {
    "public.companies.company_id",
    "public.clients.yclients_id",
    "public.services.yclients_id",
    "public.staff.yclients_id",
    "public.staff_schedules.staff_name",
    "public.bookings.yclients_record_id",
    "public.dialog_contexts.user_id",
}


@pytest.fixture(autouse=True)
def api_roles(server: Server, newer_server: Server) -> None:
    """The roles that the source's policies and grants name; the reference schemas expect them."""
    create_api_roles(server, newer_server)


def load(dsn: str, name: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute((REFERENCE / f"{name}.sql").read_bytes())


def catalog_of(dsn: str) -> Catalog:
    with session(Endpoint(Side.SOURCE, dsn), purpose="test") as connection, snapshot(connection):
        return introspect(connection)


@pytest.fixture
def pair(request: pytest.FixtureRequest, database: str, newer_database: str) -> tuple[Catalog, Catalog]:
    """The source on the older server and the target of the test's parameter on the newer one."""
    load(database, "source")
    load(newer_database, request.param)
    return catalog_of(database), catalog_of(newer_database)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_schema_on_two_major_versions_does_not_differ(database: str, newer_database: str, name: str) -> None:
    load(database, name)
    load(newer_database, name)
    older, newer = catalog_of(database), catalog_of(newer_database)
    assert diff(older, newer) == ()
    assert diff(newer, older) == ()


@pytest.mark.parametrize("pair", ["aligned"], indirect=True)
def test_the_aligned_target_differs_in_cosmetics_only(pair: tuple[Catalog, Catalog]) -> None:
    result = diff_stage(*pair, Configuration())
    assert {finding.severity for finding in result.findings} == {Severity.COSMETIC}
    assert result.coverage.complete
    platform = [change for change in result.artifact.changes if change.equivalence == "platform"]
    protection = [change for change in platform if change.kind != "privilege"]
    assert len(protection) == 8 + 9, "row-level security of 8 tables, and 9 policies"
    roles = {finding.object.identity for finding in result.findings if finding.object.kind == "role"}
    assert roles == {f"privileges of {role}" for role in ("anon", "authenticated", "service_role")}
    plans = align_stage(*pair, result.artifact.changes, Configuration())
    assert plans.findings == ()
    assert all(plan.steps == () for plan in plans.artifact)


@pytest.mark.parametrize("pair", ["first_built"], indirect=True)
def test_the_first_built_target_lacks_the_seven_columns_and_their_twins_are_suggested(
    pair: tuple[Catalog, Catalog],
) -> None:
    result = diff_stage(*pair, Configuration())
    missing = {finding.object.identity for finding in result.findings if finding.code == "COL001"}
    assert missing >= MISSING_KEYS
    twins = {each.source: each.target for each in result.artifact.renames}
    assert {name: twins.get(name) for name in MISSING_KEYS} == {
        "public.companies.company_id": "public.companies.yclients_company_id",
        "public.clients.yclients_id": "public.clients.yclients_client_id",
        "public.services.yclients_id": "public.services.yclients_service_id",
        "public.staff.yclients_id": "public.staff.yclients_staff_id",
        "public.staff_schedules.staff_name": "public.staff_schedules.employee_name",
        "public.bookings.yclients_record_id": "public.bookings.yclients_booking_id",
        "public.dialog_contexts.user_id": "public.dialog_contexts.chat_id",
    }
    fixes = {finding.object.identity: finding.fix for finding in result.findings if finding.code == "COL001"}
    assert all(fix is not None and fix.sql and "ADD COLUMN" in fix.sql for fix in fixes.values())


@pytest.mark.parametrize("pair", ["aligned_plain"], indirect=True)
def test_a_missing_arbiter_is_the_only_fault_of_the_plain_target(pair: tuple[Catalog, Catalog]) -> None:
    blockers = [each for each in diff_stage(*pair, Configuration()).findings if each.severity is not Severity.COSMETIC]
    assert [(each.code, each.object.identity) for each in blockers] == [
        ("CON002", "public.clients.clients_yclients_id_company_id_key")
    ]


@pytest.mark.parametrize("pair", ["aligned_single"], indirect=True)
def test_the_narrow_key_of_the_single_company_target_refuses_what_the_source_accepts(
    pair: tuple[Catalog, Catalog],
) -> None:
    blockers = {
        (each.code, each.object.identity)
        for each in diff_stage(*pair, Configuration()).findings
        if each.severity is not Severity.COSMETIC
    }
    assert blockers == {
        ("CON002", "public.clients.clients_yclients_id_company_id_key"),
        ("CON005", "public.clients.clients_yclients_id_key"),
    }


@pytest.mark.parametrize("pair", ["first_built"], indirect=True)
def test_an_excluded_table_is_counted_and_not_judged(pair: tuple[Catalog, Catalog]) -> None:
    reason = "not part of the move"
    configuration = Configuration.model_validate({"scope": {"exclude": {"public.reminders": reason}}})
    result = diff_stage(*pair, configuration)
    assert not any(finding.table == "public.reminders" for finding in result.findings)
    whole = diff_stage(*pair, Configuration())
    left_out = len(whole.artifact.changes) - len(result.artifact.changes)
    assert result.artifact.filtered == {reason: left_out}
    assert any(
        each.reason == reason and each.decided and str(left_out) in each.item for each in result.coverage.skipped
    )
    assert result.coverage.complete


def test_the_findings_queries_run_on_both_databases(database: str, newer_database: str) -> None:
    load(database, "source")
    load(newer_database, "first_built")
    result = diff_stage(catalog_of(database), catalog_of(newer_database), Configuration())
    queries = {finding.query for finding in result.findings if finding.query}
    assert len(queries) > 20
    for dsn in (database, newer_database):
        with psycopg.connect(dsn) as connection:
            for query in queries:
                connection.execute(query.encode())


def test_a_sequence_behind_its_column_is_found_with_the_statement_that_mends_it(
    database: str, newer_database: str
) -> None:
    load(database, "source")
    load(newer_database, "aligned")
    with psycopg.connect(newer_database, autocommit=True) as target:
        target.execute("INSERT INTO companies (id, company_id, title) VALUES (40, 900100, 'Салон')")
    source = catalog_of(database)
    behind = [
        each
        for each in diff_stage(source, catalog_of(newer_database), Configuration()).findings
        if each.code == "SEQ003"
    ]
    assert [(each.severity, each.object.identity) for each in behind] == [(Severity.BLOCKER, "public.companies_id_seq")]
    assert behind[0].fix is not None
    assert behind[0].fix.sql is not None
    with psycopg.connect(newer_database, autocommit=True) as target:
        target.execute(behind[0].fix.sql.encode())
    again = diff_stage(source, catalog_of(newer_database), Configuration())
    assert not any(each.code == "SEQ003" for each in again.findings)


def test_an_unmodelled_object_of_the_source_leaves_a_gap_until_somebody_decides(
    database: str, newer_database: str
) -> None:
    load(database, "aligned")
    load(newer_database, "aligned")
    with (
        psycopg.connect(database, autocommit=True) as source,
        psycopg.connect(newer_database, autocommit=True) as target,
    ):
        source.execute("SELECT lo_create(0) FROM generate_series(1, 1001)")
        target.execute("SELECT lo_create(0) FROM generate_series(1, 1001)")
    catalogs = catalog_of(database), catalog_of(newer_database)
    result = diff_stage(*catalogs, Configuration())
    assert result.artifact.unmodelled == (
        "large objects pg_largeobject (source)",
        "large objects pg_largeobject (target)",
    )
    assert [gap.item for gap in result.coverage.gaps] == ["large objects pg_largeobject (source)"]
    decided = Configuration.model_validate({"schema": {"ignore": {"large objects:pg_largeobject": "unused"}}})
    assert diff_stage(*catalogs, decided).coverage.complete


def test_introspection_tells_of_another_collation_and_time_zone(
    server: Server, database: str, newer_database: str
) -> None:
    name = psycopg.conninfo.conninfo_to_dict(newer_database)["dbname"]
    with psycopg.connect(newer_database, autocommit=True) as target:
        setting = psycopg.sql.SQL("ALTER DATABASE {} SET TimeZone = 'Europe/Moscow'")
        target.execute(setting.format(psycopg.sql.Identifier(str(name))))
    plain = f"{psycopg.conninfo.conninfo_to_dict(database)['dbname']}_c"
    with psycopg.connect(server.dsn(), autocommit=True) as admin:
        create = psycopg.sql.SQL("CREATE DATABASE {} TEMPLATE template0 LOCALE 'C'")
        admin.execute(create.format(psycopg.sql.Identifier(plain)))
    try:
        with (
            session(Endpoint(Side.SOURCE, server.dsn(plain)), purpose="test") as source,
            session(Endpoint(Side.TARGET, newer_database), purpose="test") as target_session,
        ):
            result = introspect_stage(source, target_session, Configuration())
    finally:
        with psycopg.connect(server.dsn(), autocommit=True) as admin:
            admin.execute(psycopg.sql.SQL("DROP DATABASE {}").format(psycopg.sql.Identifier(plain)))
    assert {finding.code for finding in result.findings} == {"ENV001", "ENV002"}
