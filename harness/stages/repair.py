"""The repair of rows: what differs is planned, shown or written in foreign-key order, and compared again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

from harness.core import repair
from harness.core.configuration import Configuration, TableRowsSection
from harness.core.deltas import TableRows
from harness.core.keys import unique_keys
from harness.core.load_order import load_order
from harness.core.migration import sequence_after_load
from harness.core.model.catalog import Catalog
from harness.core.names import literal, split
from harness.core.plan import Hazard
from harness.core.repair import Repair, SequenceBehind, TableRepair, triggers_of
from harness.errors import MigrationFailed, PgparityError
from harness.postgres.connect import Connection, Endpoint, ensure_comparable, session
from harness.postgres.failures import StatementFailed, blaming
from harness.postgres.repair_rows import pointing_at, require_kinds
from harness.postgres.repair_statements import WrittenTable
from harness.postgres.sequences import column_extreme, sequence_state
from harness.stages.events import Events, Silent
from harness.stages.journal import Journal
from harness.stages.pipeline import Learned, RunRequest, learn_structure
from harness.stages.repair_knots import untie
from harness.stages.repair_plan import TablePlan, plan_table
from harness.stages.repair_run import RepairedTable, RepairRun, write_all
from harness.stages.repair_script import first_statements, script
from harness.stages.rows import rows_stage
from harness.stages.rows_cells import RowVanished
from harness.stages.rows_opened import opened_comparisons
from harness.stages.rows_table import TableComparison

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


def whole(configuration: Configuration) -> Configuration:
    """The configuration without what ends a comparison early: a repair is of all rows."""
    update = {"stop_after": None, "sample": None, "state": None}
    return configuration.model_copy(update={"rows": configuration.rows.model_copy(update=update)})


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
    with session(request.target, purpose=STAGE, writable=True) as writing:
        run = _run(planned, writing, request.target, learned.catalogs[1], _Progress(events, total))
        writing.commit()
        try:
            shown = _result(planned, run, request, applied=False)
            if output is not None:
                output.writelines(f"{line}\n" for line in script(run))
            if not total or not decide(shown):
                return shown
            for table in run.tables.values():
                kinds = [kind for kind, spool in table.plan.spools.items() if len(spool)]
                require_kinds(writing, request.target, table.into.table, kinds)
            write_all(run, untie)
            return _result(planned, run, request, applied=True)
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
    planned: _Planned, writing: Connection, endpoint: Endpoint, target: Catalog, progress: Callable[[int, str], None]
) -> RepairRun:
    tables = {
        plan.comparison.projection.target.identity: RepairedTable(plan, _written(plan, writing, endpoint, target))
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
        ),
        pointing=pointing_at(writing, endpoint, projection.target),
    )


def _result(planned: _Planned, run: RepairRun, request: RunRequest, *, applied: bool) -> Repair:
    kinds = [
        (name, kind) for name, each in run.tables.items() for kind, spool in each.plan.spools.items() if len(spool)
    ]
    return Repair(
        applied=applied,
        allow_drift=request.configuration.run.allow_drift,
        tables=(*(_table(plan, run.tables) for plan in planned.plans.values()), *planned.without),
        triggers=tuple(each.identity for each in triggers_of(run.catalog, kinds)),
        sequences_behind=tuple(_behind(run)) if applied else (),
        statements=() if applied else first_statements(run),
    )


def _table(plan: TablePlan, tables: Mapping[str, RepairedTable]) -> TableRepair:
    projection = plan.comparison.projection
    written = tables.get(projection.target.identity)
    missing = ", ".join(plan.comparison.uncompared)
    return TableRepair(
        table=projection.source.identity,
        target_table=projection.target.identity,
        insert=plan.counts["insert"],
        update=plan.counts["update"],
        delete=plan.counts["delete"],
        inserted=written.done["insert"] if written else 0,
        updated=written.done["update"] if written else 0,
        deleted=written.done["delete"] if written else 0,
        left=dict(plan.left.reasons),
        left_rows=tuple(plan.left.listed),
        reason=f"columns of the source have no place on the target: {missing}" if missing else None,
    )


def _behind(run: RepairRun) -> Iterator[SequenceBehind]:
    """Sequences of columns that got higher values than the sequence has given out."""
    for table in run.tables.values():
        for sequence in run.catalog.sequences:
            if sequence.owned_by is None or sequence.table_identity != table.identity or not table.done["insert"]:
                continue
            with blaming(run.endpoint, run.writing), run.writing.transaction():
                current = sequence_state(run.writing, sequence)
                column = split(sequence.owned_by)[-1]
                extreme = column_extreme(run.writing, table.into.table, column, largest=sequence.increment > 0)
            wanted = current and sequence_after_load(sequence, current, extreme, None)
            if wanted:
                values = f"{literal(sequence.identity)}::regclass, {wanted.last_value}, {str(wanted.is_called).lower()}"
                yield SequenceBehind(
                    sequence=sequence.identity,
                    table=table.identity,
                    sql=f"SELECT pg_catalog.setval({values});",
                )


def _compared_again(found: Repair, request: RunRequest, learned: Learned, configuration: Configuration) -> Repair:
    """The result with what a new comparison says of the tables that were written."""
    touched = tuple(each.table for each in found.tables if each.wanted)
    compared = rows_stage(request.source, request.target, *learned.catalogs, touched, configuration).artifact
    after: dict[str, TableRows] = {each.table: each for each in compared}
    tables = tuple(
        each.model_copy(update={"after": after[each.table].status, "reason": after[each.table].reason or each.reason})
        if each.table in after
        else each
        for each in found.tables
    )
    return found.model_copy(update={"tables": tables})
