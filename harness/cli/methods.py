"""`pgparity methods`: every method of both data layers, called on both sides and compared."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from harness.cli.app import app
from harness.cli.console import ProgressBars, nothing_else_on_stdout, put, put_text
from harness.cli.options import Config, NoProgress, Quiet, Source, Target, Verbose
from harness.core.record import Severity, Side
from harness.project import endpoint, load_project
from harness.render.formats import FORMATS
from harness.render.methods_json import render_methods_json
from harness.render.methods_text import print_methods
from harness.render.secrets import blotted_document
from harness.stages.learned import RunRequest
from harness.stages.method_flags import MethodFlags, configured
from harness.stages.methods_alone import compare_methods


class MethodsFormat(StrEnum):
    """Formats of the comparison of methods."""

    TEXT = "text"
    JSON = "json"
    JUNIT = "junit"
    MARKDOWN = "markdown"
    GITHUB = "github"


class ApiRole(StrEnum):
    """Whose key the source layer gets."""

    SERVICE_ROLE = "service_role"
    ANON = "anon"


LAYER = "MODULE:FACTORY"


@app.command()
def methods(
    source: Source = None,
    target: Target = None,
    source_layer: Annotated[
        str | None, typer.Option("--source-layer", metavar=LAYER, help="Factory of the data layer on the source.")
    ] = None,
    target_layer: Annotated[
        str | None, typer.Option("--target-layer", metavar=LAYER, help="Factory of the data layer on the target.")
    ] = None,
    source_command: Annotated[
        str | None,
        typer.Option("--source-command", metavar="COMMAND", help="Program that serves it over JSON-RPC instead."),
    ] = None,
    target_command: Annotated[
        str | None, typer.Option("--target-command", metavar="COMMAND", help="The same for the target.")
    ] = None,
    cases: Annotated[
        str | None,
        typer.Option("--cases", metavar="FILE", help="Written cases (.toml), recorded ones (.jsonl), or module:name."),
    ] = None,
    generate: Annotated[
        int | None, typer.Option("--generate", min=0, max=1000, help="Cases generated for each method; 0: none.")
    ] = None,
    sequences: Annotated[
        int | None, typer.Option("--sequences", min=0, max=10_000, help="Sequences of calls generated; 0: none.")
    ] = None,
    concurrency: Annotated[
        int | None, typer.Option("--concurrency", min=0, max=16, help="Equal calls made at once; below 2: none.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Equal seeds give equal cases in equal order.")] = 0,
    method: Annotated[
        list[str] | None, typer.Option("--method", metavar="NAME", help="Only this method; repeatable.")
    ] = None,
    min_coverage: Annotated[
        float | None,
        typer.Option(
            "--min-coverage", min=0, max=100, metavar="PERCENT", help="Exit 3 below it: methods x kinds of case."
        ),
    ] = None,
    allow_drift: Annotated[bool, typer.Option("--allow-drift", help="Drift is cosmetic instead of a risk.")] = False,
    fail_on: Annotated[
        Severity | None, typer.Option("--fail-on", help="The least severity that gives exit code 1; default: risk.")
    ] = None,
    api_role: Annotated[
        ApiRole | None, typer.Option("--api-role", help="Whose key the source layer gets; default: service_role.")
    ] = None,
    source_rest_url: Annotated[
        str | None,
        typer.Option(
            "--source-rest-url", metavar="URL", help="A real project: what only reads is asked of it as well."
        ),
    ] = None,
    source_api_key: Annotated[
        str | None, typer.Option("--source-api-key", metavar="env:NAME", help="The variable that holds its key.")
    ] = None,
    allow_writes: Annotated[
        bool,
        typer.Option("--allow-writes", help="Let cases whose rows all carry test ids write to it; removed after."),
    ] = False,
    clone_in_place: Annotated[
        bool,
        typer.Option(
            "--clone-in-place",
            help="Make the target's clones on its own server; the source's are made on this machine always.",
        ),
    ] = False,
    max_slowdown: Annotated[
        float | None,
        typer.Option("--max-slowdown", min=0, help="Times that a method may take longer on the target; 0: any."),
    ] = None,
    show_values: Annotated[bool, typer.Option("--show-values", help="Masked values beside the types.")] = False,
    config: Config = None,
    chosen: Annotated[
        MethodsFormat, typer.Option("--format", help="text to read, json for programs.")
    ] = MethodsFormat.TEXT,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Write there instead of stdout.")
    ] = None,
    no_progress: NoProgress = False,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """Call every method of two data layers on clones of their databases, and compare all that comes of it.

    Neither database is written. No configuration file is needed; modules are imported from this folder and PYTHONPATH.
    Exit codes: 0 verified; 1 findings at or above --fail-on; 2 could not run; 3 incomplete.

    Example: pgparity methods --source env:OLD_DB --target env:NEW_DB --source-layer app.old:create
    --target-layer app.new:create --cases cases.toml
    """
    project = load_project(config)
    flags = MethodFlags(
        source_layer=source_layer,
        target_layer=target_layer,
        source_command=source_command,
        target_command=target_command,
        cases=cases,
        generate=generate,
        sequences=sequences,
        concurrency=concurrency,
        min_coverage=min_coverage,
        max_slowdown=max_slowdown,
        api_role=api_role.value if api_role else None,
        source_rest_url=source_rest_url,
        source_api_key=source_api_key,
        allow_writes=allow_writes or None,
        clone_in_place=clone_in_place or None,
        show_values=show_values or None,
        allow_drift=allow_drift or None,
        fail_on=fail_on,
        methods=tuple(method or ()),
    )
    request = RunRequest(
        configuration=configured(project.configuration, flags, Path.cwd()),
        base=project.base,
        source=endpoint(project, Side.SOURCE, source),
        target=endpoint(project, Side.TARGET, target),
        title="Methods",
    )
    shown = ProgressBars(enabled=not no_progress, quiet=quiet or chosen is not MethodsFormat.TEXT)
    with nothing_else_on_stdout(), shown as bars:
        document = compare_methods(request, bars, seed=seed, methods=flags.methods)
    document = blotted_document(document)
    if chosen is MethodsFormat.TEXT:
        put_text(lambda console, _: print_methods(document, console), output)
    elif chosen is MethodsFormat.JSON:
        put(render_methods_json(document), output)
    else:
        put(FORMATS[chosen.value](document), output)
    return document.verdict.exit_code
