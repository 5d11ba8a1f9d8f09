"""Gives the servers' account an installation that it can read: the found one, or a copy of it made once."""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from harness.embedded.account import Account, can, runs, temporary_directories
from harness.embedded.binaries import REQUIRED_TOOLS, Installation
from harness.errors import LocalStackError

FOLDER = "pgparity-installations"
_COUNT = ".files"
_SHARED_PREFIXES = (Path("/"), Path("/usr"), Path("/usr/local"))
_NEEDED = (
    ".",
    "lib",
    "lib/postgresql",
    "lib/postgresql/plpgsql.so",
    "lib/plpgsql.so",
    "share",
    "share/postgresql",
    "share/postgresql/postgres.bki",
    "share/postgres.bki",
)


@functools.cache
def usable_by(account: Account | None, installation: Installation) -> Installation:
    """The installation itself when the account can run it, else a copy below the temporary directory.

    A virtual environment below /root is closed to every other account. The copy is kept for the next start.
    Raises LocalStackError when the account cannot run the copy either.
    """
    if account is None or _can_run(account, installation):
        return installation
    for directory in () if installation.bin.parent in _SHARED_PREFIXES else temporary_directories():
        folder = directory / FOLDER
        if not can(account, "enter", directory) or not _made_safely(folder):
            continue
        copy = _copied(installation, folder)
        if _can_run(account, copy):
            return copy
    raise LocalStackError(
        f"{account.name}, the account that servers run under, cannot run {installation.bin / 'postgres'}",
        hint="install the servers where every account can read them, or run pgparity as an ordinary user",
    )


def _can_run(account: Account, installation: Installation) -> bool:
    prefix = installation.bin.parent
    needed = [prefix / name for name in _NEEDED if (prefix / name).exists()]
    return can(account, "read", *needed) and all(
        runs(account, [str(installation.tool(tool)), "--version"]) for tool in REQUIRED_TOOLS
    )


def _made_safely(folder: Path) -> bool:
    """Make the folder of copies, and trust one that is there only when nobody else can have touched it."""
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o755)
        folder.chmod(0o755)
    state = folder.lstat()
    return stat.S_ISDIR(state.st_mode) and state.st_uid == os.geteuid() and not state.st_mode & 0o022


def _copied(installation: Installation, folder: Path) -> Installation:
    """The copy of this very build: made under a lock and moved into place whole."""
    prefix = installation.bin.parent
    build = (installation.bin / "postgres").stat()
    name = hashlib.sha256(f"{prefix}\0{build.st_size}\0{build.st_mtime_ns}".encode()).hexdigest()[:16]
    place = folder / name
    # A wheel's own libraries lie beside its package, and its programs look for them by a relative path.
    libraries = prefix.parent.with_name(prefix.parent.name + ".libs")
    inside = Path(prefix.parent.name, prefix.name)
    with _locked(folder / "lock"):
        if not _whole(place):
            _clear(folder, place)
            partial = Path(tempfile.mkdtemp(prefix="partial-", dir=folder))
            _copy(prefix, partial / inside)
            if libraries.is_dir():
                _copy(libraries, partial / libraries.name)
            _opened(partial)
            (partial / _COUNT).write_text(str(_files(partial)), encoding="utf-8")
            partial.rename(place)
    return replace(installation, bin=place / inside / installation.bin.name)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    lock = os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _copy(source: Path, destination: Path) -> None:
    shutil.copytree(source, destination, symlinks=True, ignore=shutil.ignore_patterns("*.a", "include"))


def _opened(folder: Path) -> None:
    """Let every account read what was copied, whatever the umask was when it was installed."""
    for directory, _, files in os.walk(folder):
        Path(directory).chmod(0o755)
        for file in files:
            path = Path(directory, file)
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644)


def _files(folder: Path) -> int:
    return sum(len(files) for _, _, files in os.walk(folder))


def _whole(place: Path) -> bool:
    """Whether nothing is missing: services that clean temporary directories take single old files."""
    with contextlib.suppress(OSError, ValueError):
        return int((place / _COUNT).read_text(encoding="utf-8")) == _files(place) - 1
    return False


def _clear(folder: Path, place: Path) -> None:
    """Delete what a killed process or a cleaning service left; the lock is ours, so nobody is writing it."""
    for leftover in [place, *folder.glob("partial-*")]:
        shutil.rmtree(leftover, ignore_errors=True)
