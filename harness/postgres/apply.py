"""Apply: asks a plan's prechecks and runs its steps on the target, all or nothing where PostgreSQL allows it."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import psycopg
from psycopg import sql

from harness.core.model.catalog import Catalog
from harness.core.plan import Hazard, Plan, Precheck, Step
from harness.errors import PlanRefused
from harness.postgres.connect import Connection

LOCK_TIMEOUT = "10s"
_SETTINGS = (
    ("search_path", ""),
    ("lock_timeout", LOCK_TIMEOUT),
    # Functions come before the tables that their bodies read, as in pg_dump's scripts.
    ("check_function_bodies", "off"),
)

Progress = Callable[[int, int, str], None]
"""done, total, what"""


def apply(
    connection: Connection,
    plan: Plan,
    *,
    target_catalog: Catalog | None,
    allow: frozenset[Hazard] = frozenset(),
    run_prechecks: bool = True,
    progress: Progress | None = None,
) -> None:
    """Run a plan on the target that it was made for; `target_catalog` is what it is now; None: a scratch copy.

    A transaction that is open is rolled back first. The transactional steps between two others are one transaction, so
    most plans happen wholly or not at all.

    PlanRefused, with nothing done: the target has changed since, a hazard was not allowed, or a precheck found rows;
    with its transaction undone: a step failed.
    """
    if target_catalog is not None and plan.target_fingerprint != target_catalog.fingerprint:
        raise PlanRefused(
            "the target has changed since the plan was made", hint="Make the plan again: pgparity schema align."
        )
    refused = [hazard for hazard in plan.hazards if hazard not in allow]
    if refused:
        names = ", ".join(refused)
        raise PlanRefused(
            f"the plan has hazards that were not allowed: {names}",
            hint="Read its steps, then allow each by name: " + " ".join(f'--allow "{hazard}"' for hazard in refused),
        )
    connection.rollback()
    if run_prechecks:
        _refuse_what_would_fail(checked(connection, plan))
    total = len(plan.steps)
    numbered = enumerate(plan.steps, start=1)
    for transactional, group in itertools.groupby(numbered, key=lambda pair: pair[1].transactional):
        if transactional:
            with connection.transaction():
                _settings(connection, local=True)
                for number, step in group:
                    _run(connection, step, number, total, progress)
        else:
            _outside(connection, list(group), total, progress)


def checked(connection: Connection, plan: Plan) -> Plan:
    """The plan with the answers of its prechecks, asked in a transaction that is rolled back."""
    try:
        _settings(connection, local=True)
        steps = tuple(
            step.model_copy(update={"prechecks": tuple(_answered(connection, check) for check in step.prechecks)})
            for step in plan.steps
        )
    finally:
        connection.rollback()
    return plan.model_copy(update={"steps": steps})


def _answered(connection: Connection, check: Precheck) -> Precheck:
    """The precheck with its answer; null where it could not be asked, such as of a table that is not there yet."""
    try:
        with connection.transaction():
            row = connection.execute(_static(check.sql)).fetchone()
            found = int(row[0]) if row else None
            places = connection.execute(_static(check.sample_sql)) if found and check.sample_sql else ()
            rows = tuple(str(place) for (place,) in places)
    except psycopg.Error:
        return check
    return check.model_copy(update={"found": found, "rows": rows})


def _refuse_what_would_fail(plan: Plan) -> None:
    for step in plan.steps:
        for check in step.prechecks:
            if check.found:
                places = f", such as those at {', '.join(check.rows)}" if check.rows else ""
                raise PlanRefused(
                    f"{step.kind} {step.identity} cannot be made: {check.found} {check.text}{places}",
                    hint=f"Look at them and mend them first: {check.sample_sql or check.sql}",
                )


def _settings(connection: Connection, *, local: bool) -> None:
    for name, value in _SETTINGS:
        connection.execute("SELECT pg_catalog.set_config(%s, %s, %s)", (name, value, local))


def _outside(connection: Connection, group: list[tuple[int, Step]], total: int, progress: Progress | None) -> None:
    """Steps that PostgreSQL does not run, or whose effect it does not show, inside a transaction."""
    connection.autocommit = True
    try:
        _settings(connection, local=False)
        for number, step in group:
            _run(connection, step, number, total, progress)
    finally:
        connection.autocommit = False


def _run(connection: Connection, step: Step, number: int, total: int, progress: Progress | None) -> None:
    if progress is not None:
        progress(number - 1, total, f"{step.kind} {step.identity}")
    try:
        connection.execute(_static(step.sql))
    except psycopg.Error as error:
        # The driver's message may hold values of rows: the state and the object say enough.
        raise PlanRefused(
            f"step {number} of {total} failed with SQLSTATE {error.sqlstate or 'unknown'}: {step.kind} {step.identity}",
            hint="Nothing of its transaction was kept. Run the statement by hand to see the server's own message.",
        ) from None


def _static(text: str) -> sql.SQL:
    """A statement of a plan: composed by the core, where every name went through core.names."""
    return sql.SQL(text)
