"""`pgparity schema snapshot|diff|align|apply|policy`: the first stages alone."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from harness.cli.app import app
from harness.cli.console import put, put_text, say
from harness.cli.options import Allow, Config, Source, Target, Verbose, Yes, hazards
from harness.core import soundness
from harness.core.plan import Plan
from harness.core.record import Severity, Side
from harness.core.verdict import Status
from harness.errors import ConfigurationError, DocumentError, PlanRefused
from harness.project import Project, endpoint, load_project, schema_side
from harness.render.figures import counted
from harness.render.plan import plan_sql
from harness.render.schema_diff import SchemaDiff, print_diff
from harness.render.secrets import NOT_WHOLE
from harness.stages.policy import policy_text
from harness.stages.schema import (
    SchemaPair,
    apply_to,
    ensure_allowed,
    fixes_of,
    plan_for,
    proved_plan,
    read_schemas,
    reverse_of,
    snapshot_of,
)

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
    """What a plan is to do."""

    EXACT = "exact"
    RECREATE = "recreate"
    MAP = "map"
    ADD_MISSING = "add-missing"


Output = Annotated[Path | None, typer.Option("--output", metavar="FILE", help="Write there instead of stdout.")]
Schemas = Annotated[
    list[str] | None,
    typer.Option(
        "--schema", metavar="NAME", help="Only this schema; repeatable. Default: scope.schemas of the file, else all."
    ),
]
ChosenPolicy = Annotated[
    str | None,
    typer.Option("--policy", metavar="NAME|FILE", help="Leave out what a platform manages: supabase, or a .toml file."),
]
ScratchVersion = Annotated[
    int | None,
    typer.Option("--scratch-version", metavar="N", help="Major version of PostgreSQL that files of DDL are loaded on."),
]


@schema.command("snapshot")
def snapshot(
    database: Annotated[
        str,
        typer.Option("--database", metavar="DSN|PATH", help="DSN, service=NAME, env:NAME, .sql file or folder."),
    ],
    config: Config = None,
    schemas: Schemas = None,
    scratch_version: ScratchVersion = None,
    output: Output = None,
    verbose: Verbose = 0,
) -> int:
    """Write the catalog of one database as JSON.

    Example: pgparity schema snapshot --database env:OLD_DB --output catalog.json
    """
    project = load_project(config)
    side = schema_side(project, Side.SOURCE, database)
    catalog = snapshot_of(side, scope=_scope(project, schemas), scratch_version=scratch_version)
    put(catalog.to_json(indent=2), output)
    return 0


@schema.command("diff")
def diff(
    source: Source = None,
    target: Target = None,
    config: Config = None,
    schemas: Schemas = None,
    policy: ChosenPolicy = None,
    scratch_version: ScratchVersion = None,
    chosen: Annotated[DiffFormat, typer.Option("--format", help="text to read, json for programs.")] = DiffFormat.TEXT,
    full: Annotated[bool, typer.Option("--full", help="Whole texts and statements, not their beginnings.")] = False,
    fail_on: Annotated[
        Severity, typer.Option("--fail-on", help="Severity that gives exit code 1.")
    ] = Severity.COSMETIC,
    output: Output = None,
    verbose: Verbose = 0,
) -> int:
    """Compare two schemas: databases, snapshots (.json), .sql files or folders of them, in any pairing.

    Exit codes: 0 alike, or less than --fail-on; 1 differences; 2 could not run; 3 something could not be compared.

    Example: pgparity schema diff --source env:OLD_DB --target env:NEW_DB

    Example: pgparity schema diff --source schema/ --target catalog.json
    """
    pair = _pair(source, target, config, schemas, policy, scratch_version)
    found = pair.diff
    if chosen is DiffFormat.JSON:
        put(found.to_json(indent=2), output)
    else:
        shown = _shown(pair, full)
        put_text(lambda console, wrapped: print_diff(shown, console, wrapped=wrapped), output)
    if any(change.severity.at_least(fail_on) for change in found.changes):
        return 1
    return Status.INCOMPLETE.exit_code if found.unmodelled else 0


@schema.command("align")
def align(
    source: Source = None,
    target: Target = None,
    config: Config = None,
    schemas: Schemas = None,
    policy: ChosenPolicy = None,
    scratch_version: ScratchVersion = None,
    strategy: Annotated[
        PlanStrategy,
        typer.Option("--strategy", help="exact: equal to the source; recreate what differs; or add what is missing."),
    ] = PlanStrategy.ADD_MISSING,
    allow: Allow = None,
    column_order: Annotated[
        bool, typer.Option("--column-order", help="With exact: rewrite tables whose columns stand in another order.")
    ] = False,
    online: Annotated[
        bool, typer.Option("--online", help="With exact: steps that let writers go on, where PostgreSQL has them.")
    ] = False,
    reverse: Annotated[
        bool, typer.Option("--reverse", help="With exact: the plan that undoes it; rows that went do not return.")
    ] = False,
    proof: Annotated[
        bool, typer.Option("--proof/--no-proof", help="With exact: apply it on a scratch server first, and compare.")
    ] = True,
    chosen: Annotated[
        PlanFormat, typer.Option("--format", help="sql to read or psql, json for `schema apply`.")
    ] = PlanFormat.SQL,
    output: Output = None,
    verbose: Verbose = 0,
) -> int:
    """Plan how to bring the target to the source's schema; nothing is applied.

    Without --allow every plan is shown with its hazards; with it, a plan that needs more is refused.

    Example: pgparity schema align --strategy exact --allow lock --format json --output plan.json
    """
    allowed = hazards(allow)
    _ensure_exact(strategy, {"--column-order": column_order, "--online": online, "--reverse": reverse})
    pair = _pair(source, target, config, schemas, policy, scratch_version)
    plan = plan_for(pair, strategy.value, online=online, column_order=column_order)
    if allow:
        ensure_allowed(plan, allowed)
    if proof and strategy is PlanStrategy.EXACT:
        plan = proved_plan(pair, plan)
        say(_told(plan))
    if reverse:
        plan = reverse_of(plan)
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
    if any(step.sql.startswith(NOT_WHOLE) for step in plan.steps):
        raise PlanRefused(
            "the plan was taken from a report: what looks like a password or a key was taken out of its statements",
            hint="Write it anew: `pgparity schema align --format json`.",
        )
    point = endpoint(project, Side.TARGET, target)
    allowed = hazards(allow)
    say(plan_sql(plan))
    if not yes and not (sys.stdin.isatty() and typer.confirm("Apply these statements to the target?", err=True)):
        raise PlanRefused("the plan was not applied", hint="Pass --yes to apply it.")
    apply_to(point, plan, project.configuration, allowed)
    say(f"applied {counted(len(plan.steps), 'step')}")
    return 0


@schema.command("policy")
def policy_file(
    name: Annotated[str, typer.Argument(metavar="NAME", help="supabase")],
    output: Output = None,
    verbose: Verbose = 0,
) -> int:
    """Print a policy that ships with pgparity, to read, save and change.

    Example: pgparity schema policy supabase --output policy.toml
    """
    put(policy_text(name), output)
    return 0


def _pair(
    source: str | None,
    target: str | None,
    config: Path | None,
    schemas: list[str] | None,
    policy: str | None,
    scratch_version: int | None,
) -> SchemaPair:
    project = load_project(config)
    sides = schema_side(project, Side.SOURCE, source), schema_side(project, Side.TARGET, target)
    configuration = project.configuration
    if policy is not None:
        chosen = configuration.schema_.model_copy(update={"policy": policy})
        configuration = configuration.model_copy(update={"schema_": chosen})
    scope = _scope(project, schemas)
    return read_schemas(*sides, configuration, scope=scope, scratch_version=scratch_version)


def _scope(project: Project, schemas: list[str] | None) -> tuple[str, ...] | None:
    """Schemas that are looked at; None for all: there is no file that says less."""
    if schemas:
        return tuple(dict.fromkeys(schemas))
    return project.configuration.scope.schemas if project.file is not None else None


def _told(plan: Plan) -> str:
    """What the proof came to."""
    if plan.proved:
        return f"proved: on a scratch copy of the target, {counted(len(plan.steps), 'step')} and no difference is left"
    return f"not proved: {plan.unproved or 'something is left that the plan does not cover'}"


def _ensure_exact(strategy: PlanStrategy, options: dict[str, bool]) -> None:
    for option, given in options.items():
        if given and strategy is not PlanStrategy.EXACT:
            raise ConfigurationError(f"{option} belongs to --strategy exact", hint="Add --strategy exact.")


def _shown(pair: SchemaPair, full: bool) -> SchemaDiff:
    found = pair.diff
    about = {(change.kind, change.identity) for change in found.changes}
    versions = (pair.source.server.version, pair.target.server.version)
    return SchemaDiff(
        names=(f"{pair.names[0]} (PostgreSQL {versions[0]})", f"{pair.names[1]} (PostgreSQL {versions[1]})"),
        changes=found.changes,
        renames=found.renames,
        column_order=found.column_order,
        unmodelled=found.unmodelled,
        filtered=found.filtered,
        dependencies=found.dependencies,
        findings=[
            each
            for each in pair.findings
            if each.code in soundness.CODES
            or (each.code.startswith(("ENV", "SEQ003")) and (each.object.kind, each.object.identity) not in about)
        ],
        fixes=fixes_of(pair),
        next_step="pgparity schema align --strategy exact (make the target equal) or add-missing (add what it lacks),"
        " with the same sides",
        full=full,
    )
