"""Repair result: what is to be done or was, which rows were left, and what a comparison says afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from harness.core import repair
from harness.core.deltas import TableRows
from harness.core.migration import sequence_after_load
from harness.core.names import literal, split
from harness.core.repair import LeftRow, Repair, RepairKind, SequenceBehind, TableRepair, triggers_of
from harness.postgres.failures import blaming
from harness.postgres.sequences import column_extreme, sequence_state
from harness.stages.repair_plan import LEFT_LISTED, TablePlan
from harness.stages.repair_run import RepairRun
from harness.stages.repair_script import first_statements


def result(
    plans: Sequence[TablePlan], without: Sequence[TableRepair], run: RepairRun, *, drift: bool, applied: bool
) -> Repair:
    """What is to be done, or was; `without`: tables that cannot be repaired; `drift`: it is allowed."""
    kinds = [
        (name, kind) for name, each in run.tables.items() for kind, spool in each.plan.spools.items() if len(spool)
    ]
    return Repair(
        applied=applied,
        allow_drift=drift,
        tables=(*(_table(plan, run, plans) for plan in plans), *without),
        triggers=tuple(each.identity for each in triggers_of(run.catalog, kinds)),
        publications=tuple(each.name for each in repair.publications_of(run.catalog, kinds)),
        sequences_behind=tuple(_behind(run)) if applied else (),
        statements=() if applied else first_statements(run),
    )


def _table(plan: TablePlan, run: RepairRun, plans: Sequence[TablePlan]) -> TableRepair:
    projection = plan.comparison.projection
    written = run.tables.get(projection.target.identity)
    together = {each.comparison.projection.target.identity for each in plans}
    parents = {
        each.references
        for each in run.catalog.constraints_by_table.get(projection.target.identity, ())
        if each.type == "foreign key" and each.references is not None and each.references not in together
    }
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
        parents=tuple(sorted(parents)) if plan.counts["insert"] or plan.counts["update"] else (),
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


def with_after(table: TableRepair, rows: TableRows, *, drift: bool) -> TableRepair:
    """The table with what a new comparison says: rows that were written and differ again are left, not made equal.

    `drift`: rows that drift differ.
    """
    listed = {json.dumps(each.key, sort_keys=True) for each in table.left_rows}
    kinds: dict[str, RepairKind] = {"missing_on_target": "insert", "missing_on_source": "delete"}
    differing = rows.missing_on_source + rows.missing_on_target + rows.different + (rows.drifting if drift else 0)
    more = differing - sum(table.left.values())
    update: dict[str, object] = {"after": rows.status, "reason": rows.reason or table.reason}
    if more > 0:
        further = [
            LeftRow(key=each.key, kind=kinds.get(each.status, "update"), reason=repair.NOT_AS_WRITTEN)
            for each in rows.differences
            if json.dumps(each.key, sort_keys=True) not in listed
        ]
        update["left"] = {**table.left, repair.NOT_AS_WRITTEN: more}
        update["left_rows"] = (*table.left_rows, *further[:LEFT_LISTED])
    return table.model_copy(update=update)
