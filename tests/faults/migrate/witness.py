"""A witness of a migration that uses none of its code: every row as text, what tables are made of, who is connected."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

import psycopg

PATIENCE: Final = 60.0
"""Seconds that a dead process's sessions, and a server that recovers, may take before the test says that they hang"""
LEAVES: Final = """
SELECT 'public.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname = 'public' ORDER BY 1"""
MADE_OF: Final = (
    "SELECT nspname, '' FROM pg_namespace WHERE nspname !~ '^pg_'",
    """SELECT c.oid::regclass::text, concat_ws(' ', c.relkind, c.relpersistence, c.relreplident, c.reloptions::text,
              c.relrowsecurity, c.relispartition, c.relhastriggers)
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema', 'pgparity')
         AND n.nspname !~ '^pg_(toast_)?temp_'""",
    """SELECT i.indexrelid::regclass::text, concat_ws(' ', pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisready,
              i.indisprimary, i.indisunique)
       FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = 'public'""",
    """SELECT concat_ws(' ', conrelid::regclass, conname), concat_ws(' ', pg_get_constraintdef(oid), convalidated)
       FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    """SELECT concat_ws(' ', tgrelid::regclass, CASE WHEN NOT tgisinternal THEN tgname END, tgfoid::regproc),
              concat_ws(' ', tgenabled, count(*)) FROM pg_trigger
       WHERE tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace) GROUP BY 1, tgenabled""",
    """SELECT concat_ws(' ', attrelid::regclass, attname), concat_ws(' ', format_type(atttypid, atttypmod), attnotnull,
              attidentity, attgenerated, attstorage, attisdropped)
       FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
       WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND attnum > 0""",
)
"""What a migration has no business changing: schemas, relations, indexes, constraints, triggers, columns

Temporary tables are left out: they end with their session, and those of a server that was killed with autovacuum.
"""


def connect(dsn: str) -> psycopg.Connection[Any]:
    """A session that reads values as both sides write them alike."""
    return psycopg.connect(
        dsn,
        autocommit=True,
        options="-c timezone=UTC -c extra_float_digits=1 -c bytea_output=hex -c datestyle=ISO -c lock_timeout=60s"
        " -c statement_timeout=0 -c default_transaction_read_only=off",
    )


def rows_of(dsn: str) -> dict[str, Counter[str]]:
    """Every row of every table, a partition by itself, as text, with how often it is there."""
    with connect(dsn) as connection:
        tables = [name for (name,) in connection.execute(LEAVES)]
        return {
            table: Counter(text for (text,) in connection.execute(f"SELECT t::text FROM ONLY {table} t"))
            for table in tables
        }


def made_of(dsn: str) -> dict[tuple[str, str], int]:
    """What the database is made of besides rows; the schema of the ledger is left out, but for its tables' names."""
    with connect(dsn) as connection:
        found = Counter((str(name), str(what)) for query in MADE_OF for name, what in connection.execute(query))
    return {each: count for each, count in found.items() if each[0] != "pgparity"}


def ledger_relations(dsn: str) -> list[str]:
    """What is in the schema of the ledger."""
    with connect(dsn) as connection:
        query = "SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'pgparity'"
        return sorted(name for (name,) in connection.execute(query))


def untouched_marks(dsn: str) -> dict[str, Any]:
    """Where each row of a source lies and which transactions wrote or locked it, and where its sequences are."""
    with connect(dsn) as connection:
        marks: dict[str, Any] = {}
        for (table,) in connection.execute(LEAVES).fetchall():
            query = f"SELECT md5(string_agg(concat_ws(' ', ctid, xmin, xmax), ',' ORDER BY ctid)) FROM ONLY {table}"
            marks[table] = connection.execute(query).fetchone()
        query = "SELECT schemaname, sequencename, last_value FROM pg_sequences ORDER BY 1, 2"
        marks["sequences"] = connection.execute(query).fetchall()
    return marks | {"made of": made_of(dsn)}


@dataclass(frozen=True)
class Sequence:
    """Where a sequence stands, and the highest value of its column."""

    next: int
    highest: int


def sequences_of(dsn: str) -> dict[str, Sequence]:
    """Each sequence that a column owns."""
    owned = """
        SELECT d.objid::regclass::text, d.refobjid::regclass::text, a.attname FROM pg_depend d
        JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S'
        JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
        WHERE d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
          AND c.relnamespace = 'public'::regnamespace"""
    with connect(dsn) as connection:
        found = {}
        for sequence, table, column in connection.execute(owned).fetchall():
            after = connection.execute(f"SELECT last_value + is_called::int FROM {sequence}").fetchone()
            highest = connection.execute(f"SELECT coalesce(max({column}), 0) FROM {table}").fetchone()
            assert after is not None
            assert highest is not None
            found[sequence] = Sequence(after[0], highest[0])
    return found


def sessions(dsn: str) -> list[tuple[Any, ...]]:
    """Who else is connected to the database as a client."""
    with connect(dsn) as connection:
        return connection.execute(
            "SELECT pid, application_name, state, wait_event_type, wait_event FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        ).fetchall()


def wait_until_alone(dsn: str) -> None:
    """Wait for the end of the sessions of processes that are dead: a server notices when it next writes or reads."""
    deadline = time.monotonic() + PATIENCE
    while others := sessions(dsn):
        assert time.monotonic() < deadline, f"sessions that outlive the command: {others}"
        time.sleep(0.05)


def differing(source: dict[str, Counter[str]], target: dict[str, Counter[str]]) -> dict[str, str]:
    """Each table whose rows are not the same on both sides, with how many lack and how many are too many."""
    return {
        table: f"{(rows - target[table]).total()} rows lack, {(target[table] - rows).total()} are too many"
        for table, rows in source.items()
        if rows != target[table]
    }
