"""Two servers of one version, the rows on the source, and the target as each contender finds it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg

from benchmarks.rows.tables import CASES
from harness.embedded.server import Server

DATABASE: Final = "moved_rows"
SETTINGS: Final = {"max_wal_size": "8GB", "shared_buffers": "512MB"}
"""Of both servers, beside harness.embedded.server.SETTINGS: fsync, synchronous_commit and full_page_writes are off"""

INDEXES: Final = {
    "wide": {"wide_pkey": "id", "wide_email": "email"},
    "narrow": {"narrow_pkey": "id"},
}
"""By table, its unique indexes and their column; the first one is the primary key's"""

_CASES: Final = {"wide": "no difference", "narrow": "narrow"}


@dataclass(frozen=True, slots=True)
class Servers:
    """Where rows come from, where they go, and the programs of that version (pg_dump, pg_restore, psql)."""

    source: Server
    target: Server

    @property
    def dsns(self) -> tuple[str, str]:
        """Of the databases that rows are moved between."""
        return self.source.dsn(DATABASE), self.target.dsn(DATABASE)

    @property
    def programs(self) -> Path:
        """The bin directory of the target's version: pg_dump may be newer than a server, never older."""
        return self.target.installation.bin


@contextlib.contextmanager
def servers(major: int) -> Iterator[Servers]:
    """Two servers that live as long as this, on free ports, their data in the directory for temporary files."""
    with Server.start(major=major, settings=SETTINGS) as one, Server.start(major=major, settings=SETTINGS) as other:
        yield Servers(one, other)


def made_anew(server: Server) -> str:
    """The DSN of the benchmark's database on a server, empty, and nothing left to be written of the one before."""
    with psycopg.connect(server.dsn(), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)".encode())
        admin.execute(f"CREATE DATABASE {DATABASE}".encode())
        admin.execute("CHECKPOINT")
    return server.dsn(DATABASE)


def dropped(both: Servers) -> None:
    """Drop the benchmark's databases of both servers."""
    for server in (both.source, both.target):
        with psycopg.connect(server.dsn(), autocommit=True) as admin:
            admin.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)".encode())


def definition(table: str, rows: str = "generate_series(1, 0)") -> Sequence[str]:
    """Statements that make a table without its indexes; with no row, or with those of the numbers g that are given."""
    columns = ", ".join(f"{text} AS {name}" for name, text in columns_of(table).items())
    return (
        f"CREATE TABLE public.{table} AS SELECT {columns} FROM {rows} AS g",
        f"ALTER TABLE public.{table} ALTER COLUMN id SET NOT NULL",
    )


def columns_of(table: str) -> dict[str, str]:
    """The columns of a table by name, with the SQL of their values."""
    return CASES[_CASES[table]].columns


def index_builds(table: str) -> Sequence[str]:
    """A statement for each unique index; they may run beside each other."""
    return [f"CREATE UNIQUE INDEX {name} ON public.{table} ({of})" for name, of in INDEXES[table].items()]


def primary_key(table: str) -> str:
    """The statement that makes the primary key of its index, once that is built."""
    return f"ALTER TABLE public.{table} ADD CONSTRAINT {table}_pkey PRIMARY KEY USING INDEX {table}_pkey"


def filled(server: Server, table: str, rows: int, *, step: int = 1) -> str:
    """Make the database anew, with the table, so many rows (of each `step` one) and its indexes; returns its DSN."""
    dsn = made_anew(server)
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in (
            *definition(table, f"generate_series(1, {rows}, {step})"),
            *index_builds(table),
            primary_key(table),
            f"VACUUM (FREEZE, ANALYZE) public.{table}",
            "CHECKPOINT",
        ):
            connection.execute(statement.encode())
    return dsn


def complaint(dsn: str, table: str, rows: int) -> str:
    """What the target lacks of the rows and of the unique indexes, counted; empty where nothing does."""
    names = list(INDEXES[table])
    with psycopg.connect(dsn) as connection:
        (there,) = connection.execute("SELECT pg_catalog.to_regclass(%s)", (f"public.{table}",)).fetchone() or (None,)
        if there is None:
            return "no table arrived"
        (count,) = connection.execute(f"SELECT count(*) FROM public.{table}".encode()).fetchone() or (0,)
        found = connection.execute(
            "SELECT c.relname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid"
            " WHERE i.indisvalid AND i.indisunique AND c.relname = ANY(%s)",
            (names,),
        ).fetchall()
    if count != rows:
        return f"{count:,} of {rows:,} rows arrived"
    lacking = sorted(set(names) - {name for (name,) in found})
    return f"lacks {', '.join(lacking)}" if lacking else ""
