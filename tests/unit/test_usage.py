"""What a statement or a request uses, by what it does with it."""

from __future__ import annotations

import pytest

from harness.core.request_usage import usage_of_request
from harness.core.sql.statement import usage_of_sql
from harness.core.statements import RestRequest
from harness.core.usage import NotUnderstood, Usage
from tests.statements import ABOUT_THE_SESSION, READS, WRITES


def of(sql: str) -> Usage:
    used = usage_of_sql(sql)
    assert isinstance(used, Usage), used
    return used


def columns(sql: str) -> set[str]:
    """role table.column, of the nearest table that it can belong to."""
    return {
        f"{use.role} {'|'.join(name.removeprefix('public.') for name in use.levels[0])}.{use.name}"
        for use in of(sql).columns
    }


def relations(sql: str) -> set[str]:
    return {f"{use.role} {use.relation}" for use in of(sql).relations}


@pytest.mark.parametrize("sql", [*READS, *WRITES])
def test_ordinary_statements_are_understood(sql: str) -> None:
    assert isinstance(usage_of_sql(sql), Usage)


@pytest.mark.parametrize("sql", [*ABOUT_THE_SESSION, "", ";", "-- nothing"])
def test_statements_about_the_session_use_no_table(sql: str) -> None:
    assert of(sql).relations == ()


def test_columns_have_the_role_of_the_clause_they_stand_in() -> None:
    assert columns("SELECT a, max(b) FROM t WHERE c = $1 GROUP BY a, d HAVING sum(e) > 0 ORDER BY f") == {
        "select t.a",
        "select t.b",
        "filter t.c",
        "select t.d",
        "filter t.e",
        "order t.f",
    }


def test_a_star_uses_no_particular_column() -> None:
    assert columns("SELECT *, t.* FROM t") == set()


def test_a_bare_name_can_belong_to_every_table_of_its_query_and_then_of_the_one_around_it() -> None:
    used = of("SELECT 1 FROM a JOIN b ON true WHERE EXISTS (SELECT 1 FROM c WHERE x = 1)")
    assert [use.levels for use in used.columns] == [(("public.c",), ("public.a", "public.b"))]


def test_aliases_stand_for_their_tables_and_schemas_are_kept() -> None:
    assert columns('SELECT x.a, "Y"."B" FROM t AS x, sales."T" "Y"') == {"select t.a", 'select sales."T".B'}


def test_names_of_the_select_list_are_no_columns_in_order_by() -> None:
    assert columns("SELECT a AS b FROM t ORDER BY b, lower(b)") == {"select t.a", "order t.b"}


def test_columns_of_a_subquery_and_a_cte_are_followed_to_the_table() -> None:
    assert columns("WITH w AS (SELECT *, 1 AS one FROM t) SELECT q.a, q.one FROM (SELECT * FROM w) q") == {"select t.a"}


def test_a_cte_hides_a_table_of_its_name() -> None:
    assert relations("WITH t AS (SELECT 1 AS a) SELECT a FROM t") == set()
    assert relations("WITH t AS (SELECT 1 AS a) SELECT a FROM public.t") == {"read public.t"}


def test_an_upsert_uses_its_columns_its_target_and_what_excluded_has() -> None:
    used = of(
        "INSERT INTO t AS x (a, b) VALUES ($1, $2) ON CONFLICT (a, lower(c)) WHERE d IS NULL"
        " DO UPDATE SET b = EXCLUDED.b || x.e, f = DEFAULT WHERE x.g < EXCLUDED.g RETURNING h"
    )
    conflict = used.conflicts[0]
    assert (conflict.columns, conflict.expressions, conflict.predicate) == (("a",), ("LOWER(c)",), "d IS NULL")
    assert {(use.role, use.name) for use in used.columns} == {
        ("insert", "a"),
        ("insert", "b"),
        ("conflict", "a"),
        ("conflict", "c"),
        ("conflict", "d"),
        ("update", "b"),
        ("update", "f"),
        ("select", "b"),
        ("select", "e"),
        ("filter", "g"),
        ("returning", "h"),
    }


def test_on_conflict_do_nothing_without_a_target_needs_no_index() -> None:
    assert of("INSERT INTO t (a) VALUES (1) ON CONFLICT DO NOTHING").conflicts == ()


def test_a_constraint_can_be_the_target_by_its_name() -> None:
    assert of('INSERT INTO t (a) VALUES (1) ON CONFLICT ON CONSTRAINT "K" DO NOTHING').conflicts[0].constraint == "K"


def test_set_names_columns_and_their_fields_and_elements() -> None:
    assert columns("UPDATE t SET a = 1, (b, c) = (1, 2), d[1] = 2, e.field = 3") == {
        f"update t.{name}" for name in "abcde"
    }


def test_merge_writes_and_reads() -> None:
    assert columns(
        "MERGE INTO t USING s ON t.a = s.a WHEN MATCHED AND s.b THEN UPDATE SET c = s.d"
        " WHEN NOT MATCHED THEN INSERT (e) VALUES (s.f)"
    ) == {"filter t.a", "filter s.a", "filter s.b", "update t.c", "select s.d", "insert t.e", "select s.f"}


def test_using_names_a_column_of_both_sides() -> None:
    assert columns("SELECT 1 FROM a JOIN b USING (k)") == {"filter a.k", "filter b.k"}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("COPY t (a, b) FROM STDIN (FORMAT binary)", {"insert t.a", "insert t.b"}),
        ("COPY (SELECT a FROM t) TO STDOUT WITH (FORMAT csv, HEADER)", {"select t.a"}),
        ("COPY t (a) TO STDOUT", {"select t.a"}),
        ('DECLARE "c" NO SCROLL CURSOR WITH HOLD FOR SELECT a FROM t', {"select t.a"}),
        ("EXPLAIN (ANALYZE, BUFFERS) SELECT a FROM t", {"select t.a"}),
        ("PREPARE p (int) AS DELETE FROM t WHERE a = $1", {"filter t.a"}),
        ("CREATE TEMP TABLE x ON COMMIT DROP AS SELECT a FROM t WITH NO DATA", {"select t.a"}),
        ("SELECT a INTO TEMP x FROM t", {"select t.a"}),
        ("SELECT (t).a FROM t", {"select t.a"}),
        ("SELECT t, count(t) FROM t", set()),
        ("SELECT ctid, t.xmin, current_user, user FROM t", set()),
        ("DELETE FROM t WHERE a IN (SELECT b FROM unnest($1::int[]) AS b)", {"filter t.a"}),
        (
            "UPDATE t SET a = 1 RETURNING old.b, new.c, d",
            {"update t.a", "returning t.b", "returning t.c", "returning t.d"},
        ),
    ],
)
def test_other_statements(sql: str, expected: set[str]) -> None:
    assert columns(sql) == expected


def test_a_row_type_is_a_use_of_the_table() -> None:
    assert relations("SELECT * FROM jsonb_populate_recordset(NULL::clients, $1)") == {"row type public.clients"}


def test_a_bare_name_beside_a_function_of_unknown_columns_is_not_claimed_to_be_the_tables() -> None:
    assert [use.elsewhere for use in of("SELECT a FROM t, lookup($1)").columns] == [True]
    assert [use.elsewhere for use in of("SELECT a FROM t, unnest($1::int[]) AS u").columns] == [False]


def test_functions_are_named_with_their_schema_and_tables_are_none() -> None:
    called = of("INSERT INTO t (a) SELECT public.f(b), count(*), pg_catalog.now() FROM t").functions
    assert [(use.schema, use.name) for use in called] == [("public", "f"), (None, "count")]
    assert [use.name for use in of("CALL tidy($1)").functions] == ["tidy"]


def test_a_temporary_table_is_known_as_one() -> None:
    assert of("CREATE TEMPORARY TABLE IF NOT EXISTS stage (LIKE clients INCLUDING ALL) ON COMMIT DROP").creates == (
        "stage",
    )


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM t WHERE",
        "SELECT 'Анна",
        "CREATE INDEX i ON t (a)",
        "DO $$ BEGIN PERFORM 1; END $$",
        "SELECT a",
        "SELECT x.a FROM t",
        "SELECT 1; SELECT 2",
        "INSERT INTO t (a) VALUES (1) ON CONFLICT DO UPDATE SET a = 2",
        "\\copy t from 'file'",
    ],
)
def test_what_cannot_be_resolved_is_not_guessed(sql: str) -> None:
    used = usage_of_sql(sql)
    assert isinstance(used, NotUnderstood)
    assert "Анна" not in used.reason


def test_a_statement_of_thousands_of_conditions_is_read() -> None:
    deep = " OR ".join(f"a = ${number}" for number in range(1, 3000))
    used = usage_of_sql(f"SELECT 1 FROM t WHERE {deep}")
    assert isinstance(used, Usage | NotUnderstood)


def rest(verb: str, path: str, query: str = "", prefer: str = "", profile: str = "") -> Usage | NotUnderstood:
    return usage_of_request(RestRequest(verb=verb, path=path, query=query, prefer=prefer, profile=profile))


def test_a_request_uses_its_table_and_the_columns_of_select_filter_order_and_columns() -> None:
    used = rest(
        "GET",
        "/rest/v1/clients",
        "select=id,visits:visit_count&phone=eq.1&or=(a.is.null,and(b.gt.1,c.lt.2))&order=d.desc",
    )
    assert isinstance(used, Usage)
    assert {(use.role, use.name) for use in used.columns} == {
        ("select", "id"),
        ("select", "visit_count"),
        ("filter", "phone"),
        ("filter", "a"),
        ("filter", "b"),
        ("filter", "c"),
        ("order", "d"),
    }


def test_an_upsert_request_conflicts_on_what_it_names_or_else_on_the_primary_key() -> None:
    merge = "return=representation,resolution=merge-duplicates"
    named = rest("POST", "/rest/v1/clients", "on_conflict=phone,company_id&columns=phone", merge)
    unnamed = rest("POST", "/rest/v1/clients", "", "resolution=ignore-duplicates")
    plain = rest("POST", "/rest/v1/clients", "on_conflict=phone", "return=minimal")
    assert isinstance(named, Usage)
    assert isinstance(unnamed, Usage)
    assert isinstance(plain, Usage)
    assert [(use.columns, use.primary_key, use.updates) for use in named.conflicts] == [
        (("phone", "company_id"), False, True)
    ]
    assert [(use.primary_key, use.updates) for use in unnamed.conflicts] == [(True, False)]
    assert plain.conflicts == ()


def test_columns_that_only_a_body_names_are_said_to_be_unseen() -> None:
    patch = rest("PATCH", "/rest/v1/clients", "id=eq.1", profile="sales")
    bulk = rest("POST", "/rest/v1/clients", "columns=id")
    assert isinstance(patch, Usage)
    assert isinstance(bulk, Usage)
    assert patch.writes_unseen == ("sales.clients",)
    assert bulk.writes_unseen == ()


def test_an_rpc_request_calls_a_function() -> None:
    used = rest("POST", "/rest/v1/rpc/tidy")
    assert isinstance(used, Usage)
    assert [(use.schema, use.name) for use in used.functions] == [("public", "tidy")]
    assert used.relations == ()


def test_requests_that_are_not_about_tables_or_not_grammatical_are_not_guessed() -> None:
    assert isinstance(rest("GET", "/auth/v1/user"), NotUnderstood)
    assert isinstance(rest("GET", "/rest/v1/clients", "or=(a,b)"), NotUnderstood)
