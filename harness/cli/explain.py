"""`pgparity explain`: the page of an error's or a finding's code."""

from __future__ import annotations

import difflib
from typing import Annotated

import typer

from harness.cli.app import app
from harness.cli.console import put
from harness.cli.options import Verbose
from harness.errors import ConfigurationError
from harness.shipped import shipped


@app.command()
def explain(
    code: Annotated[str, typer.Argument(metavar="CODE", help="The code of an error or a finding, as it is printed.")],
    verbose: Verbose = 0,
) -> int:
    """Say what the code of an error or of a finding means, and what to do.

    Example: pgparity explain E200
    """
    pages = {page.stem: page for folder in ("errors", "findings") for page in shipped("docs", folder).glob("*.md")}
    page = pages.get(code.strip().upper())
    if page is None:
        near = difflib.get_close_matches(code.strip().upper(), pages, n=1)
        raise ConfigurationError(
            f"there is no code {code}",
            hint=f"Did you mean {near[0]}?" if near else "Codes are a letter or three, and three digits: E200, COL001.",
        )
    text, _, _ = page.read_text(encoding="utf-8").partition("\n[All codes](")
    put(text.rstrip() + "\n", None)
    return 0
