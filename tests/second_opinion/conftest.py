"""Fixtures of the second opinion; nothing here is collected unless it was asked for."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from harness.embedded.server import Server
from tests.api_roles import create_api_roles
from tests.client_suite.asking import Place, SyncAsking
from tests.second_opinion.lite import VARIABLE, lite_server

collect_ignore_glob = [] if os.environ.get(VARIABLE) else ["test_*.py"]


@pytest.fixture(scope="session")
def lite(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """@supabase/lite over a database of its own with the tables and rows of the cases."""
    create_api_roles(server)
    name = f"t_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    dsn = server.dsn(name)
    Place("", {}, dsn).prepare()
    with lite_server(dsn, tmp_path_factory.mktemp("lite"), ("public", "archive")) as (url, keys):
        yield Place(url, keys, dsn)
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def asking(lite: Place) -> Iterator[SyncAsking]:
    """The synchronous client of that server."""
    opened = SyncAsking(lite)
    yield opened
    opened.close()
