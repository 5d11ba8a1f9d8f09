"""Renders a plan as SQL that a person reads and psql runs."""

from __future__ import annotations

from harness.core.plan import Plan
from harness.render.visible import one_line


def plan_sql(plan: Plan) -> str:
    """Statements with their reasons as comments; steps that cannot run in a transaction come after the COMMIT."""
    lines = [f"-- plan {plan.strategy}: {len(plan.steps)} steps"]
    if plan.hazards:
        lines.append(f"-- hazards: {', '.join(plan.hazards)}")
    lines += [f"-- stays as it is: {one_line(each)}" for each in plan.untouched]
    lines += [f"-- not mended by this plan: {one_line(each)}" for each in plan.not_covered]
    within = [step for step in plan.steps if step.transactional]
    after = [step for step in plan.steps if not step.transactional]
    if within:
        # As a plan is applied: names are qualified, and a function may be made before the table that it reads.
        lines += ["BEGIN;", "SET LOCAL check_function_bodies = off;", "SET LOCAL search_path = '';"]
    for step in (*within, None, *after):
        if step is None:
            lines += ["COMMIT;"] if within else []
            continue
        lines.append(f"-- {one_line(step.why)}" + (f" [{', '.join(step.hazards)}]" if step.hazards else ""))
        lines += [f"-- fails where: {one_line(check.text)}" for check in step.prechecks]
        lines.append(step.sql.rstrip().rstrip(";") + ";")
    return "\n".join(lines) + "\n"
