"""Whether the files of a backup are as they were written, by reading them; and which backups may go because of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from harness.core.backup import BackupManifest
from harness.core.backup_retention import expired, relied_on
from harness.core.digest import DigestDocument
from harness.errors import BackupFailed, PgparityError
from harness.stages.backup_folder import BackupFolder, Stored, sha256_of
from harness.stages.backup_proof import digest_of


def as_written(manifest: BackupManifest, folder: Path) -> DigestDocument:
    """Read the dump whole, and the digest beside it. BackupFailed, DocumentError: one is not what was written."""
    length, sha256 = sha256_of(folder / manifest.dump)
    if length != manifest.bytes or sha256 != manifest.sha256:
        what = "its SHA-256 is another one" if length == manifest.bytes else f"it has {length:,} of {manifest.bytes:,}"
        raise BackupFailed(
            f"{manifest.dump} is not as it was written: {what}{'' if length == manifest.bytes else ' bytes'}",
            hint="Copy it again from where it was made, or take another backup.",
        )
    return digest_of(manifest, folder)


def read_all(stored: Sequence[Stored]) -> tuple[Stored, ...]:
    """The backups with what is wrong with their files, each read whole."""
    return tuple(each if each.problem else Stored(each.manifest, each.folder, _problem(each)) for each in stored)


def removable(
    folder: BackupFolder, now: datetime, keep_days: int, *, proven: str | None = None
) -> tuple[BackupManifest, ...]:
    """The backups that are older than that, oldest first; of a database never the last one that can be restored, nor
    one that holds a schema which the newer ones leave out.

    What is kept instead of one that goes is read first: a file with a changed byte displaces nothing. `proven`: the id
    of a backup that was read just now.
    """
    stored, _ = folder.stored()
    manifests = [each.manifest for each in stored]
    by_id = {each.manifest.id: each for each in stored}
    unsound = frozenset(each.manifest.id for each in stored if each.problem is not None)
    read = {proven}
    while True:
        found = expired(manifests, unsound, now, keep_days)
        unread = [each for each in relied_on(manifests, found, unsound, now) if each.id not in read]
        if not unread:
            return found
        read |= {each.id for each in unread}
        unsound |= {each.id for each in unread if _problem(by_id[each.id]) is not None}


def _problem(stored: Stored) -> str | None:
    try:
        as_written(stored.manifest, stored.folder)
    except PgparityError as error:
        return error.message
    return None
