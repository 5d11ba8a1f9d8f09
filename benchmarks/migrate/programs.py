"""The programs that move the table: the command of each, and what a run of one took."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

PGPARITY: Final = "pgparity"
LIMIT_SECONDS: Final = 3600.0
JOBS: Final = 2


class CannotMove(Exception):
    """A program is not installed, or ended with an error; says so in one line."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What the processes of one move took together."""

    seconds: float
    """Of the wall clock, from the start of the first to the end of the last"""
    processor: float
    """Seconds of the processes and of those that they waited for, not of the servers"""
    mebibytes: float
    """The most that one of the processes held"""
    printed: str = ""

    def then(self, other: Ran) -> Ran:
        """One after the other."""
        return Ran(
            self.seconds + other.seconds,
            self.processor + other.processor,
            max(self.mebibytes, other.mebibytes),
            other.printed,
        )


def migrate(dsns: tuple[str, str], *options: str) -> list[str]:
    """The command of pgparity, in the form that other programs drive it by."""
    program = [sys.executable, "-m", "harness", "migrate"]
    return [*program, "--source", dsns[0], "--target", dsns[1], "--yes", "--format", "json", "--no-progress", *options]


def pgcopydb(dsns: tuple[str, str], folder: Path, *options: str) -> list[str]:
    """The command of pgcopydb; CannotMove where it is not installed. It leaves its files in the folder."""
    program = shutil.which("pgcopydb")
    if program is None:
        raise CannotMove("is not installed (Debian: apt-get install pgcopydb)")
    # It leaves two semaphores behind; in a namespace of its own they end with it. Not everyone may make one.
    apart = ["unshare", "--ipc"]
    alone = shutil.which(apart[0]) and not subprocess.run([*apart, "true"], capture_output=True, check=False).returncode
    sides = ["--source", dsns[0], "--target", dsns[1], "--dir", f"{folder}"]
    jobs = ["--table-jobs", str(JOBS), "--index-jobs", str(JOBS)]
    left_out = ["--skip-extensions", "--skip-large-objects", "--no-owner", "--no-acl"]
    return [*(apart if alone else []), program, "clone", *sides, *jobs, *left_out, *options]


def dumped(dsns: tuple[str, str], programs: Path, folder: Path) -> Ran:
    """pg_dump into a folder, then pg_restore from it: without compression, for on one machine that only costs time,
    and without fsync, as the servers."""
    dump = ["pg_dump", "-Fd", f"-j{JOBS}", "--compress=0", "--no-sync", "-f", f"{folder}", dsns[0]]
    restore = ["pg_restore", f"-j{JOBS}", "--no-owner", "--no-acl", "-d", dsns[1], f"{folder}"]
    return run([dump], programs).then(run([restore], programs))


def run(pipe: Sequence[Sequence[str]], programs: Path, limit_seconds: float = LIMIT_SECONDS) -> Ran:
    """Run commands, each reading what the one before writes, to the end of all.

    `programs` is the bin directory in which PostgreSQL's own are looked for. CannotMove: one ended with another code
    than 0, or was ended after `limit_seconds`. What ends this before they end, ends them and what they started.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    environment["PATH"] = f"{programs}{os.pathsep}{environment.get('PATH', os.defpath)}"
    with contextlib.ExitStack() as stack:
        said = [stack.enter_context(tempfile.TemporaryFile("w+")) for _ in pipe]
        out = stack.enter_context(tempfile.TemporaryFile("w+"))
        started: list[subprocess.Popen[str]] = []
        begun = time.perf_counter()
        stack.callback(_end, started)
        with _limit(started, limit_seconds):
            for number, command in enumerate(pipe):
                before: IO[str] | int | None = started[-1].stdout if started else subprocess.DEVNULL
                after: IO[str] | int = out if number == len(pipe) - 1 else subprocess.PIPE
                started.append(_start(command, environment, before, after, said[number]))
                if started[:-1]:
                    # Only the reader keeps it: where the reader ends early, the writer is told.
                    _close(started[-2])
            used = [os.wait4(process.pid, 0) for process in started]
        took = time.perf_counter() - begun
        for process, (_, status, _) in zip(started, used, strict=True):
            process.returncode = os.waitstatus_to_exitcode(status)
        why = [_why(process, told) for process, told in zip(started, said, strict=True) if process.returncode]
        if why:
            raise CannotMove("; ".join(why))
        out.seek(0)
        usages = [usage for _, _, usage in used]
        processor = sum(usage.ru_utime + usage.ru_stime for usage in usages)
        return Ran(took, processor, max(usage.ru_maxrss for usage in usages) / 1024, out.read())


def _start(
    command: Sequence[str],
    environment: dict[str, str],
    before: IO[str] | int | None,
    after: IO[str] | int,
    said: IO[str],
) -> subprocess.Popen[str]:
    # Found by the PATH that the program itself will see: pgcopydb looks for pg_dump there too.
    program = shutil.which(command[0], path=environment["PATH"])
    if program is None:
        raise CannotMove(f"{command[0]} is not installed")
    arguments = [program, *command[1:]]
    # A session of its own, so that what it starts can be ended with it.
    return subprocess.Popen(
        arguments, stdin=before, stdout=after, stderr=said, env=environment, text=True, start_new_session=True
    )


def _close(process: subprocess.Popen[str]) -> None:
    if process.stdout:
        process.stdout.close()


@contextlib.contextmanager
def _limit(started: Sequence[subprocess.Popen[str]], seconds: float) -> Iterator[None]:
    timer = threading.Timer(seconds, _signalled, [started])
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _signalled(started: Sequence[subprocess.Popen[str]]) -> None:
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _end(started: Sequence[subprocess.Popen[str]]) -> None:
    _signalled([process for process in started if process.returncode is None])
    for process in started:
        if process.returncode is None:
            process.wait()
        _close(process)


def _why(process: subprocess.Popen[str], complained: IO[str]) -> str:
    complained.seek(0)
    lines = [line.strip() for line in complained.read().splitlines() if line.strip()]
    told = [line for line in lines if "error" in line.lower() or "fatal" in line.lower()] or lines[-1:]
    program = process.args[0] if isinstance(process.args, list) else ""
    name = PGPARITY if program == sys.executable else Path(str(program)).name
    return f"{name} ended with {process.returncode}" + (f": {told[0][:160]}" if told else "")
