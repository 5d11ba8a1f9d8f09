"""`pgparity run`: all stages on two databases, a verdict, a report."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from harness.cli.app import app
from harness.cli.console import ProgressBars, nothing_else_on_stdout, say
from harness.cli.options import (
    Allow,
    Config,
    Formats,
    NoProgress,
    Outputs,
    Quiet,
    Source,
    Target,
    Verbose,
    Yes,
    hazards,
)
from harness.cli.outputs import deliver, paired
from harness.core.configuration import Configuration
from harness.core.document import RunDocument
from harness.core.record import Severity, Side
from harness.errors import ConfigurationError
from harness.project import Project, endpoint, load_project
from harness.stages.pipeline import RunRequest
from harness.stages.pipeline import run as run_stages
from harness.stages.run_folders import (
    RUNS,
    folder_of,
    folder_of_runs,
    has_index,
    with_history,
    write_index,
    write_run,
)


@app.command()
def run(
    source: Source = None,
    target: Target = None,
    config: Config = None,
    table: Annotated[
        list[str] | None, typer.Option("--table", metavar="SCHEMA.NAME", help="Only this table; repeatable.")
    ] = None,
    report_dir: Annotated[
        Path | None,
        typer.Option(
            "--report-dir", metavar="DIR", help="Where report.html and run.json go; reports/runs/TIME by default."
        ),
    ] = None,
    formats: Formats = None,
    output: Outputs = None,
    fail_on: Annotated[
        Severity | None, typer.Option("--fail-on", help="The least severity that makes the verdict NO-GO.")
    ] = None,
    allow_drift: Annotated[bool, typer.Option("--allow-drift", help="Drift is cosmetic instead of a risk.")] = False,
    max_connections: Annotated[
        int | None, typer.Option("--max-connections", min=1, max=64, help="Connections a side, at most.")
    ] = None,
    allow: Allow = None,
    yes: Yes = False,
    no_progress: NoProgress = False,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """Compare schema, statements, rows and methods of two databases, and say GO, NO-GO or INCOMPLETE.

    Rows are moved to the target only with --yes (or migrate.enabled = true, or a yes at the terminal). The source is
    never written. Exit codes: 0 GO; 1 NO-GO; 2 could not run; 3 INCOMPLETE.

    Example: pgparity run --source env:OLD_DB --target env:NEW_DB --yes
    """
    pairs = paired(formats or [], output or [])
    project = load_project(config)
    configuration = _with_flags(project.configuration, table, fail_on, allow_drift, max_connections)
    request = RunRequest(
        configuration=configuration,
        base=project.base,
        source=endpoint(project, Side.SOURCE, source),
        target=endpoint(project, Side.TARGET, target),
        consent=yes or configuration.migrate.enabled or _asked(configuration),
        allow=hazards(allow),
        title=configuration.run.title,
    )
    with nothing_else_on_stdout(), ProgressBars(enabled=not no_progress, quiet=quiet) as bars:
        document = run_stages(request, bars)
    folder = report_dir or _report_folder(project)
    document = with_history(document, folder)
    write_run(document, folder)
    listed = _refreshed_index(folder)
    deliver(document, pairs)
    if not quiet:
        say(f"report: {folder / 'report.html'}")
        say(f"again:  pgparity report {folder / 'run.json'}")
        if (before := _run_before(document, folder)) is not None:
            say(f"since:  pgparity report {folder / 'run.json'} --compare {before}")
        if listed:
            say(f"all:    {folder_of_runs(folder) / 'index.html'}")
    return document.verdict.exit_code


def _run_before(document: RunDocument, folder: Path) -> Path | None:
    """The document of the latest earlier run of the same databases, where it is still there."""
    href = document.history[-1].href if document.history else None
    return folder_of(href, folder) / "run.json" if href else None


def _refreshed_index(folder: Path) -> bool:
    """Whether the folder's neighbours have an index, which then has the new run too: where runs go by default, or where
    somebody has made one. Without it a run is as good: what stands in its way is said, and ends nothing.
    """
    place = folder_of_runs(folder)
    if place != RUNS and not has_index(place):
        return False
    try:
        write_index(place)
    except ConfigurationError as error:
        say(f"no index of all runs: {error.message}")
        return False
    return True


def _report_folder(project: Project) -> Path:
    if project.environment.report_dir is not None:
        return project.environment.report_dir
    return RUNS / datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")


def _asked(configuration: Configuration) -> bool:
    """Ask for consent where a person can answer."""
    if "migrate" in configuration.run.exclude_stages or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    return typer.confirm("Move rows to the target where its schema allows it?", default=False, err=True)


def _with_flags(
    configuration: Configuration,
    tables: list[str] | None,
    fail_on: Severity | None,
    allow_drift: bool,
    max_connections: int | None,
) -> Configuration:
    """Flags beat the file."""
    run_section = configuration.run.model_copy(
        update={
            key: value
            for key, value in (
                ("fail_on", fail_on),
                ("allow_drift", allow_drift or None),
                ("max_connections", max_connections),
            )
            if value is not None
        }
    )
    scope = configuration.scope.model_copy(update={"tables": tuple(tables)}) if tables else configuration.scope
    return configuration.model_copy(update={"run": run_section, "scope": scope})
