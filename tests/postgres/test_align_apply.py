"""Plans applied to real databases: afterwards nothing is missing, and what lives on the target alone is untouched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest

from harness.core.align.plans import Offered, align
from harness.core.change import Change
from harness.core.configuration import Configuration
from harness.core.diff import diff
from harness.core.model.catalog import Catalog
from harness.core.plan import Hazard, Plan
from harness.core.record import Severity, Side
from harness.embedded.server import Server
from harness.errors import PlanRefused
from harness.postgres.apply import apply, checked
from harness.postgres.connect import Endpoint, session, snapshot
from harness.postgres.introspect import introspect
from harness.reference.seed import seed_target_only
from harness.stages.align import check_plan
from harness.stages.diff import diff_stage
from tests.api_roles import create_api_roles

REFERENCE = Path(__file__).parents[2] / "schemas" / "reference"
EVERY_KIND = (Path(__file__).parent / "every_kind.sql").read_text(encoding="utf-8")
ALL = frozenset(Hazard)
SCHEMAS = ("public", "shop")
STRATEGIES: tuple[Offered, ...] = ("recreate", "add-missing")


@pytest.fixture(autouse=True)
def api_roles(server: Server, newer_server: Server) -> None:
    """The roles that the source's policies and grants name."""
    create_api_roles(server, newer_server)


def reference(name: str) -> str:
    return (REFERENCE / f"{name}.sql").read_text(encoding="utf-8")


def load(dsn: str, *statements: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def rows(dsn: str, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(statement.encode()).fetchall()


def catalog_of(dsn: str) -> Catalog:
    with session(Endpoint(Side.SOURCE, dsn), purpose="test") as connection, snapshot(connection):
        return introspect(connection, schemas=SCHEMAS)


def planned(source: Catalog, dsn: str, strategy: Offered, **options: Any) -> tuple[Plan, Catalog]:
    target = catalog_of(dsn)
    return align(source, target, diff(source, target), strategy, **options), target


def applied(source: Catalog, dsn: str, strategy: Offered, **options: Any) -> tuple[Plan, tuple[Change, ...]]:
    """Plan, apply, and compare again."""
    plan, target = planned(source, dsn, strategy, **options)
    run(dsn, plan, target)
    return plan, diff(source, catalog_of(dsn))


def run(dsn: str, plan: Plan, target: Catalog, **options: Any) -> None:
    with session(Endpoint(Side.TARGET, dsn), purpose="test", writable=True) as connection:
        apply(connection, plan, target_catalog=target, **({"allow": ALL} | options))


def harmful(changes: tuple[Change, ...]) -> list[tuple[str, str, str]]:
    return [(each.kind, each.identity, each.change) for each in changes if each.severity is not Severity.COSMETIC]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_an_empty_target_becomes_equal_to_a_source_with_every_kind_of_object(
    database: str, newer_database: str, strategy: Offered
) -> None:
    load(database, EVERY_KIND)
    plan, left = applied(catalog_of(database), newer_database, strategy)
    assert left == ()
    assert plan.not_covered == ()
    assert {step.kind for step in plan.steps} >= {
        "schema", "enum", "sequence", "routine", "table", "constraint", "index", "view", "trigger", "policy",
    }  # fmt: skip


def test_the_plan_recreate_makes_the_first_built_target_equal_and_keeps_its_own_tables_with_their_rows(
    database: str, newer_database: str
) -> None:
    load(database, reference("source"))
    load(newer_database, reference("first_built"))
    with psycopg.connect(newer_database) as connection:
        seed_target_only(connection)
    before, oids = rows(newer_database, OWN_ROWS), rows(newer_database, OWN_OIDS)
    plan, left = applied(catalog_of(database), newer_database, "recreate")
    assert [each for each in left if each.equivalence != "platform" and each.change != "added"] == [
        each for each in left if each.kind == "routine" and each.attribute == "comment"
    ]
    assert harmful(left) == []
    assert rows(newer_database, OWN_ROWS) == before
    assert rows(newer_database, OWN_OIDS) == oids, "they are the very same tables"
    assert set(plan.hazards) == {Hazard.LOCK, Hazard.DATA_LOSS}
    assert "public.companies.marketplace_status" in plan.cost.columns_lost
    assert "table public.whatsapp_keys" in plan.untouched


OWN_ROWS = """
    SELECT 'auth', md5(string_agg(a::text, '' ORDER BY id)), count(*) FROM whatsapp_auth AS a
    UNION ALL
    SELECT 'keys', md5(string_agg(k::text, '' ORDER BY id)), count(*) FROM whatsapp_keys AS k
"""
OWN_OIDS = (
    "SELECT oid, relname, relfilenode FROM pg_class WHERE relname IN ('whatsapp_auth', 'whatsapp_keys') ORDER BY 1"
)


def test_the_plan_add_missing_leaves_nothing_of_the_source_missing_and_touches_nothing(
    database: str, newer_database: str
) -> None:
    load(database, reference("source"))
    load(newer_database, reference("first_built"))
    with psycopg.connect(newer_database) as connection:
        seed_target_only(connection)
    before = catalog_of(newer_database)
    source = catalog_of(database)
    plan, left = applied(source, newer_database, "add-missing")
    assert [each.identity for each in left if each.change == "removed" and each.equivalence is None] == []
    after = catalog_of(newer_database)
    kept = {each.address: each.attributes() for each in after.objects()}
    assert all(kept.get(each.address) == each.attributes() for each in before.objects())
    assert Hazard.DATA_LOSS not in plan.hazards
    assert any("public.clients.name has another type" in text for text in plan.not_covered)
    assert rows(newer_database, "SELECT count(*) FROM whatsapp_keys") == [(728,)]


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("target", ["aligned_plain", "aligned_single"])
def test_both_plans_give_the_aligned_targets_their_arbiter(
    database: str, newer_database: str, target: str, strategy: Offered
) -> None:
    load(database, reference("source"))
    load(newer_database, reference(target))
    _, left = applied(catalog_of(database), newer_database, strategy)
    narrow = [("constraint", "public.clients.clients_yclients_id_key", "added")]
    kept_on_purpose = narrow if (target, strategy) == ("aligned_single", "add-missing") else []
    assert harmful(left) == kept_on_purpose


def test_rows_that_the_recreate_plan_drops_are_in_its_costs(database: str, newer_database: str) -> None:
    load(database, "CREATE TABLE t (a int, b int)")
    load(newer_database, "CREATE TABLE t (a int, c text)", "INSERT INTO t SELECT 1 FROM generate_series(1, 7)")
    plan, _ = planned(catalog_of(database), newer_database, "recreate")
    assert (plan.cost.rows_affected, plan.cost.columns_lost) == (7, ("public.t.c",))


def test_what_lives_on_the_target_alone_and_stands_on_a_recreated_table_comes_back(
    database: str, newer_database: str
) -> None:
    load(database, "CREATE TABLE t (id int PRIMARY KEY, a text NOT NULL)")
    load(
        newer_database,
        "CREATE TABLE t (id int PRIMARY KEY, a text)",
        "INSERT INTO t VALUES (1, 'x')",
        "CREATE TABLE mine (id int PRIMARY KEY, t int CONSTRAINT mine_t REFERENCES t, note text)",
        "INSERT INTO mine VALUES (5, 1, 'keep')",
        "CREATE VIEW v AS SELECT id, a FROM t",
        "COMMENT ON VIEW v IS 'mine'",
        "CREATE VIEW w AS SELECT count(*) AS n FROM v",
        "CREATE MATERIALIZED VIEW m AS SELECT id FROM t",
        "CREATE UNIQUE INDEX m_id ON m (id)",
        "CREATE FUNCTION f() RETURNS SETOF v LANGUAGE sql AS 'SELECT * FROM public.v'",
    )
    before = catalog_of(newer_database)
    _, left = applied(catalog_of(database), newer_database, "recreate")
    after = catalog_of(newer_database)
    assert harmful(left) == []
    assert after.views == before.views
    assert after.routines == before.routines
    assert [index.name for index in after.indexes if index.table == "m"] == ["m_id"]
    assert rows(newer_database, "SELECT id, t, note FROM mine") == [(5, 1, "keep")]
    (key,) = [each for each in after.constraints if each.name == "mine_t"]
    assert not key.validated, "its rows refer to a table that is empty now"


def test_a_table_stays_when_something_of_the_target_alone_could_not_come_back(
    database: str, newer_database: str
) -> None:
    load(database, "CREATE TABLE t (id int PRIMARY KEY, a text NOT NULL)", "CREATE TABLE u (id int NOT NULL)")
    load(
        newer_database,
        "CREATE TABLE t (id int PRIMARY KEY, own text)",
        "CREATE VIEW v AS SELECT own FROM t",
        "CREATE TABLE u (id int)",
    )
    plan, left = applied(catalog_of(database), newer_database, "recreate")
    assert {each.table for each in left if each.severity is not Severity.COSMETIC} == {"public.t"}
    assert any("public.v could not be made again" in text for text in plan.not_covered)
    assert rows(newer_database, "SELECT count(*) FROM v") == [(0,)]


def test_a_column_of_the_row_type_of_a_table_keeps_that_table(database: str, newer_database: str) -> None:
    load(database, "CREATE TABLE t (id int NOT NULL)")
    load(newer_database, "CREATE TABLE t (id int)", "CREATE TABLE mine (whole t)")
    plan, left = applied(catalog_of(database), newer_database, "recreate")
    assert harmful(left) == [("column", "public.t.id", "altered")]
    assert any("public.mine.whole depends on it" in text for text in plan.not_covered)


def test_tables_that_refer_to_each_other_in_a_circle_can_be_recreated(database: str, newer_database: str) -> None:
    circle = (
        "CREATE TABLE a (id int PRIMARY KEY, b int)",
        "CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a, self int REFERENCES b)",
        "ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b",
    )
    load(database, *circle, "ALTER TABLE a ADD x int", "ALTER TABLE b ADD x int")
    load(newer_database, *circle)
    _, left = applied(catalog_of(database), newer_database, "recreate")
    assert left == ()


def test_a_table_out_of_scope_gives_its_foreign_key_back_and_keeps_its_rows(database: str, newer_database: str) -> None:
    child = "CREATE TABLE child (p int CONSTRAINT child_p REFERENCES parent, extra int)"
    load(database, "CREATE TABLE parent (id int PRIMARY KEY, a int NOT NULL)", child.replace("extra int", "extra text"))
    load(
        newer_database,
        "CREATE TABLE parent (id int PRIMARY KEY, a int)",
        child,
        "INSERT INTO parent VALUES (1, 1)",
        "INSERT INTO child VALUES (1, 2)",
    )
    source, target = catalog_of(database), catalog_of(newer_database)
    changes = [each for each in diff(source, target) if each.table != "public.child"]
    plan = align(source, target, changes, "recreate", out_of_scope={"public.child"})
    run(newer_database, plan, target)
    assert rows(newer_database, "SELECT * FROM child") == [(1, 2)]
    (key,) = [each for each in catalog_of(newer_database).constraints if each.name == "child_p"]
    assert not key.validated


def test_a_compared_table_whose_rows_would_lose_their_parents_stops_the_plan(
    database: str, newer_database: str
) -> None:
    child = "CREATE TABLE child (p int CONSTRAINT child_p REFERENCES parent)"
    load(database, "CREATE TABLE parent (id int PRIMARY KEY, a int NOT NULL)", child)
    load(
        newer_database,
        "CREATE TABLE parent (id int PRIMARY KEY, a int)",
        child,
        "INSERT INTO parent VALUES (1, 1)",
        "INSERT INTO child VALUES (1)",
    )
    plan, target = planned(catalog_of(database), newer_database, "recreate")
    with pytest.raises(PlanRefused, match="child_p cannot be made: 1 rows"):
        run(newer_database, plan, target)
    assert rows(newer_database, "SELECT count(*) FROM parent") == [(1,)]


def test_a_recreated_table_keeps_its_owner(server: Server, database: str, newer_database: str) -> None:
    load(database, "CREATE TABLE t (a int NOT NULL)")
    load(newer_database, "CREATE TABLE t (a int)", "ALTER TABLE t OWNER TO anon")
    applied(catalog_of(database), newer_database, "recreate")
    assert catalog_of(newer_database).tables[0].owner == "anon"


def test_a_plan_for_a_target_that_has_changed_since_is_refused(database: str, newer_database: str) -> None:
    load(database, "CREATE TABLE t (a int, b int)")
    load(newer_database, "CREATE TABLE t (a int)")
    plan, _ = planned(catalog_of(database), newer_database, "add-missing")
    load(newer_database, "ALTER TABLE t ADD c int")
    with pytest.raises(PlanRefused, match="has changed"):
        run(newer_database, plan, catalog_of(newer_database))
    assert [column.name for column in catalog_of(newer_database).columns] == ["a", "c"]


def test_rows_written_since_do_not_change_the_fingerprint(newer_database: str) -> None:
    load(newer_database, "CREATE TABLE t (id serial PRIMARY KEY)")
    before = catalog_of(newer_database).fingerprint
    load(newer_database, "INSERT INTO t DEFAULT VALUES", "ANALYZE t")
    assert catalog_of(newer_database).fingerprint == before


def test_a_hazard_that_nobody_allowed_is_refused_by_name(database: str, newer_database: str) -> None:
    load(database, "CREATE TABLE t (a int NOT NULL)")
    load(newer_database, "CREATE TABLE t (a int)")
    plan, target = planned(catalog_of(database), newer_database, "recreate")
    with pytest.raises(PlanRefused, match="data loss"):
        run(newer_database, plan, target, allow=frozenset({Hazard.LOCK}))
    assert diff(target, catalog_of(newer_database)) == ()


PRECHECKS = {
    "duplicates": (
        ("CREATE TABLE t (a int, b text, CONSTRAINT u UNIQUE (a, b))",),
        ("CREATE TABLE t (a int, b text)", "INSERT INTO t VALUES (1, 'x'), (1, 'x'), (2, NULL), (2, NULL)"),
        "keys (a, b) that stand more than once",
        1,
    ),
    "duplicates of a unique index over an expression": (
        ("CREATE TABLE t (a text, b int)", "CREATE UNIQUE INDEX u ON t (lower(a)) WHERE b > 0"),
        ("CREATE TABLE t (a text, b int)", "INSERT INTO t VALUES ('X', 1), ('x', 1), ('Y', 0), ('y', 0)"),
        "keys ((lower(a))) that stand more than once",
        1,
    ),
    "NULLs in a primary key": (
        ("CREATE TABLE t (a int, CONSTRAINT k PRIMARY KEY (a))",),
        ("CREATE TABLE t (a int)", "INSERT INTO t VALUES (NULL), (NULL), (1)"),
        "with NULL in the key",
        2,
    ),
    "orphans": (
        ("CREATE TABLE p (id int PRIMARY KEY)", "CREATE TABLE t (p int CONSTRAINT f REFERENCES p)"),
        ("CREATE TABLE p (id int PRIMARY KEY)", "CREATE TABLE t (p int)", "INSERT INTO t VALUES (5), (NULL)"),
        "refer to no row of public.p",
        1,
    ),
    "failing checks": (
        ("CREATE TABLE t (a int CONSTRAINT c CHECK (a > 0))",),
        ("CREATE TABLE t (a int)", "INSERT INTO t VALUES (-1), (NULL), (1), (-2)"),
        "that fail",
        2,
    ),
    "rows without a value for a new column": (
        ("CREATE TABLE t (a int, b int NOT NULL)",),
        ("CREATE TABLE t (a int)", "INSERT INTO t VALUES (1), (2)"),
        "no value for b",
        2,
    ),
    "a key that the new column's default repeats": (
        ("CREATE TABLE t (a int, b int NOT NULL DEFAULT 0, CONSTRAINT u UNIQUE (b))",),
        ("CREATE TABLE t (a int)", "INSERT INTO t VALUES (1), (2)"),
        "keys (b) that stand more than once",
        1,
    ),
}


@pytest.mark.parametrize("case", PRECHECKS)
def test_a_plan_is_checked_on_the_rows_that_are_there(database: str, newer_database: str, case: str) -> None:
    source, target_statements, text, count = PRECHECKS[case]
    load(database, *source)
    load(newer_database, *target_statements)
    plan, target = planned(catalog_of(database), newer_database, "add-missing")
    with session(Endpoint(Side.TARGET, newer_database), purpose="test") as connection:
        _, findings = check_plan(connection, plan)
    assert [(text in finding.title, f": {count} " in finding.title, finding.code) for finding in findings] == [
        (True, True, "PLN002")
    ]
    with pytest.raises(PlanRefused) as refusal:
        run(newer_database, plan, target)
    assert text in refusal.value.message
    assert catalog_of(newer_database).fingerprint == target.fingerprint


@pytest.mark.parametrize("case", PRECHECKS)
def test_the_prechecks_pass_once_the_rows_are_gone(database: str, newer_database: str, case: str) -> None:
    source, target_statements, _, _ = PRECHECKS[case]
    load(database, *source)
    load(newer_database, *target_statements, "DELETE FROM t")
    _, left = applied(catalog_of(database), newer_database, "add-missing")
    assert harmful(left) == []


def test_a_nullable_column_makes_no_duplicates_and_is_not_prechecked(database: str, newer_database: str) -> None:
    load(database, "CREATE TABLE t (a int, b int, CONSTRAINT u UNIQUE (a, b))")
    load(newer_database, "CREATE TABLE t (a int)", "INSERT INTO t VALUES (1), (1)")
    _, left = applied(catalog_of(database), newer_database, "add-missing")
    assert left == ()


def test_a_failing_step_undoes_its_transaction_and_does_not_repeat_values(database: str, newer_database: str) -> None:
    load(database, "CREATE TABLE t (a int, b int, CONSTRAINT u UNIQUE (a))")
    load(newer_database, "CREATE TABLE t (a int)", "INSERT INTO t VALUES (777000), (777000)")
    plan, target = planned(catalog_of(database), newer_database, "add-missing")
    with pytest.raises(PlanRefused) as refusal:
        run(newer_database, plan, target, run_prechecks=False)
    assert "23505" in refusal.value.message
    assert "777000" not in refusal.value.message + refusal.value.hint
    assert catalog_of(newer_database).fingerprint == target.fingerprint


def test_labels_are_added_to_an_enum_before_a_default_uses_them(database: str, newer_database: str) -> None:
    load(database, "CREATE TYPE mood AS ENUM ('zero', 'a', 'mid', 'b', 'z')", "CREATE TABLE t (m mood DEFAULT 'mid')")
    load(newer_database, "CREATE TYPE mood AS ENUM ('a', 'b')", "CREATE TABLE t ()")
    _, left = applied(catalog_of(database), newer_database, "add-missing")
    assert left == ()


def test_labels_that_the_target_has_beside_are_left(database: str, newer_database: str) -> None:
    load(database, "CREATE TYPE mood AS ENUM ('a', 'c')")
    load(newer_database, "CREATE TYPE mood AS ENUM ('a', 'b')")
    plan, _ = applied(catalog_of(database), newer_database, "add-missing")
    assert plan.steps == ()
    assert plan.not_covered == ("enum type public.mood has other labels on the target",)


def test_a_missing_index_gets_another_name_where_its_own_is_taken(database: str, newer_database: str) -> None:
    load(database, "CREATE TABLE t (a int, b int)", "CREATE INDEX one ON t (a)", "CREATE INDEX two ON t (b)")
    load(newer_database, "CREATE TABLE t (a int, b int)", "CREATE INDEX two ON t (a)")
    _, left = applied(catalog_of(database), newer_database, "add-missing")
    assert {each.attribute for each in left} == {"name"}


def test_a_foreign_key_to_a_table_out_of_scope_is_left_out_with_the_reason(database: str, newer_database: str) -> None:
    load(database, "CREATE TABLE p (id int PRIMARY KEY)", "CREATE TABLE t (p int CONSTRAINT f REFERENCES p)")
    source, target = catalog_of(database), catalog_of(newer_database)
    changes = [each for each in diff(source, target) if each.table != "public.p"]
    plan = align(source, target, changes, "add-missing", out_of_scope={"public.p"})
    run(newer_database, plan, target)
    assert [table.name for table in catalog_of(newer_database).tables] == ["t"]
    assert plan.not_covered == ("constraint public.t.f: needs table public.p, which the target will not have",)


def test_only_steps_on_tables_that_exist_take_locks(database: str, newer_database: str) -> None:
    load(database, "CREATE TABLE old (a int, b uuid DEFAULT gen_random_uuid())", "CREATE TABLE new (a int PRIMARY KEY)")
    load(newer_database, "CREATE TABLE old (a int)")
    plan, _ = planned(catalog_of(database), newer_database, "add-missing")
    locks = {step.identity: (step.lock, step.hazards) for step in plan.steps}
    assert locks == {
        "public.new": (None, ()),
        "public.new.new_pkey": (None, ()),
        "public.old.b": ("ACCESS EXCLUSIVE", (Hazard.LOCK, Hazard.REWRITE)),
    }


def test_a_role_that_owns_the_database_and_is_no_superuser_applies_a_plan(
    server: Server, newer_server: Server, database: str, newer_database: str
) -> None:
    name = str(psycopg.conninfo.conninfo_to_dict(newer_database)["dbname"])
    with psycopg.connect(newer_server.dsn(), autocommit=True) as admin:
        admin.execute("DROP ROLE IF EXISTS plan_owner")
        admin.execute("CREATE ROLE plan_owner LOGIN PASSWORD 'plan_owner'")
        admin.execute(psycopg.sql.SQL("ALTER DATABASE {} OWNER TO plan_owner").format(psycopg.sql.Identifier(name)))
    load(newer_database, "ALTER SCHEMA public OWNER TO plan_owner")
    load(database, reference("source"))
    dsn = newer_server.dsn(name, user="plan_owner", password="plan_owner")
    load(dsn, reference("first_built"))
    _, left = applied(catalog_of(database), dsn, "recreate")
    # The source's superuser owns all of it, and this role can give nothing to a superuser.
    assert {each.attribute for each in left if each.severity is not Severity.COSMETIC} == {"owner"}


def test_prechecks_are_answered_without_leaving_anything_behind(database: str, newer_database: str) -> None:
    load(database, "CREATE TABLE t (a int, CONSTRAINT u UNIQUE (a))")
    load(newer_database, "CREATE TABLE t (a int)", "INSERT INTO t VALUES (1), (1)")
    plan, target = planned(catalog_of(database), newer_database, "add-missing")
    with session(Endpoint(Side.TARGET, newer_database), purpose="test") as connection:
        answered = checked(connection, plan)
        assert connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    assert [check.found for step in answered.steps for check in step.prechecks] == [1]
    assert catalog_of(newer_database).fingerprint == target.fingerprint


def test_the_plan_of_declared_renames_speaks_the_target_s_names(database: str, newer_database: str) -> None:
    load(database, "CREATE TABLE t (a int, b int NOT NULL, CONSTRAINT u UNIQUE (a))")
    load(newer_database, "CREATE TABLE t (x int)")
    configuration = Configuration.model_validate({"schema": {"renames": {"public.t.a": "public.t.x"}}})
    result = diff_stage(catalog_of(database), catalog_of(newer_database), configuration)
    fixes = [finding.fix.sql for finding in result.findings if finding.fix and finding.fix.sql]
    assert any("UNIQUE (x)" in sql for sql in fixes)
    assert not any(finding.code == "COL001" and "public.t.a" in finding.title for finding in result.findings)
