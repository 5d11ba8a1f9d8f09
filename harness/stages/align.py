"""The align stage: plans that bring the target nearer to the source, with what each costs."""

from __future__ import annotations

from collections.abc import Sequence

from harness.core.align.plans import STRATEGIES, align
from harness.core.change import Change
from harness.core.configuration import Configuration
from harness.core.coverage import Coverage, Skipped
from harness.core.findings import Evidence, Finding, Fix, FoundObject
from harness.core.managed_parts import unmanaged
from harness.core.model.catalog import Catalog
from harness.core.plan import Plan
from harness.core.record import Severity
from harness.core.rules import Rules, with_target_names
from harness.errors import PlanRefused
from harness.postgres.apply import checked
from harness.postgres.connect import Connection
from harness.render.figures import counted
from harness.stages.diff import tables_out_of_scope
from harness.stages.policy import policy_of
from harness.stages.result import StageResult


def align_stage(
    source: Catalog, target: Catalog, changes: Sequence[Change], configuration: Configuration
) -> StageResult[tuple[Plan, ...]]:
    """A plan of each strategy for the changes in scope; with no steps where nothing but cosmetic changes is left.

    Both catalogs are whole; what a policy leaves out is left out here, too.
    """
    parts = unmanaged(source, target, policy_of(configuration.schema_.policy))
    needed = any(change.severity is not Severity.COSMETIC for change in changes)
    rules = Rules.of(configuration.schema_)
    outside = tables_out_of_scope(parts.source, parts.target, configuration)
    renamed, _ = with_target_names(parts.source, parts.target, rules.renames)
    plans: list[Plan] = []
    skipped: list[Skipped] = []
    for strategy in STRATEGIES:
        try:
            plan = align(renamed, parts.target, changes, strategy, out_of_scope=outside)
        except PlanRefused as error:
            skipped.append(Skipped(item=f"plan {strategy}", reason=error.message))
            continue
        whole = {"source_fingerprint": source.fingerprint, "target_fingerprint": target.fingerprint}
        plans.append(plan.model_copy(update=whole))
    return StageResult(
        artifact=tuple(plans),
        coverage=Coverage(
            stage="align",
            unit="plan",
            checked=len(plans),
            items=tuple(f"plan {plan.strategy}: {counted(len(plan.steps), 'step')}" for plan in plans),
            skipped=tuple(skipped),
        ),
        findings=tuple(_hazards(plan) for plan in plans if plan.hazards),
        summary="; ".join(_told(plan) for plan in plans) if needed else "no plan is needed",
    )


def check_plan(target: Connection, plan: Plan) -> tuple[Plan, tuple[Finding, ...]]:
    """Ask the plan's prechecks on the target's rows; a finding for each that would make a step fail."""
    answered = checked(target, plan)
    found = [
        Finding(
            code="PLN002",
            severity=Severity.COSMETIC,
            stage="align",
            object=FoundObject(kind=step.kind, identity=f"{step.identity} ({plan.strategy})"),
            title=f"plan {plan.strategy} would fail at {step.kind} {step.identity}: {check.found} {check.text}",
            evidence=(Evidence(label=check.text, target=str(check.found)),),
            fix=Fix(text="Mend these rows first, or choose another plan."),
            query=check.sql,
        )
        for step in answered.steps
        for check in step.prechecks
        if check.found
    ]
    return answered, tuple(found)


def _told(plan: Plan) -> str:
    costs = [f"{counted(plan.cost.rows_affected, 'row')} lost"] if plan.cost.rows_affected else []
    costs += [f"{counted(len(plan.cost.columns_lost), 'column')} lost"] if plan.cost.columns_lost else []
    costs += [f"{counted(len(plan.not_covered), 'thing')} left"] if plan.not_covered else []
    steps = counted(len(plan.steps), "step")
    return f"{plan.strategy}: {steps}" + (f" ({', '.join(costs)})" if costs else "")


def _hazards(plan: Plan) -> Finding:
    names = ", ".join(plan.hazards)
    return Finding(
        code="PLN001",
        severity=Severity.COSMETIC,
        stage="align",
        object=FoundObject(kind="plan", identity=plan.strategy),
        title=f"plan {plan.strategy} has steps with a hazard: {names}",
        evidence=(
            Evidence(label="rows affected", text=str(plan.cost.rows_affected)),
            Evidence(label="columns lost", text=", ".join(plan.cost.columns_lost) or "none"),
            Evidence(label="locks", text=", ".join(plan.cost.locks) or "none"),
        ),
        fix=Fix(text="Apply it only when each hazard is acceptable, and allow each by name."),
    )
