"""`pgparity data`: the commands about rows: diff here, the others in modules of their own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.app import app
from harness.cli.console import ProgressBars, nothing_else_on_stdout, put, put_text
from harness.cli.data_sides import OtherSides, compare_elsewhere
from harness.cli.options import Config, Formats, NoProgress, Outputs, Quiet, Source, Target, Verbose
from harness.cli.outputs import Format, paired
from harness.core.document import RunDocument
from harness.core.record import Severity, Side
from harness.project import endpoint, load_project
from harness.render.formats import FORMATS
from harness.render.rows_json import render_rows_json
from harness.render.secrets import blotted_document
from harness.stages.learned import RunRequest
from harness.stages.row_flags import RowFlags, configured
from harness.stages.rows_alone import compare_rows_alone

if TYPE_CHECKING:
    from rich.console import Console

data = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Compare the rows of two databases, and repair.")
app.add_typer(data, name="data")


@data.command()
def diff(
    source: Source = None,
    target: Target = None,
    table: Annotated[
        list[str] | None,
        typer.Option("--table", metavar="SCHEMA.NAME", help="Only this table or view; repeatable. Default: all."),
    ] = None,
    schema: Annotated[
        list[str] | None,
        typer.Option("--schema", metavar="NAME", help="All tables of this schema; repeatable. Default: public."),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option("--exclude", metavar="TABLE=REASON", help="Leave a table out, and say why; repeatable."),
    ] = None,
    key: Annotated[
        list[str] | None,
        typer.Option("--key", metavar="TABLE=COLUMNS", help="Match its rows by these: a view has no key of its own."),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option("--where", metavar="TABLE=SQL", help="Compare only its rows that meet a condition."),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option("--ignore", metavar="TABLE.COLUMN=REASON", help="Leave a column out, and say why; repeatable."),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option("--limit", min=1, help="Stop a table at so many differences: it is incomplete then (exit 3)."),
    ] = None,
    listed: Annotated[
        int | None, typer.Option("--list", min=1, help="Differences listed a table, all are counted; default: 1000.")
    ] = None,
    sample: Annotated[
        int | None, typer.Option("--sample", min=1, metavar="ROWS", help="About so many rows a table; exit 3 at best.")
    ] = None,
    max_read: Annotated[
        str | None, typer.Option("--max-read", metavar="SIZE", help="Read no more of a side's tables, as 500MB.")
    ] = None,
    max_connections: Annotated[
        int | None, typer.Option("--max-connections", min=1, max=64, help="Connections a side, at most; default: 4.")
    ] = None,
    settle_seconds: Annotated[
        float | None,
        typer.Option("--settle-seconds", min=0, help="How long rows being written are read again; 0: not at all."),
    ] = None,
    state: Annotated[
        str | None, typer.Option("--state", metavar="FILE", help="Keep what is finished there, and go on from it.")
    ] = None,
    allow_drift: Annotated[bool, typer.Option("--allow-drift", help="Drift is cosmetic instead of a risk.")] = False,
    fail_on: Annotated[
        Severity | None, typer.Option("--fail-on", help="The least severity that gives exit code 1; default: risk.")
    ] = None,
    show_values: Annotated[bool, typer.Option("--show-values", help="Masked values beside the classes.")] = False,
    source_rest_url: Annotated[
        str | None, typer.Option("--source-rest-url", metavar="URL", help="The source by its REST interface alone.")
    ] = None,
    source_api_key: Annotated[
        str | None, typer.Option("--source-api-key", metavar="env:NAME", help="Its service_role key, by variable.")
    ] = None,
    read_twice: Annotated[
        bool,
        typer.Option("--read-twice", help="Read a REST source a second time: equal readings prove one moment."),
    ] = False,
    source_rows: Annotated[
        Path | None, typer.Option("--source-rows", metavar="FILE", help="Rows of a recorded source: data digest --for.")
    ] = None,
    target_rows: Annotated[
        Path | None, typer.Option("--target-rows", metavar="FILE", help="The same of a recorded target.")
    ] = None,
    ask: Annotated[
        Path | None, typer.Option("--ask", metavar="FILE", help="Write which rows of a recorded side are wanted.")
    ] = None,
    config: Config = None,
    formats: Formats = None,
    output: Outputs = None,
    no_progress: NoProgress = False,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """Prove that the tables of two databases hold the same rows, or show which rows and cells differ and how.

    Neither database is written. No configuration file is needed; mappings, tolerances and checks are written in one.
    Exit codes: 0 all identical (or drift, with --allow-drift); 1 differences; 2 could not run; 3 incomplete.

    Example: pgparity data diff --source env:OLD_DB --target env:NEW_DB --table public.clients --format json
    """
    pairs = paired(formats or [], output or [])
    project = load_project(config)
    flags = RowFlags(
        tables=tuple(table or ()),
        schemas=tuple(schema or ()),
        exclude=tuple(exclude or ()),
        key=tuple(key or ()),
        where=tuple(where or ()),
        ignore=tuple(ignore or ()),
        stop_after=limit,
        limit=listed,
        sample=sample,
        max_read=max_read,
        settle_seconds=settle_seconds,
        state=state,
        show_values=show_values or None,
        max_connections=max_connections,
        allow_drift=allow_drift or None,
        fail_on=fail_on,
    )
    configuration = configured(project.configuration, flags, Path.cwd())
    other = OtherSides(
        source_rest_url=source_rest_url,
        source_api_key=source_api_key,
        source_rows=source_rows,
        target_rows=target_rows,
        ask=ask,
        max_connections=max_connections,
        settle_seconds=settle_seconds,
        read_twice=read_twice,
        asked=bool(flags.tables),
    )
    only_text = all(chosen is Format.TEXT for chosen, _ in pairs)
    shown = ProgressBars(enabled=not no_progress, quiet=quiet or not only_text)
    with nothing_else_on_stdout(), shown as bars:
        document = compare_elsewhere(project, configuration, (source, target), other, bars)
        if document is None:
            request = RunRequest(
                configuration=configuration,
                base=project.base,
                source=endpoint(project, Side.SOURCE, source),
                target=endpoint(project, Side.TARGET, target),
                title="Rows",
            )
            document = compare_rows_alone(request, bars, asked=bool(flags.tables))
    document = blotted_document(document)
    for chosen, file in pairs:
        if chosen is Format.TEXT:
            put_text(lambda console, _: _print(document, console), file)
        elif chosen is Format.JSON:
            put(render_rows_json(document), file)
        else:
            put(FORMATS[chosen](document), file)
    return document.verdict.exit_code


def _print(document: RunDocument, console: Console) -> None:
    # What writes for people is loaded where people read.
    from harness.render.rows_text import print_rows

    print_rows(document, console)
