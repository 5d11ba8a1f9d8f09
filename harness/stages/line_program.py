"""A program that answers each line it is given with one line; it is waited for so long, and ended with its children."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

MOST_BYTES: Final = 256 * 1024 * 1024
"""A line longer than this is no answer"""
_PIECE: Final = 65_536
_LAST_SECONDS: Final = 2.0
"""What a program gets to end by itself, once nobody asks it any more"""


class ProgramStopped(Exception):
    """The program does not answer any more; the message says why, in words that follow its name."""


class ProgramTooSlow(ProgramStopped):
    """It gave no answer in time, and was ended."""


class LineProgram:
    """A running program. It reads its standard input, writes its standard output, and shares our standard error."""

    def __init__(self, command: Sequence[str], *, folder: Path, environment: Mapping[str, str]) -> None:
        """Start it, without a shell, in a folder. OSError where it cannot be."""
        # A session of its own: whatever it starts is ended with it, and Ctrl-C reaches it through us.
        self._process = subprocess.Popen(
            list(command),
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )
        assert self._process.stdin is not None  # noqa: S101 - it is a pipe, as asked for above
        assert self._process.stdout is not None  # noqa: S101
        self._input, self._output = self._process.stdin, self._process.stdout
        for pipe in (self._input, self._output):
            os.set_blocking(pipe.fileno(), False)
        self._read = bytearray()
        self._ended = False

    @property
    def running(self) -> bool:
        """Whether it can still be asked."""
        return not self._ended

    def ask(self, line: bytes, seconds: float) -> bytes:
        """Its next line after this one, without the line's end. ProgramStopped where none comes; it is ended then."""
        if self._ended:
            raise ProgramStopped("is not running any more")
        if self._read:
            self.end(0)
            raise ProgramStopped("wrote more than one line for one request")
        try:
            return self._exchanged(memoryview(line), time.monotonic() + seconds)
        except TimeoutError:
            self.end(0)
            raise ProgramTooSlow(f"gave no answer within {seconds:g} s") from None
        except OSError:
            raise ProgramStopped(self._last_words()) from None
        except BaseException:
            self.end(0)
            raise

    def _exchanged(self, left: memoryview, deadline: float) -> bytes:
        with selectors.DefaultSelector() as selector:
            selector.register(self._output, selectors.EVENT_READ)
            selector.register(self._input, selectors.EVENT_WRITE)
            while True:
                ready = selector.select(max(0.0, deadline - time.monotonic()))
                if not ready:
                    raise TimeoutError
                for key, _ in ready:
                    if key.fileobj is self._output:
                        found = self._line()
                        if found is not None and left:
                            self.end(0)
                            raise ProgramStopped("answered before it had read the request")
                        if found is not None:
                            return found
                    else:
                        left = left[os.write(self._input.fileno(), left[:_PIECE]) :]
                        if not left:
                            selector.unregister(self._input)

    def _line(self) -> bytes | None:
        piece = os.read(self._output.fileno(), _PIECE)
        if not piece:
            raise BrokenPipeError
        searched = len(self._read)
        self._read += piece
        end = self._read.find(b"\n", searched)
        if end < 0:
            if len(self._read) > MOST_BYTES:
                self.end(0)
                raise ProgramStopped(f"wrote a line of more than {MOST_BYTES // 1024**2} MiB")
            return None
        line = bytes(self._read[:end])
        del self._read[: end + 1]
        return line

    def end(self, seconds: float = _LAST_SECONDS) -> None:
        """Let it end by itself, at most for so long; then end it and everything that it started."""
        if self._ended:
            return
        self._ended = True
        with contextlib.suppress(OSError):
            self._input.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._output.close()

    def _last_words(self) -> str:
        """How it ended, where its pipes say that it has."""
        try:
            self._process.wait(_LAST_SECONDS)
        except subprocess.TimeoutExpired:
            self.end(0)
            return "closed its standard output"
        self.end(0)
        status = self._process.returncode
        return f"was ended by signal {-status}" if status < 0 else f"ended with exit status {status}"
