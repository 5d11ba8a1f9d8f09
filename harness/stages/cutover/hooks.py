"""Programs of the user that a cutover calls: no shell, a time limit, the output to the log without secrets."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.render.secrets import blotted
from harness.stages.cutover.request import CutoverRequest

_SHOWN: Final = 400
_READ: Final = 64 * 1024
_GRACE_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Ran:
    """How a program ended. `code` is None where it did not: it could not be started, or took too long."""

    code: int | None
    text: str
    """In words, with the last of its output"""


def executable(command: tuple[str, ...], base: Path) -> str:
    """Why a program cannot be called; '' where it can."""
    return (
        ""
        if _found(command[0], base)
        else f"{command[0]} is no program that can be executed from the configuration's folder"
    )


def _found(name: str, base: Path) -> str | None:
    """By the path of the environment, else from the configuration's folder; a name with a folder is of that alone."""
    own = shutil.which(str(base / name))
    return own if os.sep in name else shutil.which(name) or own


def call(request: CutoverRequest, command: tuple[str, ...], *, cutover: str, step: str) -> Ran:
    """Run a program to its end in the folder of the configuration."""
    name, *arguments = command
    program = _found(name, request.base) or name
    environment = os.environ | {"PGPARITY_CUTOVER_ID": cutover, "PGPARITY_CUTOVER_STEP": step}
    # A file, no pipe: what the program leaves running may keep it open, and nobody waits for that.
    with tempfile.TemporaryFile() as output:
        try:
            process = subprocess.Popen(
                [program, *arguments],
                cwd=request.base,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            return Ran(None, f"{name} could not be started: {error.strerror}")
        try:
            code = process.wait(request.section.hook_seconds)
        except subprocess.TimeoutExpired:
            _end(process)
            told = _told(output.fileno())
            return Ran(None, f"{name} did not end within {request.section.hook_seconds:g} s and was ended{told}")
        except BaseException:
            _end(process)
            raise
        return Ran(code, f"{name} ended with {code}{_told(output.fileno())}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """It and what it started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE_SECONDS)
            return


def _told(number: int) -> str:
    """The end of what it wrote, in one line, without anything that looks like a secret."""
    size = os.fstat(number).st_size
    text = os.pread(number, _READ, max(size - _READ, 0)).decode("utf-8", "replace")
    line = " ".join(blotted(text).split())
    if not line:
        return ""
    return f": {line}" if len(line) <= _SHOWN else f": … {line[-_SHOWN:]}"
