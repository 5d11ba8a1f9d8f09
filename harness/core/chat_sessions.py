"""What the commands about chat sessions give: the health of each company's session, and what a clean-up deletes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from harness.core.health.documents import SessionsHealth
from harness.core.record import Record


class SessionsReport(Record):
    """`sessions health`: the session of one company, or of every company that has one.

    The JSON Schema is schemas/contracts/sessions.v1.json.
    """

    format: Literal["pgparity/sessions"] = "pgparity/sessions"
    version: Literal[1] = 1
    status: Literal["ok", "warning", "critical"] | None = Field(description="The worst of them; null: there is none")
    companies: tuple[SessionsHealth, ...] = Field(description="By company")


class KeysOfType(Record):
    """Keys of one type."""

    keys: int = Field(ge=0)
    expired: int = Field(ge=0, description="Of these, the ones whose time is over")


class SessionsCleanUp(Record):
    """`sessions cleanup`: expired keys that were deleted, or would be. Counts by key type.

    The JSON Schema is schemas/contracts/sessions-cleanup.v1.json.
    """

    format: Literal["pgparity/sessions-cleanup"] = "pgparity/sessions-cleanup"
    version: Literal[1] = 1
    dry_run: bool
    company_id: int | None = Field(default=None, description="null: of all companies")
    before: dict[str, KeysOfType]
    after: dict[str, KeysOfType] = Field(description="Counted again; of a dry run what would be left")
    deleted: dict[str, int]
    deleted_in_all: int = Field(ge=0)
    seconds: float = Field(ge=0)
