"""`pgparity data diff` where a side is not a database: a recorded side in a file, or a source that is REST alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.cli.console import put
from harness.core.configuration import Configuration
from harness.core.document import RunDocument
from harness.core.record import Side
from harness.errors import ConfigurationError
from harness.project import Project, endpoint, location
from harness.stages.events import Events

if TYPE_CHECKING:  # What reads files is loaded where a side may be one.
    from harness.core.digest import DigestRequest
    from harness.stages.recorded_side import RecordedSide


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherSides:
    """What was given beside --source and --target."""

    source_rest_url: str | None = None
    source_api_key: str | None = None
    source_rows: Path | None = None
    target_rows: Path | None = None
    ask: Path | None = None
    read_twice: bool = False
    max_connections: int | None = None
    """By its flag, not by the configuration; so is settle_seconds"""
    settle_seconds: float | None = None
    asked: bool = False
    """Tables were named on the command line: that the others are not compared is a decision"""


def compare_elsewhere(
    project: Project,
    configuration: Configuration,
    sides: tuple[str | None, str | None],
    given: OtherSides,
    events: Events,
) -> RunDocument | None:
    """The comparison with a side that is a file, or REST alone; None where both are databases."""
    if given.source_rest_url is not None:
        _ensure_applies(configuration, rest=True)
        _refuse("--max-connections", given.max_connections, "where the source is REST: one session reads the target")
        return _by_rest(project, configuration, sides, given, events)
    if given.read_twice:
        raise ConfigurationError(
            "--read-twice is given without --source-rest-url",
            hint="A database is read in one snapshot: once is enough.",
        )
    if given.source_api_key is not None:
        raise ConfigurationError("--source-api-key is given without --source-rest-url", hint="Name the URL too.")
    source = _recorded(project, Side.SOURCE, sides[0], given.source_rows)
    target = _recorded(project, Side.TARGET, sides[1], given.target_rows)
    if source is None and target is None:
        if given.ask is not None:
            raise ConfigurationError(
                "--ask is given, and neither side is recorded", hint="It asks a recorded side for rows."
            )
        return None
    _ensure_applies(configuration)
    _refuse("--settle-seconds", given.settle_seconds, "where a side is a file: its rows cannot be read again")
    if source is not None and target is not None:
        _refuse("--max-connections", given.max_connections, "where both sides are files: no database is read")
    from harness.stages.recorded_alone import compare_recorded

    document, requests = compare_recorded(
        source or endpoint(project, Side.SOURCE, sides[0]),
        target or endpoint(project, Side.TARGET, sides[1]),
        configuration,
        events,
        asked=given.asked,
    )
    if given.ask is not None:
        _write(requests, given.ask)
    return document


def _refuse(flag: str, value: float | None, why: str) -> None:
    if value is not None:
        raise ConfigurationError(f"{flag} has no effect {why}", hint="Take it out, or compare two databases.")


def _ensure_applies(configuration: Configuration, *, rest: bool = False) -> None:
    """Refuse what would be without effect."""
    rows = configuration.rows
    for key, limit in (("rows.max_latency", rows.max_latency), ("rows.max_active", rows.max_active)):
        if rest and limit is not None:
            raise ConfigurationError(
                f"{key} has no effect where the source is REST", hint="Take it out, or compare two databases."
            )
    for flag, value in (
        ("--limit", rows.stop_after),
        ("--sample", rows.sample),
        ("--max-read", rows.max_read),
        ("--state", rows.state),
        ("--show-values", rows.show_values),
    ):
        if value:
            raise ConfigurationError(
                f"{flag} has no effect where a side is a file or REST", hint="Take it out, or compare two databases."
            )


def _by_rest(
    project: Project,
    configuration: Configuration,
    sides: tuple[str | None, str | None],
    given: OtherSides,
    events: Events,
) -> RunDocument:
    for name, value in (("--source", sides[0]), ("--source-rows", given.source_rows), ("--ask", given.ask)):
        if value is not None:
            raise ConfigurationError(
                f"{name} and --source-rest-url are given", hint="The source is a database, a file or REST: give one."
            )
    if given.target_rows is not None or _recorded(project, Side.TARGET, sides[1], None) is not None:
        raise ConfigurationError(
            "the source is REST and the target a recorded side", hint="Compare REST with a target that is a database."
        )
    # The HTTP client takes longer to load than small tables take to be compared.
    from harness.stages.project_address import project_key
    from harness.stages.rest_alone import compare_rest
    from harness.stages.rest_source import RestSource

    key = project_key(given.source_api_key, "--source-api-key")
    target = endpoint(project, Side.TARGET, sides[1])
    rest = RestSource(given.source_rest_url or "", key)
    try:
        return compare_rest(rest, target, configuration, events, twice=given.read_twice, asked=given.asked)
    finally:
        rest.close()


def _recorded(project: Project, side: Side, flag: str | None, rows: Path | None) -> RecordedSide | None:
    value, base = location(project, side, flag)
    if rows is None and not value.endswith(".json"):
        return None
    from harness.stages.recorded_side import recorded_side

    found = recorded_side(value, side, base=base, rows=rows)
    if found is None and rows is not None:
        raise ConfigurationError(
            f"--{side}-rows is given, and the {side} is not a recorded side",
            hint=f"Give --{side} FILE.digest.json beside it.",
        )
    return found


def _write(requests: tuple[DigestRequest, ...], file: Path) -> None:
    """One request into the file; of two recorded sides each into its own, named after the side."""
    for request in requests:
        name = file if len(requests) == 1 else file.with_name(f"{file.stem}.{request.side}{file.suffix}")
        put(request.to_json(), name)
