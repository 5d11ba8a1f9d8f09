"""The five schemas of the reference application: what they hold, and what each of them refuses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from harness.embedded.server import Server
from harness.reference.data_set import TABLES_IN_SCOPE, data_set
from harness.reference.seed import seed, seed_target_only
from tests.api_roles import create_api_roles

SCHEMAS = Path(__file__).parents[2] / "schemas" / "reference"
TARGETS = ("first_built", "aligned_plain", "aligned_single", "aligned")
BUSINESS_TABLES = (*TABLES_IN_SCOPE, "reminders")
API_ROLES = ("anon", "authenticated", "service_role")
OWNER = "reference_owner"
MISSING = {
    "companies": "company_id",
    "clients": "yclients_id",
    "services": "yclients_id",
    "staff": "yclients_id",
    "staff_schedules": "staff_name",
    "bookings": "yclients_record_id",
    "dialog_contexts": "user_id",
}


@pytest.fixture(scope="module")
def roles(server: Server, newer_server: Server) -> None:
    """An owner that is no superuser, and the API roles, on both servers."""
    create_api_roles(server, newer_server)
    for one in (server, newer_server):
        with psycopg.connect(one.dsn(), autocommit=True) as admin:
            if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (OWNER,)).fetchone():
                admin.execute(sql.SQL("CREATE ROLE {} NOSUPERUSER").format(sql.Identifier(OWNER)))


@pytest.fixture
def connection(database: str, roles: None) -> Iterator[psycopg.Connection]:
    """An empty database on the older server, as its owner."""
    yield from _as_owner(database)


@pytest.fixture
def newer_connection(newer_database: str, roles: None) -> Iterator[psycopg.Connection]:
    """An empty database on the newer server, as its owner."""
    yield from _as_owner(newer_database)


def _as_owner(dsn: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("ALTER SCHEMA public OWNER TO {}").format(sql.Identifier(OWNER)))
        connection.execute(sql.SQL("SET SESSION AUTHORIZATION {}").format(sql.Identifier(OWNER)))
        yield connection


def load(connection: psycopg.Connection, name: str) -> None:
    connection.execute((SCHEMAS / f"{name}.sql").read_bytes())


def number(connection: psycopg.Connection, query: str) -> int:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return int(row[0])


def columns(connection: psycopg.Connection, table: str) -> list[tuple[object, ...]]:
    return connection.execute(
        "SELECT column_name, data_type, numeric_precision, numeric_scale, is_nullable, column_default, is_identity"
        " FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s ORDER BY ordinal_position",
        (table,),
    ).fetchall()


def indexes(connection: psycopg.Connection, table: str) -> set[str]:
    rows = connection.execute(
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = %s", (table,)
    ).fetchall()
    return {str(row[0]) for row in rows}


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_has_19_tables_129_indexes_and_8_functions(name: str, newer_connection: psycopg.Connection) -> None:
    load(newer_connection, name)
    assert number(newer_connection, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 19
    assert number(newer_connection, "SELECT count(*) FROM pg_indexes WHERE schemaname = 'public'") == 129
    assert number(newer_connection, "SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace") == 8


@pytest.mark.parametrize("name", ["source", *TARGETS])
def test_a_schema_loads_on_the_older_server_too(name: str, connection: psycopg.Connection) -> None:
    load(connection, name)
    assert number(connection, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == (
        8 if name == "source" else 19
    )


def test_the_source_holds_the_eight_business_tables_with_row_level_security(connection: psycopg.Connection) -> None:
    load(connection, "source")
    found = connection.execute("SELECT tablename, rowsecurity FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert dict(found) == dict.fromkeys(BUSINESS_TABLES, True)


@pytest.mark.parametrize("role", API_ROLES)
def test_the_api_roles_have_rights_on_the_source(role: str, connection: psycopg.Connection) -> None:
    load(connection, "source")
    row = connection.execute(
        "SELECT has_table_privilege(%s, 'clients', 'select, insert, update, delete'),"
        " has_sequence_privilege(%s, 'clients_id_seq', 'usage')",
        (role, role),
    ).fetchone()
    assert row == (True, True)


def test_the_source_has_30_to_40_columns_of_a_client_where_the_first_target_has_15_to_20(
    connection: psycopg.Connection, newer_connection: psycopg.Connection
) -> None:
    load(connection, "source")
    load(newer_connection, "first_built")
    assert 30 <= len(columns(connection, "clients")) <= 40
    for table in BUSINESS_TABLES:
        assert 15 <= len(columns(newer_connection, table)) <= 20, table


def test_aligned_has_the_source_s_columns_and_indexes_in_every_business_table(
    connection: psycopg.Connection, newer_connection: psycopg.Connection
) -> None:
    load(connection, "source")
    load(newer_connection, "aligned")
    for table in BUSINESS_TABLES:
        assert columns(newer_connection, table) == columns(connection, table), table
        assert indexes(newer_connection, table) == indexes(connection, table), table


@pytest.mark.parametrize("name", ["aligned_plain", "aligned_single"])
def test_a_target_aligned_in_columns_differs_from_aligned_in_one_index_of_clients(
    name: str, connection: psycopg.Connection, newer_connection: psycopg.Connection
) -> None:
    load(connection, "aligned")
    load(newer_connection, name)
    for table in BUSINESS_TABLES:
        assert columns(newer_connection, table) == columns(connection, table), table
        only_here = indexes(newer_connection, table) - indexes(connection, table)
        assert len(only_here) == (1 if table == "clients" else 0), table


@pytest.mark.parametrize("name", ["source", *TARGETS])
def test_no_schema_has_the_columns_that_only_the_first_version_of_the_code_knows(
    name: str, connection: psycopg.Connection
) -> None:
    load(connection, name)
    known = {table: {column[0] for column in columns(connection, table)} for table in BUSINESS_TABLES}
    assert not {"active", "fired"} & (known["services"] | known["staff"])
    assert not {"client_id", "yclients_id"} & known["bookings"]


def test_a_load_into_the_first_target_fails_on_a_missing_column_of_each_of_the_seven_tables(
    newer_connection: psycopg.Connection,
) -> None:
    load(newer_connection, "first_built")
    found = {table: refused_column(newer_connection, table) for table in TABLES_IN_SCOPE}
    assert found == {
        table: f'column "{column}" of relation "{table}" does not exist' for table, column in MISSING.items()
    }


def refused_column(connection: psycopg.Connection, table: str) -> str | None:
    with pytest.raises(psycopg.errors.UndefinedColumn) as refused:
        seed(connection, {table: data_set()[table]})
    return refused.value.diag.message_primary


def test_the_first_target_has_four_marketplace_columns_and_settings_for_raw_data(
    newer_connection: psycopg.Connection,
) -> None:
    load(newer_connection, "first_built")
    names = {str(column[0]) for column in columns(newer_connection, "companies")}
    assert len([name for name in names if name.startswith("marketplace_")]) == 4
    assert {"yclients_company_id", "name", "settings"} <= names
    assert not {"company_id", "title", "raw_data"} & names


@pytest.mark.parametrize("second_company", [False, True])
def test_every_row_loads_into_aligned_in_order(second_company: bool, newer_connection: psycopg.Connection) -> None:
    load(newer_connection, "aligned")
    rows = data_set(second_company=second_company)
    seed(newer_connection, rows)
    seed_target_only(newer_connection)
    for table, of_table in rows.items():
        found = newer_connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
        assert found == (len(of_table),), table
    assert number(newer_connection, "SELECT count(*) FROM whatsapp_keys") == 728


def test_the_first_company_fits_each_target_aligned_in_columns(newer_connection: psycopg.Connection) -> None:
    load(newer_connection, "aligned_single")
    seed(newer_connection, data_set())
    assert number(newer_connection, "SELECT count(*) FROM clients") == 1299


def test_aligned_single_refuses_the_second_company(newer_connection: psycopg.Connection) -> None:
    load(newer_connection, "aligned_single")
    with pytest.raises(psycopg.errors.UniqueViolation) as refused:
        seed(newer_connection, data_set(second_company=True))
    assert refused.value.diag.constraint_name == "clients_yclients_id_key"


def test_the_next_value_of_every_sequence_lies_above_what_was_loaded(connection: psycopg.Connection) -> None:
    load(connection, "source")
    seed(connection, data_set(second_company=True))
    for table in TABLES_IN_SCOPE:
        row = connection.execute(
            sql.SQL("SELECT nextval(pg_get_serial_sequence({}, 'id')), max(id) FROM {}").format(
                sql.Literal(table), sql.Identifier(table)
            )
        ).fetchone()
        assert row is not None
        assert row[0] == row[1] + 1, table


@pytest.mark.parametrize(
    ("name", "arbiters"),
    [
        ("aligned_plain", set()),
        ("aligned_single", {("yclients_id",)}),
        ("aligned", {("yclients_id", "company_id")}),
    ],
)
def test_on_conflict_on_clients_finds_the_one_arbiter_that_the_target_has_and_else_fails_with_42p10(
    name: str, arbiters: set[tuple[str, ...]], newer_connection: psycopg.Connection
) -> None:
    load(newer_connection, name)
    seed(newer_connection, {"companies": data_set()["companies"]})
    tried = [("yclients_id",), ("yclients_id", "company_id"), ("phone", "company_id")]
    found = {arbiter: upsert_refused_with(newer_connection, arbiter) for arbiter in tried}
    assert found == {arbiter: None if arbiter in arbiters else "42P10" for arbiter in tried}


def upsert_refused_with(connection: psycopg.Connection, arbiter: tuple[str, ...]) -> str | None:
    statement = sql.SQL(
        "INSERT INTO clients (yclients_id, company_id, name) VALUES (9900001, 900100, 'Тест')"
        " ON CONFLICT ({}) DO UPDATE SET name = EXCLUDED.name"
    ).format(sql.SQL(", ").join(map(sql.Identifier, arbiter)))
    try:
        connection.execute(statement)
    except psycopg.Error as error:
        return error.sqlstate
    return None
