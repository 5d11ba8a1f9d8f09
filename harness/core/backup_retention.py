"""Which backups of a folder are old enough to go, and what those that stay promise: pure, from their manifests."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final

from harness.core.backup import BackupManifest, BackupStatus, Recovery, StoredBackup

_DAY: Final = 86_400


def expired(
    manifests: Iterable[BackupManifest], unsound: frozenset[str], now: datetime, keep_days: int
) -> tuple[BackupManifest, ...]:
    """Those older than `keep_days`, oldest first, but of each database never the last one that can be restored, nor one
    that holds a schema which every newer one leaves out.

    `unsound`: ids of those whose file is not what the manifest says; they are no backup that could be kept instead.
    """
    newest_first = sorted(manifests, key=lambda each: each.age_seconds(now))
    sound: list[BackupManifest] = []
    found: list[BackupManifest] = []
    for each in newest_first:
        is_sound = each.restorable and each.id not in unsound
        last = is_sound and _instead(each, sound) is None
        if is_sound:
            sound.append(each)
        if not last and each.age_seconds(now) > keep_days * _DAY:
            found.append(each)
    return tuple(reversed(found))


def relied_on(
    manifests: Iterable[BackupManifest], removed: Collection[BackupManifest], unsound: frozenset[str], now: datetime
) -> tuple[BackupManifest, ...]:
    """Of those that stay, the newest that holds as much as one that is removed: without them nothing may go."""
    gone = {each.id for each in removed}
    staying = sorted(
        (each for each in manifests if each.id not in gone and each.id not in unsound and each.restorable),
        key=lambda each: each.age_seconds(now),
    )
    found = {instead.id: instead for each in removed if (instead := _instead(each, staying)) is not None}
    return tuple(found.values())


def _instead(backup: BackupManifest, others: Iterable[BackupManifest]) -> BackupManifest | None:
    """The first of the others that is of the same database and leaves out nothing that the backup has."""
    left_out = frozenset(backup.left_out)
    return next((each for each in others if each.of == backup.of and left_out.issuperset(each.left_out)), None)


def status(
    manifests: Sequence[tuple[BackupManifest, str | None]],
    problems: Sequence[str],
    now: datetime,
    *,
    read: bool = False,
) -> BackupStatus:
    """The backups, newest first, each with what is wrong with its file; and what they promise of each database.

    `read`: whether the files were read for that.
    """
    ordered = sorted(manifests, key=lambda each: each[0].age_seconds(now))
    stored = [(each.of, _stored(each, problem, now)) for each, problem in ordered]
    databases = dict.fromkeys(of for of, _ in stored)
    return BackupStatus(
        at=now.isoformat(timespec="seconds"),
        read=read,
        backups=tuple(each for _, each in stored),
        problems=tuple(problems),
        recovery=tuple(_recovery([each for of, each in stored if of == wanted]) for wanted in databases),
    )


def _stored(manifest: BackupManifest, problem: str | None, now: datetime) -> StoredBackup:
    return StoredBackup(
        file=manifest.dump,
        database=manifest.server.database,
        address=manifest.server.address,
        side=manifest.side,
        started_at=manifest.started_at,
        age_seconds=round(manifest.age_seconds(now), 3),
        bytes=manifest.bytes,
        rows=manifest.rows,
        verified=manifest.restorable and problem is None,
        rehearsed=manifest.verified.rehearsed and problem is None,
        restore_seconds=manifest.verified.restore_seconds,
        left_out=manifest.left_out,
        problem=problem or ("; ".join(manifest.verified.failed) or None) or _of_nothing(manifest),
    )


def _of_nothing(manifest: BackupManifest) -> str | None:
    return "every table was left out of it" if manifest.emptied else None


def _recovery(backups: Sequence[StoredBackup]) -> Recovery:
    """Of one database's backups, newest first."""
    verified = [each for each in backups if each.verified]
    restored = (each.restore_seconds for each in verified if each.restore_seconds is not None)
    schemas = sorted({schema for each in verified for schema in each.left_out})
    holding = {schema: next((each for each in verified if schema not in each.left_out), None) for schema in schemas}
    # What the newest leaves out is as old as the newest that has it.
    ages = [each.age_seconds for each in (*verified[:1], *holding.values()) if each is not None]
    return Recovery(
        database=backups[0].database,
        address=backups[0].address,
        recovery_point_seconds=max(ages, default=None),
        recovery_time_seconds=next(restored, None),
        left_out=tuple(schema for schema, each in holding.items() if each is None),
    )
