"""The reference application's data moves: what its four targets let in, and what the comparison of rows says then."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from harness.embedded.server import Server
from harness.reference.data_set import TABLES_IN_SCOPE, data_set
from harness.reference.seed import seed
from tests.api_roles import create_api_roles
from tests.data_pair import Pair, pair_of

SCHEMAS = Path(__file__).parents[2] / "schemas" / "reference"
TABLES = tuple(f"public.{name}" for name in TABLES_IN_SCOPE)


@pytest.fixture(scope="module")
def databases(server: Server, newer_server: Server) -> Iterator[Pair]:
    create_api_roles(server, newer_server)
    with pair_of(server, newer_server) as pair:
        yield pair


def prepare(pair: Pair, target: str, *, second_company: bool = False) -> None:
    pair.on_source((SCHEMAS / "source.sql").read_text("utf-8"))
    pair.on_target((SCHEMAS / f"{target}.sql").read_text("utf-8"))
    with psycopg.connect(pair.source_dsn) as connection:
        seed(connection, data_set(second_company=second_company))


@pytest.mark.parametrize("target", ["aligned_plain", "aligned_single", "aligned"])
def test_1490_rows_in_7_tables_arrive_and_are_identical(pair: Pair, target: str) -> None:
    prepare(pair, target)
    result = pair.migrate(*TABLES)
    assert (result.artifact.rows, len(result.artifact.tables)) == (1490, 7)
    assert all(moved.verified and moved.error is None for moved in result.artifact.tables)
    assert result.findings == ()
    compared = pair.compare(*TABLES)
    assert {rows.status for rows in compared.artifact} == {"identical"}
    assert (compared.coverage.checked, compared.coverage.complete, compared.findings) == (1490, True, ())


def test_companies_load_first_and_bookings_last(pair: Pair) -> None:
    prepare(pair, "aligned")
    order = [moved.table for moved in pair.migrate(*sorted(TABLES)).artifact.tables]
    assert (order[0], order[-1]) == ("public.companies", "public.bookings")


def test_no_row_moves_to_the_first_built_target_and_each_table_says_which_column_is_missing(pair: Pair) -> None:
    prepare(pair, "first_built")
    result = pair.migrate(*TABLES)
    missing = {finding.table: str(finding.evidence[0].text).split(", ") for finding in result.findings}
    expected = {
        "companies": "company_id",
        "clients": "yclients_id",
        "services": "yclients_id",
        "staff": "yclients_id",
        "staff_schedules": "staff_name",
        "bookings": "yclients_record_id",
        "dialog_contexts": "user_id",
    }
    assert {table: expected[table] in missing[f"public.{table}"] for table in expected} == dict.fromkeys(expected, True)
    assert result.artifact.chunks == ()
    assert pair.rows_of_target("SELECT to_regnamespace('pgparity')::text") == [(None,)]


def test_a_second_company_does_not_fit_the_target_with_a_unique_index_on_one_column(pair: Pair) -> None:
    prepare(pair, "aligned_single", second_company=True)
    result = pair.migrate(*TABLES)
    failed = {moved.table: str(moved.error) for moved in result.artifact.tables if moved.error}
    assert "23505" in failed["public.clients"]
    assert "80005550" not in result.artifact.to_json() + "".join(each.to_json() for each in result.findings)


def test_a_second_company_fits_the_aligned_target(pair: Pair) -> None:
    prepare(pair, "aligned", second_company=True)
    assert pair.migrate(*TABLES).findings == ()
    assert {rows.status for rows in pair.compare(*TABLES).artifact} == {"identical"}


@pytest.mark.long
def test_rows_that_came_while_the_data_moved_are_found(pair: Pair) -> None:
    prepare(pair, "aligned")
    pair.migrate(*TABLES)
    pair.on_source(
        "INSERT INTO clients (yclients_id, company_id, name) SELECT 9900000 + g, 900100, 'Новый клиент'"
        " FROM generate_series(1, 5) g",
        "UPDATE clients SET name = name || ' ', updated_at = now() WHERE id = 7",
    )
    rows = pair.compare_one("public.clients")
    assert (rows.source_rows, rows.target_rows, rows.missing_on_target, rows.different) == (1304, 1299, 5, 1)
    assert {cell.column: cell.cls for delta in rows.differences for cell in delta.cells} == {
        "name": "white space",
        "updated_at": "stale row",
    }
