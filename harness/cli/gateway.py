"""`pgparity gateway`: the REST gateway over a database, with PostgREST's configuration, until it is told to end."""

from __future__ import annotations

import inspect
import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperCommand

from harness.cli.app import Terminated, app
from harness.cli.console import put, say
from harness.errors import ConfigurationError
from harness.gateway.configuration import database as database_configuration
from harness.gateway.configuration.sources import SETTINGS, Setting, Sources
from harness.gateway.server import GatewayServer

_FLAGS = frozenset(f"--{setting.name}" for setting in SETTINGS if setting.kind == "flag")
_BOOLEANS = frozenset({"true", "false", "on", "off", "yes", "no", "1", "0"})
_Reload = Literal["schema", "configuration"]


def _with_values(arguments: list[str]) -> list[str]:
    """The arguments, with a value for every boolean flag: `true` where none follows it."""
    found: list[str] = []
    for argument in arguments:
        if found and found[-1] in _FLAGS:
            if argument.lower() in _BOOLEANS:
                found[-1] = f"{found[-1]}={argument}"
                continue
            found[-1] = f"{found[-1]}=true"
        found.append(argument)
    if found and found[-1] in _FLAGS:
        found[-1] = f"{found[-1]}=true"
    return found


class _GatewayCommand(TyperCommand):
    """A command whose boolean flags may stand alone or with a value."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, _with_values(args))


def _option(setting: Setting) -> inspect.Parameter:
    shown = setting.default if setting.default not in (None, ()) else None
    if isinstance(shown, tuple):
        shown = ",".join(shown)
    if setting.kind == "mode" and isinstance(shown, int):
        shown = f"{shown:o}"
    default = "" if shown is None else f" Default: {str(shown).lower() if isinstance(shown, bool) else shown}."
    metavar = "[BOOL]" if setting.kind == "flag" else setting.kind.upper().replace("-", "_")
    annotation = Annotated[
        str | None, typer.Option(f"--{setting.name}", metavar=metavar, help=f"{setting.help}{default}")
    ]
    return inspect.Parameter(setting.field, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def _with_options(command: Callable[..., int]) -> Callable[..., int]:
    """The command with a flag for every setting, in place of its `**flags`."""
    own = [each for each in inspect.signature(command, eval_str=True).parameters.values() if each.name != "flags"]
    signature = inspect.Signature([*own, *(_option(setting) for setting in SETTINGS)])
    command.__signature__ = signature  # type: ignore[attr-defined]
    return command


@app.command(cls=_GatewayCommand)
@_with_options
def gateway(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="Configuration file in PostgREST's format.", show_default=False),
    ] = None,
    log: Annotated[bool, typer.Option("--log", help="One line a request on stderr, as with --log-level info.")] = False,
    **flags: str | None,
) -> int:
    """Serve a database over REST as PostgREST does: its paths at /, Supabase's below /rest/v1/.

    Settings come from FILE, from PGRST_* variables, from the database, and from flags; the later ones win. Prints one
    JSON line with the url when it is ready. Ends on Ctrl-C or SIGTERM; SIGUSR1 and NOTIFY pgrst reload the schema
    cache, SIGUSR2 the configuration.

    Example: pgparity gateway --db-uri postgresql://localhost/app --db-anon-role anon --server-port 0
    """
    given = {name.replace("_", "-"): value for name, value in flags.items() if value is not None}
    if log:
        given.setdefault("log-level", "info")
    sources = Sources(file, os.environ, given)
    configuration = database_configuration.read(sources)
    for note in configuration.notes:
        say(f"note: {note}")
    asked: queue.SimpleQueue[_Reload] = queue.SimpleQueue()
    before = _reload_on_signals(asked)
    try:
        with GatewayServer.start(
            configuration.settings,
            configuration.listen,
            read_settings=lambda: database_configuration.reread(sources, configuration).settings,
            log=_log,
        ) as server:
            admin = {} if server.admin_url is None else {"admin_url": server.admin_url}
            put(json.dumps({"url": server.url, **admin}), None)
            _wait(server, asked)
    except (KeyboardInterrupt, Terminated):
        return 0
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return 0


_writing = threading.Lock()


def _log(line: str) -> None:
    with _writing:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


def _reload_on_signals(asked: queue.SimpleQueue[_Reload]) -> dict[signal.Signals, Any]:
    """Let SIGUSR1 and SIGUSR2 ask for a reload; the handlers that there were before."""
    wanted: dict[int, _Reload] = {signal.SIGUSR1: "schema", signal.SIGUSR2: "configuration"}

    def ask(number: int, _frame: FrameType | None) -> None:
        asked.put(wanted[number])

    return {signal.Signals(number): signal.signal(number, ask) for number in wanted}


def _wait(server: GatewayServer, asked: queue.SimpleQueue[_Reload]) -> None:
    """Until Ctrl-C or SIGTERM: an exception ends the wait."""
    while True:
        if not server.is_running:
            raise ConfigurationError("the gateway has ended by itself", hint="Run it again with --log-level debug.")
        try:
            server.reload(configuration=asked.get(timeout=5) == "configuration")
        except queue.Empty:
            continue
