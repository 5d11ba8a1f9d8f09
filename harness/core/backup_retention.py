"""Which backups of a folder are old enough to go, and what those that stay promise: pure, from their manifests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from harness.core.backup import BackupManifest, BackupStatus, Recovery, StoredBackup

_DAY: Final = 86_400


def expired(
    manifests: Iterable[BackupManifest], unsound: frozenset[str], now: datetime, keep_days: int
) -> tuple[BackupManifest, ...]:
    """Those older than `keep_days`, oldest first, but of each database never the last one that can be restored.

    `unsound`: ids of those whose file is not what the manifest says; they are no backup that could be kept instead.
    """
    newest_first = sorted(manifests, key=lambda each: each.age_seconds(now))
    kept: set[tuple[str, str]] = set()
    found: list[BackupManifest] = []
    for each in newest_first:
        sound = each.restorable and each.id not in unsound
        last = sound and each.of not in kept
        if sound:
            kept.add(each.of)
        if not last and each.age_seconds(now) > keep_days * _DAY:
            found.append(each)
    return tuple(reversed(found))


def status(
    manifests: Sequence[tuple[BackupManifest, str | None]], problems: Sequence[str], now: datetime
) -> BackupStatus:
    """The backups, newest first, each with what is wrong with its file; and what they promise of each database."""
    ordered = sorted(manifests, key=lambda each: each[0].age_seconds(now))
    stored = [(each.of, _stored(each, problem, now)) for each, problem in ordered]
    databases = dict.fromkeys(of for of, _ in stored)
    return BackupStatus(
        at=now.isoformat(timespec="seconds"),
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
        problem=problem or ("; ".join(manifest.verified.failed) or None),
    )


def _recovery(backups: Sequence[StoredBackup]) -> Recovery:
    """Of one database's backups, newest first."""
    restored = (each.restore_seconds for each in backups if each.verified and each.restore_seconds is not None)
    return Recovery(
        database=backups[0].database,
        address=backups[0].address,
        recovery_point_seconds=next((each.age_seconds for each in backups if each.verified), None),
        recovery_time_seconds=next(restored, None),
    )
