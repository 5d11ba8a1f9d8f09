"""`pgparity serve`: health endpoints, metrics and a page, until it is told to end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from harness.cli.app import Terminated, app
from harness.cli.console import put, say
from harness.cli.options import Config, Quiet, Source, Target, Verbose
from harness.core.record import Side
from harness.errors import ConfigurationError
from harness.project import given_endpoint, load_project
from harness.service.application import application
from harness.service.server import HealthServer
from harness.service.standalone import access_of, observed


@app.command()
def serve(
    source: Source = None,
    target: Target = None,
    config: Config = None,
    host: Annotated[
        str | None,
        typer.Option("--host", help="Address to listen at; any but loopback needs --token. Default: 127.0.0.1."),
    ] = None,
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, help="Port; 0 takes a free one. Default: 8600.")
    ] = None,
    token: Annotated[
        str | None,
        typer.Option("--token", metavar="env:NAME", help="Variable with the token that all but /health/live ask for."),
    ] = None,
    history: Annotated[
        Path | None,
        typer.Option("--history", metavar="FILE", help="History of pgparity watch. Default: that of [watch]."),
    ] = None,
    log: Annotated[bool, typer.Option("--log", help="One line a request on stderr, without its query.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON line with the url when it is ready.")] = False,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """Serve health endpoints, Prometheus metrics and a page that updates itself.

    /health/live, /health/database, /health/database/metrics, /health/sessions?company_id=, /metrics and / (the page).
    Databases are only read. Ends on Ctrl-C or SIGTERM. Exit codes: 0 ended as it was told; 2 could not run.

    Example: pgparity serve --target env:NEW_DB --port 8600
    """
    project = load_project(config)
    section = project.configuration.serve
    flags = {Side.SOURCE: source, Side.TARGET: target}
    sides = {side: given for side in Side if (given := given_endpoint(project, side, flags[side])) is not None}
    if not sides:
        raise ConfigurationError("no database is given", hint="Use --target DSN, --source DSN or both.")
    where = host or section.host
    access = access_of(where, token, section)
    try:
        with (
            observed(
                sides,
                section,
                base=project.base,
                history=history or project.base / project.configuration.watch.history,
            ) as found,
            HealthServer.start(
                application(found, access, refresh_seconds=section.refresh_seconds, log=say if log else None),
                where,
                section.port if port is None else port,
            ) as server,
        ):
            if as_json:
                put(json.dumps({"url": server.url}), None)
            if not quiet:
                say(f"serving at {server.url}/ (Ctrl-C ends it)")
            server.wait()
    except (KeyboardInterrupt, Terminated):
        return 0
    raise ConfigurationError("the server has ended by itself", hint="Run it again with -vv.")
