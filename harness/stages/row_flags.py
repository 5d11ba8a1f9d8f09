"""Flags of `pgparity data diff` over the configuration: a flag beats the file, key by key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from harness.core.configuration import Configuration, RowsSection, RunSection, TableRowsSection
from harness.core.names import qualified, split
from harness.core.record import Severity
from harness.errors import ConfigurationError

_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([kKMGT]?)(i?)B?\Z")
_POWERS: Final = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFlags:
    """What was given on the command line; None, or nothing: not given."""

    tables: tuple[str, ...] = ()
    schemas: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    """TABLE=REASON"""
    key: tuple[str, ...] = ()
    """TABLE=COLUMN,COLUMN"""
    where: tuple[str, ...] = ()
    """TABLE=CONDITION"""
    ignore: tuple[str, ...] = ()
    """TABLE.COLUMN=REASON"""
    stop_after: int | None = None
    limit: int | None = None
    sample: int | None = None
    max_read: str | None = None
    settle_seconds: float | None = None
    state: str | None = None
    show_values: bool | None = None
    max_connections: int | None = None
    allow_drift: bool | None = None
    fail_on: Severity | None = None


def configured(configuration: Configuration, flags: RowFlags, folder: Path) -> Configuration:
    """The configuration with the flags in it. `folder` is the one that the command was called in.

    ConfigurationError where a flag cannot be read.
    """
    rows: dict[str, Any] = {
        name: value
        for name in ("stop_after", "limit", "sample", "settle_seconds", "show_values")
        if (value := getattr(flags, name)) is not None
    }
    if flags.max_read is not None:
        rows["max_read"] = byte_count(flags.max_read)
    if flags.state is not None:
        rows["state"] = str((folder / flags.state).resolve())
    rows["tables"] = _tables(configuration.rows, flags)
    ignored = {qualified(*_parts(name, "--ignore", 3)): reason for name, reason in _pairs(flags.ignore, "--ignore")}
    rows["ignore_columns"] = configuration.rows.ignore_columns | ignored
    run = {
        name: value
        for name in ("max_connections", "allow_drift", "fail_on")
        if (value := getattr(flags, name)) is not None
    }
    # The stage is asked for by name: a file that leaves it out of whole runs does not mean this one.
    run["exclude_stages"] = {}
    try:
        return configuration.model_copy(
            update={
                "scope": configuration.scope.model_copy(update=_scope(configuration, flags)),
                "rows": RowsSection.model_validate(configuration.rows.model_dump() | rows),
                "run": RunSection.model_validate(configuration.run.model_dump() | run),
            }
        )
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(f"rows.{place}: {first['msg']}", hint="See docs/configuration.md.") from None


def byte_count(text: str, option: str = "--max-read") -> int:
    """500MB, 2GiB or 4096 as bytes; kB, MB, GB and TB in powers of 1,000. ConfigurationError where it is no size."""
    match = _SIZE.match(text.strip())
    number = float(match[1]) * (1024 if match[3] else 1000) ** _POWERS[match[2].lower()] if match else 0
    if number < 1:
        raise ConfigurationError(f"{option} {text} is no size", hint="Write bytes with a unit, as 500MB or 20GB.")
    return int(number)


def _scope(configuration: Configuration, flags: RowFlags) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    schemas = flags.schemas or configuration.scope.schemas
    if flags.tables:
        # A table that is named is in scope, whatever the schemas are.
        named = [identity_parts[0] for identity_parts in (_parts(name, "--table", 2) for name in flags.tables)]
        schemas = tuple(dict.fromkeys((*schemas, *named)))
        changed["tables"] = tuple(dict.fromkeys(flags.tables))
    elif flags.schemas:
        changed["tables"] = ()
    excluded = {_identity(name, "--exclude"): reason for name, reason in _pairs(flags.exclude, "--exclude")}
    return changed | {"schemas": schemas, "exclude": configuration.scope.exclude | excluded}


def _tables(section: RowsSection, flags: RowFlags) -> dict[str, TableRowsSection]:
    tables = dict(section.tables)

    def change(name: str, what: str, **changed: Any) -> None:
        identity = _identity(name, what)
        tables[identity] = tables.get(identity, TableRowsSection()).model_copy(update=changed)

    for name, columns in _pairs(flags.key, "--key"):
        change(name, "--key", key=tuple(each.strip() for each in columns.split(",")))
    for name, condition in _pairs(flags.where, "--where"):
        change(name, "--where", where=condition)
    return tables


def _pairs(values: Iterable[str], flag: str) -> Iterable[tuple[str, str]]:
    for value in values:
        name, separator, rest = value.partition("=")
        if not separator or not name.strip() or not rest.strip():
            meant = {"--key": "TABLE=COLUMN,COLUMN", "--where": "TABLE=CONDITION", "--exclude": "TABLE=REASON"}
            raise ConfigurationError(
                f"{flag} {name.strip() or value} says nothing after its name",
                hint=f"Write {flag} '{meant.get(flag, 'TABLE.COLUMN=REASON')}'.",
            )
        yield name.strip(), rest.strip()


def _identity(name: str, flag: str) -> str:
    return qualified(*_parts(name, flag, 2))


def _parts(name: str, flag: str, wanted: int) -> Sequence[str]:
    """The parts of a name whose schema may be left out."""
    try:
        parts = split(name)
    except ValueError:
        parts = ()
    if len(parts) == wanted - 1:
        parts = ("public", *parts)
    if len(parts) != wanted:
        what = "schema.table" if wanted == 2 else "schema.table.column"
        raise ConfigurationError(f"{flag} {name} is not a name", hint=f"Write {what}.")
    return parts
