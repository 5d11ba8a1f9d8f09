"""Fixtures for the tests that are written from PostgREST's documentation: a gateway over a schema of the module's own.

The tests speak plain HTTP to PostgREST's paths (no `/rest/v1`, no API keys), as the documentation's examples do.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx
import psycopg
import pytest
from psycopg import sql

from harness.embedded.server import Server
from harness.gateway.access import tokens
from harness.gateway.server import GatewayServer
from harness.gateway.settings import GatewaySettings
from tests.api_roles import create_api_roles

SECRET = "a secret that only the tests of the gateway know"

_GRANTS = """
GRANT USAGE ON SCHEMA {schema} TO anon, authenticated, service_role;
GRANT ALL ON ALL TABLES IN SCHEMA {schema} TO anon, authenticated, service_role;
GRANT ALL ON ALL SEQUENCES IN SCHEMA {schema} TO anon, authenticated, service_role;
GRANT EXECUTE ON ALL ROUTINES IN SCHEMA {schema} TO anon, authenticated, service_role;
"""


@dataclass
class Served:
    """A database behind a gateway. `http` is anonymous, `as_role` is whoever a token says."""

    dsn: str = field(repr=False)
    gateway: GatewayServer
    settings: GatewaySettings
    http: httpx.Client
    _open: list[httpx.Client] = field(default_factory=list, repr=False)

    def as_role(self, role: str | None, **claims: object) -> httpx.Client:
        """Plain HTTP with a token of that role (None: a token that names no role)."""
        named = {} if role is None else {"role": role}
        return self.with_headers({"Authorization": f"Bearer {tokens.sign({**named, **claims}, SECRET)}"})

    def with_headers(self, headers: Mapping[str, str]) -> httpx.Client:
        """Plain HTTP with these headers in every request."""
        client = httpx.Client(base_url=self.gateway.url, headers=dict(headers), timeout=30)
        self._open.append(client)
        return client

    def sql(self, text: str, *, reload: bool = True) -> list[tuple[Any, ...]]:
        """Run SQL as the owner of the database; what it returned. Then the schema cache is read anew."""
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            cursor = connection.execute(text.encode())
            rows = cursor.fetchall() if cursor.description else []
        if reload:
            self.gateway.reload_schema_cache()
        return rows

    def close(self) -> None:
        """Close every client that was handed out, and the gateway."""
        for client in (self.http, *self._open):
            client.close()
        self.gateway.stop()


class Serve(Protocol):
    """Starts a gateway over a fresh database."""

    def __call__(self, ddl: str, *, grants: bool = True, **settings: Any) -> Served:
        """A gateway over a database made by this DDL.

        :param grants: give anon, authenticated and service_role every right in the exposed schemas.
        :param settings: of GatewaySettings; `db_tx_end="rollback-allow-override"` keeps the rows as they are, so
            that tests of writes can share one database.
        """
        ...


@pytest.fixture(scope="module")
def serve(server: Server) -> Iterator[Serve]:
    """Starts gateways, each over a database of its own; all are stopped and dropped at the end of the module."""
    create_api_roles(server)
    running: list[Served] = []
    names: list[str] = []

    def start(ddl: str, *, grants: bool = True, **settings: Any) -> Served:
        name = f"t_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
            admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        names.append(name)
        dsn = server.dsn(name)
        chosen = GatewaySettings(db_uri=dsn, **{"jwt_secret": SECRET, "db_max_rows": None, **settings})
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(ddl.encode())
            for schema in chosen.db_schemas if grants else ():
                connection.execute(sql.SQL(_GRANTS).format(schema=sql.Identifier(schema)))
        gateway = GatewayServer.start(chosen)
        served = Served(dsn, gateway, chosen, httpx.Client(base_url=gateway.url, timeout=30))
        running.append(served)
        return served

    try:
        yield start
    finally:
        for served in running:
            served.close()
        with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
            for name in names:
                admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
