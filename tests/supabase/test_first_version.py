"""The first version of the repository layer shows the faults that were recorded, against the layer that it replaces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from harness.embedded.stack import LocalStack, local_stack
from harness.reference import first_version, regressed, supabase_layer
from harness.reference.cases import cases
from harness.reference.data_set import COMPANY_ID, data_set
from harness.reference.first_version import FirstVersion
from harness.reference.regressed import Regressed
from harness.reference.repository_layer import RepositoryLayer
from harness.reference.seed import seed
from harness.reference.supabase_layer import SupabaseLayer

SCHEMAS = Path(__file__).parents[2] / "schemas" / "reference"
FAULTY = {
    "get_client_by_phone",
    "get_client_appointments",
    "get_upcoming_appointments",
    "search_clients_by_name",
    "upsert_client",
    "upsert_clients",
    "get_staff",
    "get_services",
    "get_services_by_category",
    "upsert_booking",
}
A_CLIENT = {"yclients_id": 9_900_001, "company_id": COMPANY_ID, "name": "Тест", "phone": "80005559801"}
A_BOOKING = {"yclients_record_id": 9_900_001, "company_id": COMPANY_ID, "datetime": "2025-11-30T21:30:00+00:00"}


@dataclass(frozen=True)
class Context:
    dsn: str = ""
    rest_url: str = ""
    api_key: str = ""


@pytest.fixture(scope="module")
def stack() -> Iterator[LocalStack]:
    """The source, with two companies, and servers to put targets on."""
    with local_stack() as running:
        with psycopg.connect(running.source.dsn) as connection:
            connection.execute((SCHEMAS / "source.sql").read_bytes())
            seed(connection, data_set(second_company=True))
        running.gateway.reload_schema_cache()
        yield running


@pytest.fixture(scope="module")
def old(stack: LocalStack) -> Iterator[SupabaseLayer]:
    layer = supabase_layer.create(Context(rest_url=stack.gateway.url, api_key=stack.keys.service_role_key))
    yield layer
    layer.close()


def _target(stack: LocalStack, schema: str, *, second_company: bool) -> Iterator[str]:
    server = stack.target.server
    with psycopg.connect(server.dsn(), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(schema)))
        with psycopg.connect(server.dsn(schema)) as connection:
            connection.execute((SCHEMAS / f"{schema}.sql").read_bytes())
            seed(connection, data_set(second_company=second_company))
        yield server.dsn(schema)
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(schema)))


@pytest.fixture(scope="module")
def aligned(stack: LocalStack) -> Iterator[str]:
    yield from _target(stack, "aligned", second_company=True)


@pytest.fixture(scope="module")
def aligned_plain(stack: LocalStack) -> Iterator[str]:
    yield from _target(stack, "aligned_plain", second_company=True)


@pytest.fixture(scope="module")
def aligned_single(stack: LocalStack) -> Iterator[str]:
    yield from _target(stack, "aligned_single", second_company=False)


@pytest.fixture
def first(aligned: str) -> Iterator[FirstVersion]:
    layer = first_version.create(Context(dsn=aligned))
    yield layer
    layer.close()


def code_of(envelope: Any) -> str | None:
    return str(envelope["error"]["code"]) if envelope["error"] else None


def test_the_first_version_overrides_the_faulty_methods_and_no_others() -> None:
    assert {name for name in vars(FirstVersion) if not name.startswith("_")} == FAULTY


@pytest.mark.parametrize("schema", ["aligned", "aligned_plain"])
def test_on_conflict_on_yclients_id_alone_has_no_arbiter(schema: str, request: pytest.FixtureRequest) -> None:
    layer = first_version.create(Context(dsn=request.getfixturevalue(schema)))
    answer = layer.upsert_client(A_CLIENT)
    layer.close()
    assert code_of(answer) == "42P10"


def test_the_single_column_arbiter_serves_the_first_version_and_fails_the_mended_one(aligned_single: str) -> None:
    first, mended = first_version.create(Context(dsn=aligned_single)), regressed.create(Context(dsn=aligned_single))
    answers = first.upsert_client(A_CLIENT), mended.upsert_client(A_CLIENT)
    first.close()
    mended.close()
    assert [code_of(answer) for answer in answers] == [None, "42P10"]


def test_on_conflict_on_phone_and_company_has_no_arbiter_in_any_schema(first: FirstVersion) -> None:
    assert code_of(first.upsert_clients([A_CLIENT])) == "42P10"


@pytest.mark.parametrize(
    ("method", "kwargs", "column"),
    [
        ("get_services", {"company_id": COMPANY_ID}, "active"),
        ("get_services_by_category", {"company_id": COMPANY_ID, "category_id": 101}, "active"),
        ("get_staff", {"company_id": COMPANY_ID}, "fired"),
        ("get_client_appointments", {"client_phone": "80005550001"}, "client_id"),
        ("get_upcoming_appointments", {"client_phone": "80005550001", "company_id": COMPANY_ID}, "client_id"),
        ("upsert_booking", {"data": A_BOOKING}, "yclients_id"),
    ],
)
def test_a_column_that_only_the_code_knows_is_refused(
    method: str, kwargs: dict[str, Any], column: str, first: FirstVersion, old: SupabaseLayer
) -> None:
    answer = getattr(first, method)(**kwargs)
    assert code_of(answer) == "42703"
    assert f'column "{column}"' in answer["error"]["message"]
    assert getattr(old, method)(**kwargs)["success"]


def test_nulls_last_brings_other_rows_than_rest_within_a_limit_of_ten(first: FirstVersion, old: SupabaseLayer) -> None:
    ours = first.search_clients_by_name(COMPANY_ID, "Анна Тёзкина")["data"]
    theirs = old.search_clients_by_name(COMPANY_ID, "Анна Тёзкина")["data"]
    assert len(ours) == len(theirs) == 10
    assert theirs[0]["last_visit_date"] is None
    assert ours[0]["last_visit_date"] is not None
    assert {row["id"] for row in ours} != {row["id"] for row in theirs}


def test_a_phone_of_two_companies_is_an_error_on_the_source_and_anybody_s_row_on_the_target(
    first: FirstVersion, old: SupabaseLayer
) -> None:
    assert code_of(old.get_client_by_phone("80005550001")) == "P0003"
    assert first.get_client_by_phone("80005550001")["data"]["yclients_id"] == 1001


def test_a_phone_of_two_clients_of_one_company_shows_the_same_fault(first: FirstVersion, old: SupabaseLayer) -> None:
    assert code_of(old.get_client_by_phone("70005550020")) == "P0003"
    assert first.get_client_by_phone("70005550020")["success"]


def test_the_regressed_layer_differs_from_the_mended_one_in_one_method_alone(aligned: str, old: SupabaseLayer) -> None:
    assert {name for name in vars(Regressed) if not name.startswith("_")} == {"search_clients_by_name"}
    layer = regressed.create(Context(dsn=aligned))
    lower, exact = (
        layer.search_clients_by_name(COMPANY_ID, "тёзкина"),
        layer.search_clients_by_name(COMPANY_ID, "Тёзкина"),
    )
    layer.close()
    assert lower["data"] == []
    assert len(exact["data"]) == len(old.search_clients_by_name(COMPANY_ID, "тёзкина")["data"]) == 10


def test_every_fault_shows_in_the_written_cases(first: FirstVersion, old: SupabaseLayer, aligned: str) -> None:
    mended = RepositoryLayer(first._database)
    shown = set()
    for case in cases():
        if case["method"].startswith("upsert_") and case["method"] not in FAULTY:
            continue
        answers = [getattr(layer, case["method"])(**case["kwargs"]) for layer in (first, mended)]
        if [row_ids(answers[0]), code_of(answers[0])] != [row_ids(answers[1]), code_of(answers[1])]:
            shown.add(case["method"])
    assert shown == FAULTY


def row_ids(envelope: Any) -> Any:
    data = envelope["data"]
    if isinstance(data, list):
        return [row["id"] for row in data]
    return data["id"] if isinstance(data, dict) and "id" in data else data
