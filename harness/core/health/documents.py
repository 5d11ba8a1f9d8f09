"""What the health endpoints answer with: frozen facts without a password, an address or a value of a row."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from harness.core.record import Record

Standing = Literal["ok", "warning", "degraded", "unavailable"]
"""From best to worst; `unavailable` is what an endpoint answers 503 for"""


class LiveHealth(Record):
    """`/health/live`: the process is there; no database was asked."""

    format: Literal["pgparity/health-live"] = "pgparity/health-live"
    version: Literal[1] = 1
    status: Literal["ok"] = "ok"
    pgparity: str = Field(description="Version of pgparity")
    up_seconds: float = Field(ge=0, description="Since this process began to serve")


class PoolHealth(Record):
    """A pool of connections at one moment."""

    name: str
    status: Standing
    max_size: int = Field(description="The most connections that it may have")
    open: int = Field(description="Connections that are open")
    idle: int = Field(description="Of those, the ones that wait for a call")
    in_use: int = Field(description="Of those, the ones that are with a call")
    waiting: int = Field(description="Calls that wait for a connection")
    use_percent: float = Field(description="In use, of 100 that there may be")


class ServerBudget(Record):
    """The connections of a server, what it has left for the services, and what they want of it."""

    maximum: int = Field(description="max_connections")
    reserved: int = Field(description="Kept for superusers and for roles of pg_use_reserved_connections")
    used_by_others: int = Field(description="Sessions that are neither this program's nor the services'")
    limit: int | None = Field(default=None, description="CONNECTION LIMIT of the role or the database, the smaller one")
    left: int = Field(description="What the services may have together")
    wanted: int | None = Field(default=None, description="Services times pool; null where [serve] does not say them")
    fits: bool | None = Field(default=None, description="Whether the server takes them all")
    most_per_service: int | None = Field(default=None, description="The largest pool that fits")


class DatabaseState(Record):
    """One database as it answered."""

    name: str = Field(description="target or source; in an application the name that it gave")
    status: Standing
    reasons: tuple[str, ...] = Field(default=(), description="What speaks against ok, in words without a value")
    round_trip_ms: float | None = Field(
        default=None, description="SELECT 1 on an open connection; null where there was no answer in time"
    )
    connections: ServerBudget | None = None


class DatabaseHealth(Record):
    """`/health/database`: every database and every pool. 200, or 503 where the status is unavailable."""

    format: Literal["pgparity/health-database"] = "pgparity/health-database"
    version: Literal[1] = 1
    status: Standing = Field(description="The worst of all below")
    looked_at: str = Field(description="UTC, ISO 8601; several requests within a second share one look")
    databases: tuple[DatabaseState, ...]
    pools: tuple[PoolHealth, ...]


class KindOfCall(Record):
    """The statements of one kind since the start."""

    kind: str
    calls: int
    errors: int
    mean_ms: float


class SlowStatement(Record):
    """A statement that took longer than the limit, without its text and values."""

    kind: str
    table: str = Field(description="Empty where it is of none")
    ms: float
    at: str = Field(description="UTC, ISO 8601: when it ended")
    failed: bool


class Target(Record):
    """A figure that was asked for, and whether it is met; null where nothing was measured yet."""

    name: str
    limit: str = Field(description="As it was asked for, such as < 20 ms")
    measured: float | None
    met: bool | None


class ServerStatement(Record):
    """A statement as the server's pg_stat_statements has it: its time on the server, without any value."""

    kind: str = Field(description="SELECT, INSERT, …; utility for all else; hidden where the role may not see it")
    text: str | None = Field(
        description="Without constants and comments; null for utility statements and what is not surely free of values"
    )
    query_id: str | None = Field(description="By which a role that may read it finds it in pg_stat_statements")
    calls: int
    mean_ms: float
    max_ms: float


class ServerStatements(Record):
    """What pg_stat_statements of one database has since its last reset."""

    database: str
    available: bool
    reason: str = Field(default="", description="Why it is not available")
    calls: int = 0
    mean_ms: float | None = Field(default=None, description="Of all statements, on the server: without the network")
    slowest: tuple[ServerStatement, ...] = Field(default=(), description="At most 50, the slowest by their mean first")


class MetricsHealth(Record):
    """`/health/database/metrics`: how long statements took and how many failed."""

    format: Literal["pgparity/health-metrics"] = "pgparity/health-metrics"
    version: Literal[1] = 1
    statements_of: str = Field(description="Whose statements were measured: the application's, or these looks' own")
    calls: int
    errors: int
    error_rate: float = Field(description="0 to 1")
    of_last: int = Field(description="How many statements the percentiles are of, 1,000 at most")
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    mean_ms: float | None
    kinds: tuple[KindOfCall, ...]
    targets: tuple[Target, ...]
    slow_limit_ms: float
    slow_calls: int = Field(description="Statements above it since the start")
    slow: tuple[SlowStatement, ...] = Field(description="The last 50 of them")
    servers: tuple[ServerStatements, ...] = ()


class SessionReason(Record):
    """What speaks against a better level."""

    level: str
    reason: str


class SessionsHealth(Record):
    """`/health/sessions`: a company's chat session. 200 ok or warning, 503 critical, 500 where it cannot be told."""

    format: Literal["pgparity/health-sessions"] = "pgparity/health-sessions"
    version: Literal[1] = 1
    company_id: int
    status: Literal["ok", "warning", "critical", "error"]
    level: Literal["healthy", "warning", "degraded", "bad", "critical"] | None = Field(
        default=None, description="Null where the status is error"
    )
    reasons: tuple[SessionReason, ...] = ()
    auth_states: int | None = None
    keys: int | None = None
    expired_keys: int | None = None
    session_keys: int | None = Field(default=None, description="Keys of the type session that are not expired")
    seconds_since_update: float | None = None
    error: str = Field(default="", description="Why it cannot be told")


class Problem(Record):
    """What an endpoint answers where it cannot answer: RFC 9457, application/problem+json."""

    title: str
    status: int
    detail: str = ""
