"""The console: data on stdout, everything else on stderr; progress, errors and questions as a person sees them."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from harness.errors import ConfigurationError, PgparityError

stderr = Console(stderr=True, highlight=False, soft_wrap=True)
stdout = Console(highlight=False)


def say(text: str) -> None:
    """A line for the person, on stderr; markup in values has no effect."""
    stderr.print(Text(text))


def report_error(error: PgparityError) -> None:
    """What is wrong, and what to do: two lines on stderr."""
    stderr.print(Text.assemble(("error", "bold red"), f" {error.code}: {error.message}"))
    if error.hint:
        stderr.print(Text.assemble(("hint", "bold"), f": {error.hint}"))


def put(text: str, output: Path | None) -> None:
    """Write data: to the file, else to stdout. Folders of the file are made; a closed pipe is no error."""
    if output is not None:
        try:
            output.parent.mkdir(parents=True, exist_ok=True)
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            raise ConfigurationError(
                f"{output.name} cannot be written: {error.strerror}", hint="Give --output another file."
            ) from None
        return
    try:
        sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough (| head); Python would complain once more while it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextlib.contextmanager
def nothing_else_on_stdout() -> Iterator[None]:
    """Send what a data layer, or a program that it starts, writes to standard output to standard error instead."""
    sys.stdout.flush()
    try:
        kept = os.dup(1)
    except OSError:  # there is no standard output
        yield
        return
    try:
        os.dup2(2, 1)
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)


def put_text(write: Callable[[Console, bool], None], output: Path | None) -> None:
    """Write lines for people: wrapped and in colour on a terminal (NO_COLOR is respected), plain anywhere else."""
    if output is None and stdout.is_terminal:
        write(stdout, True)
        return
    stream = io.StringIO()
    plain = Console(
        file=stream, color_system=None, no_color=True, force_terminal=False, legacy_windows=False, width=120
    )
    write(plain, False)
    put("\n".join(line.rstrip() for line in stream.getvalue().splitlines()), output)


class ProgressBars:
    """Events of a run as bars on stderr, one a stage; lines without bars where stderr is no terminal."""

    def __init__(self, *, enabled: bool, quiet: bool = False) -> None:
        self._quiet = quiet
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[what]}", markup=False),
            TimeElapsedColumn(),
            console=stderr,
            transient=True,
            disable=not (enabled and stderr.is_terminal) or quiet,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> ProgressBars:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def stage_started(self, stage: str) -> None:
        """A bar for the stage."""
        self._task = self._progress.add_task(stage, total=None, what="")

    def progress(self, stage: str, done: int, total: int, what: str) -> None:
        """Move the bar."""
        if self._task is not None:
            self._progress.update(self._task, completed=done, total=total, what=what, description=stage)

    def stage_finished(self, stage: str, status: str, seconds: float, summary: str) -> None:
        """The stage's line stays, its bar goes."""
        if self._task is not None:
            self._progress.remove_task(self._task)
            self._task = None
        if not self._quiet:
            style = {"passed": "green", "failed": "red", "incomplete": "yellow", "not run": "yellow"}.get(status, "dim")
            stderr.print(Text.assemble(f"  {stage:<11}", (f"{status:<11}", style), f"{seconds:6.2f} s  {summary}"))
