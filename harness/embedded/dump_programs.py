"""Finds pg_dump and pg_restore: those of the servers at hand, or the client programs that are on the PATH."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.embedded.binaries import SYSTEM, VARIABLE, installations, version_in
from harness.errors import LocalStackError

_BOTH = ("pg_dump", "pg_restore")


@dataclass(frozen=True, slots=True)
class DumpPrograms:
    """pg_dump and pg_restore of one version."""

    folder: Path
    version: tuple[int, int]
    origin: str

    @property
    def pg_dump(self) -> str:
        """Its path."""
        return os.fspath(self.folder / "pg_dump")

    @property
    def pg_restore(self) -> str:
        """Its path."""
        return os.fspath(self.folder / "pg_restore")

    @property
    def version_text(self) -> str:
        """As PostgreSQL writes it: 16.14."""
        return ".".join(map(str, self.version))


def dump_programs(at_least: int) -> DumpPrograms:
    """The programs of this major version, else of the nearest later one: older ones do not read a newer server, nor
    the archive of a newer pg_dump. LocalStackError says which versions are here.
    """
    found = list(_found())
    fitting = [each for each in found if each.version[0] >= at_least]
    if fitting:
        return min(fitting, key=lambda each: each.version[0])
    here = ", ".join(dict.fromkeys(each.version_text for each in found)) or "none"
    raise LocalStackError(
        f"no pg_dump and pg_restore of PostgreSQL {at_least} or later are here (found: {here})",
        hint=f"Install the client programs of PostgreSQL {at_least}, or name their folder in {VARIABLE}.",
    )


def _found() -> Iterator[DumpPrograms]:
    """Folders that a user named come first: they may have no server, which `installations` would want."""
    seen: set[Path] = set()
    for folder, origin in _folders():
        if folder in seen or not all((folder / each).is_file() for each in _BOTH):
            continue
        seen.add(folder)
        version = _version(folder / "pg_dump")
        if version is not None:
            yield DumpPrograms(folder, version, origin)


def _folders() -> Iterator[tuple[Path, str]]:
    for entry in os.environ.get(VARIABLE, "").split(os.pathsep):
        if entry.strip():
            yield Path(entry.strip()).expanduser(), VARIABLE
    yield from ((each.bin, each.origin) for each in installations())
    on_path = shutil.which("pg_dump")
    if on_path:
        yield Path(on_path).parent, SYSTEM


@functools.cache
def _version(program: Path) -> tuple[int, int] | None:
    try:
        done = subprocess.run(
            [os.fspath(program), "--version"], capture_output=True, text=True, errors="replace", timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return version_in(done.stdout) if done.returncode == 0 else None
