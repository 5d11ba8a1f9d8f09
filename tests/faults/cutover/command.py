"""`pgparity cutover` as a process of its own: while it runs, and what it left."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import resource
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from tests.faults.cutover.trial import Trial

COMMAND_SECONDS: Final = 120


@dataclass(frozen=True)
class Ended:
    """What a run of the command left."""

    exit_code: int
    stdout: str = field(repr=False)
    stderr: str = field(repr=False)

    def __str__(self) -> str:
        if not self.stdout:
            return f"exit {self.exit_code}: {self.stderr}"
        record = self.record
        return f"exit {self.exit_code}, {record['state']}: {record['message']} {self.wrong} {self.stderr}"

    @property
    def record(self) -> dict[str, Any]:
        """Its JSON."""
        found: dict[str, Any] = json.loads(self.stdout)
        return found

    @property
    def wrong(self) -> dict[str, str]:
        """The checks that did not hold."""
        record = self.record
        steps = (*record["steps"], *record["back"])
        return {each["name"]: each["text"] for step in steps for each in step["checks"] if each["status"] == "failed"}

    @property
    def failed(self) -> list[str]:
        """Their names."""
        return list(self.wrong)


class Running:
    """`pgparity cutover …` while it runs."""

    def __init__(self, trial: Trial, *arguments: str) -> None:
        self.trial = trial
        self.process = subprocess.Popen(
            [sys.executable, "-m", "harness", "cutover", *arguments, "--format", "json", "--config", str(trial.config)],
            cwd=trial.folder,
            env=trial.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=functools.partial(limited, trial.file_bytes) if trial.file_bytes is not None else None,
        )

    def ended_within(self, seconds: float) -> bool:
        """Wait so long at most for its end."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        return self.process.poll() is not None

    def kill(self) -> bool:
        """SIGKILL, awaited; nothing that it was about to send passes."""
        self.process.kill()
        self.process.wait()
        return False

    def end(self) -> Ended:
        """Wait for its end, and see that it says nothing that it must not say."""
        try:
            stdout, stderr = self.process.communicate(timeout=COMMAND_SECONDS)
        except subprocess.TimeoutExpired:
            self.close()
            raise AssertionError("the command hangs") from None
        said = stdout + stderr
        assert "Traceback" not in said, said
        assert not any(each in said for each in self.trial.secrets), "a password or a value of a row was printed"
        assert self.process.returncode in (0, 1, 2, 3), (self.process.returncode, said)
        if self.process.returncode == 2:
            assert stderr.strip(), "it could not run, and did not say why"
        return Ended(self.process.returncode, stdout, stderr)

    def close(self) -> None:
        """End it and whatever it started: the last resort of a test that failed."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()


def limited(file_bytes: int) -> None:
    """Before a command runs: its files may not grow longer."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
