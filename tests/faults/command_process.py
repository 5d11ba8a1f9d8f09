"""The command in a process of its own, that faults are planted in: awaited, ended, and heard."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Sequence


class CommandProcess:
    """A command that runs; the process is the leader of its own group."""

    hangs_after_seconds: int
    process: subprocess.Popen[str]

    def ended_within(self, seconds: float) -> bool:
        """Wait so long at most for its end."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        return self.process.poll() is not None

    def hung(self) -> str:
        """What is said of a command that does not end."""
        return "the command hangs"

    def said(self, secrets: Sequence[str]) -> tuple[int, str, str]:
        """Wait for its end, and see that it says nothing that it must not say; its exit code, stdout and stderr."""
        try:
            stdout, stderr = self.process.communicate(timeout=self.hangs_after_seconds)
        except subprocess.TimeoutExpired:
            told = self.hung()
            self.close()
            raise AssertionError(told) from None
        said = stdout + stderr
        assert "Traceback" not in said, said
        assert not any(each in said for each in secrets), "a password or a value of a row was printed"
        assert self.process.returncode in (0, 1, 2, 3), (self.process.returncode, said)
        if self.process.returncode == 2:
            assert stderr.strip(), "it could not run, and did not say why"
        return self.process.returncode, stdout, stderr

    def close(self) -> None:
        """End it and whatever it started: the last resort of a test that failed."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.close_streams()

    def close_streams(self) -> None:
        """Of a process that has ended."""
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()
