"""`pgparity init`: writes a commented project."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.app import app
from harness.cli.console import say
from harness.errors import ConfigurationError
from harness.shipped import shipped


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="Where to write the project.")] = Path(),
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that are there.")] = False,
) -> int:
    """Write pgparity.toml and the pytest comparison suite, with a file of cases, into a folder.

    Example: pgparity init && $EDITOR pgparity.toml
    """
    files = {folder / "pgparity.toml": _text("schemas", "project", "pgparity.toml")}
    suite = shipped("comparisons")
    for file in sorted([*suite.glob("*.py"), *suite.glob("*.toml")]):
        files[folder / "comparisons" / file.name] = file.read_text(encoding="utf-8")
    files[folder / "reports" / ".gitignore"] = "runs/\n"
    there = [file for file in files if file.exists()]
    if there and not force:
        raise ConfigurationError(
            f"{there[0]} is there already; nothing was written", hint="Choose another folder, or pass --force."
        )
    try:
        for file, text in files.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            f"{folder} cannot be written: {error.strerror}", hint="Choose another folder."
        ) from None
    for file in files:
        say(f"wrote {file}")
    say("next: set PGPARITY_SOURCE and PGPARITY_TARGET, then `pgparity doctor` and `pgparity run`")
    return 0


def _text(*parts: str) -> str:
    return shipped(*parts).read_text(encoding="utf-8")
