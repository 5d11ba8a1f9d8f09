"""ScratchServer: a PostgreSQL server of our own on which copies and clones of a database live, and how to reach it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import conninfo, sql

from harness.core.record import Side
from harness.postgres.connect import CONNECT_SECONDS, Connection, Endpoint

SETTINGS = {
    # Nothing but the data layer may write: an unasked-for write would be taken for the data layer's.
    "autovacuum": "off",
    "checkpoint_timeout": "1h",
    "max_wal_senders": "0",
    "wal_level": "minimal",
    "max_connections": "100",
    # A call that hangs must not hang the run; a side's own timeout beats this.
    "statement_timeout": "60s",
    # Forking workers for a handful of rows costs more than it gains.
    "jit": "off",
}
"""What a server that holds clones is started with."""

OWN_ROLE = "pgparity_scratch"
"""The superuser by which the tool works on a scratch server: no database that is copied has a role of this name."""
_SCRAM_ITERATIONS_SINCE = 160_000


def session_options(statement_timeout: int) -> str:
    """The settings of connect.prepare, sent with the connection: a session on a clone is opened for every write."""
    settings = {
        "TimeZone": "UTC",
        "DateStyle": "ISO,YMD",
        "IntervalStyle": "postgres",
        "extra_float_digits": "1",
        "bytea_output": "hex",
        "row_security": "off",
        "search_path": "",
        "statement_timeout": f"{statement_timeout}s",
        "lock_timeout": "10s",
    }
    return " ".join(f"-c {name}={value}" for name, value in settings.items())


_OPTIONS = session_options(600)


def create_own_role(admin_dsn: str) -> str:
    """Create OWN_ROLE on a new scratch server; returns its password."""
    password = secrets.token_urlsafe(18)
    with psycopg.connect(admin_dsn, autocommit=True) as admin:
        hash_quickly(admin)
        admin.execute(
            sql.SQL("CREATE ROLE {} SUPERUSER LOGIN PASSWORD {}").format(
                sql.Identifier(OWN_ROLE), sql.Literal(password)
            )
        )
    return password


def hash_quickly(session: Connection) -> None:
    """Hash passwords that this session sets once instead of 4,096 times, where the server can.

    They are random and live for minutes, and every connection of a data layer would pay for it.
    """
    if session.info.server_version >= _SCRAM_ITERATIONS_SINCE:
        session.execute("SET scram_iterations = 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScratchServer:
    """A running server, its superuser, and the folder of the programs that belong to it."""

    side: Side
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    programs: Path
    """Folder of pg_dump and pg_restore"""
    version: str
    system_identifier: str
    statement_timeout: int = 60
    """Seconds"""

    @property
    def address(self) -> str:
        """host:port, for people."""
        return f"{self.host}:{self.port}"

    def endpoint(self, database: str) -> Endpoint:
        """A database of the server, as its superuser."""
        dsn = conninfo.make_conninfo(
            host=self.host, port=self.port, user=self.user, password=self.password, dbname=database
        )
        return Endpoint(self.side, dsn, f"clone of the {self.side}", self.statement_timeout)

    def uri(self, database: str) -> str:
        """The same as a libpq URI."""
        credentials = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}"
        return f"postgresql://{credentials}@{self.host}:{self.port}/{quote(database, safe='')}"

    def login(self, user: str, password: str, database: str) -> str:
        """A DSN by which a role reaches a database of the server."""
        return conninfo.make_conninfo(host=self.host, port=self.port, user=user, password=password, dbname=database)

    def connect(self, database: str = "postgres", *, purpose: str) -> Connection:
        """A session as superuser in autocommit mode. Clones may be written, also the source's: it is a copy."""
        return psycopg.connect(
            self.endpoint(database).dsn,
            connect_timeout=CONNECT_SECONDS,
            application_name=f"pgparity {purpose}",
            client_encoding="utf8",
            prepare_threshold=None,
            options=_OPTIONS,
            autocommit=True,
        )
