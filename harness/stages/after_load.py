"""After a load: sequences go past their columns, statistics are gathered, rows are counted on the target."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from harness.core.migration import sequence_after_load
from harness.core.model.catalog import Catalog
from harness.core.model.relations import Sequence
from harness.core.names import qualified, split
from harness.core.projection import TableProjection
from harness.postgres import copy
from harness.postgres.failures import StatementFailed, blaming
from harness.postgres.sequences import column_extreme, sequence_state, set_sequence
from harness.stages.load_state import Transfer
from harness.stages.migrate_result import MoveOutcome
from harness.stages.writing_side import WritingSide


def after_load(transfer: WritingSide, outcome: MoveOutcome, catalogs: tuple[Catalog, Catalog]) -> MoveOutcome:
    """Finish one table. A table that failed is left as it is."""
    if outcome.error is not None:
        return outcome
    try:
        behind = tuple(_advance_sequences(transfer, outcome.projection, catalogs))
        with blaming(transfer.target_endpoint, transfer.target):
            target = outcome.projection.target
            rows = outcome.target_rows
            if rows is None:
                # Of a table whose chunks were summed both is known since then.
                if not outcome.equal:
                    # Of a table that nothing was written to they are as they were.
                    copy.gather_statistics(transfer.target, target)
                    transfer.target.commit()
                rows = copy.count_rows(transfer.target, target)
            transfer.target.commit()
    except StatementFailed as failure:
        transfer.target.rollback()
        return dataclasses.replace(outcome, error=f"after the load, on the {failure.side}: {failure.reason}")
    return dataclasses.replace(outcome, target_rows=rows, sequences_behind=behind)


def _advance_sequences(
    transfer: WritingSide, projection: TableProjection, catalogs: tuple[Catalog, Catalog]
) -> Iterator[tuple[Sequence, int]]:
    """Set the sequences of the target's columns; those that the role may not set are given back with what they need."""
    for sequence in catalogs[1].sequences:
        if sequence.owned_by is None or sequence.table_identity != projection.target.identity:
            continue
        column = split(sequence.owned_by)[-1]
        twin = twin_of(sequence, column, projection, catalogs[0])
        source_next = None
        # REST tells of no sequence: what the column holds decides then.
        if twin is not None and isinstance(transfer, Transfer):
            with blaming(transfer.source_endpoint, transfer.source), transfer.source.transaction():
                state = sequence_state(transfer.source, twin)
            source_next = state.next_value(twin.increment) if state else None
        with blaming(transfer.target_endpoint, transfer.target):
            current = sequence_state(transfer.target, sequence)
            extreme = column_extreme(transfer.target, projection.target, column, largest=sequence.increment > 0)
            wanted = current and sequence_after_load(sequence, current, extreme, source_next)
            if wanted and not set_sequence(transfer.target, sequence, wanted):
                yield sequence, wanted.last_value
            transfer.target.commit()


def twin_of(sequence: Sequence, column: str, projection: TableProjection, source: Catalog) -> Sequence | None:
    """The source's sequence behind the same column, if it counts in the same direction."""
    projected = projection.by_name.get(column)
    if projected is None or projected.source is None:
        return None
    owner = qualified(projection.source.schema, projection.source.name, projected.source)
    for each in source.sequences:
        if each.owned_by == owner and (each.increment > 0) == (sequence.increment > 0):
            return each
    return None
