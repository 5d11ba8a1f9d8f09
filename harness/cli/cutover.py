"""`pgparity cutover`: the day itself, in steps with a check before and after each; and the way back from each."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from harness.cli.app import app
from harness.cli.console import ProgressBars, nothing_else_on_stdout, put, put_text, report_error, say, stderr
from harness.cli.cutover_places import ensure_writable
from harness.cli.cutover_rehearse import rehearse
from harness.cli.options import Config, NoProgress, Quiet, Source, Target, Verbose
from harness.core.cutover.record import CutoverRecord
from harness.core.record import Side
from harness.errors import ConfigurationError, PgparityError
from harness.project import Project, endpoint, load_project
from harness.render.cutover_text import print_cutover
from harness.render.secrets import blotted
from harness.stages.cutover.document import cutover_document
from harness.stages.cutover.engine import cut_over, never
from harness.stages.cutover.request import CutoverRequest, Decide
from harness.stages.cutover.rollback import roll_back, status
from harness.stages.learned import RunRequest
from harness.stages.run_folders import RUNS, write_run


class CutoverAction(StrEnum):
    """What to do."""

    GO = "go"
    ROLLBACK = "rollback"
    STATUS = "status"


class CutoverFormat(StrEnum):
    """Formats of a cutover."""

    TEXT = "text"
    JSON = "json"


@app.command()
def cutover(
    action: Annotated[
        CutoverAction,
        typer.Argument(metavar="[rollback|status]", help="Go back, or say where it stands; without it: cut over."),
    ] = CutoverAction.GO,
    source: Source = None,
    target: Target = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Carry it out: fence both sides, write the target, switch, open.")
    ] = False,
    run: Annotated[
        Path | None, typer.Option("--run", metavar="RUN.json", help="The run whose verdict has to be GO.")
    ] = None,
    state: Annotated[
        Path | None,
        typer.Option("--state", metavar="FILE", help="Journal; reports/cutover/cutover.jsonl by default."),
    ] = None,
    report_dir: Annotated[
        Path | None, typer.Option("--report-dir", metavar="DIR", help="Write report.html and run.json there.")
    ] = None,
    chosen: Annotated[
        CutoverFormat, typer.Option("--format", help="text to read, json for programs.")
    ] = CutoverFormat.TEXT,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Write there instead of stdout.")
    ] = None,
    rehearsal: Annotated[
        bool,
        typer.Option(
            "--rehearse", help="There and back on local servers under load; with --source and --target, copies of them."
        ),
    ] = False,
    writes_per_second: Annotated[
        float | None,
        typer.Option("--writes-per-second", min=1, max=1000, help="Of the load of --rehearse. Default: 50."),
    ] = None,
    config: Config = None,
    no_progress: NoProgress = False,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """Cut over: fence the source, move what is left, compare, switch the application, open the target.

    Without --yes the steps are printed with the live results of preflight, and nothing is written. Any check that does
    not hold before the target is open takes everything back, the source's rights with it. After an interruption the
    same command goes on. `cutover rollback` goes back from any step, after the opening with the rows that the target
    was given since; `cutover status` only reads. Roles, hooks and limits stand in [cutover] of pgparity.toml.
    Exit codes: 0 the target is open (rollback: everything is back; without --yes: all checks hold); 1 a check failed
    and everything is as it was; 2 could not run; 3 incomplete: the last line says which command goes on or back, or
    what was not checked or not written.

    Example: pgparity cutover --source env:OLD_DB --target env:NEW_DB

    Example: pgparity cutover --source env:OLD_DB --target env:NEW_DB --yes --report-dir reports/cutover/report

    Example: pgparity cutover rollback --source env:OLD_DB --target env:NEW_DB --yes

    Example: pgparity cutover --rehearse
    """
    project = load_project(config)
    ensure_writable(report_dir, output)
    if rehearsal:
        if action is not CutoverAction.GO or yes or run is not None or state is not None:
            raise ConfigurationError(
                "--rehearse is given with rollback, status, --yes, --run or --state",
                hint="A rehearsal goes there and back by itself, on servers of its own.",
            )
        return rehearse(
            project,
            source=source,
            target=target,
            writes_per_second=writes_per_second,
            as_json=chosen is CutoverFormat.JSON,
            output=output,
            report_dir=report_dir,
            no_progress=no_progress,
            quiet=quiet,
        )
    if writes_per_second is not None:
        raise ConfigurationError("--writes-per-second is of --rehearse", hint="Add --rehearse, or leave it out.")
    request = _request(project, source, target, run, state, consent=yes)
    if report_dir is not None and report_dir.resolve() == request.state.parent.resolve():
        raise ConfigurationError("--report-dir is the journal's own folder", hint="Give another one.")
    started = datetime.now(UTC)
    with nothing_else_on_stdout(), ProgressBars(enabled=not no_progress, quiet=quiet) as bars:
        if action is CutoverAction.STATUS:
            record = status(request)
        elif action is CutoverAction.ROLLBACK:
            record = roll_back(request, _decision("Go back?", bars, yes=yes), bars)
        else:
            record = cut_over(request, _decision("Cut over?", bars, yes=yes), bars)
    told = _told(record, chosen, output)
    if report_dir is not None:
        told = _reported(request, record, started, report_dir, quiet=quiet) and told
    return _code(action, record) or (0 if told else 3)


def _told(record: CutoverRecord, chosen: CutoverFormat, output: Path | None) -> bool:
    """Print what happened; where the file cannot take it, to stdout: the databases have changed all the same."""

    def tell(place: Path | None) -> None:
        if chosen is CutoverFormat.JSON:
            put(blotted(record.to_json(indent=2)), place)
        else:
            put_text(lambda console, _: print_cutover(record, console), place)

    try:
        tell(output)
    except PgparityError as error:
        report_error(error)
        tell(None)
        return False
    return True


def _reported(request: CutoverRequest, record: CutoverRecord, started: datetime, folder: Path, *, quiet: bool) -> bool:
    """Write the report; whether it is there. Why not is told beside what the cutover came to, not instead of it."""
    try:
        write_run(cutover_document(request, record, started), folder)
    except PgparityError as error:
        report_error(error)
        return False
    except Exception as error:  # noqa: BLE001 - a defect of a page must not read as if the cutover could not run
        say(f"the report was not written: unexpected {type(error).__name__}")
        return False
    if not quiet:
        say(f"report: {folder / 'report.html'}")
    return True


def _code(action: CutoverAction, record: CutoverRecord) -> int:
    if action is CutoverAction.STATUS:
        return 3 if record.state == "incomplete" else 0
    if action is CutoverAction.ROLLBACK and record.state in ("stopped", "rolled back"):
        return 0
    return record.exit_code


def _decision(question: str, bars: ProgressBars, *, yes: bool) -> Decide:
    """Who decides: --yes, a person at a terminal, or nobody."""
    if yes:
        return lambda _: True
    if not (sys.stdin.isatty() and stderr().is_terminal):
        return never

    def asked(plan: CutoverRecord) -> bool:
        bars.__exit__()
        print_cutover(plan, stderr())
        answer = typer.confirm(question, default=False, err=True)
        bars.__enter__()
        return answer

    return asked


def _request(
    project: Project, source: str | None, target: str | None, run: Path | None, state: Path | None, *, consent: bool
) -> CutoverRequest:
    """Flags beat the file."""
    configuration = project.configuration
    section = configuration.cutover
    if run is not None:
        section = section.model_copy(update={"run": str(run.resolve())})
    # The stages are asked for by name: a file that leaves them out of whole runs does not mean this one.
    stages = configuration.run.model_copy(update={"exclude_stages": {}})
    configuration = configuration.model_copy(update={"cutover": section, "run": stages})
    return CutoverRequest(
        run=RunRequest(
            configuration=configuration,
            base=project.base,
            source=endpoint(project, Side.SOURCE, source),
            target=endpoint(project, Side.TARGET, target),
            consent=consent,
            title="Cutover",
        ),
        state=state.resolve() if state is not None else (project.base / section.state).resolve(),
        runs=project.base / (project.environment.report_dir.parent if project.environment.report_dir else RUNS),
    )
