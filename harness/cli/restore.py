"""`pgparity restore`: a backup into an empty database, compared row by row with what was dumped."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.app import app
from harness.cli.backup import BackupFormat, Chosen, Output
from harness.cli.console import ProgressBars, put, put_text
from harness.cli.options import Config, NoProgress, Quiet, Target, Verbose, Yes
from harness.core.record import Side
from harness.project import endpoint, load_project
from harness.render.backup import print_restored
from harness.stages.restore import check_backup, ensure_restorable, planned, restore_backup


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A dump that `pgparity backup` made; its manifest too.")],
    target: Target = None,
    create_database: Annotated[
        bool, typer.Option("--create-database", help="Make the database where it is not there yet.")
    ] = False,
    jobs: Annotated[
        int,
        typer.Option("--jobs", min=1, max=64, help="Sessions of pg_restore; more than one: not in one transaction."),
    ] = 1,
    no_owner: Annotated[
        bool, typer.Option("--no-owner", help="Everything belongs to the role that restores; no privileges are given.")
    ] = False,
    yes: Yes = False,
    config: Config = None,
    chosen: Chosen = BackupFormat.TEXT,
    output: Output = None,
    no_progress: NoProgress = False,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """Restore a backup into an EMPTY database, and compare every row with the digest that was taken with the dump.

    Without --yes the backup and the database are looked at, and nothing is written. Exit codes: 0 every row is there;
    1 rows differ; 2 nothing was restored; 3 some could not be compared.

    Example: pgparity restore backups/salon-20261123T083000Z.dump --target env:NEW_DB --create-database --yes
    """
    project = load_project(config)
    to = endpoint(project, Side.TARGET, target)
    backup = check_backup(file)
    if yes:
        with ProgressBars(enabled=not no_progress, quiet=quiet) as bars:
            bars.stage_started("restore")
            done = restore_backup(
                backup, to, project.configuration, bars, create=create_database, jobs=jobs, owners=not no_owner
            )
    else:
        ensure_restorable(backup, to, create=create_database)
        done = planned(backup, to)
    if chosen is BackupFormat.JSON:
        put(done.to_json(indent=2), output)
    else:
        put_text(lambda console, _terminal: print_restored(done, console), output)
    if done.failed:
        return 1
    return 3 if done.not_checked else 0
