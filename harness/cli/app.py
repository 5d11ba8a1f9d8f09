"""The command `pgparity`: its commands, and the one place where errors become exit codes."""

from __future__ import annotations

import signal
import sys
import traceback
from types import FrameType
from typing import Annotated, cast

import typer

from harness.cli.commands import register
from harness.cli.console import report_error, say, stderr
from harness.errors import PgparityError
from harness.version import __version__

# Typer brings its own copy of click from 0.16 on, and the installed one before: the class is found through Typer's own.
USAGE_ERROR = cast("type[Exception]", typer.BadParameter.__bases__[0])
EXIT_COULD_NOT_RUN = 2

app = typer.Typer(
    name="pgparity",
    help="Proves, before a cutover, that a PostgreSQL target is a true replacement for its source.\n\n"
    "Exit codes: 0 verified; 1 differences; 2 could not run; 3 incomplete.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"pgparity {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Options of every command."""


class Terminated(BaseException):
    """SIGTERM: unwinds like Ctrl-C, so that every server that was started is stopped."""


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    raise Terminated


def main(arguments: list[str] | None = None) -> None:
    """The entry point: run the command, and end with its exit code."""
    signal.signal(signal.SIGTERM, _terminate)
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: list[str]) -> int:
    """Run one command and give its exit code. Tracebacks are shown with -vv only."""
    try:
        # Loading takes a second: a signal ends that as it ends the command.
        register(arguments)
        result = app(arguments, standalone_mode=False)
    except PgparityError as error:
        if "-vv" in arguments:
            stderr().print(traceback.format_exc(), markup=False)
        report_error(error)
        return error.exit_code
    except USAGE_ERROR as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context is not None else "pgparity"
        message = getattr(error, "format_message", error.__str__)()
        report_error(PgparityError(message, hint=f"`{command} --help` lists what it takes."))
        return EXIT_COULD_NOT_RUN
    except (typer.Abort, KeyboardInterrupt):
        say("interrupted; nothing is left running")
        return 130
    except Terminated:
        return 143
    except Exception as error:  # noqa: BLE001 - the last resort of a command: one line, not a traceback
        if "-vv" in arguments:
            stderr().print(traceback.format_exc(), markup=False)
        text = f"unexpected {type(error).__name__}"
        report_error(
            PgparityError(text, hint="This is a defect of pgparity: run again with -vv and report what it prints.")
        )
        return EXIT_COULD_NOT_RUN
    return result if isinstance(result, int) else 0
