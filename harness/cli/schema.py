"""`pgparity schema snapshot|diff|align|apply`: the first stages alone."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from harness.cli.app import app
from harness.cli.console import put, say
from harness.cli.options import Allow, Config, Source, Target, Verbose, Yes, hazards
from harness.core.plan import Plan
from harness.core.record import Severity, Side
from harness.core.verdict import Status
from harness.errors import DocumentError, PlanRefused
from harness.project import endpoint, load_project
from harness.render.plan import plan_sql
from harness.stages.schema import SchemaPair, apply_to, plan_for, read_schemas, snapshot_of

schema = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Introspect, diff and align schemas.")
app.add_typer(schema, name="schema")


class DiffFormat(StrEnum):
    """Formats of a diff."""

    TEXT = "text"
    JSON = "json"


class PlanFormat(StrEnum):
    """Formats of a plan."""

    SQL = "sql"
    JSON = "json"


class PlanStrategy(StrEnum):
    """The strategies that this version plans."""

    RECREATE = "recreate"
    ADD_MISSING = "add-missing"


Output = Annotated[Path | None, typer.Option("--output", metavar="FILE", help="Write there instead of stdout.")]


@schema.command("snapshot")
def snapshot(
    database: Annotated[str, typer.Option("--database", metavar="DSN", help="DSN, service=NAME or env:NAME.")],
    config: Config = None,
    output: Output = None,
    verbose: Verbose = 0,
) -> int:
    """Write the catalog of one database as JSON.

    Example: pgparity schema snapshot --database env:OLD_DB --output catalog.json
    """
    project = load_project(config)
    catalog = snapshot_of(endpoint(project, Side.SOURCE, database), project.configuration)
    put(catalog.to_json(indent=2), output)
    return 0


@schema.command("diff")
def diff(
    source: Source = None,
    target: Target = None,
    config: Config = None,
    chosen: Annotated[DiffFormat, typer.Option("--format", help="text to read, json for programs.")] = DiffFormat.TEXT,
    fail_on: Annotated[
        Severity, typer.Option("--fail-on", help="Severity that gives exit code 1.")
    ] = Severity.COSMETIC,
    output: Output = None,
    verbose: Verbose = 0,
) -> int:
    """Compare two schemas.

    Example: pgparity schema diff --source env:OLD_DB --target env:NEW_DB
    """
    found = _pair(source, target, config).diff
    changes = found.changes
    if chosen is DiffFormat.JSON:
        put(found.to_json(indent=2), output)
    else:
        lines = [
            f"{change.severity:<9}{change.change:<8} {change.kind} {change.identity}"
            + (f" ({change.attribute})" if change.attribute else "")
            for change in sorted(changes, key=lambda change: (change.severity.rank, change.identity))
        ]
        lines += [f"rename?  {each.kind} {each.source} -> {each.target}" for each in found.renames]
        lines += [f"order    table {each.table}: its columns stand in another order" for each in found.column_order]
        lines += [f"left out {count} changes: {reason}" for reason, count in found.filtered.items()]
        lines += [f"unknown  {each}: not compared" for each in found.unmodelled]
        put("\n".join([*lines, f"{len(changes)} changes"]), output)
    if any(change.severity.at_least(fail_on) for change in changes):
        return 1
    return Status.INCOMPLETE.exit_code if found.unmodelled else 0


@schema.command("align")
def align(
    source: Source = None,
    target: Target = None,
    config: Config = None,
    strategy: Annotated[
        PlanStrategy, typer.Option("--strategy", help="recreate what differs, or add what is missing.")
    ] = PlanStrategy.ADD_MISSING,
    chosen: Annotated[
        PlanFormat, typer.Option("--format", help="sql to read or psql, json for `schema apply`.")
    ] = PlanFormat.SQL,
    output: Output = None,
    verbose: Verbose = 0,
) -> int:
    """Plan how to bring the target to the source's schema; nothing is applied.

    Example: pgparity schema align --strategy recreate --format json --output plan.json
    """
    plan = plan_for(_pair(source, target, config), strategy.value)
    put(plan_sql(plan) if chosen is PlanFormat.SQL else plan.to_json(indent=2), output)
    return 0


@schema.command("apply")
def apply(
    plan_json: Annotated[Path, typer.Argument(metavar="PLAN.json", help="A plan of `schema align --format json`.")],
    target: Target = None,
    config: Config = None,
    allow: Allow = None,
    yes: Yes = False,
    verbose: Verbose = 0,
) -> int:
    """Apply a plan to the target, if its schema is still the one that the plan was made from.

    Example: pgparity schema apply plan.json --target env:NEW_DB --allow data-loss --allow lock --yes
    """
    project = load_project(config)
    try:
        plan = Plan.from_json(plan_json.read_bytes())
    except OSError as error:
        raise DocumentError(f"{plan_json} cannot be read: {error.strerror}", hint="Give a plan.") from None
    point = endpoint(project, Side.TARGET, target)
    allowed = hazards(allow)
    say(plan_sql(plan))
    if not yes and not (sys.stdin.isatty() and typer.confirm("Apply these statements to the target?", err=True)):
        raise PlanRefused("the plan was not applied", hint="Pass --yes to apply it.")
    apply_to(point, plan, project.configuration, allowed)
    say(f"applied {len(plan.steps)} steps")
    return 0


def _pair(source: str | None, target: str | None, config: Path | None) -> SchemaPair:
    project = load_project(config)
    sides = endpoint(project, Side.SOURCE, source), endpoint(project, Side.TARGET, target)
    return read_schemas(*sides, project.configuration)
