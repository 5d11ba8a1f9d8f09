"""The console: data on stdout, everything else on stderr; progress, errors and questions as a person sees them."""

from __future__ import annotations

import contextlib
import functools
import io
import os
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from harness.errors import ConfigurationError, PgparityError

if TYPE_CHECKING:  # a command that prints JSON and shows no bars needs nothing of it
    from rich.console import Console
    from rich.progress import Progress, TaskID

    from harness.core.event_line import TableProgress


@functools.cache
def stderr() -> Console:
    """Standard error."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=True)


@functools.cache
def stdout() -> Console:
    """Standard output."""
    from rich.console import Console

    return Console(highlight=False)


def say(text: str) -> None:
    """A line for the person, on stderr; markup in values has no effect."""
    from rich.text import Text

    stderr().print(Text(text))


def report_error(error: PgparityError) -> None:
    """What is wrong, what to do, and where more is said of it: two lines on stderr."""
    from rich.text import Text

    from harness.render.secrets import blotted

    stderr().print(Text.assemble(("error", "bold red"), f" {error.code}: {blotted(error.message)}"))
    # A usage error has said it all, and of what nobody foresaw there is no page.
    more = f"(more: pgparity explain {error.code})" if error.code != PgparityError.code else ""
    if error.hint or more:
        stderr().print(Text.assemble(("hint", "bold"), f": {blotted(' '.join(filter(None, (error.hint, more))))}"))


def put(text: str, output: Path | None) -> None:
    """Write data: to the file, else to stdout. Folders of the file are made; a closed pipe is no error.

    In place, for it may be a pipe, a link or a mounted file, which stays what it is; the folder of a run is another
    matter: others read there meanwhile (stages.run_folders.replace_file).
    """
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
    from rich.console import Console

    if output is None and stdout().is_terminal:
        write(stdout(), True)
        return
    stream = io.StringIO()
    plain = Console(
        file=stream, color_system=None, no_color=True, force_terminal=False, legacy_windows=False, width=120
    )
    write(plain, False)
    put("\n".join(line.rstrip() for line in stream.getvalue().splitlines()), output)


@contextlib.contextmanager
def lines_on_stdout(output: Path | None) -> Iterator[Callable[[str], None]]:
    """A function that writes lines to the file, else to stdout, while all others' output is kept from it.

    A reader that goes away does not end the run.
    """
    if output is not None:
        put("", output)
        into: TextIO = output.open("a", encoding="utf-8")
    else:
        try:
            into = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
        except io.UnsupportedOperation:  # standard output is no file of the system: nothing else goes there
            into = sys.stdout

    def write(text: str) -> None:
        with contextlib.suppress(BrokenPipeError):
            into.write(text)
            into.flush()

    try:
        yield write
    finally:
        with contextlib.suppress(BrokenPipeError):
            into.flush() if into is sys.stdout else into.close()


class ProgressBars:
    """Events of a run as bars on stderr, one a stage, with how many a second and the time left.

    Lines without bars where stderr is no terminal.

    While rows move: one bar for the table and one for all of them, by bytes, with how many a second and the time left.
    """

    def __init__(self, *, enabled: bool, quiet: bool = False) -> None:
        self._quiet = quiet
        self._progress = _bars() if enabled and not quiet else None
        self._task: TaskID | None = None
        self._table: tuple[str, TaskID] | None = None
        self._by_bytes = False
        self._lock = threading.Lock()

    def __enter__(self) -> ProgressBars:
        if self._progress is not None:
            self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.stop()

    def stage_started(self, stage: str) -> None:
        """A bar for the stage."""
        if self._progress is not None:
            self._task = self._progress.add_task(stage, total=None, what="", count="")
        self._by_bytes = False

    def progress(self, stage: str, done: int, total: int, what: str) -> None:
        """Move the bar."""
        if self._progress is not None and self._task is not None and not self._by_bytes:
            # Where rows are hashed, what is told says so itself: rows are no units of the bar.
            pace = "" if " left" in what else _pace(self._progress, self._task, done, total)
            count = f"{done}/{total}{pace}"
            self._progress.update(self._task, completed=done, total=total, what=what, count=count, description=stage)

    def transferred(self, progress: TableProgress) -> None:
        """Move the bar of the table, and that of all tables."""
        with self._lock:
            if self._progress is None or self._task is None:
                return
            self._by_bytes = True
            if self._table is None or self._table[0] != progress.table:
                self._drop_table()
                self._table = progress.table, self._progress.add_task(f"  {progress.table}", what="", count="")
            _move(self._progress, self._table[1], progress.bytes, progress.of_bytes, f"{progress.rows:,} rows")
            _move(self._progress, self._task, progress.total_bytes, progress.of_total_bytes, "")

    def _drop_table(self) -> None:
        if self._progress is not None and self._table is not None:
            self._progress.remove_task(self._table[1])
            self._table = None

    def stage_finished(self, stage: str, status: str, seconds: float, summary: str) -> None:
        """The stage's line stays, its bar goes."""
        with self._lock:
            self._drop_table()
            if self._progress is not None and self._task is not None:
                self._progress.remove_task(self._task)
                self._task = None
        if not self._quiet:
            style = {"passed": "green", "failed": "red", "incomplete": "yellow", "not run": "yellow"}.get(status, "dim")
            from rich.text import Text

            stderr().print(Text.assemble(f"  {stage:<10} ", (f"{status:<11}", style), f"{seconds:6.2f} s  {summary}"))


def _bars() -> Progress:
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[count]}", markup=False),
        TextColumn("{task.fields[what]}", markup=False),
        TimeElapsedColumn(),
        console=stderr(),
        transient=True,
        disable=not stderr().is_terminal,
    )


def _pace(bars: Progress, task: TaskID, done: int, total: int) -> str:
    """How many a second, and the time left, once a second has passed."""
    seconds = _seconds(bars, task)
    if not done or done >= total or seconds < 1:
        return ""
    rate = done / seconds
    left = timedelta(seconds=round((total - done) / rate))
    return f", {rate:,.0f}/s, {left} left" if rate >= 1 else f", {left} left"


def _seconds(bars: Progress, task: TaskID) -> float:
    return next((each.elapsed for each in bars.tasks if each.id == task), None) or 0.0


def _move(bars: Progress, task: TaskID, done: int, total: int, what: str) -> None:
    from rich.filesize import decimal

    seconds = _seconds(bars, task)
    count = f"{decimal(done)}/{decimal(total)}"
    if done and seconds >= 1:
        left = timedelta(seconds=round((total - done) * seconds / done))
        count += f", {decimal(round(done / seconds))}/s, {left} left"
    bars.update(task, completed=done, total=total, what=what, count=count)
