"""The tool's side of a watchdog: starts the process, speaks with it over two pipes, ends it."""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, cast

from harness.errors import LocalStackError

_PROGRAM = Path(__file__).with_name("watchdog.py")
_STOP_SECONDS = 15.0


class Watchdog:
    """A running harness/embedded/watchdog.py and the pipe whose end ends it."""

    def __init__(self) -> None:
        # -I -S: no site-packages, no user's variables, a start of some 15 ms. A session of its own keeps the
        # terminal's Ctrl-C away from the server until this process has closed its connections.
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", os.fspath(_PROGRAM)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                start_new_session=True,
            )
        except OSError as error:
            raise LocalStackError(f"cannot start {sys.executable}: {error.strerror}") from error
        self._requests = cast("IO[bytes]", self._process.stdin)
        self._answers = cast("IO[bytes]", self._process.stdout)

    @property
    def pid(self) -> int:
        """The process that is the server's parent."""
        return self._process.pid

    @property
    def quiet(self) -> bool:
        """Whether it runs and has nothing more to say: after `ready` it speaks only of the server's end."""
        if self._process.poll() is not None:
            return False
        poll = select.poll()
        poll.register(self._answers, select.POLLIN)
        return not poll.poll(0)

    def ask(self, request: Mapping[str, object]) -> dict[str, Any]:
        """Send the request and return the first answer; an empty one when it ended without."""
        self._send(json.dumps(request).encode() + b"\n")
        line = self._answers.readline()
        answer: dict[str, Any] = json.loads(line) if line.endswith(b"\n") else {}
        return answer

    def end(self) -> bool:
        """Have it stop the server, wait for it, and return whether it left nothing behind."""
        # A word, not only the end of the pipe: a forked copy of this process may hold the pipe open.
        self._send(b"stop\n")
        self._requests.close()
        self._answers.close()
        try:
            return self._process.wait(_STOP_SECONDS) == 0
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return False

    def _send(self, message: bytes) -> None:
        # A watchdog that is gone shows in its missing answer.
        with contextlib.suppress(OSError):
            self._requests.write(message)
