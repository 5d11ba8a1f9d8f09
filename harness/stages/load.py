"""Load: the rows of one table, or of a cycle of tables, chunk by chunk, by as many pairs of sessions as there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.core.ledger import ChunkRange
from harness.core.load_order import LoadGroup
from harness.core.model.catalog import Catalog
from harness.postgres import chunks, ledger
from harness.postgres.failures import blaming
from harness.stages.crew import Pair
from harness.stages.load_again import taken_up
from harness.stages.load_chunk import write_chunk
from harness.stages.load_state import Loaded, TableLoad, Transfer
from harness.stages.rejects import move_or_reject


def load_group(
    transfer: Transfer, group: LoadGroup, loads: Sequence[TableLoad], loaded: dict[str, Loaded], target: Catalog
) -> None:
    """Load the tables of a group; `loaded` is filled as chunks commit, so that it is right also after an error.

    StatementFailed: a statement of either side failed; the chunk that it belonged to is rolled back. MigrationFailed:
    it was asked to stop, or what an interrupted run moved cannot be taken up.
    """
    for load in loads:
        found = loaded.setdefault(load.name, Loaded())
        if load.finished:
            for chunk in load.earlier:
                found.add(chunk, ChunkRange(ordinal=chunk.ordinal))
                transfer.progress.moved(chunk.rows, load.name)
            transfer.progress.finished(load.name)
    waiting = [taken_up(transfer, load, loaded[load.name], target) for load in loads if not load.finished]
    if not waiting:
        return
    for load in waiting:
        found = loaded[load.name]
        known = sum(part.bytes or chunk.bytes for chunk, part in found.moved.values())
        transfer.progress.moved(sum(each.rows for each in found.chunks), load.name, read=known)
        into = load.projection.target.identity
        with blaming(transfer.target_endpoint, transfer.target):
            ledger.begin_table(transfer.target, transfer.migration, load.name, into, load.mode)
            transfer.target.commit()
    try:
        if group.one_transaction:
            _load_together(transfer, waiting, loaded)
        else:
            _load_alone(transfer, waiting[0], loaded[waiting[0].name], whole=group.self_referencing)
    except BaseException:
        if not transfer.target.closed:
            transfer.target.rollback()
        raise


def _load_alone(transfer: Transfer, load: TableLoad, loaded: Loaded, *, whole: bool) -> None:
    """One transaction a chunk. `whole`: the table is one chunk, because its rows point to each other."""

    def work(pair: Pair, part: ChunkRange) -> None:
        chunk = move_or_reject(transfer, load, pair, part, loaded)
        if chunk is not None:
            transfer.progress.moved(chunk.rows, load.name, read=part.bytes, sent=chunk.bytes)

    for parts in _parts(transfer, load, loaded, whole=whole):
        transfer.crew.each(parts, work)
    with blaming(transfer.target_endpoint, transfer.target):
        ledger.finish_table(transfer.target, transfer.migration, load.name)
        transfer.target.commit()
    transfer.progress.finished(load.name)


def _parts(transfer: Transfer, load: TableLoad, loaded: Loaded, *, whole: bool) -> Iterator[list[ChunkRange]]:
    """The chunks that are left to move, some at a time: those of an earlier plan, then what it had not come to."""
    done = set(loaded.moved)
    if whole or (load.earlier and not load.planned):
        yield [] if done else [ChunkRange()]
        return
    planned = load.planned
    if planned and transfer.batch_rows is not None:
        # Rows are counted anew behind the last chunk that was moved: how many a chunk has may have been changed.
        planned = tuple(each for each in planned if each.ordinal <= max(done, default=-1))
        with blaming(transfer.target_endpoint, transfer.target):
            ledger.replan(transfer.target, transfer.migration, load.name, len(planned))
            transfer.target.commit()
    if planned:
        yield [each for each in planned if each.ordinal not in done]
        if planned[-1].upper is None:
            return
    table, source = load.projection.source, (transfer.source, transfer.source_endpoint)
    if transfer.batch_rows is None and not planned:
        cut = chunks.cut_by_bytes(*source, table, load.order, wanted=transfer.batch_bytes)
        # Blocks are no ranges of the key: rows of one key could be in two chunks of an upsert.
        cuts = iter([cut if load.mode == "copy" or all(each.lasting for each in cut) else [ChunkRange()]])
    else:
        rows = transfer.batch_rows or chunks.ROWS_AFTER_A_PLAN
        cuts = chunks.cut_by_rows(*source, table, load.order, rows=rows, after=planned[-1] if planned else None)
    for parts in cuts:
        if len(parts) > 1 or parts[0].lower is not None:
            with blaming(transfer.target_endpoint, transfer.target):
                ledger.plan_chunks(transfer.target, transfer.migration, load.name, parts)
                transfer.target.commit()
        yield parts


def _load_together(transfer: Transfer, loads: Sequence[TableLoad], loaded: dict[str, Loaded]) -> None:
    """All tables of a cycle in one transaction, which checks its foreign keys at the end."""
    with blaming(transfer.target_endpoint, transfer.target):
        transfer.target.execute("SET CONSTRAINTS ALL DEFERRED")
    written = []
    for load in loads:
        chunk = write_chunk(transfer, load, transfer.crew.lead, ChunkRange())
        with blaming(transfer.target_endpoint, transfer.target):
            ledger.finish_table(transfer.target, transfer.migration, load.name)
        written += [chunk] if chunk is not None else []
    with blaming(transfer.target_endpoint, transfer.target):
        transfer.target.commit()
    for chunk in written:
        loaded[chunk.table].add(chunk, ChunkRange())
        transfer.progress.moved(chunk.rows, chunk.table)
        transfer.progress.finished(chunk.table)
