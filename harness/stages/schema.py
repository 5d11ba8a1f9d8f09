"""The schema stages alone, as `pgparity schema` runs them: read both sides, compare, plan, apply."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from harness.core.change import Change
from harness.core.configuration import Configuration
from harness.core.diff import Settle, compare
from harness.core.environment_findings import environment_findings
from harness.core.findings import Finding, worst_first
from harness.core.managed_parts import grounded, unmanaged
from harness.core.model.catalog import Catalog, Unmodelled
from harness.core.narrowing import Scope
from harness.core.plan import Hazard, Plan
from harness.core.rules import Rules
from harness.core.settled_texts import settled
from harness.errors import PlanRefused
from harness.postgres.apply import apply
from harness.postgres.connect import Endpoint, session, snapshot
from harness.postgres.introspect import introspect
from harness.render.figures import counted
from harness.stages.align import align_stage
from harness.stages.diff import DiffArtifact, tables_out_of_scope
from harness.stages.live_evidence import compared
from harness.stages.policy import policy_of
from harness.stages.replay import replaying
from harness.stages.sides import Standing, opened


@dataclass(frozen=True, slots=True)
class SchemaPair:
    """Both catalogs and what differs between them."""

    source: Catalog
    target: Catalog
    """Whole, as they were read"""
    diff: DiffArtifact
    configuration: Configuration
    findings: tuple[Finding, ...] = ()
    names: tuple[str, str] = ("source", "target")
    """What the sides are called"""
    settle: Settle = settled
    """What takes out the differences of texts that mean the same"""


def snapshot_of(standing: Standing, *, scope: Scope, scratch_version: int | None = None) -> Catalog:
    """The catalog of one side, a live database's read in one snapshot."""
    with opened(standing, scope=scope, scratch_version=scratch_version) as (side,):
        return side.catalog


def read_schemas(
    source: Standing,
    target: Standing,
    configuration: Configuration,
    *,
    scope: Scope,
    scratch_version: int | None = None,
) -> SchemaPair:
    """Read both sides and compare them; live ones are asked for evidence on values and order, too.

    ConfigurationError: the policy that is chosen cannot be read; nothing was opened then.
    """
    policy_of(configuration.schema_.policy)
    with opened(source, target, scope=scope, scratch_version=scratch_version) as (ours, theirs):
        result, settle = compared(ours, theirs, configuration)
        beside = environment_findings(ours.catalog.server, theirs.catalog.server)
    return SchemaPair(
        ours.catalog,
        theirs.catalog,
        result.artifact,
        configuration,
        tuple(worst_first([*result.findings, *beside])),
        (ours.name, theirs.name),
        settle,
    )


def plan_for(pair: SchemaPair, strategy: str, *, online: bool = False, column_order: bool = False) -> Plan:
    """The plan of one strategy, for the target as it was read; `online` and `column_order` are the exact one's."""
    if strategy == "exact":
        plan = _exact(pair, online=online, column_order=column_order)
    elif strategy == "map":
        parts = unmanaged(pair.source, pair.target, policy_of(pair.configuration.schema_.policy))
        # Each strategy's own modules are loaded where it is asked for: a migration adds what is missing.
        from harness.core.align.map_columns import map_columns

        plan = map_columns(parts.source, parts.target)
    else:
        stage = align_stage(pair.source, pair.target, pair.diff.changes, pair.configuration)
        found = next((each for each in stage.artifact if each.strategy == strategy), None)
        if found is None:
            reasons = [each.reason for each in stage.coverage.skipped if each.item == f"plan {strategy}"]
            raise PlanRefused(f"there is no plan {strategy}: {'; '.join(reasons)}", hint="Choose another --strategy.")
        plan = found
    return plan.model_copy(
        update={
            "source_fingerprint": pair.source.fingerprint,
            "target_fingerprint": pair.target.fingerprint,
            "schemas": "all" if pair.target.scope is None else pair.target.scope,
        }
    )


def proved_plan(pair: SchemaPair, plan: Plan) -> Plan:
    """The plan after a trial on a scratch copy of the target's schema: `proved`, or `unproved` with the reason."""
    from harness.stages.proof import proved

    policy = policy_of(pair.configuration.schema_.policy)
    parts = unmanaged(pair.source, pair.target, policy)
    rules = Rules.of(pair.configuration.schema_)
    outside = tables_out_of_scope(parts.source, parts.target, pair.configuration)

    def remaining(after: Catalog) -> list[Change]:
        there = unmanaged(pair.source, after, policy)
        settle = replaying(there.source, there.target, rules.renames)
        left = compare(there.source, there.target, rules, settle=settle).changes
        return [each for each in left if each.table not in outside]

    ground = grounded(pair.target, parts.target, parts.source, pair.source) if policy else parts.target
    tried = proved(plan, ground, parts.source, remaining)
    need = next((each for each in pair.diff.dependencies if each.hinders(tried.unproved)), None)
    if need is None:
        return tried
    told = f"{need.kind} {need.identity} needs {need.needs}, which the target has not ({need.code}); {tried.unproved}"
    return tried.model_copy(update={"unproved": told})


def _exact(pair: SchemaPair, *, online: bool = False, column_order: bool = False) -> Plan:
    """What a decision of the configuration leaves out is left as it is."""
    from harness.core.align.exact.plan import exact_plan, reversed_plan

    rules = Rules.of(pair.configuration.schema_)
    parts = unmanaged(pair.source, pair.target, policy_of(pair.configuration.schema_.policy))
    outside = tables_out_of_scope(parts.source, parts.target, pair.configuration)
    comparison = compare(parts.source, parts.target, rules, settle=pair.settle)
    wanted = [
        each
        for each in comparison.differences
        if each.object.table_identity not in outside
        and rules.reason_to_ignore(Unmodelled(kind=each.object.kind, identity=each.object.identity)) is None
    ]
    reordered = [each.table for each in pair.diff.column_order] if column_order else []
    plan = exact_plan(comparison.source, parts.target, wanted, reordered=reordered, online=online)
    return plan.model_copy(update={"reverse": reversed_plan(comparison.source, parts.target, wanted)})


def reverse_of(plan: Plan) -> Plan:
    """The plan that undoes an exact plan, for a target that is as the plan leaves it.

    PlanRefused: there is none.
    """
    if plan.steps and not plan.reverse:
        raise PlanRefused("this plan cannot be undone by a plan", hint="Take a backup before you apply it.")
    lost = [f"{step.kind} {step.identity}: what it held" for step in plan.steps if Hazard.DATA_LOSS in step.hazards]
    return plan.model_copy(
        update={
            "steps": plan.reverse,
            "reverse": plan.steps,
            "source_fingerprint": plan.target_fingerprint,
            "target_fingerprint": plan.source_fingerprint,
            "proved": False,
            "unproved": "a plan that undoes another one is not tried",
            "not_covered": tuple(dict.fromkeys(lost)),
        }
    )


def fixes_of(pair: SchemaPair) -> dict[tuple[str, str], str]:
    """The statements of the exact plan by the object that they are about; none where there is no such plan."""
    try:
        plan = _exact(pair)
    except PlanRefused:
        return {}
    fixes: dict[tuple[str, str], list[str]] = {}
    for step in plan.steps:
        fixes.setdefault((step.kind, step.identity), []).append(step.sql.rstrip())
    return {key: "\n".join(statements) for key, statements in fixes.items()}


def ensure_allowed(plan: Plan, allow: Collection[Hazard]) -> None:
    """PlanRefused where a step has a hazard that was not allowed by name."""
    steps = Counter(hazard for step in plan.steps for hazard in step.hazards)
    refused = [hazard for hazard in plan.hazards if hazard not in allow]
    if refused:
        told = ", ".join(f"{hazard} ({counted(steps[hazard], 'step')})" for hazard in refused)
        named = " ".join(f"--allow {hazard.replace(' ', '-')}" for hazard in refused)
        raise PlanRefused(f"the plan has hazards that were not allowed: {told}", hint=f"{named}, or --allow all.")


def apply_to(target: Endpoint, plan: Plan, configuration: Configuration, allow: frozenset[Hazard]) -> None:
    """Apply a plan; refused where the target has changed since, or a hazard was not allowed."""
    schemas: Scope = configuration.scope.schemas
    if plan.schemas is not None:
        schemas = None if plan.schemas == "all" else tuple(plan.schemas)
    with session(target, purpose="snapshot") as connection, snapshot(connection):
        catalog = introspect(connection, schemas=schemas)
    with session(target, purpose="apply", writable=True) as connection:
        apply(connection, plan, target_catalog=catalog, allow=allow)
