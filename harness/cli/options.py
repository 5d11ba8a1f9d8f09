"""Options that several commands share, described once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.outputs import Format
from harness.core.plan import Hazard
from harness.errors import ConfigurationError

Source = Annotated[
    str | None,
    typer.Option("--source", metavar="DSN", help="The database to move away from: DSN, service=NAME or env:NAME."),
]
Target = Annotated[
    str | None,
    typer.Option("--target", metavar="DSN", help="The database to move to: DSN, service=NAME or env:NAME."),
]
Config = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="pgparity.toml to read; default: the one in this folder."),
]
Formats = Annotated[
    list[Format] | None, typer.Option("--format", help="Output format; repeatable. Default: text on stdout.")
]
Outputs = Annotated[
    list[Path] | None,
    typer.Option("--output", metavar="FILE", help="File of the nth --format; at most one format goes to stdout."),
]
NoProgress = Annotated[bool, typer.Option("--no-progress", help="No progress bars on stderr.")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Only errors on stderr.")]
Verbose = Annotated[int, typer.Option("-v", "--verbose", count=True, help="-vv shows tracebacks of errors.")]
Yes = Annotated[bool, typer.Option("--yes", help="Write to the target without asking.")]
Allow = Annotated[
    list[str] | None,
    typer.Option("--allow", metavar="HAZARD", help="Allow a hazard of a plan: lock, rewrite, data-loss or all."),
]


def hazards(values: list[str] | None) -> frozenset[Hazard]:
    """The hazards that a user allowed by name."""
    allowed: set[Hazard] = set()
    for value in values or []:
        name = value.replace("-", " ").strip().lower()
        if name == "all":
            allowed |= set(Hazard)
        elif name in list(Hazard):
            allowed.add(Hazard(name))
        else:
            known = ", ".join(each.replace(" ", "-") for each in Hazard)
            raise ConfigurationError(f"unknown hazard {value}", hint=f"Known are {known} and all.")
    return frozenset(allowed)
