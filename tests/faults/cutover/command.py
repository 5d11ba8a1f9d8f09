"""`pgparity cutover` as a process of its own: while it runs, and what it left."""

from __future__ import annotations

import functools
import json
import resource
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tests.faults.command_process import CommandProcess

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


class Running(CommandProcess):
    """`pgparity cutover …` while it runs."""

    hangs_after_seconds = COMMAND_SECONDS

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

    def kill(self) -> bool:
        """SIGKILL, awaited; nothing that it was about to send passes."""
        self.process.kill()
        self.process.wait()
        return False

    def end(self) -> Ended:
        """Wait for its end."""
        return Ended(*self.said(self.trial.secrets))


def limited(file_bytes: int) -> None:
    """Before a command runs: its files may not grow longer."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
