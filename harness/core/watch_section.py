"""[watch] of pgparity.toml: what is looked at on a schedule, how often, and who is told."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import AfterValidator, Field

from harness.core.section import Section
from harness.core.watch.durations import seconds_of

NEVER: Final = "never"


def _duration(text: str) -> str:
    seconds_of(text)
    return text


def _duration_or_never(text: str) -> str:
    return NEVER if text.strip().lower() == NEVER else _duration(text)


Duration = Annotated[str, AfterValidator(_duration)]
DurationOrNever = Annotated[str, AfterValidator(_duration_or_never)]


class WatchedTableSection(Section):
    """How one table is watched: [watch.tables.\"schema.table\"], by its identity on the source."""

    limit: int = Field(ge=1, description="Differing rows from which on it is an alert")


class WatchSection(Section):
    """What is looked at on a schedule, how often, and who is told."""

    counts_every: Duration = Field(default="1h", description="Rows of every table in scope are counted: 90s, 15m, 1h")
    digest_every: DurationOrNever = Field(
        default="24h", description="Hashes of all their rows are compared, values and all; or never"
    )
    schema_every: DurationOrNever = Field(
        default="1h",
        description="The target's schema is compared with the source's, the source's with its own beginning; or never",
    )
    limit: int = Field(default=1, ge=1, description="Differing rows of a table from which on it is an alert")
    tables: dict[str, WatchedTableSection] = Field(
        default_factory=dict, description="By identity of the source's table, where its limit is another"
    )
    time_limit: Duration = Field(
        default="1h", description="A look that takes longer is given up: a server that never answers is an alert"
    )
    settle_seconds: float = Field(
        default=5, ge=0, description="Counts that differ are taken again after so many seconds before they count"
    )
    remind_hours: float = Field(default=24, gt=0, description="An alert that lasts is told again after so many hours")
    history: str = Field(
        default="reports/watch/watch.jsonl", description="File that every look is written to; the watch goes on from it"
    )
    retention_days: float = Field(
        default=90, gt=0, description="Days that looks are kept in the history; at least budget_days"
    )
    budget_bytes: int | None = Field(
        default=None,
        ge=1,
        description="Bytes that may be received from each side in budget_days; not set: any number",
    )
    budget_days: float = Field(default=30, gt=0, description="Days that the budget is for")
    webhook: str | None = Field(
        default=None, description="Address that alerts are posted to as JSON: https://… or env:NAME"
    )
    webhook_token: str | None = Field(
        default=None, description="env:NAME of a token, which is sent as Authorization: Bearer"
    )
    webhook_seconds: float = Field(default=10, gt=0, le=300, description="Time limit of one attempt")
    webhook_attempts: int = Field(default=3, ge=1, le=10, description="Attempts, each after a longer pause")
    sentry: str | None = Field(default=None, description="env:NAME of a Sentry DSN that alerts are sent to")
    metrics: str | None = Field(
        default=None, description="File for Prometheus' textfile collector, written anew with every look: NAME.prom"
    )
