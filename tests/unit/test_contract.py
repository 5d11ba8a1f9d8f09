"""The contract check on catalogs made by hand: who is blamed for what, and with what evidence."""

from __future__ import annotations

from harness.core.record import Severity
from tests.statements.catalogs import catalog, constraint, table, unique
from tests.statements.checking import CLIENTS, STAFF, check, codes, configured, on_target, rest


def test_a_statement_whose_names_are_all_there_has_no_finding_and_is_counted() -> None:
    result = check("SELECT name FROM clients WHERE phone = $1", "BEGIN", "SELECT 1")
    assert result.findings == ()
    assert result.coverage.checked == 1
    assert result.coverage.items == ("method", "public.clients")
    assert result.coverage.complete
    assert result.summary == "1 statement in 1 place of the code on 1 table: every name holds on the target"


def test_nothing_to_check_is_no_pass() -> None:
    result = check("BEGIN", "SELECT 1")
    assert not result.coverage.complete
    assert result.summary == "no statement was checked"


def test_a_table_that_the_target_has_not_is_one_finding_whatever_columns_are_used() -> None:
    assert codes("SELECT id, nothing FROM staff WHERE fired", target=catalog(CLIENTS)) == [("CTR001", "public.staff")]


def test_a_table_that_neither_side_has_is_found_and_the_likest_one_is_named() -> None:
    finding = check("SELECT * FROM client").findings[0]
    assert (finding.code, finding.title) == (
        "CTR001",
        "public.client, which the data layer uses, exists on neither side",
    )
    assert [each.text for each in finding.evidence if each.label == "Did you mean"] == ["clients"]


def test_a_column_of_the_source_alone_and_one_of_neither_are_told_apart() -> None:
    poorer = catalog(table("clients", "id:bigint name"), STAFF)
    assert codes("SELECT phone, fone FROM clients", target=poorer) == [
        ("CTR002", "public.clients.phone"),
        ("CTR003", "public.clients.fone"),
    ]


def test_a_column_of_neither_side_is_found_with_the_name_that_may_be_meant() -> None:
    finding = check("SELECT * FROM staff WHERE active").findings[0]
    assert finding.title == "public.staff has no column active, on neither side: is_active may be meant"
    assert [each.text for each in finding.evidence if each.label == "Did you mean"] == ["is_active (boolean)"]
    assert finding.severity is Severity.BLOCKER


def test_one_finding_names_all_methods_that_use_the_name() -> None:
    findings = check(
        on_target("SELECT * FROM staff WHERE active", "get_staff"),
        on_target("UPDATE staff SET active = $1", "fire"),
        on_target("UPDATE staff SET active = $1", "fire"),
        rest("GET", "staff", "active=eq.true", origin="get_staff"),
    ).findings
    assert [each.breaks for each in findings] == [
        ("get_staff (target layer)", "fire (target layer)", "get_staff (source layer)")
    ]


def test_a_request_of_the_source_layer_is_held_against_the_target_too() -> None:
    poorer = catalog(table("clients", "id:bigint name"))
    assert codes(rest("GET", "clients", "select=id,phone&order=phone"), target=poorer) == [
        ("CTR002", "public.clients.phone")
    ]


def test_an_upsert_request_needs_the_arbiter_on_the_target_too() -> None:
    single = catalog(table("clients", "id:bigint yclients_id:bigint company_id:integer", unique("yclients_id")))
    upsert = rest("POST", "clients", "on_conflict=yclients_id,company_id&columns=id", "resolution=merge-duplicates")
    assert codes(upsert, target=single) == [("CTR004", "public.clients (yclients_id, company_id)")]


def test_an_upsert_request_without_on_conflict_needs_the_primary_key_on_the_target() -> None:
    upsert = rest("POST", "clients", "columns=id", "resolution=merge-duplicates")
    assert codes(upsert) == []
    without = catalog(table("clients", "id:bigint yclients_id:bigint company_id:integer"))
    assert codes(upsert, target=without) == [("CTR004", "public.clients (id)")]


def test_a_missing_arbiter_comes_with_the_constraint_that_mends_it_and_a_query_for_duplicates() -> None:
    plain = catalog(
        table(
            "clients", "id yclients_id company_id", unique("yclients_id", name="plain", is_unique=False), unique("id")
        )
    )
    finding = check(
        "INSERT INTO clients (id) VALUES ($1) ON CONFLICT (company_id, yclients_id) DO NOTHING", target=plain
    ).findings[0]
    assert finding.fix is not None
    assert finding.fix.sql == (
        "ALTER TABLE public.clients ADD CONSTRAINT clients_yclients_id_company_id_key UNIQUE (company_id, yclients_id);"
    )
    assert not finding.fix.safe
    assert finding.query == (
        "SELECT company_id, yclients_id, count(*) FROM public.clients"
        " WHERE company_id IS NOT NULL AND yclients_id IS NOT NULL GROUP BY company_id, yclients_id HAVING count(*) > 1"
    )
    indexes = next(each for each in finding.evidence if each.label == "Unique indexes that are there")
    assert "clients_yclients_id_company_id_key" in (indexes.source or "")
    assert indexes.target == "id: CREATE UNIQUE INDEX ON public.t USING btree (id)"


def test_code_that_conflicts_on_too_few_columns_is_shown_the_key_of_the_source_and_warned() -> None:
    plain = catalog(table("clients", "id yclients_id company_id"))
    statement = "INSERT INTO clients (id) VALUES ($1) ON CONFLICT (yclients_id) DO NOTHING"
    finding = check(statement, target=plain).findings[0]
    assert finding.code == "CTR005"
    assert finding.fix is not None
    assert "Conflict on (yclients_id, company_id)" in finding.fix.text
    assert "A unique index on (yclients_id) alone would refuse rows" in finding.fix.text
    assert finding.fix.sql is not None
    assert "UNIQUE (yclients_id, company_id)" in finding.fix.sql
    both = check(statement).findings[0]
    assert both.fix is not None
    assert both.fix.sql is None


def test_a_conflict_target_with_a_missing_column_is_found_for_the_column_alone() -> None:
    poorer = catalog(table("clients", "id company_id"))
    assert codes(
        "INSERT INTO clients (id) VALUES (1) ON CONFLICT (yclients_id, company_id) DO NOTHING", target=poorer
    ) == [("CTR002", "public.clients.yclients_id")]


def test_a_deferrable_constraint_is_a_finding_with_the_error_that_comes() -> None:
    deferrable = catalog(
        table("clients", "id yclients_id company_id", constraint("unique", "yclients_id", name="k", deferrable=True))
    )
    finding = check(
        "INSERT INTO clients (id) VALUES (1) ON CONFLICT (yclients_id) DO NOTHING", target=deferrable
    ).findings[0]
    assert any("55000" in (each.text or "") for each in finding.evidence)


def test_what_is_not_proved_is_a_gap_and_no_blocker() -> None:
    indexed = catalog(table("clients", "id email", unique("(lower(email))")))
    result = check(
        "INSERT INTO clients (id) VALUES (1) ON CONFLICT (lower(trim(email))) DO NOTHING",
        source=indexed,
        target=indexed,
    )
    assert [(each.code, each.severity) for each in result.findings] == [("CTR007", Severity.RISK)]
    assert result.coverage.checked == 0
    assert len(result.coverage.gaps) == 1


def test_a_column_that_falls_to_the_query_around_it_is_found_though_no_error_comes() -> None:
    statement = "DELETE FROM staff WHERE id IN (SELECT company_id FROM clients)"
    poorer = catalog(table("clients", "id:bigint name"), STAFF)
    finding = check(statement, target=poorer).findings[0]
    assert (finding.code, finding.object.identity) == ("CTR002", "public.clients.company_id")
    assert any(
        "silently take public.staff.company_id of the query around it" in (each.text or "") for each in finding.evidence
    )


def test_a_renamed_column_is_known_by_its_name_on_each_side() -> None:
    renamed = catalog(table("clients", "id fio", constraint("primary key", "id", name="p")))
    source = catalog(table("clients", "id name", constraint("primary key", "id", name="p")))
    configuration = configured(schema={"renames": {"public.clients.name": "public.clients.fio"}})
    given = {"source": source, "target": renamed, "configuration": configuration}
    assert codes(rest("GET", "clients", "select=name"), "SELECT fio FROM clients", **given) == []
    finding = check("SELECT name FROM clients", **given).findings[0]  # type: ignore[arg-type]
    assert (finding.code, finding.object.identity) == ("CTR002", "public.clients.name")
    assert finding.fix is not None
    assert finding.fix.text == "Use the target's name in the code: the target calls it fio."


def test_a_renamed_table_and_its_arbiter_are_known_by_the_mapping() -> None:
    target = catalog(table("people", "id number branch", unique("number", "branch")))
    mapping = {
        "public.clients": {
            "target": "public.people",
            "columns": {"number": {"source": "yclients_id"}, "branch": {"source": "company_id"}},
        }
    }
    configuration = configured(mapping={"tables": mapping})
    upsert = rest("POST", "clients", "on_conflict=yclients_id,company_id&columns=id", "resolution=merge-duplicates")
    new = "INSERT INTO people (number) VALUES (1) ON CONFLICT (number, branch) DO NOTHING"
    assert codes(upsert, new, target=target, configuration=configuration) == []
    assert codes(upsert, target=target) == [("CTR001", "public.clients")]


def test_a_column_that_was_dropped_by_decision_is_cosmetic_for_the_old_layer_and_a_blocker_for_the_new_one() -> None:
    poorer = catalog(table("clients", "id yclients_id company_id name client_email"))
    configuration = configured(mapping={"tables": {"public.clients": {"drop": {"phone": "kept in another system"}}}})
    given = {"target": poorer, "configuration": configuration}
    old = rest("GET", "clients", "select=phone")
    assert [each.severity for each in check(old, **given).findings] == [Severity.COSMETIC]  # type: ignore[arg-type]
    both = check(old, "SELECT phone FROM clients", **given).findings  # type: ignore[arg-type]
    assert [(each.severity, each.breaks) for each in both] == [
        (Severity.BLOCKER, ("method (source layer)", "method (target layer)"))
    ]
