"""Databases for the cases of the corpus: loaded, read as a catalog, compared, and dropped again."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator

import psycopg
from psycopg import sql

from harness.core.configuration import Configuration
from harness.core.diff import Settle
from harness.core.model.catalog import Catalog
from harness.core.record import Side
from harness.embedded.server import Server
from harness.postgres.connect import Connection, Endpoint, session, snapshot
from harness.postgres.introspect import introspect
from harness.stages.diff import DiffArtifact, diff_stage
from harness.stages.replay import replaying
from tests.corpus.cases import ROLES


def load(server: Server, name: str, *texts: str) -> str:
    """A fresh database with these statements in it; its DSN."""
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
        for role in ROLES:
            if admin.execute("SELECT FROM pg_roles WHERE rolname = %s", (role,)).fetchone() is None:
                admin.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    with psycopg.connect(server.dsn(name), autocommit=True) as connection:
        for text in texts:
            connection.execute(text.encode())
    return server.dsn(name)


def drop(server: Server, name: str) -> None:
    """Drop a database, and first the subscriptions in it, which would keep it."""
    with contextlib.suppress(psycopg.OperationalError), psycopg.connect(server.dsn(name), autocommit=True) as inside:
        subscriptions = inside.execute(
            "SELECT subname FROM pg_subscription WHERE subdbid ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())"
        ).fetchall()
        for (subscription,) in subscriptions:
            for statement in (
                "ALTER SUBSCRIPTION {} DISABLE",
                "ALTER SUBSCRIPTION {} SET (slot_name = NONE)",
                "DROP SUBSCRIPTION {}",
            ):
                inside.execute(sql.SQL(statement).format(sql.Identifier(subscription)))
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def catalog(dsn: str) -> Catalog:
    """The catalog of all schemas of a database."""
    with session(Endpoint(Side.SOURCE, dsn), purpose="corpus") as connection, snapshot(connection):
        return introspect(connection, schemas=None)


def diff(source: str, target: str) -> DiffArtifact:
    """What differs between two databases, in all their schemas."""
    return diff_stage(catalog(source), catalog(target), Configuration()).artifact


def settling(server: Server, source: Catalog, target: Catalog) -> Settle:
    """What has texts read again, as the command does, by a server that is there already."""
    return replaying(source, target, databases=lambda: _empty(server))


@contextlib.contextmanager
def _empty(server: Server) -> Iterator[tuple[Connection, Connection]]:
    names = [f"replay_{uuid.uuid4().hex[:12]}" for _ in range(2)]
    try:
        dsns = [load(server, name) for name in names]
        with contextlib.ExitStack() as stack:
            ours, theirs = (stack.enter_context(psycopg.connect(dsn, autocommit=True)) for dsn in dsns)
            yield ours, theirs
    finally:
        for name in names:
            drop(server, name)
