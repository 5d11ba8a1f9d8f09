"""What the contract check leaves unsaid, and says that it does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.core.configuration import Configuration
from harness.core.model.foreign import ForeignTable
from harness.core.model.relations import View
from harness.core.record import Side
from harness.core.statements import CapturedStatement
from harness.stages.contract import contract_stage
from tests.statements.catalogs import catalog, function, table
from tests.statements.checking import CLIENTS, SOURCE, STAFF, check, codes, configured, on_target, rest


def test_a_write_whose_columns_stand_in_the_body_is_a_gap_only_where_the_target_lacks_some() -> None:
    patch = rest("PATCH", "clients", "id=eq.1")
    assert check(patch).coverage.skipped == ()
    poorer = catalog(table("clients", "id:bigint name"))
    gap = check(patch, target=poorer).coverage.skipped[0]
    assert "the target has no client_email, company_id, phone, yclients_id" in gap.reason


def test_views_have_columns_too() -> None:
    views = [View(schema="public", name="active", columns=("id bigint", "name character varying(20)"))]
    given = catalog(CLIENTS, views=views)
    assert codes("SELECT id, name, phone FROM active", source=given, target=given) == [
        ("CTR003", "public.active.phone")
    ]


def test_a_foreign_table_has_columns_too() -> None:
    given = replace(
        catalog(table("remote", "id:bigint name")), foreign_tables=(ForeignTable(schema="public", name="remote"),)
    )
    given = replace(given, tables=())
    assert codes("SELECT id, phone FROM remote", source=given, target=given) == [("CTR003", "public.remote.phone")]


def test_a_function_that_only_the_source_has_is_found_and_a_built_in_one_is_not() -> None:
    source = catalog(STAFF, functions=[function("tidy")])
    findings = check(
        "SELECT tidy(name), lower(name), no_such_extension_function(name) FROM staff",
        rest("POST", "rpc/tidy"),
        source=source,
        target=catalog(STAFF),
    ).findings
    assert [(each.code, each.object.identity) for each in findings] == [("CTR006", "public.tidy"), ("CTR006", "tidy")]


def test_an_rpc_of_a_function_that_neither_catalog_has_is_a_gap() -> None:
    result = check(rest("POST", "rpc/tidy"))
    assert result.findings == ()
    assert [each.reason for each in result.coverage.gaps] == ["it calls public.tidy, which neither catalog has"]


def test_a_function_of_the_row_counts_as_a_column() -> None:
    given = catalog(STAFF, functions=[function("full_title", "public.staff")])
    assert codes("SELECT s.full_title FROM staff s", source=given, target=given) == []
    assert codes("SELECT c.full_title FROM clients c") == [("CTR003", "public.clients.full_title")]


def test_a_table_of_a_schema_out_of_scope_is_a_gap_and_no_claim() -> None:
    result = check("SELECT email FROM auth.users")
    assert result.findings == ()
    assert [each.reason for each in result.coverage.gaps] == ["it uses auth.users, whose schema is not in scope"]


def test_unqualified_tables_live_in_the_schema_in_scope() -> None:
    assert codes("SELECT * FROM clients", configuration=configured(scope={"schemas": ["sales"]})) == []
    result = check("SELECT * FROM clients", configuration=configured(scope={"schemas": ["sales"]}))
    assert result.coverage.gaps[0].reason == "it uses sales.clients, whose schema is not in scope"


def test_a_temporary_table_of_the_layer_is_no_missing_table() -> None:
    assert (
        codes(
            "CREATE TEMP TABLE stage (id bigint, new_name text)",
            "INSERT INTO stage (id, new_name) VALUES ($1, $2)",
            "UPDATE clients SET name = new_name FROM stage WHERE stage.id = clients.id",
        )
        == []
    )


def test_what_may_be_a_column_of_a_function_is_a_gap() -> None:
    result = check("SELECT nothing FROM staff, lookup($1)")
    assert result.findings == ()
    assert "it may be one of a function's rows" in result.coverage.gaps[0].reason


def test_a_statement_that_is_not_understood_is_named_with_its_reason_and_without_its_values() -> None:
    result = check(on_target("SELECT * FROM clients WHERE name = 'Анна' AND phone = 80005550123 LIMIT", "search"))
    assert [(each.code, each.breaks) for each in result.findings] == [("CTR007", ("search (target layer)",))]
    assert result.coverage.checked == 0
    assert [each.item for each in result.coverage.gaps] == ["search (target layer)"]
    text = result.findings[0].to_json()
    assert "Анна" not in text
    assert "80005550123" not in text


@pytest.mark.parametrize(
    "statement",
    [
        on_target("SELECT * FROM staff WHERE active AND name = 'Анна' AND id = 80005550123"),
        on_target(
            "INSERT INTO staff (id, name) VALUES (80005550123, 'Анна') ON CONFLICT (id) WHERE name = 'Анна' DO NOTHING"
        ),
        rest("GET", "staff", "active=eq.true&name=eq.%D0%90%D0%BD%D0%BD%D0%B0&phone=in.(80005550123)&select=active"),
    ],
)
def test_no_value_of_a_statement_is_in_a_finding(statement: CapturedStatement) -> None:
    findings = check(statement).findings
    assert findings
    for finding in findings:
        text = finding.to_json()
        assert "Анна" not in text
        assert "%D0%90" not in text
        assert "80005550123" not in text


def test_a_layer_that_was_rehearsed_and_sent_nothing_is_a_finding_and_a_gap() -> None:
    configuration = configured(methods={"source_layer": "a:b", "target_layer": "c:d", "cases": "cases.toml"})
    result = check("SELECT * FROM staff", configuration=configuration)
    assert [(each.code, each.object.identity) for each in result.findings] == [("CTR008", "source: a:b")]
    assert not result.coverage.complete


def test_statements_of_files_do_not_speak_for_a_silent_layer() -> None:
    configuration = configured(methods={"target_layer": "c:d", "cases": "cases.toml"})
    result = check(on_target("SELECT * FROM staff", "queries/staff.sql:12"), configuration=configuration)
    assert [each.object.identity for each in result.findings] == ["target: c:d"]


def test_a_method_that_sent_no_statement_is_named() -> None:
    result = contract_stage(
        SOURCE,
        SOURCE,
        [on_target("SELECT * FROM staff", "get_staff")],
        Configuration(),
        rehearsed={Side.TARGET: ["get_staff", "get_nothing"]},
    )
    assert [each.item for each in result.coverage.gaps] == ["get_nothing (target layer)"]
