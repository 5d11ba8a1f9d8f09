"""What a watch is told by flags and the configuration: its channels, its intervals, its files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from harness.core.configuration import Configuration
from harness.core.watch.durations import seconds_of
from harness.core.watch.history import Kind
from harness.core.watch_section import NEVER, WatchSection
from harness.errors import ConfigurationError
from harness.postgres.received import COUNTED
from harness.service.watch.channels import Channel
from harness.service.watch.sentry import Sentry
from harness.service.watch.webhook import Webhook


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchFlags:
    """What was given on the command line; None: not given."""

    counts_every: str | None = None
    digest_every: str | None = None
    schema_every: str | None = None
    limit: int | None = None
    webhook: str | None = None
    webhook_token: str | None = None
    sentry: str | None = None
    budget_bytes: int | None = None


_OPTIONS = {
    "counts_every": "--every",
    "digest_every": "--digest-every",
    "schema_every": "--schema-every",
    "limit": "--limit",
}


def configured(configuration: Configuration, flags: WatchFlags) -> Configuration:
    """The configuration with the flags in it. ConfigurationError: a flag cannot be read, or two settings do not fit."""
    given: dict[str, Any] = {
        name: value for name in WatchFlags.__dataclass_fields__ if (value := getattr(flags, name)) is not None
    }
    try:
        watch = WatchSection.model_validate(configuration.watch.model_dump() | given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = str(first["loc"][0])
        message = first["msg"].removeprefix("Value error, ")
        raise ConfigurationError(
            f"{_OPTIONS.get(name, f'watch.{name}')}: {message}", hint="See `pgparity watch --help`."
        ) from None
    if watch.budget_bytes is not None and not COUNTED:
        raise ConfigurationError(
            "bytes that are received are counted on Linux alone, so no budget can be kept here",
            hint="Take out watch.budget_bytes, or watch from a Linux machine.",
        )
    if watch.budget_bytes is not None and watch.retention_days < watch.budget_days:
        raise ConfigurationError(
            f"watch.retention_days ({watch.retention_days:g}) is less than watch.budget_days ({watch.budget_days:g})",
            hint="What was received is known from the history: keep it for as many days as the budget is for.",
        )
    return configuration.model_copy(update={"watch": watch})


def intervals(watch: WatchSection) -> dict[Kind, float]:
    """Seconds between two looks of each kind that is looked at at all."""
    chosen: dict[Kind, str] = {
        "counts": watch.counts_every,
        "digests": watch.digest_every,
        "schema": watch.schema_every,
    }
    return {kind: seconds_of(text) for kind, text in chosen.items() if text != NEVER}


def channels(watch: WatchSection, environment: Mapping[str, str] = os.environ) -> tuple[Channel, ...]:
    """Who is told beside the log. ConfigurationError: an address, a token or a DSN is missing or none."""
    found: list[Channel] = []
    if watch.webhook is not None:
        found.append(
            Webhook(
                address=_named(watch.webhook, "the webhook's address", environment),
                token=None
                if watch.webhook_token is None
                else _secret(watch.webhook_token, "the webhook's token", environment),
                seconds=watch.webhook_seconds,
                attempts=watch.webhook_attempts,
            )
        )
    if watch.sentry is not None:
        found.append(Sentry(_secret(watch.sentry, "the Sentry DSN", environment)))
    return tuple(found)


def _secret(text: str, what: str, environment: Mapping[str, str]) -> str:
    """What is never written into a file or a command line."""
    if not text.startswith("env:"):
        raise ConfigurationError(f"{what} is not named as env:NAME", hint="Write env:NAME: it is never written down.")
    return _named(text, what, environment)


def _named(text: str, what: str, environment: Mapping[str, str]) -> str:
    if not text.startswith("env:"):
        return text
    name = text.removeprefix("env:")
    found = environment.get(name, "").strip()
    if not found:
        raise ConfigurationError(
            f"the environment variable {name} of {what} is not set", hint=f"Export {name} and run again."
        )
    return found


def history_file(watch: WatchSection, base: Path, flag: Path | None) -> Path:
    """The file of the history: a flag's from the current folder, the configuration's from its own."""
    return flag if flag is not None else base / watch.history
