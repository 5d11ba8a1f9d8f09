"""Renders a plan as SQL that a person reads and psql runs."""

from __future__ import annotations

import itertools

from harness.core.plan import Plan
from harness.render.visible import one_line


SETTINGS = ("SET check_function_bodies = off;", "SET search_path = '';")
"""As a plan is applied: names are qualified, and a function may be made before the table that it reads."""


def plan_sql(plan: Plan) -> str:
    """Statements in order with their reasons as comments, for psql without a wrapping transaction.

    Those that PostgreSQL runs in a transaction are in one as far as they follow each other; the others are marked.
    """
    lines = [f"-- plan {plan.strategy}: {len(plan.steps)} steps"]
    if plan.hazards:
        lines.append(f"-- hazards: {', '.join(plan.hazards)}")
    lines += [f"-- stays as it is: {one_line(each)}" for each in plan.untouched]
    lines += [f"-- not mended by this plan: {one_line(each)}" for each in plan.not_covered]
    if plan.steps:
        lines += SETTINGS
    for transactional, steps in itertools.groupby(plan.steps, key=lambda step: step.transactional):
        if transactional:
            lines.append("BEGIN;")
        for step in steps:
            lines.append(f"-- {one_line(step.why)}" + (f" [{', '.join(step.hazards)}]" if step.hazards else ""))
            lines += [] if transactional else ["-- runs outside of a transaction"]
            lines += [f"-- fails where: {one_line(check.text)}" for check in step.prechecks]
            lines.append(step.sql.rstrip().rstrip(";") + ";")
        if transactional:
            lines.append("COMMIT;")
    return "\n".join(lines) + "\n"
