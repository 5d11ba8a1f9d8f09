"""A database of the reference application for the tests of its chat sessions: a pool that notes its statements."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from harness.datalayer.envelope import Envelope
from harness.datalayer.observation.observing import CallRecord
from harness.datalayer.postgres.database import PooledDatabase
from harness.embedded.server import Server
from harness.reference.session_store import SessionStore

ALIGNED = Path(__file__).parents[2] / "schemas" / "reference" / "aligned.sql"
OWN, OTHER = 900100, 900200
NOW = datetime(2025, 10, 31, 9, 0, tzinfo=UTC)


@dataclass
class Chats:
    """A store whose clock is set by hand, and the way past it to the tables."""

    dsn: str
    database: PooledDatabase
    records: list[CallRecord]
    now: datetime = NOW
    store: SessionStore = field(init=False)

    def __post_init__(self) -> None:
        self.store = SessionStore(self.database, clock=lambda: self.now)

    def empty(self) -> None:
        """No session, no key, nothing noted, the clock at NOW."""
        self.execute("TRUNCATE whatsapp_auth, whatsapp_keys")
        self.records.clear()
        self.now = NOW

    def pair(self, company_id: int = OWN, session_id: str | None = None) -> None:
        """Give a company a session with an auth state."""
        self.execute(
            "INSERT INTO whatsapp_auth (session_id, company_id, creds) VALUES (%s, %s, '{}')",
            session_id or f"company_{company_id}",
            company_id,
        )

    def add_keys(
        self,
        count: int,
        *,
        key_type: str = "sender-key",
        session_id: str = f"company_{OWN}",
        expires_in: timedelta | None = timedelta(days=1),
        updated_ago: timedelta = timedelta(0),
    ) -> None:
        """Insert keys that expire so long after NOW, or never, and were updated so long before it."""
        self.execute(
            "INSERT INTO whatsapp_keys (session_id, key_type, key_id, value, expires_at, updated_at)"
            " SELECT %s, %s, gen_random_uuid()::text, '{}', %s, %s FROM generate_series(1, %s)",
            session_id,
            key_type,
            None if expires_in is None else NOW + expires_in,
            NOW - updated_ago,
            count,
        )

    def execute(self, text: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Run SQL past the store."""
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            cursor = connection.execute(text.encode(), parameters or None)
            return cursor.fetchall() if cursor.description else []

    def kinds(self) -> list[str]:
        """What the statements and transactions that the store ran did, in the order of their end."""
        return [record.kind for record in self.records]


@contextmanager
def chats(server: Server) -> Iterator[Chats]:
    """A database with the aligned schema; it is dropped at the end."""
    name = f"chats_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        with psycopg.connect(server.dsn(name), autocommit=True) as connection:
            connection.execute(ALIGNED.read_bytes())
        records: list[CallRecord] = []
        database = PooledDatabase(server.dsn(name), max_size=3, observer=records.append)
        try:
            yield Chats(server.dsn(name), database, records)
        finally:
            database.close()
    finally:
        with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def data(answer: Envelope) -> Any:
    """The data of an answer that has to be a success."""
    assert answer["success"], answer["error"]
    assert answer["error"] is None
    return answer["data"]


def refused(answer: Envelope) -> tuple[str, str]:
    """Kind and code of an answer that has to be a failure."""
    assert not answer["success"]
    assert answer["data"] is None
    assert answer["error"] is not None
    return answer["error"]["kind"], answer["error"]["code"]
