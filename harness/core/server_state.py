"""What one reachable server says of itself, of the role, and of the way to it: what the doctor judges."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimit:
    """How many connections something allows the role, and how many of them others hold."""

    of: str
    """the server, the database or the role"""
    allowed: int
    used: int

    @property
    def left(self) -> int:
        """How many more there can be."""
        return max(self.allowed - self.used, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRights:
    """What the role may do with one table. `filtered`: row-level security would hide rows from it."""

    table: str
    can_read: bool
    can_insert: bool
    is_owner: bool
    filtered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaRights:
    """What the role may do in one schema."""

    schema: str
    can_use: bool
    can_create: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Extensions:
    """Installed extensions with their versions, and those that the server offers with their default versions."""

    installed: dict[str, str] = field(default_factory=dict)
    offered: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transport:
    """How the session reaches its server."""

    local: bool
    """A socket of this machine, or a loopback address"""
    encrypted: bool
    verified: bool
    """libpq compared the certificate with an authority: sslmode verify-ca or verify-full"""
    expires: dt.datetime | None = None
    """End of the certificate's validity, where it could be read"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerState:
    """What one reachable server said."""

    milliseconds: int
    """How long the connection took"""
    database: str
    version: str
    major: int
    encoding: str
    collate: str
    ctype: str
    locale_provider: str
    timezone: str
    role: str
    superuser: bool
    bypasses_row_security: bool
    can_create_in_database: bool
    in_recovery: bool
    limits: tuple[ConnectionLimit, ...]
    statement_timeout_default: int
    """Milliseconds that a session of the role begins with; 0: none"""
    shares_backends: bool
    """Two open sessions were served by one backend: a pooler in transaction mode stands between"""
    schemas: tuple[SchemaRights, ...]
    tables: tuple[TableRights, ...]
    extensions: Extensions
    transport: Transport
