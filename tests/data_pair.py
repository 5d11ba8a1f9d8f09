"""A source and a target for the tests of migrate and rows: run statements on them, move and compare their tables."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from harness.core.configuration import Configuration
from harness.core.deltas import TableRows
from harness.core.ledger import Ledger
from harness.core.model.catalog import Catalog
from harness.core.record import Side
from harness.embedded.server import Server
from harness.postgres.connect import Endpoint, session
from harness.postgres.introspect import introspect
from harness.stages.events import Events, Silent
from harness.stages.migrate import migrate_stage
from harness.stages.result import StageResult
from harness.stages.rows import rows_stage


@dataclass(frozen=True)
class Pair:
    """Two databases, the older server's as the source."""

    source_dsn: str = field(repr=False)
    target_dsn: str = field(repr=False)
    schemas: tuple[str, ...] = ("public",)

    @property
    def source(self) -> Endpoint:
        return Endpoint(Side.SOURCE, self.source_dsn)

    @property
    def target(self) -> Endpoint:
        return Endpoint(Side.TARGET, self.target_dsn)

    def emptied(self) -> Pair:
        """The same databases, with nothing in them: quicker than new ones."""
        self.on_both("DROP SCHEMA IF EXISTS pgparity CASCADE", "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
        return self

    def on_source(self, *statements: str) -> None:
        _run(self.source_dsn, statements)

    def on_target(self, *statements: str) -> None:
        _run(self.target_dsn, statements)

    def on_both(self, *statements: str) -> None:
        self.on_source(*statements)
        self.on_target(*statements)

    def catalogs(self) -> tuple[Catalog, Catalog]:
        return _catalog(self.source, self.schemas), _catalog(self.target, self.schemas)

    def migrate(
        self, *tables: str, configuration: Configuration | None = None, events: Events | None = None, **settings: Any
    ) -> StageResult[Ledger]:
        """migrate_stage with fresh catalogs; without tables, all of the source's. `settings`: sections by name."""
        source, target = self.catalogs()
        return migrate_stage(
            self.source,
            self.target,
            source,
            target,
            tables or tuple(source.table_by_identity),
            configuration or Configuration.model_validate(settings),
            events or Silent(),
        )

    def compare(
        self, *tables: str, configuration: Configuration | None = None, **settings: Any
    ) -> StageResult[tuple[TableRows, ...]]:
        """rows_stage with fresh catalogs; without tables, all of the source's."""
        source, target = self.catalogs()
        return rows_stage(
            self.source,
            self.target,
            source,
            target,
            tables or tuple(source.table_by_identity),
            configuration or Configuration.model_validate(settings),
        )

    def compare_one(self, table: str, **settings: Any) -> TableRows:
        """The comparison of one table."""
        (rows,) = self.compare(table, **settings).artifact
        return rows

    def rows_of_source(self, query: str) -> list[TupleRow]:
        return _rows(self.source_dsn, query)

    def rows_of_target(self, query: str) -> list[TupleRow]:
        return _rows(self.target_dsn, query)


@contextlib.contextmanager
def pair_of(server: Server, newer_server: Server) -> Iterator[Pair]:
    """A new database on each server, dropped at the end."""
    with _database(server) as source, _database(newer_server) as target:
        yield Pair(source, target)


@contextlib.contextmanager
def _database(server: Server) -> Iterator[str]:
    name = sql.Identifier(f"t_{uuid.uuid4().hex[:12]}")
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(name))
        try:
            yield server.dsn(name.as_string().strip('"'))
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def copied_text(dsn: str, table: str, order: str) -> bytes:
    """All rows of a table as COPY text: what is stored, to the last digit."""
    with psycopg.connect(dsn) as connection:
        statement = sql.SQL("COPY (SELECT * FROM {} ORDER BY {}) TO STDOUT").format(sql.SQL(table), sql.SQL(order))
        with connection.cursor().copy(statement) as copy:
            return b"".join(bytes(data) for data in copy)


def _run(dsn: str, statements: tuple[str, ...]) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in statements:
            connection.execute(sql.SQL(statement))


def _rows(dsn: str, query: str) -> list[TupleRow]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(sql.SQL(query)).fetchall()


def _catalog(endpoint: Endpoint, schemas: tuple[str, ...]) -> Catalog:
    with session(endpoint, purpose="test") as connection:
        return introspect(connection, schemas=schemas)
