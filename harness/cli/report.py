"""`pgparity report`: renders an earlier run again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.app import app
from harness.cli.options import Formats, Outputs, Verbose
from harness.cli.outputs import deliver, paired
from harness.stages.run_folders import read_document


@app.command()
def report(
    run_json: Annotated[Path, typer.Argument(metavar="RUN.json", help="The run document of an earlier run.")],
    formats: Formats = None,
    output: Outputs = None,
    verbose: Verbose = 0,
) -> int:
    """Render the document of an earlier run in any format.

    Example: pgparity report reports/runs/TIME/run.json --format markdown
    """
    pairs = paired(formats or [], output or [])
    deliver(read_document(run_json), pairs)
    return 0
