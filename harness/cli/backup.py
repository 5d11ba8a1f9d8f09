"""`pgparity backup`: a dump that was read back, and with --rehearse restored and compared; and what is kept of them."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from harness.cli.app import app
from harness.cli.console import ProgressBars, put, put_text, say, stderr
from harness.cli.options import Config, NoProgress, Quiet, Source, Target, Verbose
from harness.core.backup import BackupManifest
from harness.core.backup_retention import status as status_of
from harness.core.configuration import Configuration
from harness.core.record import Record, Side
from harness.errors import ConfigurationError
from harness.postgres.connect import Endpoint
from harness.project import Project, endpoint, load_project
from harness.render.backup import print_backup, print_plan, print_removed, print_status
from harness.stages.backup import back_up, plan_backup
from harness.stages.backup_folder import BackupFolder
from harness.stages.backup_rehearsal import rehearse_backup
from harness.stages.backup_soundness import read_all, removable


class BackupFormat(StrEnum):
    """Formats of a backup."""

    TEXT = "text"
    JSON = "json"


Chosen = Annotated[BackupFormat, typer.Option("--format", help="text to read, json for programs.")]
Output = Annotated[Path | None, typer.Option("--output", metavar="FILE", help="File instead of stdout.")]


@app.command()
def backup(
    source: Source = None,
    target: Target = None,
    side: Annotated[
        Side | None, typer.Option("--side", help="Which database of the configuration; default: the target.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--dir", metavar="DIR", help="Folder of the dumps; default: backup.dir.")
    ] = None,
    keep_days: Annotated[
        int | None,
        typer.Option("--keep-days", min=1, help="Remove older ones, never the last verified of a schema. Default: 7."),
    ] = None,
    exclude_schema: Annotated[
        list[str] | None,
        typer.Option("--exclude-schema", metavar="NAME", help="Do not dump this schema; recorded. Repeatable."),
    ] = None,
    rehearse: Annotated[
        bool, typer.Option("--rehearse", help="Restore it on a server of this machine, and compare every row.")
    ] = False,
    status: Annotated[
        bool, typer.Option("--status", help="List the backups of the folder: age, what was proven, recovery time.")
    ] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="With --status: read every dump whole, and compare its SHA-256.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be dumped and removed; write nothing.")
    ] = False,
    config: Config = None,
    chosen: Chosen = BackupFormat.TEXT,
    output: Output = None,
    no_progress: NoProgress = False,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """Dump a database (pg_dump's custom format), read the dump back, and record what is in it beside it.

    Exit codes: 0 verified; 1 the restored copy differs, or --status finds a database with no verified backup; 2 no
    backup was made; 3 the rehearsal could not compare all of it.

    Example: pgparity backup --target env:NEW_DB --dir backups --rehearse

    Example: pgparity backup --dir backups --status
    """
    project = load_project(config)
    place = BackupFolder(_folder(project, folder))
    configuration = _configured(project.configuration, keep_days, exclude_schema or [])
    if status:
        return _status(place, chosen, output, read=verify)
    if verify:
        raise ConfigurationError(
            "--verify goes with --status", hint="Use `pgparity backup --status --verify`; a new dump is always read."
        )
    origin = _origin(project, side, source, target)
    if dry_run:
        plan = plan_backup(origin, place, configuration)
        if not _deliver(plan, chosen, output):
            put_text(lambda console, _terminal: print_plan(plan, console), output)
        return 0
    removed: list[str] = []
    with place.locked(), ProgressBars(enabled=not no_progress, quiet=quiet) as bars:
        bars.stage_started("backup")
        manifest = back_up(origin, place, configuration, bars)
        if not quiet:
            say(f"{manifest.dump} is written and read back")
        if rehearse:
            bars.stage_started("rehearsal")
            manifest = rehearse_backup(manifest, origin, place, configuration, bars)
        if manifest.restorable:
            # What is old goes only when there is something newer that holds.
            for old in removable(place, datetime.now(UTC), configuration.backup.keep_days, proven=manifest.id):
                place.remove(old)
                removed.append(old.dump)
    if not _deliver(manifest, chosen, output):
        put_text(lambda console, _terminal: print_backup(manifest, console, rehearsal=rehearse), output)
    if removed and not quiet:
        print_removed(tuple(removed), stderr())
    return _exit_code(manifest, rehearse=rehearse)


def _configured(configuration: Configuration, keep_days: int | None, exclude: list[str]) -> Configuration:
    own = configuration.backup
    left_out = dict.fromkeys(exclude, "left out by --exclude-schema") | own.exclude_schemas
    days = own.keep_days if keep_days is None else keep_days
    section = own.model_copy(update={"keep_days": days, "exclude_schemas": left_out})
    return configuration.model_copy(update={"backup": section})


def _exit_code(manifest: BackupManifest, *, rehearse: bool) -> int:
    if manifest.verified.failed:
        return 1
    return 3 if rehearse and not manifest.verified.rehearsed else 0


def _status(place: BackupFolder, chosen: BackupFormat, output: Path | None, *, read: bool) -> int:
    if not place.path.is_dir():
        raise ConfigurationError(f"there is no folder {place.path.name}", hint="Give --dir DIR, where backups are.")
    stored, problems = place.stored()
    if read:
        stored = read_all(stored)
    found = status_of([(each.manifest, each.problem) for each in stored], problems, datetime.now(UTC), read=read)
    if not _deliver(found, chosen, output):
        put_text(lambda console, _terminal: print_status(found, console), output)
    return 0 if found.safe and not found.problems else 1


def _deliver(record: Record, chosen: BackupFormat, output: Path | None) -> bool:
    """Whether it was given as JSON."""
    if chosen is BackupFormat.JSON:
        put(record.to_json(indent=2), output)
    return chosen is BackupFormat.JSON


def _folder(project: Project, flag: Path | None) -> Path:
    if flag is not None:
        return flag.resolve()
    named = project.configuration.backup.dir
    if named is None:
        raise ConfigurationError("no folder of backups is given", hint="Use --dir DIR, or write dir under [backup].")
    return (project.base / named).resolve()


def _origin(project: Project, side: Side | None, source: str | None, target: str | None) -> Endpoint:
    if source is not None and target is not None:
        raise ConfigurationError("one database is dumped at a time", hint="Give --source DSN or --target DSN.")
    given = Side.SOURCE if source is not None else Side.TARGET if target is not None else None
    if side is not None and given is not None and side is not given:
        raise ConfigurationError(f"--side {side} and --{given} are given", hint="Leave --side out, or give its DSN.")
    chosen = given or side or Side.TARGET
    return endpoint(project, chosen, source if chosen is Side.SOURCE else target)
