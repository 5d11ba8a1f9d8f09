"""A database that has one of everything that a dump has to hold, and programs that do pg_dump's work otherwise."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg

from harness.embedded.dump_programs import dump_programs

SALON = (
    "CREATE TYPE mood AS ENUM ('fine', 'poor')",
    "CREATE TABLE client (id int PRIMARY KEY, name text NOT NULL, mood mood, seen timestamptz DEFAULT now())",
    "INSERT INTO client SELECT g, 'client ' || g, 'fine' FROM generate_series(1, 400) g",
    "CREATE INDEX client_name ON client (name)",
    "CREATE TABLE visit (id int, day date, note text) PARTITION BY RANGE (id)",
    "CREATE TABLE visit_early PARTITION OF visit FOR VALUES FROM (0) TO (100)",
    "CREATE TABLE visit_late PARTITION OF visit FOR VALUES FROM (100) TO (1000)",
    "INSERT INTO visit SELECT g, date '2026-01-01' + g, NULL FROM generate_series(1, 300) g",
    "CREATE TABLE parent (a int)",
    "CREATE TABLE child (b int) INHERITS (parent)",
    "INSERT INTO parent VALUES (1)",
    "INSERT INTO child VALUES (2, 3)",
    "CREATE TABLE bare ()",
    "INSERT INTO bare DEFAULT VALUES",
    'CREATE SCHEMA "Odd ""one"',
    'CREATE TABLE "Odd ""one"."t 1" (x int)',
    'INSERT INTO "Odd ""one"."t 1" VALUES (1), (1), (NULL)',
    "CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM client",
    "SELECT lo_from_bytea(0, decode('00ff', 'hex'))",
    "SELECT lo_from_bytea(0, '')",
)
ROWS = 400 + 300 + 1 + 1 + 1 + 3
TABLES = 6
"""client, visit with its partitions, parent, child, bare, t 1"""


def execute(dsn: str, *statements: str) -> list[tuple[Any, ...]]:
    """Run statements, each by itself; the rows of the last one."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for each in statements:
            cursor = connection.execute(each.encode())
        return cursor.fetchall() if cursor.description else []


def manifest_of(dump: Path) -> dict[str, Any]:
    """What lies beside a dump."""
    found: dict[str, Any] = json.loads(Path(f"{dump}.backup.json").read_text(encoding="utf-8"))
    return found


def dumps(folder: Path) -> list[Path]:
    """What looks like a backup."""
    return sorted(each for each in folder.glob("*.dump") if not each.name.startswith("."))


def programs(folder: Path, major: int, *, before: str = "", after: str = "") -> dict[str, str]:
    """An environment in which pg_dump runs shell commands before and after the real one does its work."""
    real = dump_programs(major)
    folder.mkdir(parents=True, exist_ok=True)
    lines: Sequence[str] = (
        "#!/bin/sh",
        f'case "$1" in --version) exec {shlex.quote(real.pg_dump)} "$@";; esac',
        before,
        f'{shlex.quote(real.pg_dump)} "$@" || exit $?',
        after,
    )
    (folder / "pg_dump").write_text("\n".join(lines) + "\n")
    (folder / "pg_dump").chmod(0o755)
    (folder / "pg_restore").write_text(f'#!/bin/sh\nexec {shlex.quote(real.pg_restore)} "$@"\n')
    (folder / "pg_restore").chmod(0o755)
    return {"PGPARITY_PG_BIN": os.pathsep.join(filter(None, (str(folder), os.environ.get("PGPARITY_PG_BIN", ""))))}
