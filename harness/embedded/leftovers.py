"""What killed servers leave behind: backends, shared memory, folders. On the standard library alone, for watchdogs."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

PREFIX = "pgparity-"
LOCK = "watchdog.lock"
LIBC = ctypes.CDLL(None)
_STRAY_SECONDS = 0.5
_STALE_SECONDS = 10.0
_IPC_RMID = 0


def lines_of(path: Path) -> list[str]:
    """The lines of a file; none where it cannot be read."""
    with contextlib.suppress(OSError):
        return path.read_text("utf-8", "replace").splitlines()
    return []


def end_strays() -> None:
    """Wait for backends whose postmaster was killed (on Linux they become our children), then kill them."""
    deadline = time.monotonic() + _STRAY_SECONDS
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, _ = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                if time.monotonic() > deadline:
                    for stray in _children():
                        os.kill(stray, signal.SIGKILL)
                time.sleep(0.01)


def _children() -> Iterator[int]:
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if status.read_text("utf-8", "replace").rpartition(")")[2].split()[1] == str(os.getpid()):
                yield int(status.parent.name)


def release_shared_memory(data: Path) -> None:
    """Remove the System V segment of a killed server: line 7 of postmaster.pid is its key and its number."""
    lines = lines_of(data / "postmaster.pid")
    if len(lines) < 7 or len(lines[6].split()) != 2:
        return
    number = lines[6].split()[1]
    for segment in map(str.split, lines_of(Path("/proc/sysvipc/shm"))[1:]):
        if (segment[1], segment[4], segment[6]) == (number, lines[0].strip(), "0"):
            LIBC.shmctl(int(number), _IPC_RMID, None)


def sweep(base: str) -> None:
    """Delete the folders of watchdogs that were killed themselves: the lock is free, the server is gone."""
    for folder in Path(base).glob(PREFIX + "*"):
        with contextlib.suppress(OSError, ValueError):
            lock = os.open(folder / LOCK, os.O_RDWR | os.O_NOFOLLOW)
            try:
                state = os.fstat(lock)
                if state.st_uid == os.geteuid() and time.time() - state.st_mtime > _STALE_SECONDS:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    if not _runs(lines_of(folder / "data" / "postmaster.pid")):
                        release_shared_memory(folder / "data")
                        shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)


def _runs(postmaster_pid: list[str]) -> bool:
    try:
        os.kill(int(postmaster_pid[0]), 0)
    except (IndexError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
