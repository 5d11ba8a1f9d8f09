"""The folder of backups: one writer at a time, names that appear when a file is whole, and what may be removed."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from harness.core.backup import SUFFIX, BackupManifest, read_manifest, sealed
from harness.errors import BackupFailed, ConfigurationError, DocumentError

DUMP: Final = ".dump"
DIGEST: Final = ".digest.json"
_LOCK: Final = ".pgparity-backup.lock"
_PART: Final = ".pgparity-backup-part."
"""What files begin with that are not whole: no backup has such a name, and what a killed run left goes with the next"""
_BLOCK: Final = 2**20


@dataclass(frozen=True, slots=True)
class Stored:
    """A manifest of the folder, and what is wrong with the file that it is about."""

    manifest: BackupManifest
    folder: Path
    problem: str | None


class BackupFolder:
    """A folder of dumps, their digests and manifests. Everything in it can be read by its owner alone."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else writes or removes backups meanwhile. BackupFailed: somebody does; ConfigurationError: no folder
        can be made there.
        """
        with writing(self.path):
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BackupFailed(
                    f"another backup is being made in {self.path.name}", hint="Wait for it, or give another --dir."
                ) from None
            self._clear()
            yield
        finally:
            os.close(lock)

    def _clear(self) -> None:
        """Remove what a killed run left. Its dump gets its name last: beside one that has not, the rest is void."""
        for left in sorted(self.path.glob(f"{_PART}*")):
            name = left.name.removeprefix(_PART)
            if name.endswith(DUMP) and not (self.path / name).exists():
                for beside in (f"{name}{SUFFIX}", f"{name}{DIGEST}"):
                    (self.path / beside).unlink(missing_ok=True)
            left.unlink(missing_ok=True)

    def new_name(self, database: str, at: datetime) -> str:
        """A name of a dump that is not taken: the database and the moment."""
        stem = re.sub(r"[^A-Za-z0-9_-]+", "_", database).strip("_-") or "database"
        base = f"{stem}-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        names = (f"{base}{'' if number == 1 else f'-{number}'}{DUMP}" for number in range(1, 1000))
        return next(each for each in names if not (self.path / each).exists())

    @contextlib.contextmanager
    def part(self, name: str) -> Iterator[Path]:
        """A file to write that is no backup yet; it is gone at the end where it was not put in its place."""
        path = self.path / f"{_PART}{name}"
        with writing(self.path):
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def put(self, files: dict[Path, str]) -> None:
        """Give files that are whole their names, in this order; when it returns, they survive a loss of power."""
        with writing(self.path):
            for part in files:
                _synced(part, os.O_RDONLY)
            for part, name in files.items():
                part.replace(self.path / name)
            _synced(self.path, os.O_RDONLY | os.O_DIRECTORY)

    def write_manifest(self, manifest: BackupManifest) -> BackupManifest:
        """Write a manifest, sealed, in place of the one that is there."""
        done = sealed(manifest)
        with self.part(f"{done.dump}{SUFFIX}") as part:
            with writing(self.path):
                part.write_text(done.to_json(indent=2) + "\n", encoding="utf-8")
            self.put({part: f"{done.dump}{SUFFIX}"})
        return done

    def stored(self) -> tuple[tuple[Stored, ...], tuple[str, ...]]:
        """What the manifests of the folder say, and in words what is wrong with those that cannot be believed."""
        found: list[Stored] = []
        problems: list[str] = []
        for file in sorted(self.path.glob(f"*{DUMP}{SUFFIX}")):
            if file.name.startswith(_PART):  # pathlib's * takes a leading dot too: somebody is writing it
                continue
            try:
                manifest = read_manifest(file.read_bytes(), file.name)
            except (DocumentError, OSError) as error:
                text = error.message if isinstance(error, DocumentError) else f"{file.name} cannot be read"
                problems.append(text)
                continue
            if f"{manifest.dump}{SUFFIX}" != file.name:
                problems.append(f"{file.name} is the manifest of another file, {manifest.dump}")
                continue
            found.append(Stored(manifest, self.path, self._problem(manifest)))
        return tuple(found), tuple(problems)

    def remove(self, manifest: BackupManifest) -> None:
        """Remove a backup. Its manifest goes last: what is left of an interruption is known, and goes the next time."""
        with writing(self.path):
            for name in (manifest.dump, f"{manifest.dump}{DIGEST}", f"{manifest.dump}{SUFFIX}"):
                (self.path / name).unlink(missing_ok=True)

    def _problem(self, manifest: BackupManifest) -> str | None:
        """Why a dump cannot be restored, as far as that is seen without reading it."""
        try:
            size = (self.path / manifest.dump).stat().st_size
        except OSError:
            return "the dump is not there"
        if size != manifest.bytes:
            return f"the dump has {size:,} bytes and not {manifest.bytes:,}"
        if manifest.digest and not (self.path / manifest.digest).is_file():
            return "its digest is not there: nothing could be compared with what is restored"
        return None


def sha256_of(file: Path) -> tuple[int, str]:
    """Length and SHA-256 of a file. BackupFailed: it cannot be read."""
    found, length = hashlib.sha256(), 0
    try:
        with file.open("rb") as read:
            while block := read.read(_BLOCK):
                found.update(block)
                length += len(block)
    except OSError as error:
        raise BackupFailed(
            f"{file.name.removeprefix(_PART)} cannot be read: {error.strerror}", hint="Check the file and its rights."
        ) from None
    return length, found.hexdigest()


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Errors of the file system as one line."""
    try:
        yield
    except OSError as error:
        raise ConfigurationError(
            f"the folder {folder.name} cannot be written: {error.strerror}", hint="Make room, or give another --dir."
        ) from None


def _synced(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
