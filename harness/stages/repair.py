"""The repair of rows: what differs is planned, shown or written in foreign-key order, and compared again."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import IO

from harness.core import repair
from harness.core.configuration import Configuration, TableRowsSection
from harness.core.deltas import TableRows
from harness.core.keys import unique_keys
from harness.core.load_order import load_order
from harness.core.model.catalog import Catalog
from harness.core.plan import Hazard
from harness.core.repair import Repair, TableRepair
from harness.errors import MigrationFailed, PgparityError
from harness.postgres.connect import Connection, Endpoint, ensure_comparable, session
from harness.postgres.failures import StatementFailed
from harness.postgres.repair_rows import pointing_at, require_kinds
from harness.postgres.repair_statements import WrittenTable
from harness.stages.events import Events, Silent
from harness.stages.journal import Journal
from harness.stages.learned import Learned, RunRequest
from harness.stages.repair_knots import untie
from harness.stages.repair_plan import KINDS, TablePlan, plan_table
from harness.stages.repair_result import result, with_after
from harness.stages.repair_run import RepairedTable, RepairRun, write_all
from harness.stages.repair_script import script
from harness.stages.rows import rows_stage, whole
from harness.stages.rows_cells import RowVanished
from harness.stages.rows_opened import opened_comparisons
from harness.stages.rows_table import TableComparison
from harness.stages.structure import learn_structure

STAGE = "repair"
AGAIN = "What was written stays written, and is not written twice: run again for the rest."
_SILENT = Silent()

Decide = Callable[[Repair], bool]
"""Shown what would be done; whether to do it"""


@dataclass(slots=True, kw_only=True)
class _Planned:
    """What is known before anything is written."""

    plans: dict[str, TablePlan] = field(default_factory=dict)
    """By identity of the source's table"""
    without: list[TableRepair] = field(default_factory=list)
    """Tables that cannot be repaired"""


def repair_rows(
    request: RunRequest, decide: Decide, events: Events = _SILENT, *, output: IO[str] | None = None
) -> Repair:
    """Plan what makes the target's rows equal to the source's, and write it where `decide` says so.

    Rows that exist on the target only are deleted where `request.allow` has Hazard.DATA_LOSS. `output` gets the whole
    script, with the values of rows. Raises what compare_rows raises, PrivilegeMissing where the role may not write, and
    MigrationFailed where a session is lost: what was written stays written then.
    """
    ensure_comparable(request.source, request.target)
    events.stage_started(STAGE)
    configuration = whole(request.configuration)
    learned = learn_structure(request, Journal(configuration, _SILENT))
    with opened_comparisons(request.source, request.target, learned.catalogs, learned.tables, configuration) as (
        comparisons,
        absent,
    ):
        planned = _planned(comparisons, learned.catalogs[1], configuration, request, events)
        planned.without += [
            TableRepair(table=each.table, target_table=each.target, reason=each.reason) for each in absent
        ]
        try:
            found = _repair(planned, request, learned, decide, events, output)
        except StatementFailed as failure:
            raise MigrationFailed(f"on the {failure.side}: {failure.reason}", hint=AGAIN) from None
        finally:
            for plan in planned.plans.values():
                plan.close()
    return _compared_again(found, request, learned, configuration) if found.applied else found


def _planned(
    comparisons: Sequence[TableComparison],
    target: Catalog,
    configuration: Configuration,
    request: RunRequest,
    events: Events,
) -> _Planned:
    found = _Planned()
    deletes, rules = Hazard.DATA_LOSS in request.allow, TableRowsSection()
    shared = Counter(each.projection.target.identity for each in comparisons)
    for number, comparison in enumerate(comparisons):
        projection = comparison.projection
        events.progress(STAGE, number, len(comparisons), projection.source.identity)
        reason = None
        if shared[projection.target.identity] > 1:
            reason = f"{projection.target.identity} holds the rows of several tables of the source"
        elif projection.target.identity not in target.table_by_identity:
            reason = f"{projection.target.identity} is no table: nothing can be written to it"
        else:
            try:
                # Savepoints: a statement that fails on one table must not cost the others the snapshots.
                with comparison.source.connection.transaction(), comparison.target.connection.transaction():
                    plan = plan_table(
                        comparison,
                        deletes=deletes,
                        allow_drift=configuration.run.allow_drift,
                        tolerances=configuration.rows.tables.get(projection.source.identity, rules).tolerances,
                        refused=repair.refused_kinds(target, projection.target),
                    )
                found.plans[projection.source.identity] = plan
            except StatementFailed as failure:
                reason = f"on the {failure.side}: {failure.reason}"
            except RowVanished:
                reason = repair.VANISHED
        if reason is not None:
            found.without.append(
                TableRepair(table=projection.source.identity, target_table=projection.target.identity, reason=reason)
            )
    return found


def _repair(
    planned: _Planned,
    request: RunRequest,
    learned: Learned,
    decide: Decide,
    events: Events,
    output: IO[str] | None,
) -> Repair:
    total = sum(sum(len(spool) for spool in plan.spools.values()) for plan in planned.plans.values())
    with (
        session(request.source, purpose=STAGE) as reading,
        session(request.target, purpose=STAGE, writable=True) as writing,
    ):
        run = _run(planned, reading, writing, request.target, learned.catalogs[1], _Progress(events, total))
        writing.commit()
        drift = request.configuration.run.allow_drift
        try:
            shown = result(tuple(planned.plans.values()), planned.without, run, drift=drift, applied=False)
            if output is not None:
                output.writelines(f"{line}\n" for line in script(run))
            if not total or not decide(shown):
                return shown
            for table in run.tables.values():
                kinds = [kind for kind, spool in table.plan.spools.items() if len(spool)]
                require_kinds(writing, request.target, table.into.table, kinds)
            write_all(run, untie)
            return result(tuple(planned.plans.values()), planned.without, run, drift=drift, applied=True)
        except PgparityError as error:
            if not any(table.done for table in run.tables.values()):
                raise
            raise MigrationFailed(error.message, hint=f"{error.hint} {AGAIN}".strip()) from None
        finally:
            for table in run.tables.values():
                table.close()


@dataclass(slots=True)
class _Progress:
    events: Events
    total: int
    done: int = 0

    def __call__(self, rows: int, table: str) -> None:
        self.done += rows
        self.events.progress(STAGE, min(self.done, self.total), self.total, table)


def _run(
    planned: _Planned,
    reading: Connection,
    writing: Connection,
    endpoint: Endpoint,
    target: Catalog,
    progress: Callable[[int, str], None],
) -> RepairRun:
    tables = {
        plan.comparison.projection.target.identity: RepairedTable(
            plan,
            _written(plan, writing, endpoint, target),
            dataclasses.replace(plan.comparison.source, connection=reading),
        )
        for plan in planned.plans.values()
        if any(len(spool) for spool in plan.spools.values())
    }
    groups = load_order(tuple(tables), target.constraints)
    return RepairRun(
        writing=writing, endpoint=endpoint, tables=tables, groups=groups, catalog=target, progress=progress
    )


def _written(plan: TablePlan, writing: Connection, endpoint: Endpoint, target: Catalog) -> WrittenTable:
    projection, key = plan.comparison.projection, plan.comparison.key
    names = frozenset(key.columns) if key else frozenset()
    return WrittenTable(
        table=projection.target,
        hashed=plan.comparison.target,
        columns=tuple(column.name for column in projection.loaded),
        unique=plan.unique,
        arbiter=any(
            each.immediate and frozenset(each.columns) == names
            for each in unique_keys(target, projection.target.identity)
        )
        # PostgreSQL takes no ON CONFLICT where a rule rewrites INSERT or UPDATE.
        and not repair.rules_of(target, [(projection.target.identity, kind) for kind in KINDS]),
        pointing=pointing_at(writing, endpoint, projection.target),
    )


def _compared_again(found: Repair, request: RunRequest, learned: Learned, configuration: Configuration) -> Repair:
    """The result with what a new comparison says of the tables that were written."""
    touched = tuple(each.table for each in found.tables if each.wanted)
    compared = rows_stage(request.source, request.target, *learned.catalogs, touched, configuration).artifact
    after: dict[str, TableRows] = {each.table: each for each in compared}
    tables = tuple(
        with_after(each, after[each.table], drift=not found.allow_drift) if each.table in after else each
        for each in found.tables
    )
    return found.model_copy(update={"tables": tables})
