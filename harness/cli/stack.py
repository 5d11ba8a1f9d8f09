"""`pgparity stack`: the local stack with the reference application, for as long as it is wanted."""

from __future__ import annotations

import json
import os
import select
import stat
import sys
from typing import Annotated

import typer

from harness.cli.app import Terminated, app
from harness.cli.console import put, say
from harness.errors import ConfigurationError
from harness.stages.reference_stack import TARGET_SCHEMAS, reference_stack


@app.command()
def stack(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line with the addresses and keys.")] = False,
    target: Annotated[
        str | None,
        typer.Option("--target", metavar="SCHEMA", help=f"Schema of the target: {', '.join(TARGET_SCHEMAS)}."),
    ] = None,
    empty: Annotated[bool, typer.Option("--empty", help="Two databases with nothing in public.")] = False,
    application: Annotated[
        bool,
        typer.Option("--application", help="Make the application a role of its own on the target, for a cutover."),
    ] = False,
    second_company: Annotated[
        bool, typer.Option("--second-company", help="Seed the source with a second company as well.")
    ] = False,
) -> int:
    """Start two PostgreSQL servers and a Supabase-like REST gateway over the source, and keep them running.

    Ends on Ctrl-C, SIGTERM or, where standard input is a pipe, its end; leaves nothing behind.

    Example: pgparity stack --json --target aligned

    Example: pgparity stack --json --target aligned --application
    """
    if empty and target is not None:
        raise ConfigurationError("--empty and --target exclude each other", hint="Give one of them.")
    if empty and application:
        raise ConfigurationError("--empty and --application exclude each other", hint="Its rights are those on tables.")
    chosen = next((name for name in TARGET_SCHEMAS if name == (target or "first-built")), None)
    if chosen is None:
        raise ConfigurationError(f"unknown target schema {target}", hint=f"Known are {', '.join(TARGET_SCHEMAS)}.")
    with reference_stack(None if empty else chosen, second_company=second_company) as running:
        facts = {
            "source": running.source.dsn,
            "target": running.target.dsn,
            "rest_url": running.gateway.url,
            "anon_key": running.keys.anon_key,
            "service_role_key": running.keys.service_role_key,
        }
        if application:
            # What cuts over is loaded for this alone.
            from harness.stages.cutover.rehearse_reference import application_role

            facts["target_application"] = application_role(running)
        put(json.dumps(facts) if as_json else "\n".join(f"{key}: {value}" for key, value in facts.items()), None)
        say("running; Ctrl-C ends it")
        _wait()
    return 0


def _wait() -> None:
    """Until Ctrl-C or SIGTERM (an exception ends the wait), or the end of a standard input that is a pipe."""
    try:
        piped = stat.S_ISFIFO(os.fstat(sys.stdin.fileno()).st_mode) or stat.S_ISSOCK(
            os.fstat(sys.stdin.fileno()).st_mode
        )
    except (OSError, ValueError):
        piped = False
    try:
        while True:
            if piped:
                select.select([sys.stdin], [], [])
                if not os.read(sys.stdin.fileno(), 4096):
                    return
            else:
                select.select([], [], [], 3600)
    except (KeyboardInterrupt, Terminated):
        return
