"""[serve] of pgparity.toml: where the health endpoints listen, and who may ask."""

from __future__ import annotations

from pydantic import Field, field_validator

from harness.core.record import Side
from harness.core.section import Section


class ServeSection(Section):
    """Where the health endpoints listen, and who may ask."""

    host: str = Field(
        default="127.0.0.1", min_length=1, description="Address to listen at; any but loopback needs a token"
    )
    port: int = Field(default=8600, ge=0, le=65535, description="Port; 0 takes a free one")
    token: str | None = Field(
        default=None, description="env:NAME of the variable with the token that every path but /health/live asks for"
    )
    allowed_hosts: tuple[str, ...] = Field(
        default=(),
        description="Names in the Host header that are answered beside localhost, such as health.example.org",
    )
    time_limit: float = Field(
        default=2.0, gt=0, le=60, description="Seconds after which a database that gave no answer is unavailable"
    )
    slow_milliseconds: float = Field(default=100.0, gt=0, description="A longer round trip is degraded")
    refresh_seconds: int = Field(default=10, ge=1, le=3600, description="How often the page updates itself")
    company_id: int | None = Field(
        default=None, gt=0, description="Company whose chat session is looked at where the address names none"
    )
    sessions: Side = Field(default=Side.TARGET, description="The database that has the chat-session store")
    services: int | None = Field(
        default=None,
        gt=0,
        description="Processes of the application with a pool of their own, for the connection budget",
    )
    pool_maximum: int = Field(default=3, gt=0, description="The most connections of each of these pools")
    runs: str = Field(default="reports/runs", description="Folder of the runs whose verdicts are shown")

    @field_validator("token")
    @classmethod
    def _by_name(cls, value: str | None) -> str | None:
        if value is not None and (not value.startswith("env:") or value == "env:"):
            raise ValueError("a token is given as env:NAME, never as it is")
        return value
