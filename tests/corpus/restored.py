"""Databases that were dumped and restored, and what a comparison says of them, on servers of several versions."""

from __future__ import annotations

import subprocess

import psycopg

from harness.core.change import Change
from harness.core.configuration import Configuration
from harness.core.model.catalog import Catalog
from harness.embedded.binaries import installations
from harness.embedded.server import Server
from harness.stages.diff import diff_stage
from tests.corpus.databases import settling
from tests.corpus.oracle import program

OLDEST = 15
LONGEST = 300.0
"""Seconds that a dump or its restoring may take"""
_UNKNOWN = "transaction_timeout"
"""A setting that a newer pg_dump writes first of all, and that an older server refuses"""


def majors() -> list[int]:
    """The versions at hand, 15 and later, oldest first."""
    return sorted({each.major for each in installations() if each.major >= OLDEST})


def dumped_text(dsn: str, *options: str) -> str:
    """What pg_dump prints, rows and the database itself included."""
    command = [str(program("pg_dump")), "--create", *options, "--dbname", dsn]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=LONGEST).stdout


def restore(server: Server, dump: str, user: str | None = None) -> None:
    """Run the dump with psql; the database that it creates must not be there.

    AssertionError: psql reports an error.
    """
    lines = [line for line in dump.splitlines() if not line.startswith(f"SET {_UNKNOWN} =")]
    dsn = server.dsn("postgres") if user is None else psycopg.conninfo.make_conninfo(server.dsn("postgres"), user=user)
    command = [str(program("psql")), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", dsn]
    done = subprocess.run(command, input="\n".join(lines), capture_output=True, text=True, check=False, timeout=LONGEST)
    assert done.returncode == 0, done.stderr


def differing(source: Catalog, target: Catalog, asked: Server) -> tuple[Change, ...]:
    """What a comparison tells that has texts read again, as the command does; by a server that is there already."""
    settle = settling(asked, source, target)
    return diff_stage(source, target, Configuration(), settle=settle).artifact.changes
