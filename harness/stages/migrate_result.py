"""The migrate stage's result: the ledger as a document, what was covered, what was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.core.coverage import Coverage, Skipped
from harness.core.findings import Evidence, Finding, Fix, FoundObject
from harness.core.ledger import Ledger, LoadMode, MovedLargeObjects, MovedTable
from harness.core.migration import firing_triggers
from harness.core.model import relations
from harness.core.model.catalog import Catalog
from harness.core.names import literal
from harness.core.projection import TableProjection
from harness.core.record import Severity
from harness.stages.large_objects_chosen import ObjectsMoved
from harness.stages.load_state import Loaded
from harness.stages.result import StageResult
from harness.stages.writing_side import WritingSide

STAGE = "migrate"


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveOutcome:
    """What came of one table."""

    projection: TableProjection
    mode: LoadMode
    loaded: Loaded
    source_rows: int
    target_rows: int | None = None
    """Counted after the load; None where it did not come to that"""
    checksums: bool | None = None
    """Whether the sums of all chunks agree; None where they were not made"""
    error: str | None = None
    reject_file: str | None = None
    """Where rows that the target refused are listed"""
    equal: bool = False
    """Whether a catch-up found every row alike on both sides, and nothing was written that could change that since"""
    sequences_behind: tuple[tuple[relations.Sequence, int], ...] = ()
    """Sequences that the role may not set, each with the value it has to go to"""

    @property
    def name(self) -> str:
        """Identity of the source's table."""
        return self.projection.source.identity

    @property
    def verified(self) -> bool:
        """Whether both sides have the same number of rows."""
        return self.target_rows == self.source_rows

    @property
    def rows(self) -> int:
        """Rows moved, by earlier runs too."""
        return sum(chunk.rows for chunk in self.loaded.chunks)

    @property
    def rejected(self) -> int:
        """Rows that the target refused and that were left out."""
        return sum(each.rows for each in self.loaded.rejected.values())


def blocked(migration: str, tables: Sequence[str], findings: tuple[Finding, ...]) -> StageResult[Ledger]:
    """Nothing was moved, because the target's schema would refuse it."""
    refused = {finding.table for finding in findings}
    skipped = [
        Skipped(
            item=table,
            reason="the target's schema would refuse its rows"
            if table in refused
            else "not moved, because rows of other tables would be refused",
        )
        for table in tables
    ]
    return StageResult(
        artifact=Ledger(migration=migration),
        coverage=Coverage(stage=STAGE, unit="table", checked=0, skipped=tuple(skipped)),
        findings=findings,
        summary=f"no row moved: the schema of {len(findings)} of {len(tables)} tables would refuse them",
    )


def done(
    transfer: WritingSide,
    outcomes: Sequence[MoveOutcome],
    target: Catalog,
    *,
    partitions: tuple[str, ...] = (),
    absent: tuple[str, ...] = (),
    findings: tuple[Finding, ...] = (),
    left_behind: tuple[Skipped, ...] = (),
    large_objects: ObjectsMoved | None = None,
) -> StageResult[Ledger]:
    """The result of a migration that ran, whatever came of its tables.

    `partitions` moved with the tables that they are part of; `absent` ones exist on the target alone; `findings` are
    those about other objects; what is `left_behind` was not to be moved, or cannot be.
    """
    large = large_objects or ObjectsMoved()
    moved = [outcome for outcome in outcomes if outcome.error is None]
    skipped = [Skipped(item=each.name, reason=each.error) for each in outcomes if each.error is not None]
    skipped += [Skipped(item=table, reason="exists on the target only: there are no rows to move") for table in absent]
    return StageResult(
        artifact=Ledger(
            migration=transfer.migration,
            snapshot=transfer.snapshot,
            tables=tuple(_moved_table(each) for each in outcomes),
            chunks=tuple(chunk for outcome in outcomes for chunk in outcome.loaded.chunks),
            large_objects=large.found,
        ),
        coverage=Coverage(
            stage=STAGE,
            unit="table",
            checked=len(moved),
            items=(*(each.name for each in moved), *partitions, *large.items),
            skipped=(*skipped, *left_behind),
        ),
        findings=(*_findings(outcomes), *findings),
        summary=_summary(outcomes, target) + _large_objects(large.found),
    )


def _large_objects(found: MovedLargeObjects | None) -> str:
    if found is None:
        return ""
    told = f"; {found.objects:,} large objects, {found.moved:,} of them written"
    told += f", {found.removed:,} removed" if found.removed else ""
    told += ", all the same on both sides" if found.verified else ""
    if found.roles_left_out:
        told += f"; what belongs to these roles was left out: {', '.join(found.roles_left_out)}"
    return told


def _moved_table(outcome: MoveOutcome) -> MovedTable:
    return MovedTable(
        table=outcome.name,
        target_table=outcome.projection.target.identity,
        equal_rows=outcome.source_rows if outcome.equal and outcome.verified else None,
        mode=outcome.mode,
        rows=outcome.rows,
        rejected=outcome.rejected,
        bytes=outcome.loaded.bytes,
        seconds=round(outcome.loaded.seconds, 6),
        chunks=len(outcome.loaded.chunks),
        verified=outcome.verified,
        checksums=outcome.checksums,
        error=outcome.error,
    )


def _findings(outcomes: Sequence[MoveOutcome]) -> Iterator[Finding]:
    for outcome in outcomes:
        if outcome.error is not None:
            yield _load_failed(outcome, outcome.error)
        elif outcome.target_rows != outcome.source_rows - outcome.rejected:
            yield _count_differs(outcome)
        if outcome.rejected:
            yield _rows_rejected(outcome)
        for sequence, value in outcome.sequences_behind:
            yield _sequence_behind(outcome, sequence, value)


def no_target_table(table: str, target: str) -> Finding:
    """MIG001: there is no table to move rows to."""
    return Finding(
        code="MIG001",
        severity=Severity.BLOCKER,
        stage=STAGE,
        object=FoundObject(kind="table", identity=table),
        table=table,
        title=f"rows of {table} were not moved: the target has no table {target}",
        fix=Fix(text="Make the table on the target, or say in the mapping which table takes its rows."),
    )


def no_target_column(projection: TableProjection) -> Finding:
    """MIG001: a column has no place on the target, or the target needs one that gets no value."""
    table = projection.source.identity
    evidence = []
    reasons = []
    if projection.missing:
        names = ", ".join(projection.missing)
        evidence.append(Evidence(label="columns of the source without a place on the target", text=names))
        reasons.append(f"the target has no column {names}")
    if projection.required:
        names = ", ".join(projection.required)
        evidence.append(Evidence(label="columns of the target that are NOT NULL and get no value", text=names))
        reasons.append(f"nothing fills the target's {names}")
    return Finding(
        code="MIG001",
        severity=Severity.BLOCKER,
        stage=STAGE,
        object=FoundObject(kind="table", identity=table),
        table=table,
        title=f"rows of {table} were not moved: {' and '.join(reasons)}",
        evidence=tuple(evidence),
        fix=Fix(text="Align the target's schema, or map or drop these columns in the mapping."),
    )


def _load_failed(outcome: MoveOutcome, error: str) -> Finding:
    evidence = [Evidence(label="reason", text=error)]
    if outcome.loaded.chunks:
        evidence.append(Evidence(label="rows of chunks that were moved before", text=f"{outcome.rows:,}"))
    return Finding(
        code="MIG002",
        severity=Severity.BLOCKER,
        stage=STAGE,
        object=FoundObject(kind="table", identity=outcome.name),
        table=outcome.name,
        title=f"{outcome.name} was not wholly moved: {error}",
        evidence=tuple(evidence),
        fix=Fix(text="Mend the cause and run again: chunks that were moved are not moved twice."),
    )


def _rows_rejected(outcome: MoveOutcome) -> Finding:
    reasons: Counter[tuple[str, str]] = Counter()
    for each in outcome.loaded.rejected.values():
        reasons.update(each.reasons)
    evidence = [
        Evidence(label=f"{rows:,} rows", text=f"{sqlstate}: {reason}")
        for (sqlstate, reason), rows in sorted(reasons.items(), key=lambda each: (-each[1], each[0]))
    ]
    listed = f"The rows are listed in {outcome.reject_file}" if outcome.reject_file else "The rows are listed"
    resumed = any(chunk.resumed and chunk.rejected for chunk in outcome.loaded.chunks)
    return Finding(
        code="MIG004",
        severity=Severity.BLOCKER,
        stage=STAGE,
        object=FoundObject(kind="table", identity=outcome.name),
        table=outcome.name,
        title=f"the target refused {outcome.rejected:,} rows of {outcome.name}, and the others were moved",
        evidence=tuple(evidence),
        fix=Fix(
            text=f"{listed}{', those of an interrupted run in the file that it was given' if resumed else ''}. Mend "
            "the cause on either side, then bring them over by `pgparity migrate --catch-up`; a rerun alone does not."
        ),
    )


def _count_differs(outcome: MoveOutcome) -> Finding:
    target = outcome.target_rows or 0
    fewer = target < outcome.source_rows
    return Finding(
        code="MIG003",
        severity=Severity.BLOCKER if fewer else Severity.RISK,
        stage=STAGE,
        object=FoundObject(kind="table", identity=outcome.name),
        table=outcome.name,
        title=f"{outcome.projection.target.identity} holds {target:,} rows after the load, "
        f"{outcome.name} {outcome.source_rows:,}",
        evidence=(Evidence(label="rows", source=str(outcome.source_rows), target=str(target)),),
        fix=Fix(
            text="Rows came or went on the source since they were moved, or the target held rows before. What they are "
            "the comparison of rows says; pgparity migrate --catch-up brings the target to what the source has now."
        ),
        query=f"SELECT count(*) FROM {outcome.projection.target.identity};",  # noqa: S608  # shown, never run
    )


def _sequence_behind(outcome: MoveOutcome, sequence: relations.Sequence, value: int) -> Finding:
    return Finding(
        code="SEQ003",
        severity=Severity.BLOCKER,
        stage=STAGE,
        object=FoundObject(kind="sequence", identity=sequence.identity),
        table=outcome.name,
        title=f"sequence {sequence.identity} is behind its column, and the role may not set it",
        fix=Fix(
            text="Set it as its owner.",
            sql=f"SELECT pg_catalog.setval({literal(sequence.identity)}::regclass, {value}, false);",
        ),
    )


def _summary(outcomes: Sequence[MoveOutcome], target: Catalog) -> str:
    moved = [outcome for outcome in outcomes if outcome.error is None]
    rows = sum(outcome.rows for outcome in outcomes)
    text = f"{rows:,} rows of {len(moved)} tables moved"
    resumed = sum(chunk.rows for outcome in outcomes for chunk in outcome.loaded.chunks if chunk.resumed)
    if resumed:
        text += f" ({resumed:,} of them by an earlier run)"
    agreeing = sum(outcome.verified for outcome in moved)
    if moved:
        text += f"; row counts agree for {agreeing} of {len(moved)}"
    rejected = sum(outcome.rejected for outcome in outcomes)
    if rejected:
        text += f"; {rejected:,} rows were refused by the target and left out"
    if len(moved) < len(outcomes):
        text += f"; {len(outcomes) - len(moved)} tables failed"
    triggers = firing_triggers(target, [outcome.projection.target.identity for outcome in moved])
    if triggers:
        text += f"; triggers that may have fired: {', '.join(trigger.identity for trigger in triggers)}"
    return text
