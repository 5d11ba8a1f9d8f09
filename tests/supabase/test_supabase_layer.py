"""The two mended data layers, on two servers of two versions: every case has the same answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from harness.embedded.stack import LocalStack, local_stack
from harness.errors import ConfigurationError
from harness.reference import VOLATILE_FIELDS, repository_layer, supabase_layer
from harness.reference.cases import cases
from harness.reference.data_set import COMPANY_ID, TABLES_IN_SCOPE, data_set
from harness.reference.repository_layer import RepositoryLayer
from harness.reference.seed import seed
from harness.reference.supabase_layer import SupabaseLayer

SCHEMAS = Path(__file__).parents[2] / "schemas" / "reference"
ALL_CASES = cases()
METHODS = sorted({case["method"] for case in ALL_CASES})


@dataclass(frozen=True)
class Context:
    dsn: str = ""
    rest_url: str = ""
    api_key: str = ""


@pytest.fixture(scope="module")
def stack() -> Iterator[LocalStack]:
    """The source and an aligned target, both with the same rows of both companies."""
    with local_stack() as running:
        for side, schema in ((running.source, "source"), (running.target, "aligned")):
            with psycopg.connect(side.dsn) as connection:
                connection.execute((SCHEMAS / f"{schema}.sql").read_bytes())
                seed(connection, data_set(second_company=True))
        running.gateway.reload_schema_cache()
        yield running


@pytest.fixture(scope="module")
def old(stack: LocalStack) -> Iterator[SupabaseLayer]:
    layer = supabase_layer.create(Context(rest_url=stack.gateway.url, api_key=stack.keys.service_role_key))
    yield layer
    layer.close()


@pytest.fixture(scope="module")
def new(stack: LocalStack) -> Iterator[RepositoryLayer]:
    layer = repository_layer.create(Context(dsn=stack.target.dsn))
    yield layer
    layer.close()


def comparable(envelope: Any) -> str:
    """The answer without volatile columns and message texts, as JSON: 1 and 1.0 are told apart."""
    error = envelope["error"] and {"kind": envelope["error"]["kind"], "code": envelope["error"]["code"]}
    return json.dumps({"data": _masked(envelope["data"]), "error": error}, ensure_ascii=False, sort_keys=True)


def _masked(value: Any) -> Any:
    if isinstance(value, list):
        return [_masked(one) for one in value]
    if isinstance(value, dict):
        return {name: _masked(one) for name, one in value.items() if name not in VOLATILE_FIELDS}
    return value


def public_methods(layer: type) -> set[str]:
    return {name for name in dir(layer) if not name.startswith("_")} - {"close"}


def test_both_layers_have_the_same_public_methods_and_each_has_cases() -> None:
    assert public_methods(SupabaseLayer) == public_methods(RepositoryLayer) == set(METHODS)


def test_every_case_has_an_id_of_its_own_and_arguments_that_the_method_takes(new: RepositoryLayer) -> None:
    assert len({case["id"] for case in ALL_CASES}) == len(ALL_CASES)
    for case in ALL_CASES:
        assert new_error_code(new, case) != "TypeError", case["id"]


def new_error_code(layer: RepositoryLayer, case: dict[str, Any]) -> str | None:
    if case["method"].startswith("upsert"):
        return None
    error = getattr(layer, case["method"])(**case["kwargs"])["error"]
    return None if error is None else str(error["code"])


@pytest.mark.parametrize("case", ALL_CASES, ids=[case["id"] for case in ALL_CASES])
def test_both_layers_answer_alike(case: dict[str, Any], old: SupabaseLayer, new: RepositoryLayer) -> None:
    expected = getattr(old, case["method"])(**case["kwargs"])
    answer = getattr(new, case["method"])(**case["kwargs"])
    assert comparable(answer) == comparable(expected)


def test_a_column_that_no_schema_has_is_the_same_failure_although_the_backends_have_two_codes_for_it(
    old: SupabaseLayer, new: RepositoryLayer
) -> None:
    row = {"yclients_id": 9_900_001, "company_id": COMPANY_ID, "name": "Тест", "mood": "хорошее"}
    answers = [layer.upsert_client(row)["error"] for layer in (old, new)]
    assert [answer and (answer["kind"], answer["code"]) for answer in answers] == [("internal", "42703")] * 2


@pytest.mark.parametrize("method", METHODS)
def test_a_method_has_cases_with_rows_without_rows_and_with_bad_input(method: str, new: RepositoryLayer) -> None:
    answers = [getattr(new, case["method"])(**case["kwargs"]) for case in ALL_CASES if case["method"] == method]
    assert any(answer["data"] for answer in answers)
    assert any(answer["error"] and answer["error"]["kind"] == "invalid_input" for answer in answers)
    if not method.startswith("upsert_") and method != "health_check":
        assert any(answer["success"] and not answer["data"] for answer in answers)


@pytest.mark.parametrize("table", TABLES_IN_SCOPE)
def test_what_the_writing_cases_left_behind_is_the_same_on_both_sides(table: str, stack: LocalStack) -> None:
    left = []
    for side in (stack.source, stack.target):
        with psycopg.connect(side.dsn) as connection:
            rows = connection.execute(f"SELECT to_jsonb(t) FROM {table} AS t ORDER BY id".encode()).fetchall()
            left.append([_masked(row[0]) for row in rows])
    assert left[0] == left[1]


def test_no_case_writes_outside_the_first_company_or_to_rows_that_are_neither_marked_nor_known(
    stack: LocalStack,
) -> None:
    before = {row["yclients_id"] for row in data_set()["clients"]}
    with psycopg.connect(stack.source.dsn) as connection:
        ids = connection.execute("SELECT yclients_id, company_id FROM clients").fetchall()
    added = {(number, company) for number, company in ids if number not in before}
    assert added
    assert all(9_900_000 <= number <= 9_999_999 and company == COMPANY_ID for number, company in added)


def test_a_key_that_is_wrong_is_answered_with_permission(stack: LocalStack) -> None:
    layer = supabase_layer.create(Context(rest_url=stack.gateway.url, api_key="wrong"))
    answer = layer.get_company(COMPANY_ID)
    layer.close()
    assert answer["error"] is not None
    assert answer["error"]["kind"] == "permission"


def test_the_anonymous_key_sees_no_clients_because_of_row_level_security(stack: LocalStack) -> None:
    layer = supabase_layer.create(Context(rest_url=stack.gateway.url, api_key=stack.keys.anon_key))
    found, company = layer.get_client_by_id(1001, COMPANY_ID), layer.get_company(COMPANY_ID)
    layer.close()
    assert found == {"success": True, "data": None, "error": None}
    assert company["data"]["company_id"] == COMPANY_ID


def test_an_interface_that_cannot_be_reached_is_answered_with_connection() -> None:
    layer = supabase_layer.create(Context(rest_url="http://127.0.0.1:1", api_key="key"))
    answer = layer.get_company(COMPANY_ID)
    layer.close()
    assert answer["error"] is not None
    assert answer["error"]["kind"] == "connection"


@pytest.mark.parametrize(("url", "key"), [("", "key"), ("http://127.0.0.1:1", ""), ("not a url", "hunter2")])
def test_a_url_or_key_that_is_none_is_an_error_at_once(url: str, key: str) -> None:
    with pytest.raises(ConfigurationError) as failed:
        supabase_layer.create(Context(rest_url=url, api_key=key))
    assert "hunter2" not in failed.value.message
