"""The strategies add-missing and recreate with objects of every kind, their owners, comments and privileges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

from harness.core.align.plans import Offered, align
from harness.core.change import Change
from harness.core.diff import diff
from harness.core.model.catalog import Catalog
from harness.core.plan import Hazard, Plan
from harness.core.record import Severity, Side
from harness.embedded.server import Server
from harness.postgres.apply import apply
from harness.postgres.connect import Endpoint, session, snapshot
from harness.postgres.introspect import introspect

STRATEGIES: tuple[Offered, ...] = ("recreate", "add-missing")
ALL = frozenset(Hazard)
ROLES = ("kinds_reader", "kinds_owner")
KINDS = {
    "domain": ("CREATE DOMAIN percent AS int CONSTRAINT low CHECK (VALUE < 100)", "COMMENT ON DOMAIN percent IS 'x'"),
    "composite type": (
        "CREATE TYPE pair AS (a int, b text)",
        "CREATE TABLE t (p pair)",
        "COMMENT ON COLUMN pair.a IS 'x'",
    ),
    "range type": ("CREATE TYPE spans AS RANGE (subtype = float8)", "CREATE TABLE t (s spans)"),
    "aggregate": (
        "CREATE AGGREGATE total (int) (SFUNC = int4pl, STYPE = int)",
        "COMMENT ON AGGREGATE total (int) IS 'x'",
    ),
    "rule": ("CREATE TABLE t (a int)", "CREATE RULE quiet AS ON DELETE TO t DO INSTEAD NOTHING"),
    "statistics object": ("CREATE TABLE t (a int, b int)", "CREATE STATISTICS linked ON a, b FROM t"),
    "collation": ('CREATE COLLATION plain FROM "C"', "CREATE TABLE t (a text COLLATE plain)"),
    "conversion": ("CREATE CONVERSION c FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1",),
    "operator": ("CREATE OPERATOR ### (LEFTARG = int, RIGHTARG = int, FUNCTION = int4pl)",),
    "operator class": (
        "CREATE OPERATOR CLASS ints FOR TYPE int USING btree AS OPERATOR 3 =, FUNCTION 1 btint4cmp(int, int)",
        "CREATE TABLE t (a int)",
        "CREATE INDEX t_a ON t (a ints)",
    ),
    "cast": (
        "CREATE DOMAIN unused AS int",
        "CREATE FUNCTION as_text(point) RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE CAST (point AS int) WITH FUNCTION as_text(point)",
    ),
    "text search configuration": (
        "CREATE TEXT SEARCH DICTIONARY simple_words (TEMPLATE = simple)",
        "CREATE TEXT SEARCH CONFIGURATION words (COPY = simple)",
        "ALTER TEXT SEARCH CONFIGURATION words ALTER MAPPING FOR asciiword WITH simple_words",
    ),
    "event trigger": (
        "CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'",
        "CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION f()",
    ),
    "publication": ("CREATE TABLE t (a int PRIMARY KEY)", "CREATE PUBLICATION p FOR TABLE t"),
    "foreign table": (
        "CREATE FOREIGN DATA WRAPPER nothing",
        "CREATE SERVER far FOREIGN DATA WRAPPER nothing",
        "CREATE USER MAPPING FOR PUBLIC SERVER far",
        "CREATE FOREIGN TABLE remote (a int NOT NULL, b text) SERVER far",
    ),
    "column of a view": (
        "CREATE TABLE t (a int, b int)",
        "CREATE VIEW v AS SELECT a FROM t",
        "COMMENT ON COLUMN v.a IS 'x'",
        "ALTER VIEW v ALTER a SET DEFAULT 5",
    ),
    "materialised view": ("CREATE TABLE t (a int)", "CREATE MATERIALIZED VIEW m AS SELECT a FROM t WITH NO DATA"),
    "column details": (
        "CREATE TABLE t (a int, c text)",
        "ALTER TABLE t ALTER c SET STORAGE EXTERNAL, ALTER a SET STATISTICS 500",
        "COMMENT ON COLUMN t.a IS 'x'",
    ),
    "partitions": (
        "CREATE TABLE t (a int, b int) PARTITION BY LIST (a)",
        "CREATE TABLE t_1 PARTITION OF t FOR VALUES IN (1)",
        "CREATE INDEX t_b ON t (b)",
    ),
    "default privilege": ("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO kinds_reader",),
    "privilege": (
        "CREATE TABLE t (a int, b int)",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "GRANT SELECT ON t TO kinds_reader WITH GRANT OPTION",
        "GRANT UPDATE (b) ON t TO kinds_reader",
        "REVOKE EXECUTE ON FUNCTION f() FROM PUBLIC",
    ),
    "owner": ("CREATE TABLE t (id serial)", "ALTER TABLE t OWNER TO kinds_owner"),
    "database setting": (
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = 8192', current_database()); END $$",
    ),
    "large object": ("SELECT lo_create(900100)", "COMMENT ON LARGE OBJECT 900100 IS 'x'"),
}


@pytest.fixture(autouse=True)
def roles(server: Server, newer_server: Server) -> Iterator[None]:
    """A role that reads and one that owns, on both servers; one that the source's server has alone."""
    wanted = ((server, (*ROLES, "kinds_alone")), (newer_server, ROLES))
    for each, names in wanted:
        with psycopg.connect(each.dsn(), autocommit=True) as admin:
            for name in names:
                admin.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(name)))
    yield
    for each, names in wanted:
        with psycopg.connect(each.dsn(), autocommit=True) as admin:
            for name in names:
                admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


def load(dsn: str, *statements: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def catalog_of(dsn: str) -> Catalog:
    with session(Endpoint(Side.SOURCE, dsn), purpose="test") as connection, snapshot(connection):
        return introspect(connection)


def applied(source: Catalog, dsn: str, strategy: Offered) -> tuple[Plan, tuple[Change, ...]]:
    """Plan, apply, and compare again."""
    target = catalog_of(dsn)
    plan = align(source, target, diff(source, target), strategy)
    with session(Endpoint(Side.TARGET, dsn), purpose="test", writable=True) as connection:
        apply(connection, plan, target_catalog=target, allow=ALL)
    return plan, diff(source, catalog_of(dsn))


def told(changes: tuple[Change, ...]) -> list[str]:
    return [
        f"{each.change} {each.kind} {each.identity} {each.attribute or ''}".rstrip()
        for each in changes
        if each.severity is not Severity.COSMETIC
    ]


def kinds_and_strategies() -> Iterator[Any]:
    """Each kind with each strategy: what is missing is made by the same plan, so `make test` takes one, in turn."""
    for number, kind in enumerate(KINDS):
        for place, strategy in enumerate(STRATEGIES):
            quick = number % len(STRATEGIES) == place
            yield pytest.param(kind, strategy, id=f"{kind} {strategy}", marks=() if quick else pytest.mark.long)


@pytest.mark.parametrize(("kind", "strategy"), list(kinds_and_strategies()))
def test_what_is_missing_comes_with_all_that_belongs_to_it(
    database: str, newer_database: str, kind: str, strategy: Offered
) -> None:
    load(database, *KINDS[kind])
    plan, left = applied(catalog_of(database), newer_database, strategy)
    assert (left, plan.not_covered) == ((), ())


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_privilege_that_is_missing_is_granted_and_nothing_is_dropped(
    database: str, newer_database: str, strategy: Offered
) -> None:
    both = "CREATE TABLE t (a int)"
    load(database, both, "GRANT SELECT, INSERT ON t TO kinds_reader")
    load(newer_database, both, "INSERT INTO t VALUES (1)", "GRANT SELECT ON t TO kinds_reader")
    plan, left = applied(catalog_of(database), newer_database, strategy)
    assert [step.sql for step in plan.steps] == ["GRANT INSERT ON TABLE public.t TO kinds_reader;"]
    assert left == ()


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_privileges_of_a_role_that_the_target_lacks_are_left_and_told(
    database: str, newer_database: str, strategy: Offered
) -> None:
    load(database, "CREATE TABLE t (a int)", "GRANT SELECT, INSERT ON t TO kinds_alone")
    plan, left = applied(catalog_of(database), newer_database, strategy)
    assert told(left) == []
    assert plan.not_covered == (
        "privileges of the role kinds_alone on what is made: 2, since the target's server has no such role",
    )


def test_what_is_made_anew_has_the_privileges_and_owners_that_it_had(database: str, newer_database: str) -> None:
    load(database, "CREATE TABLE t (id serial, a text NOT NULL)", "CREATE VIEW v AS SELECT a FROM t")
    load(
        newer_database,
        "CREATE TABLE t (id serial, a text)",
        "CREATE VIEW v AS SELECT a FROM t",
        "GRANT SELECT, UPDATE (a) ON t TO kinds_reader",
        "GRANT USAGE ON SEQUENCE t_id_seq TO kinds_reader",
        "GRANT SELECT ON v TO PUBLIC",
        "CREATE VIEW mine AS SELECT a FROM v",
        "GRANT SELECT ON mine TO kinds_reader WITH GRANT OPTION",
        "ALTER VIEW mine OWNER TO kinds_owner",
        "ALTER TABLE t OWNER TO kinds_owner",
    )
    before = catalog_of(newer_database)
    _, left = applied(catalog_of(database), newer_database, "recreate")
    after = catalog_of(newer_database)
    assert not after.table_by_identity["public.t"].estimated_rows
    assert set(after.privileges) == set(before.privileges)
    assert after.owners == before.owners
    assert not [each for each in left if each.kind == "column"]


def test_default_privileges_of_the_target_give_nothing_on_what_is_made(database: str, newer_database: str) -> None:
    load(database, "CREATE TABLE t (a int NOT NULL)")
    load(
        newer_database,
        "CREATE TABLE t (a int)",
        "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO kinds_reader",
    )
    applied(catalog_of(database), newer_database, "recreate")
    assert [each.identity for each in catalog_of(newer_database).privileges if each.object == "public.t"] == []


@pytest.mark.parametrize(
    ("ours", "theirs", "left"),
    [
        (("CREATE DOMAIN d AS int CHECK (VALUE > 1)",), ("CREATE DOMAIN d AS int CHECK (VALUE > 0)",), []),
        (
            ("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",),
            (
                "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS 'SELECT 1::text'",
                "CREATE VIEW v AS SELECT 1 AS a",
            ),
            ["added view public.v"],
        ),
        (
            ("CREATE AGGREGATE total (int) (SFUNC = int4pl, STYPE = int, INITCOND = '1')",),
            ("CREATE AGGREGATE total (int) (SFUNC = int4pl, STYPE = int)",),
            [],
        ),
        (
            ("CREATE TABLE t (a int PRIMARY KEY)", "CREATE PUBLICATION p FOR TABLE t"),
            ("CREATE TABLE t (a int)", "CREATE PUBLICATION p FOR TABLE t"),
            [],
        ),
        (("CREATE TYPE pair AS (a int, b text)",), ("CREATE TYPE pair AS (a int)",), []),
        (
            ("CREATE TYPE pair AS (a bigint)", "CREATE TABLE t (p pair)"),
            ("CREATE TYPE pair AS (a int)", "CREATE TABLE t (p pair)"),
            ["altered composite type public.pair attributes"],
        ),
        (("CREATE SEQUENCE s INCREMENT 2",), ("CREATE SEQUENCE s",), []),
        (
            ("CREATE TABLE t (a int, b int)", "CREATE STATISTICS s ON a, b FROM t"),
            ("CREATE TABLE t (a int, b int)",),
            [],
        ),
    ],
    ids=["domain", "function", "aggregate", "publication", "composite", "composite in use", "sequence", "statistics"],
)
def test_recreate_makes_equal_what_differs_or_says_that_it_does_not(
    database: str, newer_database: str, ours: tuple[str, ...], theirs: tuple[str, ...], left: list[str]
) -> None:
    load(database, *ours)
    load(newer_database, *theirs)
    plan, found = applied(catalog_of(database), newer_database, "recreate")
    remaining = told(found)
    assert [each for each in remaining if each in left] == remaining
    assert len(plan.not_covered) >= len([each for each in remaining if not each.startswith("added")])


def test_statistics_do_not_make_a_table_anew(database: str, newer_database: str) -> None:
    load(database, "CREATE TABLE t (a int, b int)", "CREATE STATISTICS s ON a, b FROM t")
    load(newer_database, "CREATE TABLE t (a int, b int)", "INSERT INTO t VALUES (1, 2)")
    plan, _ = applied(catalog_of(database), newer_database, "recreate")
    assert Hazard.DATA_LOSS not in plan.hazards
