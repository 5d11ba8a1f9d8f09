"""Runs pg_dump and pg_restore: passwords in the environment alone, nothing of theirs left when this process ends."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Final

from psycopg import conninfo

from harness.errors import BackupFailed
from harness.postgres.connect import Endpoint
from harness.postgres.transfer import exactly, lacking, told

_LOCK_WAIT: Final = "10s"
_LAST_SECONDS: Final = 5.0
_STARTER: Final = """
import ctypes, os, signal, sys
parent, program = int(sys.argv[1]), sys.argv[2:]
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, int(signal.SIGTERM), 0, 0, 0)
if os.getppid() != parent:
    sys.exit(1)
os.execv(program[0], program)
"""
"""Becomes the program, after it has asked the kernel (on Linux) to end it with this process: PR_SET_PDEATHSIG. Without
that a pg_dump would go on reading, and writing, after pgparity was killed"""
_ERROR: Final = re.compile(r"^(pg_dump|pg_restore): (?:error|warning|fatal): (.*)$", re.MULTILINE)
_DETAIL: Final = re.compile(r"^pg_(?:dump|restore): detail: Error message from server: (.*)$", re.MULTILINE)


def dump(program: str, origin: Endpoint, snapshot: str, file: Path, *, without: Iterable[str] = ()) -> None:
    """Write the database as it was in an exported snapshot. BackupFailed: it could not be read, or written.

    `without`: schemas that are left out.
    """
    arguments = ["--format=custom", f"--snapshot={snapshot}", f"--lock-wait-timeout={_LOCK_WAIT}", "--no-password"]
    arguments += [f"--exclude-schema={exactly(each)}" for each in without]
    with _connection(origin) as (to, environment):
        done = _run([program, *arguments, f"--file={file}", f"--dbname={to}"], environment)
    if done.code != 0:
        hint = "The role needs SELECT on every table, and must not be bound by row-level security."
        if "No space left" in done.messages or "File too large" in done.messages:
            hint = "Make room, or give another --dir."
        raise BackupFailed(f"pg_dump could not dump the {origin.side}: {_reason(done)}", hint=hint)


def listing(program: str, file: Path) -> list[str]:
    """The lines of pg_restore --list. BackupFailed: it is no archive, or not whole."""
    with tempfile.TemporaryFile() as lines:
        done = _run([program, "--list", os.fspath(file)], dict(os.environ, LC_ALL="C"), into=lines)
        if done.code != 0:
            raise BackupFailed(f"pg_restore could not list {file.name.lstrip('.')}: {_reason(done)}", hint=_UNREADABLE)
        lines.seek(0)
        return lines.read().decode("utf-8", "replace").splitlines()


def read_through(program: str, file: Path) -> None:
    """Have pg_restore read and decompress every block, writing nowhere. BackupFailed: one cannot be read."""
    done = _run([program, f"--file={os.devnull}", os.fspath(file)], dict(os.environ, LC_ALL="C"))
    if done.code != 0:
        raise BackupFailed(f"pg_restore could not read {file.name.lstrip('.')}: {_reason(done)}", hint=_UNREADABLE)


_UNREADABLE: Final = "The file is damaged or cut short: make the backup again."


def restore(
    program: str, file: Path, to: Endpoint, *, jobs: int = 1, owners: bool = True, at_once: bool = True
) -> tuple[str, ...]:
    """Restore into a database.

    `at_once`: all or nothing, in one transaction (by several sessions: it ends at the first error, and what was made
    before stays). BackupFailed: it was refused. Otherwise what could not be made is returned, each with the reason.
    """
    arguments = ["--no-password", "--no-tablespaces"]
    if at_once:
        arguments += ["--exit-on-error"]
        arguments += ["--single-transaction"] if jobs == 1 else []
    arguments += [f"--jobs={jobs}"] if jobs > 1 else []
    arguments += [] if owners else ["--no-owner", "--no-privileges"]
    with _connection(to) as (target, environment):
        done = _run([program, *arguments, f"--dbname={target}", os.fspath(file)], environment)
    if done.code == 0:
        return ()
    if at_once or not (found := lacking(done.messages)):
        raise BackupFailed(f"pg_restore could not restore {file.name}: {_reason(done)}", hint=_hint(done.messages))
    return tuple(found)


def _hint(messages: str) -> str:
    if re.search(r'role "[^"]*" does not exist', messages):
        return "Create the roles first (pg_dumpall --globals-only has them), or use --no-owner."
    if "unrecognized configuration parameter" in messages or "unsupported version" in messages:
        return "The server or pg_restore is older than the pg_dump that made it: use the same major version or later."
    if "is not available" in messages or "must be owner of extension" in messages:
        return "Install the extension on the target's server, or restore as a superuser."
    return "Mend what it names on the target, and run again: nothing was left half done in one transaction."


class _Done:
    """How a program ended, and what it said."""

    def __init__(self, code: int, messages: str) -> None:
        self.code = code
        self.messages = messages


def _run(command: Sequence[str], environment: dict[str, str], *, into: IO[bytes] | None = None) -> _Done:
    with tempfile.TemporaryFile() as said:
        # -I -S: no site-packages, no user's variables, a start of some 15 ms.
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _STARTER, str(os.getpid()), *command],
            stdin=subprocess.DEVNULL,
            stdout=into or subprocess.DEVNULL,
            stderr=said,
            env=environment,
        )
        try:
            code = process.wait()
        finally:
            _ended(process)
        said.seek(0)
        return _Done(code, said.read(1 << 20).decode("utf-8", "replace"))


def _ended(process: subprocess.Popen[bytes]) -> None:
    """End it, where it still runs: asked first, so that sessions and helpers of its own end too."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(_LAST_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _reason(done: _Done) -> str:
    """The first error in one line, without values of rows."""
    found = _ERROR.search(done.messages)
    if found is None:
        return f"it ended with code {done.code}" if done.code >= 0 else f"signal {-done.code} ended it"
    text = re.sub(r"^(query failed: |could not execute query: )?(ERROR|FATAL): +", "", found[2])
    detail = _DETAIL.search(done.messages)
    return told(f"{text} ({detail[1].strip()})" if detail else text).strip()


@contextlib.contextmanager
def _connection(endpoint: Endpoint) -> Iterator[tuple[str, dict[str, str]]]:
    """A connection string without a password for the arguments, and an environment with it: arguments are for all to
    read, and so would messages be that repeat them.
    """
    given = conninfo.conninfo_to_dict(endpoint.dsn)
    environment = dict(os.environ, PGAPPNAME="pgparity backup", LC_ALL="C", PGTZ="UTC")
    if (password := given.get("password")) is not None:
        environment["PGPASSWORD"] = str(password)
    yield conninfo.make_conninfo(**endpoint.parameters()), environment
