"""`migrate --create-schema`: every index, key and rule of the source is on the target once the rows are there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.conftest import Pgparity
from tests.data_pair import Pair

SCHEMA = (
    "CREATE TABLE companies (id int PRIMARY KEY, name text, UNIQUE (name) DEFERRABLE)",
    (
        'CREATE TABLE "Order s" ("I d" bigint, company int REFERENCES companies, "e mail" text NOT NULL,'
        ' at timestamptz, CONSTRAINT "k ""q""" PRIMARY KEY ("I d", company), UNIQUE ("e mail"))'
    ),
    'CREATE UNIQUE INDEX partly ON "Order s" (at) WHERE at IS NOT NULL',
    'CREATE INDEX lowered ON "Order s" (lower("e mail"), company DESC NULLS LAST)',
    "CREATE TABLE days (day date, v int, PRIMARY KEY (day)) PARTITION BY RANGE (day)",
    "CREATE TABLE days_1 PARTITION OF days FOR VALUES FROM ('2026-01-01') TO ('2026-07-01')",
    "CREATE TABLE days_2 PARTITION OF days FOR VALUES FROM ('2026-07-01') TO ('2027-01-01')",
    "CREATE INDEX of_days ON days (v)",
    'CREATE MATERIALIZED VIEW counted AS SELECT company, count(*) AS n FROM "Order s" GROUP BY company',
    "CREATE UNIQUE INDEX of_view ON counted (company)",
)
ROWS = (
    "INSERT INTO companies SELECT n, 'c' || n FROM generate_series(900100, 900110) AS n",
    (
        "INSERT INTO \"Order s\" SELECT n, 900100 + n % 10, n || '@example.org',"
        " timestamptz '2026-01-01' + n * interval '1h' FROM generate_series(1, 400) AS n"
    ),
    "INSERT INTO days SELECT date '2026-01-01' + n, n FROM generate_series(0, 300) AS n",
)
INDEXES = (
    "SELECT pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisprimary, c.conname::text, c.condeferrable"
    " FROM pg_index i JOIN pg_class r ON r.oid = i.indexrelid"
    " LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype IN ('p', 'u')"
    " WHERE r.relnamespace = 'public'::regnamespace ORDER BY 1"
)
RULES = (
    "SELECT conname::text, pg_get_constraintdef(oid), convalidated FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace AND contype <> 'n' ORDER BY 1"
)

LONGER_THAN_A_LOCK_IS_WAITED_FOR = 12
"""Seconds; sessions have a lock_timeout of 10 s"""


@pytest.fixture
def pair(databases: Pair) -> Pair:
    empty = databases.emptied()
    empty.on_source(*SCHEMA, *ROWS)
    return empty


@pytest.fixture
def migrate(pair: Pair, here: Pgparity) -> Callable[..., Any]:
    addresses = ("--source", pair.source_dsn, "--target", pair.target_dsn)
    return lambda *arguments: here("migrate", *addresses, "--create-schema", "--yes", "--format", "json", *arguments)


def assert_the_same_rules(pair: Pair) -> None:
    assert pair.rows_of_target(INDEXES) == pair.rows_of_source(INDEXES)
    assert pair.rows_of_target(RULES) == pair.rows_of_source(RULES)


def test_every_index_and_key_is_built(pair: Pair, migrate: Callable[..., Any]) -> None:
    result = migrate()
    assert result.returncode == 0, result.stdout + result.stderr
    assert_the_same_rules(pair)
    assert pair.rows_of_target("SELECT count(*), sum(n) FROM counted") == [(10, 400)]


def test_what_needs_a_view_is_made_after_it_and_what_a_table_needs_before_the_rows(
    pair: Pair, migrate: Callable[..., Any]
) -> None:
    pair.on_source(
        "CREATE VIEW named AS SELECT id, name FROM companies",
        "GRANT SELECT ON named TO PUBLIC",
        "CREATE FUNCTION first_named() RETURNS named LANGUAGE sql STABLE AS 'SELECT * FROM public.named LIMIT 1'",
        "CREATE VIEW constants AS SELECT 7 AS seven",
        (
            "CREATE FUNCTION seven() RETURNS int LANGUAGE sql STABLE BEGIN ATOMIC"
            " SELECT seven FROM public.constants; END"
        ),
        "CREATE TABLE weeks (id int PRIMARY KEY, days int DEFAULT seven())",
        "INSERT INTO weeks SELECT n FROM generate_series(1, 3) AS n",
    )
    result = migrate()
    assert result.returncode == 0, result.stdout + result.stderr
    assert_the_same_rules(pair)
    for query in (
        "SELECT (first_named()).id IS NOT NULL, has_table_privilege('pg_monitor', 'named', 'SELECT')",
        "SELECT * FROM weeks ORDER BY id",
        "SELECT pg_get_viewdef('named'::regclass), pg_get_viewdef('constants'::regclass), seven()",
    ):
        assert pair.rows_of_target(query) == pair.rows_of_source(query)


def test_tables_in_a_cycle_that_were_loaded_before_their_keys_are_compared_when_it_is_run_again(
    pair: Pair, migrate: Callable[..., Any]
) -> None:
    pair.on_source(
        "CREATE TABLE branches (id int PRIMARY KEY, head int)",
        "CREATE TABLE heads (id int PRIMARY KEY, branch int REFERENCES branches)",
        "ALTER TABLE branches ADD FOREIGN KEY (head) REFERENCES heads",
        "INSERT INTO branches VALUES (1)",
        "INSERT INTO heads VALUES (7, 1)",
        "UPDATE branches SET head = 7",
    )
    for _ in range(2):
        result = migrate()
        assert result.returncode == 0, result.stdout + result.stderr
    assert_the_same_rules(pair)
    pair.on_source("UPDATE branches SET head = NULL")
    result = migrate()
    assert result.returncode == 1
    assert "public.branches" in result.stdout


@pytest.mark.long
def test_a_key_waits_as_long_as_it_takes_for_the_other_indexes_of_its_table(
    pair: Pair, migrate: Callable[..., Any]
) -> None:
    pair.on_source(
        "CREATE FUNCTION slow(int) RETURNS int IMMUTABLE LANGUAGE plpgsql SET search_path = pg_catalog AS"
        " $$BEGIN PERFORM pg_sleep(coalesce(current_setting('slow.seconds', true), '0')::float); RETURN $1; END$$",
        "CREATE INDEX slowly ON companies (slow(id)) WHERE id = 900100",
    )
    target = pair.target_dsn.rpartition("/")[2]
    pair.on_target(f"ALTER DATABASE {target} SET slow.seconds = '{LONGER_THAN_A_LOCK_IS_WAITED_FOR}'")
    result = migrate()
    assert result.returncode == 0, result.stdout + result.stderr
    assert_the_same_rules(pair)


def test_an_index_that_an_interrupted_run_built_becomes_the_key_that_it_was_for(
    pair: Pair, migrate: Callable[..., Any]
) -> None:
    migrate()
    (before,) = pair.rows_of_target("SELECT 'public.companies_pkey'::regclass::oid")
    # As if it had ended between the two statements of the key.
    pair.on_target(
        'ALTER TABLE "Order s" DROP CONSTRAINT "Order s_company_fkey"',
        "ALTER TABLE companies DROP CONSTRAINT companies_pkey",
        "CREATE UNIQUE INDEX companies_pkey ON companies (id)",
    )
    (built,) = pair.rows_of_target("SELECT 'public.companies_pkey'::regclass::oid")
    result = migrate()
    assert result.returncode == 0, result.stdout + result.stderr
    assert_the_same_rules(pair)
    assert pair.rows_of_target("SELECT 'public.companies_pkey'::regclass::oid") == [built] != [before]


def test_an_index_that_others_gave_the_name_stays_what_it_is(pair: Pair, migrate: Callable[..., Any]) -> None:
    migrate()
    pair.on_target(
        'ALTER TABLE "Order s" DROP CONSTRAINT "Order s_company_fkey"',
        "ALTER TABLE companies DROP CONSTRAINT companies_pkey",
        "CREATE UNIQUE INDEX companies_pkey ON companies (id, name)",
    )
    result = migrate()
    assert result.returncode == 0, result.stdout + result.stderr
    keys = pair.rows_of_target(
        "SELECT conname::text, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = 'public.companies'::regclass AND contype = 'p'"
    )
    assert keys == [("companies_pkey_1", "PRIMARY KEY (id)")]
    (index,) = pair.rows_of_target("SELECT pg_get_indexdef('public.companies_pkey'::regclass)")
    assert index == ("CREATE UNIQUE INDEX companies_pkey ON public.companies USING btree (id, name)",)
