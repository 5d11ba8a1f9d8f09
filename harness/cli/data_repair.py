"""`pgparity data repair`: makes the target's rows equal to the source's."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import IO, Annotated

import typer

from harness.cli.console import ProgressBars, nothing_else_on_stdout, put, put_text, say, stderr
from harness.cli.data import data
from harness.cli.options import Config, NoProgress, Quiet, Source, Target, Verbose, Yes, hazards
from harness.core.configuration import Configuration
from harness.core.record import Side
from harness.core.repair import Repair
from harness.errors import ConfigurationError
from harness.project import endpoint, load_project
from harness.render.repair_text import print_repair
from harness.stages.learned import RunRequest
from harness.stages.repair import repair_rows


class RepairFormat(StrEnum):
    """Formats of a repair."""

    TEXT = "text"
    JSON = "json"
    SQL = "sql"


@data.command("repair")
def repair(
    source: Source = None,
    target: Target = None,
    config: Config = None,
    table: Annotated[
        list[str] | None, typer.Option("--table", metavar="SCHEMA.NAME", help="Only this table; repeatable.")
    ] = None,
    allow: Annotated[
        list[str] | None,
        typer.Option("--allow", metavar="HAZARD", help="data-loss: delete rows that exist on the target only."),
    ] = None,
    allow_drift: Annotated[
        bool, typer.Option("--allow-drift", help="Leave values that are equal and not alike.")
    ] = False,
    yes: Yes = False,
    chosen: Annotated[
        RepairFormat,
        typer.Option("--format", help="text to read, json for programs, sql: the script, with the values of rows."),
    ] = RepairFormat.TEXT,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE.sql", help="Write the whole script there, with the values of rows."),
    ] = None,
    no_progress: NoProgress = False,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """Make the target's rows equal to the source's; without --yes only show what would be written.

    Rows that are missing are inserted, cells that differ are updated, rows that exist on the target only are left
    unless --allow data-loss. A row that has changed since it was compared is left alone and told. The source is never
    written; sequences are not moved.

    Example: pgparity data repair --source env:OLD_DB --target env:NEW_DB --output repair.sql

    Example: pgparity data repair --source env:OLD_DB --target env:NEW_DB --allow data-loss --yes
    """
    project = load_project(config)
    request = RunRequest(
        configuration=_with_flags(project.configuration, table, allow_drift=allow_drift),
        base=project.base,
        source=endpoint(project, Side.SOURCE, source),
        target=endpoint(project, Side.TARGET, target),
        allow=hazards(allow),
    )
    bars = ProgressBars(enabled=not no_progress, quiet=quiet)

    def decide(found: Repair) -> bool:
        if yes or not (sys.stdin.isatty() and stderr().is_terminal):
            return yes
        bars.__exit__()
        print_repair(found, stderr())
        answer = typer.confirm("Write these rows to the target?", default=False, err=True)
        bars.__enter__()
        return answer

    if chosen is RepairFormat.SQL:
        if output is not None:
            raise ConfigurationError("--format sql and --output both give the script", hint="Keep one of them.")
        try:
            with bars:
                found = repair_rows(request, decide, bars, output=sys.stdout)
        except BrokenPipeError:
            # The reader has seen enough (| head); Python would complain once more while it exits.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        say(f"{found.written:,} rows written" if found.applied else "nothing was written")
        return found.exit_code
    with _script(output) as file, nothing_else_on_stdout(), bars:
        found = repair_rows(request, decide, bars, output=file)
    if chosen is RepairFormat.JSON:
        put(found.to_json(indent=2), None)
    else:
        put_text(lambda console, _wrapped: print_repair(found, console), None)
    if output is not None and not quiet:
        say(f"script: {output}, which holds the values of rows")
    if found.wanted and not found.applied and not quiet:
        say("again with --yes to write them")
    return found.exit_code


@contextlib.contextmanager
def _script(output: Path | None) -> Iterator[IO[str] | None]:
    """The file of the script, which its owner alone may read."""
    if output is None:
        yield None
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        file = os.fdopen(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            f"{output.name} cannot be written: {error.strerror}", hint="Give --output another file."
        ) from None
    with file:
        yield file


def _with_flags(configuration: Configuration, tables: list[str] | None, *, allow_drift: bool) -> Configuration:
    """Flags beat the file."""
    update: dict[str, object] = {}
    if tables:
        update["scope"] = configuration.scope.model_copy(update={"tables": tuple(tables)})
    if allow_drift:
        update["run"] = configuration.run.model_copy(update={"allow_drift": True})
    return configuration.model_copy(update=update)
