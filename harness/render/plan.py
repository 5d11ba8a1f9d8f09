"""Renders a plan as SQL that a person reads and psql runs."""

from __future__ import annotations

import itertools
import json

from harness.core.mapping import Mapping
from harness.core.plan import Plan, Step
from harness.render.figures import counted
from harness.render.visible import one_line

SETTINGS = ("SET check_function_bodies = off;", "SET search_path = '';", "SET lock_timeout = '10s';")
"""As a plan is applied: names are qualified, a function may be made before the table that it reads, and a statement
that would wait for a lock longer gives up instead of holding up all who come behind it."""


def plan_sql(plan: Plan) -> str:
    """Statements in order with their reasons as comments, for psql without a wrapping transaction.

    Those that PostgreSQL runs in a transaction are in one as far as they follow each other; the others are marked.
    """
    lines = [f"-- plan {plan.strategy}: {counted(len(plan.steps), 'step')}"]
    if plan.hazards:
        lines.append(f"-- hazards: {', '.join(plan.hazards)}")
    lines += [f"-- stays as it is: {one_line(each)}" for each in plan.untouched]
    lines += [f"-- not mended by this plan: {one_line(each)}" for each in plan.not_covered]
    if plan.mapping is not None:
        lines += [f"-- {line}" for line in mapping_toml(plan.mapping).splitlines()]
    if plan.steps:
        lines += SETTINGS
    for transactional, steps in itertools.groupby(plan.steps, key=lambda step: step.transactional):
        if transactional:
            lines.append("BEGIN;")
        for step in steps:
            lines.append(f"-- {one_line(step.why)}{_costs(step)}")
            lines += [f"-- fails where: {one_line(check.text)}" for check in step.prechecks]
            lines.append(step.sql.rstrip().rstrip(";") + ";")
        if transactional:
            lines.append("COMMIT;")
    return "\n".join(lines) + "\n"


def _costs(step: Step) -> str:
    words = [str(hazard) for hazard in step.hazards]
    words += [step.lock] if step.lock else []
    words += [] if step.transactional else ["in no transaction with others"]
    return f" [{', '.join(words)}]" if words else ""


def mapping_toml(mapping: Mapping) -> str:
    """The mapping as the tables of pgparity.toml that say it."""
    lines: list[str] = []
    for identity, table in sorted(mapping.tables.items()):
        for name, column in table.columns.items():
            parts = [f"{key} = {json.dumps(value)}" for key, value in column.model_dump(exclude_defaults=True).items()]
            lines.append(f"mapping.tables.{json.dumps(identity)}.columns.{json.dumps(name)} = {{ {', '.join(parts)} }}")
        for name, reason in table.drop.items():
            lines.append(f"mapping.tables.{json.dumps(identity)}.drop.{json.dumps(name)} = {json.dumps(reason)}")
    return "\n".join(lines)
