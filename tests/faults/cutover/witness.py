"""A witness of a cutover that uses none of its code: who may write, which rows are where, what is left behind."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import psycopg

from harness.reference.invented.phones import phone
from tests.faults.cutover.town import TABLES
from tests.faults.migrate.witness import connect

RIGHTS: Final = """
SELECT c.relname, '', g.grantor::regrole::text, CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE g.grantee::regrole::text END,
       g.privilege_type, g.is_grantable
FROM pg_class c,
     aclexplode(coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner))) g
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
UNION ALL
SELECT c.relname, a.attname, g.grantor::regrole::text,
       CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE g.grantee::regrole::text END, g.privilege_type, g.is_grantable
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid, aclexplode(a.attacl) g
WHERE c.relnamespace = 'public'::regnamespace
"""
MAY_WRITE: Final = """
SELECT c.relname || ' ' || p FROM pg_class c, unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) p
WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY (%s) AND has_table_privilege(%s, c.oid, p)
UNION ALL
SELECT c.relname || ' columns ' || p FROM pg_class c, unnest(ARRAY['INSERT', 'UPDATE']) p
WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY (%s) AND has_any_column_privilege(%s, c.oid, p)
"""


def rights(dsn: str) -> Counter[tuple[Any, ...]]:
    """Every privilege on relations and columns of the application."""
    with connect(dsn) as connection:
        return Counter(connection.execute(RIGHTS).fetchall())


def may_write(dsn: str, role: str) -> set[str]:
    """What a role may write of the tables in scope."""
    with connect(dsn) as connection:
        return {name for (name,) in connection.execute(MAY_WRITE, [list(TABLES), role, list(TABLES), role])}


def rows(dsn: str) -> dict[str, Counter[str]]:
    """Every row of the tables in scope, as text."""
    with connect(dsn) as connection:
        return {
            table: Counter(text for (text,) in connection.execute(f"SELECT (to_jsonb(t))::text FROM public.{table} t"))
            for table in TABLES
        }


def locked(dsn: str) -> list[tuple[Any, ...]]:
    """Who still holds a lock that keeps writers off; autovacuum does for a moment, where it cuts empty pages off."""
    with connect(dsn) as connection:
        return connection.execute(
            "SELECT relation::regclass::text, mode, backend_type, application_name"
            " FROM pg_locks JOIN pg_class ON pg_class.oid = relation JOIN pg_stat_activity USING (pid)"
            " WHERE relnamespace = 'public'::regnamespace AND mode IN ('ShareLock', 'ShareRowExclusiveLock',"
            " 'ExclusiveLock', 'AccessExclusiveLock') AND database = (SELECT oid FROM pg_database"
            " WHERE datname = current_database()) AND backend_type <> 'autovacuum worker'"
        ).fetchall()


def sequences_behind(dsn: str) -> list[str]:
    """Sequences whose next number a row has already."""
    with connect(dsn) as connection:
        found = []
        for table in TABLES:
            row = connection.execute(
                "SELECT pg_get_serial_sequence(%s, 'id'), (SELECT count(*) FROM pg_attribute"
                " WHERE attrelid = %s::regclass AND attname = 'id')",
                [f"public.{table}", f"public.{table}"],
            ).fetchone()
            if row is None or row[0] is None:
                continue
            after = connection.execute(f"SELECT last_value + is_called::int FROM {row[0]}").fetchone()
            highest = connection.execute(f"SELECT coalesce(max(id), 0) FROM public.{table}").fetchone()
            assert after is not None
            assert highest is not None
            if after[0] <= highest[0]:
                found.append(f"{row[0]}: next {after[0]}, highest {highest[0]}")
        return found


def intruded(dsn: str, number: int) -> bool:
    """Whether a row could be written, in half a second, to the clients of the application."""
    with psycopg.connect(dsn, autocommit=True, options="-c lock_timeout=500ms") as connection:
        try:
            connection.execute(
                "INSERT INTO public.clients (yclients_id, company_id, name, phone, comment)"
                " VALUES (%s, 900100, 'Незваный гость', %s, 'intruder')",
                [number, phone(number % 10_000, 1)],
            )
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.LockNotAvailable):
            return False
        return True
