"""`pgparity data digest`: one side is recorded where it is reachable, to be compared elsewhere."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, TextIO

import typer

from harness.cli.console import ProgressBars, say
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
    with_answers: Annotated[
        bool,
        typer.Option("--with-answers", help="With what the configured checks answer: the file holds these values."),
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
        for flag, given in (("--as-text", as_text), ("--with-answers", with_answers), ("--table", bool(tables))):
            if given:
                raise ConfigurationError(
                    f"{flag} has no effect with --for", hint="The request says what is asked for, and how it is hashed."
                )
        _answer(side, request, configuration, output, with_values=with_values, quiet=quiet)
        return 0
    if with_values:
        raise ConfigurationError("--with-values is given without --for", hint="A digest never holds values.")
    with ProgressBars(enabled=not no_progress, quiet=quiet) as bars:
        bars.stage_started("digest")
        document = record_side(side, configuration, bars, as_text=as_text, with_answers=with_answers)
    with private(output) as written:
        written.write(document.to_json(indent=None))
    if not quiet:
        rows = sum(table.rows for table in document.tables)
        answered = [each.name for each in document.answers if each.rows is not None]
        values = f"the VALUES that {', '.join(answered)} answered, no other" if answered else "no value"
        say(f"{output.name}: {rows:,} rows of {len(document.tables)} tables of the {side.side} recorded, {values}")
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
    with private(output) as written:
        for line in answer_request(side, wanted, configuration, with_values=with_values):
            written.write(f"{line}\n")
    if not quiet:
        told = "with their VALUES: it holds personal data" if with_values else "keys and hashes, no other value"
        say(f"{output.name}: rows of {len(wanted.tables)} tables, {told}")


@contextlib.contextmanager
def private(output: Path) -> Iterator[TextIO]:
    """A file that only its owner can read, under its name once it is whole: keys, hashes and values are in it."""
    part = output.with_name(f".{output.name}.{os.getpid()}.part")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        # O_EXCL: a name that somebody else has taken before is not written through.
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with open(descriptor, "w", encoding="utf-8") as written:
                yield written
            part.replace(output)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"{output.name} cannot be written: {error.strerror}", hint="Give --output another file."
        ) from None
