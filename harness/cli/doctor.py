"""`pgparity doctor`: what would stand in the way of a run."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from harness.cli.app import EXIT_COULD_NOT_RUN, app
from harness.cli.console import put, put_text
from harness.cli.options import Config, Source, Target, Verbose
from harness.core.record import Side
from harness.errors import ConfigurationError
from harness.project import given_endpoint, load_project
from harness.render.secrets import blotted, blotted_data
from harness.stages.doctor import Check
from harness.stages.doctor import doctor as check_all

if TYPE_CHECKING:
    from rich.console import Console

SIGNS = {"ok": ("✓ ok", "green"), "warning": ("! warning", "yellow"), "problem": ("✗ problem", "red")}


class DoctorFormat(StrEnum):
    """Formats of the checks."""

    TEXT = "text"
    JSON = "json"


@app.command()
def doctor(
    source: Source = None,
    target: Target = None,
    config: Config = None,
    chosen: Annotated[DoctorFormat, typer.Option("--format", help="text to read, json for programs.")] = (
        DoctorFormat.TEXT
    ),
    output: Annotated[Path | None, typer.Option("--output", metavar="FILE", help="File instead of stdout.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    verbose: Verbose = 0,
) -> int:
    """Check reachability, versions, rights, row-level security, time zone, collation, extensions, connections, TLS.

    Exit codes: 0 no problem; 1 a problem that would spoil a run; 2 a server could not be asked.

    Example: pgparity doctor --source env:OLD_DB --target env:NEW_DB
    """
    project = load_project(config)
    sides = (given_endpoint(project, Side.SOURCE, source), given_endpoint(project, Side.TARGET, target))
    if not any(sides):
        raise ConfigurationError("no database is given", hint="Use --source DSN and --target DSN.")
    checks = check_all(*sides, project.configuration)
    if as_json or chosen is DoctorFormat.JSON:
        put(json.dumps(blotted_data([check.to_data() for check in checks]), indent=2), output)
    else:
        put_text(lambda console, _terminal: _print(checks, console), output)
    if any(check.name == "reachable" and check.status == "problem" for check in checks):
        return EXIT_COULD_NOT_RUN
    return 1 if any(check.status == "problem" for check in checks) else 0


def _print(checks: tuple[Check, ...], console: Console) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("", "side", "check", "result"):
        table.add_column(heading, overflow="fold")
    for check in checks:
        sign, style = SIGNS.get(check.status, ("? unknown", "dim"))
        text = Text(blotted(check.text))
        if check.hint and check.status != "ok":
            text.append(f"\n→ {blotted(check.hint)}", style="dim")
        table.add_row(Text(sign, style=style), str(check.side or "both"), check.name, text)
    console.print(table)
