"""Renders backups for people: one that was made, those of a folder, one that was restored."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from rich.console import Console
from rich.filesize import decimal
from rich.table import Table
from rich.text import Text

from harness.core.backup import BackupManifest, BackupStatus, PlannedBackup, RestoredDatabase, StoredBackup
from harness.render.secrets import blotted
from harness.render.visible import one_line

_SHOWN: Final = 20


def print_backup(manifest: BackupManifest, console: Console, *, rehearsal: bool) -> None:
    """What is in a new backup, and what was proven of it."""
    server, found = manifest.server, manifest.verified
    _line(
        console,
        f"{manifest.dump}  {decimal(manifest.bytes)}, {manifest.rows:,} rows of {len(manifest.tables):,} tables"
        f"{f', {manifest.large_objects:,} large objects' if manifest.large_objects else ''}",
    )
    at = f" at {manifest.lsn}" if manifest.lsn else ""
    _line(
        console,
        f"  of {server.database} on {server.address}, PostgreSQL {server.version}, as it was {manifest.started_at}{at};"
        f" pg_dump {manifest.pg_dump_version}, {manifest.seconds:.1f} s",
    )
    for schema, reason in manifest.left_out.items():
        _line(console, f"  not dumped by decision: schema {schema}: {reason}", "yellow")
    _line(console, "✓ read back whole; it lists the rows of every table", "green")
    if not rehearsal:
        _line(console, "! not rehearsed: nothing was restored from it (--rehearse)", "yellow")
        return
    if found.restore_seconds is not None:
        _line(console, f"  restored on this machine in {found.restore_seconds:.1f} s, indexes and constraints with it")
    _line(console, f"  {found.rows_compared:,} rows of {found.tables_compared:,} tables compared with the database")
    _told(console, found.failed, found.not_checked)
    for note in found.notes:
        _line(console, f"  {note}", "dim")
    if found.rehearsed:
        _line(console, "✓ rehearsed: every row is in the restored copy as it was dumped", "green")


def print_plan(plan: PlannedBackup, console: Console) -> None:
    """What a backup would do."""
    _line(
        console,
        f"would dump {plan.database} on {plan.address} (PostgreSQL {plan.server_version}, {decimal(plan.bytes)},"
        f" {plan.tables:,} tables) with pg_dump {plan.pg_dump_version} from {plan.pg_dump_from} into {plan.folder}",
    )
    for name in plan.removed:
        _line(console, f"would remove {name}")
    if not plan.removed:
        _line(console, "would remove nothing")


def print_removed(names: tuple[str, ...], console: Console) -> None:
    """What retention took."""
    for name in names:
        _line(console, f"removed {name}: older than is kept")


def print_status(status: BackupStatus, console: Console) -> None:
    """The backups of a folder, and what would be lost, and for how long, if the database went now."""
    table = Table(box=None, pad_edge=False)
    for heading in ("backup", "age", "size", "rows", "verified", "rehearsed", "restored in"):
        table.add_column(heading, overflow="fold")
    for each in status.backups:
        table.add_row(
            Text(one_line(each.file)),
            _age(each.age_seconds),
            decimal(each.bytes),
            f"{each.rows:,}",
            _proof(each),
            "yes" if each.rehearsed else "no",
            "" if each.restore_seconds is None else f"{each.restore_seconds:.1f} s",
        )
    if status.backups:
        console.print(table)
    else:
        _line(console, "there is no backup here")
    for each in status.backups:
        if each.problem:
            _line(console, f"✗ {each.file}: {each.problem}", "red")
    for each in status.backups:
        if each.left_out:
            _line(console, f"! {each.file} leaves out {_schemas(each.left_out)}", "yellow")
    for problem in status.problems:
        _line(console, f"✗ {problem}", "red")
    for one in status.recovery:
        point = "no verified backup" if one.recovery_point_seconds is None else _age(one.recovery_point_seconds)
        time = (
            "not measured (--rehearse)" if one.recovery_time_seconds is None else f"{one.recovery_time_seconds:.1f} s"
        )
        lacking = f"; no verified backup has {_schemas(one.left_out)}" if one.left_out else ""
        _line(console, f"{one.database} on {one.address}: recovery point {point}, recovery time {time}{lacking}")
    if status.backups and not status.read:
        _line(console, "no dump was read: that it was verified is what its manifest says, and its size fits (--verify)")


def _proof(backup: StoredBackup) -> Text:
    if not backup.verified:
        return Text("✗ no", style="red")
    return Text("! in part", style="yellow") if backup.left_out else Text("✓ yes", style="green")


def _schemas(names: Collection[str]) -> str:
    return f"schema{'' if len(names) == 1 else 's'} {', '.join(names)}"


def print_restored(done: RestoredDatabase, console: Console) -> None:
    """What was restored, or would be."""
    where = f"{done.database} on {done.address}"
    if not done.written:
        _line(
            console,
            f"would restore {done.dump} ({done.rows:,} rows of {done.tables:,} tables) into {where}; --yes does it",
        )
        return
    seconds = f" in {done.restore_seconds:.1f} s" if done.restore_seconds is not None else ""
    _line(console, f"{done.dump} restored into {where}{seconds}")
    _line(console, f"  {done.rows_compared:,} rows of {done.tables_compared:,} tables compared with the digest")
    _told(console, done.failed, done.not_checked)
    if not done.failed and not done.not_checked:
        _line(console, "✓ every row is there as it was dumped", "green")


def _told(console: Console, failed: tuple[str, ...], not_checked: tuple[str, ...]) -> None:
    for sign, style, lines in (("✗", "red", failed), ("! not compared:", "yellow", not_checked)):
        for each in lines[:_SHOWN]:
            _line(console, f"{sign} {each}", style)
        if len(lines) > _SHOWN:
            _line(console, f"{sign} and {len(lines) - _SHOWN} more", style)


def _line(console: Console, text: str, style: str = "") -> None:
    console.print(Text(one_line(blotted(text)), style=style), soft_wrap=True)


def _age(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))
