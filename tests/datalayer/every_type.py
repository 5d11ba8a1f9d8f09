"""A database with a table that has a column of every type, for the tests of the repository base."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from harness.datalayer.rows import Table
from harness.embedded.server import Server

EVERY_TYPE = Table(
    "every_type", key=("id",), json_columns=frozenset({"document", "document_text"}), unique=(("other_key",),)
)
ODD_NAME = 'odd % "name" %s'
UUID_TEXT = "2f0c1c9e-0000-4000-8000-000000000000"


@contextmanager
def every_type_database(server: Server) -> Iterator[str]:
    """The DSN of a database with the table `every_type`, empty."""
    name = sql.Identifier(f"every_type_{uuid.uuid4().hex[:12]}")
    with psycopg.connect(server.dsn(), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(name))
        try:
            dsn = server.dsn(name.as_string().strip('"'))
            with psycopg.connect(dsn, autocommit=True) as connection:
                connection.execute(Path(__file__).with_name("every_type.sql").read_bytes())
            yield dsn
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
