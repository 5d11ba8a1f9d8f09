"""`pgparity watch`: looks at both databases on a schedule and tells of what drifts apart."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from harness.cli.app import EXIT_COULD_NOT_RUN, Terminated, app
from harness.cli.console import put, say
from harness.cli.options import Config, Source, Target, Verbose
from harness.core.record import Side
from harness.core.watch.durations import duration_text, seconds_of
from harness.core.watch.history import Kind
from harness.errors import ConfigurationError
from harness.project import endpoint, load_project
from harness.service.watch.channels import Channels
from harness.service.watch.look import Looker
from harness.service.watch.loop import Ran, Watch
from harness.service.watch.settings import WatchFlags, channels, configured, history_file, intervals
from harness.stages.row_flags import byte_count
from harness.stages.watch_history import opened_history

_NOUNS: dict[Kind, str] = {"counts": "counts", "digests": "values", "schema": "schemas"}


@app.command()
def watch(
    source: Source = None,
    target: Target = None,
    config: Config = None,
    every: Annotated[
        str | None, typer.Option("--every", metavar="TIME", help="Count rows this often: 90s, 15m, 1h. Default: 1h.")
    ] = None,
    digest_every: Annotated[
        str | None,
        typer.Option("--digest-every", metavar="TIME", help="Compare all values this often, or never. Default: 24h."),
    ] = None,
    schema_every: Annotated[
        str | None,
        typer.Option("--schema-every", metavar="TIME", help="Compare the schemas this often, or never. Default: 1h."),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option("--limit", metavar="ROWS", help="Differing rows of a table that are an alert. Default: 1."),
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="One look at everything, and end with an exit code.")] = False,
    lasting: Annotated[
        str | None, typer.Option("--for", metavar="TIME", help="End after this time; default: go on until told to end.")
    ] = None,
    history: Annotated[
        Path | None,
        typer.Option(
            "--history", metavar="FILE", help="The history to go on from. Default: reports/watch/watch.jsonl."
        ),
    ] = None,
    webhook: Annotated[
        str | None, typer.Option("--webhook", metavar="URL", help="Post alerts there as JSON: env:NAME or https://…")
    ] = None,
    webhook_token: Annotated[
        str | None,
        typer.Option("--webhook-token", metavar="env:NAME", help="Token for the header Authorization: Bearer."),
    ] = None,
    sentry: Annotated[
        str | None, typer.Option("--sentry", metavar="env:NAME", help="Sentry DSN that alerts are sent to.")
    ] = None,
    metrics: Annotated[
        Path | None,
        typer.Option("--metrics", metavar="FILE.prom", help="Write gauges for Prometheus' textfile collector."),
    ] = None,
    budget: Annotated[
        str | None,
        typer.Option("--budget", metavar="SIZE", help="Bytes that may be received from each side in 30 days: 2GB."),
    ] = None,
    new_baseline: Annotated[
        bool,
        typer.Option("--new-baseline", help="Hold the source's schema against what it is now, from this look on."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Each look as one line of JSON on stdout.")] = False,
    quiet: Annotated[
        bool, typer.Option("-q", "--quiet", help="On stderr only alerts, what was not looked at, and errors.")
    ] = False,
    verbose: Verbose = 0,
) -> int:
    """Look at both databases on a schedule: row counts, values, schemas; alert where they drift apart.

    Both are only read. Every look is a line of the history, from which the watch goes on when it is run again, and
    which `pgparity report` draws. Ends on Ctrl-C or SIGTERM.

    Exit codes of --once and --for: 0 no alert; 1 an alert; 2 a side could not be asked; 3 something was not looked at.

    Example: pgparity watch --source env:OLD_DB --target env:NEW_DB --every 15m --webhook env:ALERTS_URL

    Example: pgparity watch --once
    """
    if once and lasting is not None:
        raise ConfigurationError("--once and --for exclude each other", hint="Give one of them.")
    project = load_project(config)
    flags = WatchFlags(
        counts_every=every,
        digest_every=digest_every,
        schema_every=schema_every,
        limit=limit,
        webhook=webhook,
        webhook_token=webhook_token,
        sentry=sentry,
        budget_bytes=None if budget is None else byte_count(budget, "--budget"),
    )
    configuration = configured(project.configuration, flags)
    settings = configuration.watch
    seconds = None if lasting is None else _seconds(lasting)
    told = channels(settings)
    ends = endpoint(project, Side.SOURCE, source), endpoint(project, Side.TARGET, target)
    file = _shown(history_file(settings, project.base, history))
    configured_metrics = None if settings.metrics is None else project.base / settings.metrics

    def log(line: str) -> None:
        say(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {line}")

    with opened_history(file) as opened:
        looker = Looker(*ends, configuration, project.base, file.parent, file.stem)
        work = Watch(
            looker=looker,
            file=opened,
            channels=Channels(told, settings.remind_hours, log),
            intervals=intervals(settings),
            retention_days=settings.retention_days,
            metrics=metrics or configured_metrics,
            clock=time.time,
            elapsed=time.monotonic,
            sleep=time.sleep,
            say=log,
            quiet=quiet,
            show=(lambda look: put(look.to_json(), None)) if as_json else None,
            new_baseline=new_baseline,
        )
        if once:
            with _ended_by_signals(looker.received.cut_off):
                return exit_code_of(work.once())
        if not quiet:
            plan = ", ".join(f"{_NOUNS[kind]} every {duration_text(each)}" for kind, each in work.intervals.items())
            log(f"watching {ends[0].name} → {ends[1].name}: {plan}; history: {file}")
        try:
            with _ended_by_signals(looker.received.cut_off):
                return exit_code_of(work.run(seconds))
        except (KeyboardInterrupt, Terminated):
            if not quiet:
                log("ended; the next watch goes on from the history")
            return 0


@contextlib.contextmanager
def _ended_by_signals(end_sessions: Callable[[], None]) -> Iterator[None]:
    """Ctrl-C and SIGTERM end what the servers work on, too: threads that wait for them would be waited for."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        end_sessions()
        raise KeyboardInterrupt

    def terminate(_number: int, _frame: FrameType | None) -> None:
        end_sessions()
        raise Terminated

    before = {
        number: signal.signal(number, handler)
        for number, handler in ((signal.SIGINT, interrupt), (signal.SIGTERM, terminate))
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _shown(file: Path) -> Path:
    """The file as a person would write it here."""
    here = Path.cwd()
    return file.relative_to(here) if file.is_absolute() and file.is_relative_to(here) else file


def exit_code_of(ran: Ran) -> int:
    """2: a side could not be asked; 1: an alert; 3: a gap; 0: neither. Nothing looked at is never a pass."""
    if ran.unreachable:
        return EXIT_COULD_NOT_RUN
    if ran.alerted:
        return 1
    return 3 if ran.gaps or not ran.looks else 0


def _seconds(text: str) -> float:
    try:
        return seconds_of(text)
    except ValueError as error:
        raise ConfigurationError(f"--for {text}: {error}", hint="Write --for 8h.") from None
