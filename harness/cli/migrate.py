"""`pgparity migrate`: moves the records from source to target, and proves that they are there."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from harness.cli.app import app
from harness.cli.console import ProgressBars, lines_on_stdout, nothing_else_on_stdout, put, put_text, say, stderr
from harness.cli.migrate_rest import source_by_rest
from harness.cli.options import Config, NoProgress, Quiet, Source, Target, Verbose, Yes
from harness.core.configuration import Configuration, TableMigrateSection
from harness.core.migration_plan import MigrationPlan
from harness.core.record import Side
from harness.errors import ConfigurationError, DocumentError, PlanRefused
from harness.postgres.ledger import forget
from harness.project import endpoint, load_project
from harness.render.event_stream import EventStream
from harness.render.migration import migration_report, print_migration, print_plan, render_migration_json
from harness.render.rest_migration import print_rest_plan
from harness.render.secrets import blotted_document
from harness.stages.crew import Stop
from harness.stages.learned import RunRequest
from harness.stages.migrate_alone import migrate_rows
from harness.stages.rejects_file import Rejects
from harness.stages.row_flags import byte_count


class MigrationFormat(StrEnum):
    """Formats of a migration."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"


class LoadingMode(StrEnum):
    """Ways to load a table."""

    AUTO = "auto"
    COPY = "copy"
    UPSERT = "upsert"


@app.command()
def migrate(
    source: Source = None,
    target: Target = None,
    source_rest_url: Annotated[
        str | None, typer.Option("--source-rest-url", metavar="URL", help="The source by its REST interface alone.")
    ] = None,
    source_api_key: Annotated[
        str | None, typer.Option("--source-api-key", metavar="env:NAME", help="Its service_role key, by variable.")
    ] = None,
    table: Annotated[
        list[str] | None,
        typer.Option("--table", metavar="SCHEMA.NAME", help="Only this table; repeatable. Default: all."),
    ] = None,
    create_schema: Annotated[
        bool,
        typer.Option("--create-schema", help="Make what the target lacks: tables first, indexes and keys after."),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan, and write nothing.")] = False,
    plan_file: Annotated[
        Path | None,
        typer.Option("--plan", metavar="PLAN.json", help="Carry out this plan, of --dry-run --format json."),
    ] = None,
    batch_rows: Annotated[
        int | None,
        typer.Option(
            "--batch-rows", min=1, max=1_000_000, help="Rows a transaction; default: by 16 MiB of the source."
        ),
    ] = None,
    mode: Annotated[
        LoadingMode | None,
        typer.Option("--mode", help="copy: into empty tables alone; upsert: into every table; auto: by what it holds."),
    ] = None,
    throttle: Annotated[
        str | None,
        typer.Option("--throttle", metavar="SIZE", help="Send on no more of rows a second, all sessions, as 20MB."),
    ] = None,
    on_reject: Annotated[
        Path | None,
        typer.Option("--on-reject", metavar="FILE", help="List rows that the target refuses there; the others move."),
    ] = None,
    allow_drift: Annotated[bool, typer.Option("--allow-drift", help="Drift is cosmetic instead of a risk.")] = False,
    catch_up: Annotated[
        bool,
        typer.Option("--catch-up", help="Bring what was moved before up to date with its source, deletes too."),
    ] = False,
    forget_ledger: Annotated[
        bool, typer.Option("--forget", help="Drop the ledger of what was moved from the target; rows stay.")
    ] = False,
    yes: Yes = False,
    chosen: Annotated[
        MigrationFormat,
        typer.Option("--format", help="text to read, json for programs, jsonl with a line as things happen."),
    ] = MigrationFormat.TEXT,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Write there instead of stdout.")
    ] = None,
    config: Config = None,
    no_progress: NoProgress = False,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """Move the records of all tables, or of those named, and compare every row of both sides afterwards.

    Large objects move after them, under their numbers: all, or those that oid columns of the named tables refer to.
    The source is only read. Rows move in chunks, each in one transaction of the target with its line in the ledger
    (schema pgparity there): whatever ends a run, the next one goes on, and no row is lost or moved twice. A finished
    migration that is run again compares the rows once more; with --catch-up it first moves what changed on the source
    since, and deletes the rows that it moved and that the source no longer has.
    Exit codes: 0 all rows are there; 1 they differ; 2 could not run; 3 incomplete.

    Example: pgparity migrate --source env:OLD_DB --target env:NEW_DB --dry-run

    Example: pgparity migrate --source env:OLD_DB --target env:NEW_DB --create-schema --yes

    Example: pgparity migrate --source-rest-url URL --source-api-key env:KEY --target env:NEW_DB --yes
    """
    project = load_project(config)
    if forget_ledger:
        return _forget(forget(endpoint(project, Side.TARGET, target)))
    databases_alone = {
        "--source": source,
        "--create-schema": create_schema,
        "--plan": plan_file,
        "--batch-rows": batch_rows,
        "--mode": mode,
        "--throttle": throttle,
        "--on-reject": on_reject,
        "--catch-up": catch_up,
    }
    rest = source_by_rest(source_rest_url, source_api_key, databases_alone)
    show = print_plan if rest is None else print_rest_plan
    saved = _saved(plan_file) if plan_file is not None else None
    request = RunRequest(
        configuration=_configured(
            project.configuration, table, batch_rows, mode, throttle, saved, allow_drift=allow_drift
        ),
        base=project.base,
        source=endpoint(project, Side.SOURCE, source) if rest is None else rest.endpoint,
        target=endpoint(project, Side.TARGET, target),
        consent=True,
        title="Migration",
    )
    rejects = Rejects(on_reject) if on_reject is not None else None
    if rejects is not None:
        rejects.ensure_writable()
    bars = ProgressBars(enabled=not no_progress, quiet=quiet)

    def decide(plan: MigrationPlan) -> bool:
        if dry_run or yes or not (sys.stdin.isatty() and stderr().is_terminal):
            return yes and not dry_run
        bars.__exit__()
        show(plan, stderr())
        answer = typer.confirm("Move these rows to the target?", default=False, err=True)
        bars.__enter__()
        return answer

    with contextlib.ExitStack() as running:
        stream = None
        if chosen is MigrationFormat.JSONL:
            stream = EventStream(running.enter_context(lines_on_stdout(output)))
        running.enter_context(nothing_else_on_stdout())
        stop = running.enter_context(_ended_by_interrupts())
        running.enter_context(bars)
        move = migrate_rows if rest is None else rest.migrate_rows
        found = move(
            request,
            decide,
            stream or bars,
            asked=bool(table) or saved is not None,
            create_schema=create_schema or bool(saved and (saved.create or saved.after)),
            saved=saved,
            stop=stop,
            tried=dry_run,
            rejects=rejects,
            catch_up=catch_up or bool(saved and saved.catch_up),
        )
        document = found.document and blotted_document(found.document)
        if stream is not None and document is not None:
            stream.result(migration_report(document))
    if document is None:
        if chosen is not MigrationFormat.TEXT:
            put(found.plan.to_json(indent=2 if chosen is MigrationFormat.JSON else None), output)
        else:
            put_text(lambda console, _: show(found.plan, console), output)
        if dry_run:
            return 1 if found.plan.refused else 0
        raise PlanRefused("nothing was moved: that was the plan", hint="Pass --yes to carry it out.")
    if chosen is MigrationFormat.JSON:
        put(render_migration_json(document), output)
    elif chosen is MigrationFormat.TEXT:
        put_text(lambda console, _: print_migration(document, console), output)
    return document.verdict.exit_code


@contextlib.contextmanager
def _ended_by_interrupts() -> Iterator[Stop]:
    """The first Ctrl-C ends the run once the chunks that are moving are there, the second one at once."""
    stop = Stop()

    def interrupted(_number: int, _frame: FrameType | None) -> None:
        if stop.soon.is_set():
            raise KeyboardInterrupt
        stop.soon.set()
        say("ending once the chunks that are moving are there; Ctrl-C again ends at once")

    if threading.current_thread() is not threading.main_thread():
        # Signals are the main thread's.
        yield stop
        return
    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def _forget(there: bool) -> int:
    say("the ledger is dropped; the rows stay" if there else "the target has no ledger")
    return 0


def _saved(file: Path) -> MigrationPlan:
    try:
        return MigrationPlan.from_json(file.read_bytes())
    except OSError as error:
        raise DocumentError(f"{file.name} cannot be read: {error.strerror}", hint="Give a plan.") from None


def _configured(
    configuration: Configuration,
    tables: list[str] | None,
    batch_rows: int | None,
    mode: LoadingMode | None,
    throttle: str | None,
    saved: MigrationPlan | None,
    *,
    allow_drift: bool,
) -> Configuration:
    """Flags beat the file; a saved plan has its own mapping, tables and batches."""
    update: dict[str, object] = {}
    migrate_section: dict[str, object] = {}
    if saved is not None:
        if tables or batch_rows is not None or mode is not None:
            raise ConfigurationError(
                "--plan is given with --table, --batch-rows or --mode", hint="A plan says them: make another plan."
            )
        tables, batch_rows = [each.table for each in saved.tables], saved.batch_rows
        migrate_section |= {"batch_bytes": saved.batch_bytes, "mode": saved.wanted_mode}
        chosen = {each.table: TableMigrateSection(where=each.where) for each in saved.tables if each.where is not None}
        migrate_section["tables"] = chosen
        if saved.large_objects is not None:
            # All of its tables are named now, which would choose the objects that they refer to.
            migrate_section["large_objects"] = "referred" if saved.large_objects.columns is not None else "all"
        update["mapping"] = saved.mapping
    if tables:
        update["scope"] = configuration.scope.model_copy(update={"tables": tuple(tables)})
    if saved is not None or batch_rows is not None:
        migrate_section["batch_rows"] = batch_rows
    if mode is not None:
        migrate_section["mode"] = mode.value
    if throttle is not None:
        migrate_section["throttle"] = max(byte_count(throttle, "--throttle"), 1024)
    update["migrate"] = configuration.migrate.model_copy(update=migrate_section)
    # The stages are asked for by name: a file that leaves them out of whole runs does not mean this one.
    run: dict[str, object] = {"exclude_stages": {}}
    if allow_drift:
        run["allow_drift"] = True
    update["run"] = configuration.run.model_copy(update=run)
    return configuration.model_copy(update=update)
