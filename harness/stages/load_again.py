"""What an interrupted run left of a table: read again in this snapshot, kept, mended, or removed and moved anew."""

from __future__ import annotations

import dataclasses
import threading

from harness.core.ledger import Chunk, ChunkRange
from harness.core.model.catalog import Catalog
from harness.errors import MigrationFailed
from harness.postgres import copy, ledger, rejects
from harness.postgres.chunk_sums import source_sum
from harness.postgres.failures import blaming
from harness.stages.crew import Pair
from harness.stages.load_state import Loaded, TableLoad, Transfer
from harness.stages.rejects import move_or_reject

Moved = tuple[Chunk, ChunkRange]


def taken_up(transfer: Transfer, load: TableLoad, loaded: Loaded, target: Catalog) -> TableLoad:
    """Bring what an earlier run moved of a table to this run's snapshot; returns what is left to load.

    A chunk that is a range of the key names the same rows in every snapshot: it is read again on the source, and moved
    again where the sum of its rows' hashes has changed. Blocks do not, for rows move: what was loaded by blocks is
    removed, and the table is loaded from the beginning. Raises what loading a chunk raises.
    """
    if load.finished or not load.earlier:
        return load
    if any(not each.lasting for each in load.planned):
        _remove(transfer, load, target)
        return dataclasses.replace(load, earlier=(), planned=())
    ranges = {each.ordinal: each for each in load.planned}
    with blaming(transfer.target_endpoint, transfer.target):
        refused = rejects.of_table(transfer.target, transfer.migration, load.name)
        transfer.target.commit()
    moved = [(chunk, ranges.get(chunk.ordinal, ChunkRange(ordinal=chunk.ordinal))) for chunk in load.earlier]
    changed: list[Moved] = []
    lock = threading.Lock()

    def look(pair: Pair, each: Moved) -> None:
        chunk, part = each
        with blaming(transfer.source_endpoint, pair.source), pair.source.transaction():
            comparison = load.comparison
            total = source_sum(comparison.source, pair.source, comparison.projection, load.order, part)
        before = refused.get(chunk.ordinal)
        if str(total[1]) != (before.checksum_read if before else chunk.checksum_source):
            with lock:
                changed.append(each)

    def mend(pair: Pair, each: Moved) -> None:
        chunk, part = each
        if chunk.ordinal in refused:
            with blaming(transfer.target_endpoint, pair.target):
                rejects.note(pair.target, transfer.migration, load.name, chunk.ordinal, None)
                pair.target.commit()
        move_or_reject(transfer, load, pair, part, loaded, chunk)

    transfer.crew.each(moved, look)
    transfer.crew.each(changed, mend)
    kept = {chunk.ordinal for chunk, _ in changed}
    for chunk, part in moved:
        if chunk.ordinal not in kept:
            before = refused.get(chunk.ordinal)
            rows = before.rows if before else 0
            loaded.add(chunk.model_copy(update={"rejected": rows}), part, before)
    return dataclasses.replace(load, earlier=loaded.chunks)


def _remove(transfer: Transfer, load: TableLoad, target: Catalog) -> None:
    """Remove the rows that an earlier run wrote, with their chunks' lines, in one transaction."""
    table = load.projection.target
    pointing = [
        str(each.table_identity)
        for each in target.constraints
        if each.type == "foreign key" and each.references == table.identity and each.table_identity != table.identity
    ]
    transactions = [each for chunk in load.earlier for each in chunk.transactions]
    with blaming(transfer.target_endpoint, transfer.target):
        for identity in pointing:
            other = target.table_by_identity.get(identity)
            if other is not None and not copy.is_empty(transfer.target, other):
                transfer.target.rollback()
                raise MigrationFailed(
                    f"what an interrupted run moved of {load.name} would have to be removed, but rows of {identity} "
                    "point to it",
                    hint=f"Empty {identity} on the target, or drop the ledger (pgparity migrate --forget): rows are "
                    "then upserted.",
                )
        transfer.target.execute(copy.delete_written_statement(load.projection, transactions))
        ledger.empty_table(transfer.target, transfer.migration, load.name)
        transfer.target.commit()
