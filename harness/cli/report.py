"""`pgparity report`: renders earlier runs again, merges several, compares two, lists a folder's, draws a watch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.app import app
from harness.cli.console import put, put_text, say
from harness.cli.options import Formats, Outputs, Verbose
from harness.cli.outputs import Format, deliver, paired
from harness.core.document import RunDocument
from harness.core.merging import merge_runs
from harness.core.run_comparison import compare_runs, exit_code_of_change
from harness.core.watch.summary import summary_of
from harness.errors import ConfigurationError
from harness.stages.run_folders import RUNS, read_document, write_index
from harness.stages.watch_history import has_history, read_history


@app.command()
def report(
    runs: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="RUN.json",
            help="The run document of an earlier run, or its folder; several are merged into one. Or a watch.jsonl.",
        ),
    ] = None,
    compare: Annotated[
        Path | None,
        typer.Option("--compare", metavar="OLD.json", help="Say what is new, fixed and still there since this run."),
    ] = None,
    fail_on_new: Annotated[
        bool,
        typer.Option(
            "--fail-on-new",
            help="With --compare: exit code 1 where something got worse, 3 where that is not known, 0 otherwise.",
        ),
    ] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with the exit code of the verdict instead of 0.")
    ] = False,
    index: Annotated[
        bool,
        typer.Option("--index", help=f"Write index.html, a list of all runs, into the folder given; default: {RUNS}."),
    ] = False,
    formats: Formats = None,
    output: Outputs = None,
    verbose: Verbose = 0,
) -> int:
    """Render earlier runs again in any format, merge several, or compare two; draw a watch. No database is asked.

    Several runs of one source are merged: parts of one comparison, or several targets. The verdict of the whole is
    never better than that of the worst part. Exit code 0, unless --exit-code or --fail-on-new asks for another.

    Example: pgparity report reports/runs/TIME/run.json --format markdown

    Example: pgparity report new/run.json --compare old/run.json --fail-on-new

    Example: pgparity report part1.json part2.json --format html --output report.html

    Example: pgparity report --index reports/runs

    Example: pgparity report reports/watch/watch.jsonl --format html --output watch.html
    """
    if index:
        if compare or formats or output or exit_code or fail_on_new or len(runs or ()) > 1:
            raise ConfigurationError("--index takes one folder of runs and no other option", hint=_INDEX_EXAMPLE)
        return _list_runs(runs[0] if runs else RUNS)
    if any(has_history(file) for file in runs or ()):
        if compare or exit_code or fail_on_new or len(runs or ()) > 1:
            raise ConfigurationError(
                "the history of a watch is drawn by itself", hint="Give one watch.jsonl, --format and --output alone."
            )
        return _draw_watch(runs[0] if runs else RUNS, paired(formats or [], output or []))
    if not runs:
        raise ConfigurationError("no run is given", hint="Give a run.json, or --index for a list of all runs.")
    if fail_on_new and compare is None:
        raise ConfigurationError("--fail-on-new needs a run to compare with", hint="Give it with --compare OLD.json.")
    if fail_on_new and exit_code:
        raise ConfigurationError("--fail-on-new and --exit-code ask for different exit codes", hint="Give one of them.")
    pairs = paired(formats or [], output or [])
    document = merge_runs([read_document(file) for file in runs])
    code = document.verdict.exit_code if exit_code else 0
    if compare is not None:
        document, changed = _compared(document, read_document(compare))
        code = changed if fail_on_new else code
    deliver(document, pairs)
    return code


_INDEX_EXAMPLE = "`pgparity report --index reports/runs` writes reports/runs/index.html."


def _compared(newer: RunDocument, older: RunDocument) -> tuple[RunDocument, int]:
    comparison = compare_runs(newer, older)
    return newer.model_copy(update={"comparison": comparison}), exit_code_of_change(newer, comparison)


def _draw_watch(file: Path, pairs: list[tuple[Format, Path | None]]) -> int:
    history = read_history(file)
    # Only the formats of a page, a text and programs have something to show of it.
    for chosen, output in pairs:
        if chosen is Format.HTML:
            from harness.render.watch_page import render_watch

            put(render_watch(history), output)
        elif chosen is Format.JSON:
            put(summary_of(history).to_json(indent=2), output)
        elif chosen is Format.TEXT:
            from harness.render.watch_text import print_watch

            summary = summary_of(history)
            put_text(lambda console, _terminal, summary=summary: print_watch(summary, console), output)  # type: ignore[misc]
        else:
            raise ConfigurationError(
                f"the history of a watch has no format {chosen}", hint="Known for it are text, json and html."
            )
    return 0


def _list_runs(folder: Path) -> int:
    if not folder.is_dir():
        raise ConfigurationError(f"{folder} is no folder", hint=_INDEX_EXAMPLE)
    for each in write_index(folder):
        say(f"not listed: {each.folder.name}: {each.problem}")
    say(f"index: {folder / 'index.html'}")
    return 0
