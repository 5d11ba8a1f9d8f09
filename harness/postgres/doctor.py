"""Asks one server what the doctor wants to know; it reads catalogs and settings, and no row of any table."""

from __future__ import annotations

import contextlib
import datetime as dt
import time
from collections.abc import Iterator, Mapping
from typing import Any

import psycopg
from psycopg.rows import dict_row

from harness.core.certificate import NotACertificate, not_after
from harness.core.names import qualified
from harness.core.server_state import (
    ConnectionLimit,
    Extensions,
    SchemaRights,
    ServerState,
    TableRights,
    Transport,
)
from harness.postgres.connect import Connection, Endpoint, session, translated
from harness.postgres.peer import is_local, peer_certificate
from harness.postgres.queries import query

_OWN_SESSIONS = 2
VERIFYING = ("verify-ca", "verify-full")
"""Values of sslmode with which libpq verifies the server's certificate"""


def server_state(endpoint: Endpoint, schemas: tuple[str, ...]) -> ServerState:
    """What a server says. PgparityError, as harness.postgres.connect raises it, where it cannot be asked."""
    begun = time.monotonic()
    with session(endpoint, purpose="doctor") as connection:
        milliseconds = round((time.monotonic() - begun) * 1000)
        try:
            return _read(connection, endpoint, schemas, milliseconds)
        except psycopg.Error as error:
            raise translated(error, endpoint) from None


def _read(connection: Connection, endpoint: Endpoint, schemas: tuple[str, ...], milliseconds: int) -> ServerState:
    with session(endpoint, purpose="doctor") as another:
        shared = _backend(connection) == _backend(another)
        role = _one(connection, "doctor_role", {})
    server = _one(connection, "server", {"roles": []})
    wanted = {"schemas": list(schemas)}
    return ServerState(
        milliseconds=milliseconds,
        database=server["database"],
        version=server["version"],
        major=server["version_number"] // 10000,
        encoding=server["encoding"],
        collate=server["collate"],
        ctype=server["ctype"],
        locale_provider=server["locale_provider"],
        timezone=server["timezone"],
        role=role["role"],
        superuser=role["superuser"],
        bypasses_row_security=role["bypasses_row_security"],
        can_create_in_database=role["can_create_in_database"],
        in_recovery=role["in_recovery"],
        limits=tuple(_limits(role)),
        statement_timeout_default=role["statement_timeout_default"],
        shares_backends=shared,
        schemas=tuple(SchemaRights(**row) for row in _rows(connection, "doctor_schemas", wanted)),
        tables=tuple(
            TableRights(table=qualified(row.pop("schema"), row.pop("name")), **row)
            for row in _rows(connection, "doctor_tables", wanted)
        ),
        extensions=_extensions(connection),
        transport=_transport(connection),
    )


def certificate_end(host: str, port: int) -> dt.datetime | None:
    """The end of validity of the certificate that a server shows to anyone; None where there is none to be read."""
    with contextlib.suppress(OSError, NotACertificate):
        der = peer_certificate(host, port)
        return not_after(der) if der else None
    return None


def _rows(connection: Connection, name: str, parameters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        yield from cursor.execute(query(name), parameters)


def _one(connection: Connection, name: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    return next(_rows(connection, name, parameters))


def _backend(connection: Connection) -> int:
    """The backend that serves a session now, in a transaction that ends at once: a pooler may serve another with it."""
    row = connection.execute("SELECT pg_catalog.pg_backend_pid()").fetchone()
    connection.rollback()
    return int(row[0]) if row else 0


def _limits(role: Mapping[str, Any]) -> Iterator[ConnectionLimit]:
    """The limits that bind the role. The doctor's own sessions end before a run begins."""
    reserved = 0 if role["superuser"] else role["reserved"]
    yield ConnectionLimit(
        of="the server", allowed=role["max_connections"] - reserved, used=max(role["used"] - _OWN_SESSIONS, 0)
    )
    if role["superuser"]:
        return
    for of in ("database", "role"):
        if role[f"{of}_limit"] >= 0:
            used = max(role[f"{of}_used"] - _OWN_SESSIONS, 0)
            yield ConnectionLimit(of=f"the {of}", allowed=role[f"{of}_limit"], used=used)


def _extensions(connection: Connection) -> Extensions:
    rows = list(_rows(connection, "doctor_extensions", {}))
    return Extensions(
        installed={row["name"]: row["installed"] for row in rows if row["installed"] is not None},
        offered={row["name"]: row["offered"] for row in rows if row["offered"] is not None},
    )


def _transport(connection: Connection) -> Transport:
    """How the session that is open reaches its server."""
    info = connection.info
    settings = {option.keyword: option.val for option in connection.pgconn.info}
    encrypted = connection.pgconn.ssl_in_use
    local = is_local(info.host, info.hostaddr)
    return Transport(
        local=local,
        encrypted=encrypted,
        verified=encrypted and (settings.get(b"sslmode") or b"").decode() in VERIFYING,
        expires=certificate_end(info.hostaddr or info.host, info.port) if encrypted else None,
    )
