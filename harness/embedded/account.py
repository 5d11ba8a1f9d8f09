"""Chooses the account that servers run under, since PostgreSQL refuses root, and what that account can reach."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.errors import LocalStackError

_PREFERRED = ("nobody", "postgres")
_LONGEST_SOCKET_PATH = 99
_SOCKET_NAME = "/pgparity-12345678/.s.PGSQL.65535"
_TEST = {"read": "-r", "enter": "-x", "write": "-w"}


@dataclass(frozen=True)
class Account:
    """An account without privileges that has an entry in the password database."""

    name: str
    uid: int
    gid: int


def server_account() -> Account | None:
    """The account that servers run under: None is the one that runs this process, which is not root.

    Raises LocalStackError when this process is root and cannot become anyone else, or has no entry in the
    password database, without which initdb refuses.
    """
    if os.geteuid() != 0:
        try:
            pwd.getpwuid(os.geteuid())
        except KeyError:
            raise LocalStackError(
                f"PostgreSQL needs an entry in the password database for user {os.geteuid()}",
                hint="add the user to /etc/passwd, or run as a user that is there",
            ) from None
        return None
    for account in _others():
        if can(account, "enter", Path("/")):
            return account
    raise LocalStackError(
        "PostgreSQL does not run as root, and this process may not become another user",
        hint="run pgparity as an ordinary user",
    )


def _others() -> Iterator[Account]:
    entries = {entry.pw_name: entry for entry in pwd.getpwall() if entry.pw_uid != 0}
    for name in [*_PREFERRED, *(name for name in entries if name not in _PREFERRED)]:
        if name in entries:
            yield Account(name, entries[name].pw_uid, entries[name].pw_gid)


def can(account: Account | None, right: str, *paths: Path) -> bool:
    """Whether the account may `read`, `enter` or `write` all of these paths (an executable file is entered)."""
    script = f'for path; do [ {_TEST[right]} "$path" ] || exit 1; done'
    return runs(account, ["/bin/sh", "-c", script, "sh", *(os.fspath(path) for path in paths)])


def runs(account: Account | None, command: Sequence[str]) -> bool:
    """Whether a command succeeds when the account runs it; asking the kernel beats reading modes and ACLs."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            timeout=60,
            check=False,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def temporary_directories() -> Iterator[Path]:
    """The places for temporary files, the one that TMPDIR names first.

    `tempfile.gettempdir` tries its answer with a file, which a tool that is killed right then would leave there.
    """
    seen: set[Path] = set()
    named = os.environ.get("TMPDIR") or "/tmp"  # noqa: S108 - names below it are made safely
    for name in (named, "/tmp", "/var/tmp"):  # noqa: S108
        path = Path(os.path.realpath(name))
        if path not in seen and path.is_dir():
            seen.add(path)
            yield path


def memory_directory(room: int) -> Path | None:
    """The file system in memory (Linux: /dev/shm) where it and the memory itself have `room` bytes free, else None.

    Making and dropping databases is far cheaper there than on a disk's file system (docs/performance.md).
    """
    path = Path("/dev/shm")  # noqa: S108 - names below it are made safely
    try:
        available = next(
            int(line.split()[1]) * 1024
            for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
            if line.startswith("MemAvailable:")
        )
        return path if min(shutil.disk_usage(path).free, available) >= room else None
    except (OSError, StopIteration, ValueError):
        return None


def folder_for_servers(account: Account | None, *, memory: int = 0) -> Path:
    """A directory in which the account can make a server's folder, short enough for a socket's path.

    `memory`: prefer the file system in memory if that many bytes are free there. LocalStackError when there is none.
    """
    preferred = memory_directory(memory) if memory else None
    for path in (*([preferred] if preferred else []), *temporary_directories()):
        if len(os.fsencode(path)) + len(_SOCKET_NAME) > _LONGEST_SOCKET_PATH:
            continue
        if can(account, "enter", path) and can(account, "write", path):
            return path
    raise LocalStackError(
        f"no directory for temporary files in which {account.name if account else 'this user'} may write",
        hint="set TMPDIR to one with a path of fewer than 66 bytes",
    )
