"""`pgparity data diff` where a side is not a database: a recorded side in a file, or a source that is REST alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.cli.console import put
from harness.core.configuration import Configuration
from harness.core.digest import DigestRequest
from harness.core.document import RunDocument
from harness.core.record import Side
from harness.errors import ConfigurationError
from harness.project import Project, endpoint, location
from harness.stages.events import Events
from harness.stages.recorded_alone import compare_recorded
from harness.stages.recorded_side import RecordedSide, recorded_side
from harness.stages.rest_alone import compare_rest, key_named
from harness.stages.rest_source import RestSource


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherSides:
    """What was given beside --source and --target."""

    source_rest_url: str | None = None
    source_api_key: str | None = None
    source_rows: Path | None = None
    target_rows: Path | None = None
    ask: Path | None = None


def compare_elsewhere(
    project: Project,
    configuration: Configuration,
    sides: tuple[str | None, str | None],
    given: OtherSides,
    events: Events,
) -> RunDocument | None:
    """The comparison with a side that is a file, or REST alone; None where both are databases."""
    if given.source_rest_url is not None:
        _ensure_applies(configuration)
        return _by_rest(project, configuration, sides, given, events)
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
    document, requests = compare_recorded(
        source or endpoint(project, Side.SOURCE, sides[0]),
        target or endpoint(project, Side.TARGET, sides[1]),
        configuration,
        events,
    )
    if given.ask is not None:
        _write(requests, given.ask)
    return document


def _ensure_applies(configuration: Configuration) -> None:
    """Refuse what would be without effect."""
    rows = configuration.rows
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
    key = key_named(given.source_api_key)
    target = endpoint(project, Side.TARGET, sides[1])
    rest = RestSource(given.source_rest_url or "", key)
    try:
        return compare_rest(rest, target, configuration, events)
    finally:
        rest.close()


def _recorded(project: Project, side: Side, flag: str | None, rows: Path | None) -> RecordedSide | None:
    value, base = location(project, side, flag)
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
