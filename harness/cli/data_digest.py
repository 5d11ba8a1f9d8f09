"""`pgparity data digest`: one side is recorded where it is reachable, to be compared elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.console import ProgressBars, put, say
from harness.cli.data import data
from harness.cli.options import Config, NoProgress, Quiet, Source, Target, Verbose
from harness.core.configuration import Configuration
from harness.core.digest import read_request
from harness.core.record import Side
from harness.errors import ConfigurationError, DocumentError
from harness.postgres.connect import Endpoint
from harness.project import Project, endpoint, load_project
from harness.stages.digest import answer_request, record_side


@data.command("digest")
def digest(
    source: Source = None,
    target: Target = None,
    tables: Annotated[
        list[str] | None, typer.Option("--table", metavar="SCHEMA.NAME", help="Only this table; repeatable.")
    ] = None,
    request: Annotated[
        Path | None,
        typer.Option("--for", metavar="FILE", help="Give the rows that `data diff --ask FILE` asks for."),
    ] = None,
    with_values: Annotated[
        bool,
        typer.Option("--with-values", help="With --for: the rows' values too. Personal data leaves the server then."),
    ] = False,
    as_text: Annotated[
        bool,
        typer.Option("--as-text", help="Hash texts by sha256: slower, the same on every server and of like types."),
    ] = False,
    config: Config = None,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="File to write, as old.digest.json.")
    ] = None,
    no_progress: NoProgress = False,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """Record one side: counts and sums of row hashes, never a value. Compare: data diff --source FILE --target DSN.

    Example: pgparity data digest --source env:OLD_DB --output old.digest.json
    """
    project = load_project(config)
    side = _side(project, source, target)
    configuration = _chosen(project.configuration, tables or [])
    if output is None:
        raise ConfigurationError("no file to write is given", hint="Use --output FILE.digest.json.")
    if request is not None:
        _answer(side, request, configuration, output, with_values=with_values, quiet=quiet)
        return 0
    if with_values:
        raise ConfigurationError("--with-values is given without --for", hint="A digest never holds values.")
    with ProgressBars(enabled=not no_progress, quiet=quiet) as bars:
        bars.stage_started("digest")
        document = record_side(side, configuration, bars, as_text=as_text)
    put(document.to_json(indent=None), output)
    if not quiet:
        rows = sum(table.rows for table in document.tables)
        say(f"{output.name}: {rows:,} rows of {len(document.tables)} tables of the {side.side} recorded, no value")
    return 0


def _side(project: Project, source: str | None, target: str | None) -> Endpoint:
    if (source is None) == (target is None):
        raise ConfigurationError(
            "one side is recorded at a time", hint="Give --source DSN or --target DSN: the side it will stand for."
        )
    return endpoint(project, Side.TARGET if source is None else Side.SOURCE, target if source is None else source)


def _chosen(configuration: Configuration, tables: list[str]) -> Configuration:
    if not tables:
        return configuration
    scope = configuration.scope.model_copy(update={"tables": tuple(tables)})
    return configuration.model_copy(update={"scope": scope})


def _answer(
    side: Endpoint, file: Path, configuration: Configuration, output: Path, *, with_values: bool, quiet: bool
) -> None:
    try:
        text = file.read_bytes()
    except OSError as error:
        raise DocumentError(
            f"{file.name} cannot be read: {error.strerror}", hint="Give a file that `data diff --ask` wrote."
        ) from None
    wanted = read_request(text, file.name)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with output.open("w", encoding="utf-8") as written:
            for line in answer_request(side, wanted, configuration, with_values=with_values):
                written.write(f"{line}\n")
    except OSError as error:
        raise ConfigurationError(
            f"{output.name} cannot be written: {error.strerror}", hint="Give --output another file."
        ) from None
    if not quiet:
        told = "with their VALUES: it holds personal data" if with_values else "keys and hashes, no other value"
        say(f"{output.name}: rows of {len(wanted.tables)} tables, {told}")
