"""Introspection: what a catalog says of a real database, on both major versions."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from harness.core.diff import diff
from harness.core.model.catalog import Catalog
from harness.core.model.relations import Table
from harness.core.record import Side
from harness.embedded.server import Server
from harness.postgres import introspect as introspection
from harness.postgres.connect import Endpoint, session, snapshot
from harness.postgres.introspect import KNOWN_CATALOGS, introspect
from tests.api_roles import create_api_roles
from tests.server_versions import since

EVERY_KIND = (Path(__file__).parent / "every_kind.sql").read_text(encoding="utf-8")
SCHEMAS = ("public", "shop")


def load(dsn: str, *statements: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def catalog_of(dsn: str, *schemas: str) -> Catalog:
    with session(Endpoint(Side.SOURCE, dsn), purpose="test") as connection, snapshot(connection):
        return introspect(connection, schemas=schemas or ("public",))


@since(16, "views deparsed as the newer versions do")
def test_both_major_versions_give_equal_catalogs_for_the_same_statements(database: str, newer_database: str) -> None:
    load(database, EVERY_KIND)
    load(newer_database, EVERY_KIND)
    older, newer = catalog_of(database, *SCHEMAS), catalog_of(newer_database, *SCHEMAS)
    assert {each.address for each in older.objects()} == {each.address for each in newer.objects()}
    assert diff(older, newer) == diff(newer, older) == ()
    assert older.unmodelled == newer.unmodelled == ()


@since(14, "functions with a body of SQL expressions")
def test_the_fingerprint_stays_while_the_structure_does_and_changes_with_it(database: str) -> None:
    load(database, EVERY_KIND)
    before = catalog_of(database, *SCHEMAS).fingerprint
    load(database, "INSERT INTO shop.noted VALUES (1, 'x')", "ANALYZE", "SELECT lo_create(900100)")
    load(database, "SELECT lo_unlink(900100)")
    assert catalog_of(database, *SCHEMAS).fingerprint == before
    load(database, "GRANT SELECT ON shop.noted TO PUBLIC")
    granted = catalog_of(database, *SCHEMAS).fingerprint
    load(database, "REVOKE SELECT ON shop.noted FROM PUBLIC")
    assert granted != before == catalog_of(database, *SCHEMAS).fingerprint


def test_what_a_large_object_holds_is_data_and_no_part_of_the_fingerprint(database: str) -> None:
    load(database, "SELECT lo_from_bytea(900100, '\\x00')")
    before = catalog_of(database)
    load(database, "SELECT lo_put(900100, 0, '\\x01')")
    after = catalog_of(database)
    assert before.large_objects != after.large_objects
    assert before.fingerprint == after.fingerprint


@since(14, "functions with a body of SQL expressions")
def test_a_catalog_survives_its_json(database: str) -> None:
    load(database, EVERY_KIND)
    catalog = catalog_of(database, *SCHEMAS)
    assert Catalog.from_json(catalog.to_json()) == catalog


@since(14, "functions with a body of SQL expressions")
def test_a_role_without_rights_reads_the_whole_structure(server: Server, database: str) -> None:
    load(database, EVERY_KIND, "INSERT INTO shop.noted VALUES (1, 'x')")
    with psycopg.connect(server.dsn(), autocommit=True) as admin:
        admin.execute("DROP ROLE IF EXISTS onlooker")
        admin.execute("CREATE ROLE onlooker LOGIN PASSWORD 'onlooker'")
    try:
        name = psycopg.conninfo.conninfo_to_dict(database)["dbname"]
        seen = catalog_of(server.dsn(str(name), user="onlooker", password="onlooker"), *SCHEMAS)
    finally:
        with psycopg.connect(server.dsn(), autocommit=True) as admin:
            admin.execute("DROP ROLE onlooker")
    known = catalog_of(database, *SCHEMAS)
    assert seen.fingerprint == known.fingerprint
    assert known.table_by_identity["shop.noted"].estimated_rows == 1
    assert seen.table_by_identity["shop.noted"].estimated_rows == -1
    assert all(sequence.next_value is None for sequence in seen.sequences)


def test_an_index_is_described_without_its_own_name(database: str) -> None:
    load(
        database, 'CREATE TABLE t (a int, "B" text)', 'CREATE UNIQUE INDEX "An Index" ON t (a, lower("B")) WHERE a > 0'
    )
    (index,) = catalog_of(database).indexes
    assert index.definition == 'CREATE UNIQUE INDEX ON public.t USING btree (a, lower("B")) WHERE (a > 0)'
    assert index.columns == ("a", '(lower("B"))')
    assert index.predicate == "(a > 0)"
    assert index.unique


def test_the_index_of_a_constraint_names_the_constraint(database: str) -> None:
    load(database, "CREATE TABLE t (a int CONSTRAINT one PRIMARY KEY, b int CONSTRAINT two UNIQUE)")
    found = {index.name: index.constraint for index in catalog_of(database).indexes}
    assert found == {"one": "one", "two": "two"}
    assert not any(index.compared for index in catalog_of(database).indexes)


def test_identity_and_serial_columns_own_their_sequences(database: str) -> None:
    load(database, "CREATE TABLE t (a bigserial, b int GENERATED ALWAYS AS IDENTITY)")
    owners = {each.name: (each.owned_by, each.identity_sequence) for each in catalog_of(database).sequences}
    assert owners == {"t_a_seq": ("public.t.a", False), "t_b_seq": ("public.t.b", True)}
    sequences = {each.name: each.sequence for each in catalog_of(database).columns}
    assert sequences == {"a": "public.t_a_seq", "b": "public.t_b_seq"}


@pytest.mark.parametrize(
    ("statements", "next_value"),
    [
        ((), 1),
        (("INSERT INTO t DEFAULT VALUES",), 2),
        (("ALTER SEQUENCE t_id_seq RESTART WITH 50",), 50),
        (("SELECT setval('t_id_seq', 7)",), 8),
        (("SELECT setval('t_id_seq', 7, false)",), 7),
    ],
)
def test_the_next_value_is_the_one_that_nextval_would_give(
    database: str, statements: tuple[str, ...], next_value: int
) -> None:
    load(database, "CREATE TABLE t (id serial PRIMARY KEY)", *statements)
    (sequence,) = catalog_of(database).sequences
    with psycopg.connect(database) as connection:
        given = connection.execute("SELECT nextval('public.t_id_seq')").fetchone()
    assert sequence.next_value == next_value
    assert given == (next_value,)


def test_the_maximum_of_the_owning_column_is_measured(database: str) -> None:
    load(database, "CREATE TABLE t (id serial PRIMARY KEY)", "INSERT INTO t (id) VALUES (41), (7)")
    (sequence,) = catalog_of(database).sequences
    assert (sequence.next_value, sequence.column_maximum, sequence.asked) == (1, 41, True)


def test_small_tables_that_were_never_analysed_are_counted(database: str) -> None:
    load(database, "CREATE TABLE filled (a int)", "CREATE TABLE empty (a int)", "INSERT INTO filled VALUES (1), (2)")
    rows = {table.name: table.estimated_rows for table in catalog_of(database).tables}
    assert rows == {"filled": 2, "empty": 0}


@since(14, "functions with a body of SQL expressions")
def test_objects_of_other_schemas_are_left_out(database: str) -> None:
    load(database, EVERY_KIND, "CREATE TABLE mine (a int)")
    assert [table.identity for table in catalog_of(database).tables] == ["public.mine"]


def test_columns_are_numbered_without_the_gaps_of_dropped_ones(database: str) -> None:
    load(database, "CREATE TABLE t (a int, gone int, b int)", "ALTER TABLE t DROP COLUMN gone")
    assert [(column.name, column.position) for column in catalog_of(database).columns] == [("a", 1), ("b", 2)]


def test_a_not_null_constraint_is_an_attribute_of_its_column_on_every_version(newer_database: str) -> None:
    load(newer_database, "CREATE TABLE t (a int CONSTRAINT must NOT NULL)")
    catalog = catalog_of(newer_database)
    assert catalog.constraints == ()
    assert catalog.columns[0].not_null


SEEN = {
    "domain": "CREATE DOMAIN public.percent AS int CHECK (VALUE BETWEEN 0 AND 100)",
    "composite type": "CREATE TYPE public.pair AS (a int, b int)",
    "range type": "CREATE TYPE public.spans AS RANGE (subtype = float8)",
    "aggregate": "CREATE AGGREGATE public.total (int) (SFUNC = int4pl, STYPE = int)",
    "rule": "CREATE RULE quiet AS ON DELETE TO public.t DO INSTEAD NOTHING",
    "statistics object": "CREATE STATISTICS public.linked ON a, b FROM public.t",
    "collation": 'CREATE COLLATION public.plain FROM "C"',
    "operator": "CREATE OPERATOR public.### (LEFTARG = int, RIGHTARG = int, FUNCTION = int4pl)",
    "text search configuration": "CREATE TEXT SEARCH CONFIGURATION public.words (COPY = simple)",
    "text search dictionary": "CREATE TEXT SEARCH DICTIONARY public.simple_words (TEMPLATE = simple)",
    "column storage": "ALTER TABLE public.t ALTER c SET STORAGE EXTERNAL",
    "column statistics": "ALTER TABLE public.t ALTER a SET STATISTICS 500",
    "column options": "ALTER TABLE public.t ALTER a SET (n_distinct = 5)",
    "index clustered": "ALTER TABLE public.t CLUSTER ON t_a",
    "constraint options": "ALTER TABLE public.t DROP CONSTRAINT u, ADD CONSTRAINT u UNIQUE (b) WITH (fillfactor = 50)",
    "column comment": "COMMENT ON COLUMN public.v.a IS 'x'",
    "column default": "ALTER VIEW public.v ALTER a SET DEFAULT 5",
    "view populated": "REFRESH MATERIALIZED VIEW public.m WITH NO DATA",
    "event trigger": "CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION public.f()",
    "publication": "CREATE PUBLICATION everything FOR ALL TABLES",
    "cast": "CREATE CAST (bigint AS bit varying) WITH INOUT",
    "foreign data wrapper": "CREATE FOREIGN DATA WRAPPER nothing",
    "database setting": (
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = 8192', current_database()); END $$"
    ),
    "large object": "SELECT lo_from_bytea(0, '\\x00')",
}
"""Kind, or kind and attribute, and a statement that makes one or changes it"""
BEFORE = (
    "CREATE TABLE public.t (a int, b int CONSTRAINT u UNIQUE, c text)",
    "CREATE MATERIALIZED VIEW public.m AS SELECT 1 AS a",
    "CREATE INDEX t_a ON public.t (a)",
    "CREATE VIEW public.v AS SELECT a FROM public.t",
    "CREATE FUNCTION public.f() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'",
)


@pytest.mark.parametrize("what", SEEN)
def test_one_statement_is_one_change_of_the_kind_that_it_is_about(database: str, what: str) -> None:
    load(database, *BEFORE)
    before = catalog_of(database)
    load(database, SEEN[what])
    after = catalog_of(database)
    told = [" ".join(filter(None, (each.kind, each.attribute))) for each in diff(before, after)]
    assert (told, after.unmodelled) == ([what], ())


def test_every_system_catalog_of_the_server_is_known_or_is_about_the_whole_server(database: str) -> None:
    of_servers = {"pg_authid", "pg_auth_members", "pg_parameter_acl", "pg_tablespace"}
    with psycopg.connect(database) as connection:
        found = connection.execute(
            "SELECT attrelid::regclass::text FROM pg_attribute JOIN pg_class c ON c.oid = attrelid"
            " WHERE attname = 'oid' AND relkind = 'r' AND relnamespace = 'pg_catalog'::regnamespace"
        ).fetchall()
    assert {name for (name,) in found} - KNOWN_CATALOGS <= of_servers


def test_objects_of_a_system_catalog_that_is_not_known_are_told(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    load(database, "CREATE TABLE public.t (id int, n int)", 'CREATE STATISTICS public."Some" ON id, n FROM public.t')
    load(database, "CREATE SCHEMA attic", "CREATE STATISTICS attic.other ON id, n FROM public.t")
    monkeypatch.setattr(introspection, "KNOWN_CATALOGS", KNOWN_CATALOGS - {"pg_statistic_ext"})
    (told,) = catalog_of(database).unmodelled
    assert (told.kind, told.identity) == ("statistics object", 'public."Some"')


def test_many_large_objects_are_one_thing_that_is_not_compared(database: str) -> None:
    load(database, "SELECT lo_create(0) FROM generate_series(1, 1001)")
    (many,) = catalog_of(database).unmodelled
    assert (many.kind, many.identity) == ("large objects", "pg_largeobject")
    assert catalog_of(database).large_objects == ()


def test_the_value_of_a_setting_whose_name_says_secret_is_a_digest(database: str) -> None:
    load(
        database,
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET app.key = ''s3cret''', current_database()); END $$",
    )
    (setting,) = catalog_of(database).database_settings
    assert (setting.identity, setting.secret) == ("app.key", True)
    assert "s3cret" not in catalog_of(database).to_json()


def test_the_server_s_own_time_zone_is_told_and_not_the_session_s(database: str) -> None:
    name = psycopg.conninfo.conninfo_to_dict(database)["dbname"]
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            sql.SQL("ALTER DATABASE {} SET TimeZone = 'Europe/Moscow'").format(sql.Identifier(str(name)))
        )
    assert catalog_of(database).server.timezone == "Europe/Moscow"


def test_dependencies_follow_views_defaults_and_row_types(database: str) -> None:
    load(
        database,
        "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE TABLE t (a int DEFAULT one())",
        "CREATE VIEW v AS SELECT a FROM t",
        "CREATE FUNCTION all_of_v() RETURNS SETOF v LANGUAGE sql AS 'SELECT * FROM public.v'",
    )
    found = {(each.identity, each.on_identity) for each in catalog_of(database).dependencies}
    assert {("public.t.a", "public.one()"), ("public.v", "public.t.a"), ("public.all_of_v()", "public.v")} <= found


def test_a_table_tells_which_platform_roles_reach_it(server: Server, database: str) -> None:
    create_api_roles(server)
    load(database, "CREATE TABLE open (a int)", "CREATE TABLE closed (a int)", "GRANT SELECT ON open TO anon")
    catalog = catalog_of(database)
    reached: dict[str, Table] = {table.name: table for table in catalog.tables}
    assert "anon" in catalog.server.platform_roles
    assert (reached["open"].exposed_to, reached["closed"].exposed_to) == (("anon",), ())
