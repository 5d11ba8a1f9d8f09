"""Which index ON CONFLICT infers: the check's answer beside PostgreSQL's own, for many indexes and targets."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import cast

import psycopg
import pytest
from psycopg.abc import QueryNoTemplate

from harness.core.arbiter import infer
from harness.core.lookup import Lookup
from harness.core.sql.statement import usage_of_sql
from harness.core.usage import Usage
from harness.embedded.server import Server
from harness.postgres.introspect import introspect

KEYS = ("a", "b", "c", "d", "lower(c)", "lower(d)", "(a + b)", "(c || d)", "coalesce(d, c)", "(a % 7)")
CONDITIONS = (
    "e",
    "NOT e",
    "a > 1",
    "b = 3",
    "c IS NOT NULL",
    "d = 'x'",
    "c <> 'it''s'",
    "lower(c) = 'y'",
    "b IN (1, 2)",
    "(e OR b = 3)",
    "a BETWEEN 1 AND 5",
)
TABLES = 30

COLUMNS = "a int, b int, c text, d varchar(20), e boolean"

INDEXES = (
    "PRIMARY KEY (a)",
    "UNIQUE (a, b)",
    "UNIQUE (b, a) INCLUDE (c)",
    "CONSTRAINT k UNIQUE (a) DEFERRABLE",
    "CONSTRAINT k UNIQUE (a); CREATE UNIQUE INDEX ON t (a, b)",
    "UNIQUE (a) DEFERRABLE; CREATE UNIQUE INDEX ON t (a)",
    "CONSTRAINT k EXCLUDE USING btree (a WITH =)",
    "; CREATE UNIQUE INDEX ON t (a)",
    "; CREATE UNIQUE INDEX k ON t (a, a, b)",
    "; CREATE INDEX ON t (a); CREATE INDEX ON t (a, b)",
    "; CREATE UNIQUE INDEX ON t (a) WHERE e",
    "; CREATE UNIQUE INDEX ON t (a) WHERE e AND c IS NOT NULL",
    "; CREATE UNIQUE INDEX ON t (a) WHERE e; CREATE UNIQUE INDEX ON t (a)",
    "; CREATE UNIQUE INDEX ON t (lower(c))",
    "; CREATE UNIQUE INDEX ON t (a, lower(d))",
    "; CREATE UNIQUE INDEX ON t ((a + b))",
    '; CREATE UNIQUE INDEX ON t (c COLLATE "C")',
    "; CREATE UNIQUE INDEX ON t (c text_pattern_ops DESC NULLS LAST)",
    "",
)

TARGETS = (
    "(a)",
    "(b)",
    "(a, b)",
    "(b, a)",
    "(a, b, a)",
    "(a) WHERE e",
    "(a) WHERE e AND b > 1",
    "(a) WHERE c IS NOT NULL AND (t.e)",
    "(c)",
    "(lower(c))",
    "(LOWER(c::text))",
    "(lower(d), a)",
    "(a, lower(d), lower(d))",
    "(lower(d))",
    "((a + b))",
    "((b + a))",
    '(c COLLATE "C")',
    '(c COLLATE "POSIX")',
    "(c text_pattern_ops)",
    "ON CONSTRAINT k",
    "ON CONSTRAINT t_pkey",
)


@pytest.fixture
def connection(newer_server: Server) -> Iterator[psycopg.Connection]:
    """A transaction that is rolled back."""
    with psycopg.connect(newer_server.dsn("postgres")) as opened:
        yield opened
        opened.rollback()


def postgresql_accepts(connection: psycopg.Connection, statement: str) -> bool:
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(cast("QueryNoTemplate", statement))
    except psycopg.Error as error:
        if error.sqlstate not in ("42P10", "42704", "42809", "55000"):
            raise
        return False
    return True


@pytest.mark.parametrize("indexes", INDEXES)
@pytest.mark.parametrize("action", ["DO NOTHING", "DO UPDATE SET b = 9"])
def test_the_check_infers_what_postgresql_infers(connection: psycopg.Connection, indexes: str, action: str) -> None:
    rules, _, statements = indexes.partition(";")
    columns = f"{COLUMNS}, {rules}" if rules else COLUMNS
    connection.execute(cast("QueryNoTemplate", f"CREATE TABLE t ({columns}); {statements}"))
    lookup = Lookup(introspect(connection))
    connection.execute("SET LOCAL search_path TO public")
    unproved = 0
    for target in TARGETS:
        statement = f"INSERT INTO t (a, b, c) VALUES (1, 2, 'x') ON CONFLICT {target} {action}"
        used = usage_of_sql(statement)
        assert isinstance(used, Usage)
        inferred = infer(lookup, used.conflicts[0])
        if inferred.status == "unproved":
            unproved += 1
            continue
        assert (target, inferred.status == "found") == (target, postgresql_accepts(connection, statement))
    assert unproved <= 4


def test_an_index_that_a_failed_concurrent_build_left_is_no_arbiter(newer_database: str) -> None:
    statement = "INSERT INTO t VALUES (1) ON CONFLICT (a) DO NOTHING"
    used = usage_of_sql(statement)
    assert isinstance(used, Usage)
    with psycopg.connect(newer_database, autocommit=True) as connection:
        connection.execute("CREATE TABLE t (a int)")
        connection.execute("INSERT INTO t VALUES (1), (1)")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("CREATE UNIQUE INDEX CONCURRENTLY broken ON t (a)")
        inferred = infer(Lookup(introspect(connection)), used.conflicts[0])
        assert (inferred.status, "not valid" in inferred.reason) == ("none", True)
        assert not postgresql_accepts(connection, statement)


def _keys(chance: random.Random) -> list[str]:
    return chance.sample(KEYS, chance.choice((1, 1, 2, 2, 3)))


def _where(chance: random.Random) -> list[str]:
    return chance.sample(CONDITIONS, chance.choice((0, 1, 1, 2)))


def _written(chance: random.Random, keys: list[str], conditions: list[str]) -> str:
    """The target as somebody may write it: other order, other case, a qualifier, a condition more or less."""
    keys, conditions = list(keys), list(conditions)
    chance.shuffle(keys)
    chance.shuffle(conditions)
    change = chance.random()
    if change < 0.2:
        keys = [*keys[1:], *_keys(chance)]
    elif change < 0.4:
        conditions = [*conditions, *_where(chance)]
    elif change < 0.5:
        conditions = conditions[1:]
    text = f"({', '.join(keys)})" + (f" WHERE {' AND '.join(conditions)}" if conditions else "")
    return text.replace("lower(", "LOWER( ") if chance.random() < 0.3 else text


def test_random_partial_and_expression_indexes_are_inferred_as_postgresql_does(connection: psycopg.Connection) -> None:
    chance = random.Random(6)
    asked: list[tuple[str, list[str]]] = []
    for number in range(TABLES):
        table = f"t{number}"
        connection.execute(cast("QueryNoTemplate", f"CREATE TABLE {table} ({COLUMNS})"))
        targets = []
        for _ in range(chance.choice((1, 2))):
            keys, conditions = _keys(chance), _where(chance)
            where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
            connection.execute(cast("QueryNoTemplate", f"CREATE UNIQUE INDEX ON {table} ({', '.join(keys)}){where}"))
            targets += [_written(chance, keys, conditions) for _ in range(5)]
        asked.append((table, targets))
    lookup = Lookup(introspect(connection))
    connection.execute("SET LOCAL search_path TO public")
    statuses = {"found": 0, "none": 0, "unproved": 0}
    for table, targets in asked:
        for target in targets:
            statement = f"INSERT INTO {table} (a, b, c) VALUES (1, 2, 'x') ON CONFLICT {target} DO NOTHING"
            used = usage_of_sql(statement)
            assert isinstance(used, Usage), statement
            status = infer(lookup, used.conflicts[0]).status
            statuses[status] += 1
            if status != "unproved":
                assert (statement, status == "found") == (statement, postgresql_accepts(connection, statement))
    assert statuses["found"] > 80
    assert statuses["none"] > 40
    assert statuses["unproved"] < 80
