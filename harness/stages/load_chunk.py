"""One chunk on its way: read in the snapshot, written with its ledger line in one transaction, or mended later."""

from __future__ import annotations

import time

from harness.core.ledger import Chunk, ChunkRange
from harness.postgres import copy, ledger
from harness.postgres.chunk_sums import source_sum
from harness.postgres.connect import table_name
from harness.postgres.copy_pipe import Piped, Stopped, pipe
from harness.postgres.failures import blaming
from harness.stages.crew import Pair, stopped
from harness.stages.load_state import TableLoad, Transfer


def move_chunk(transfer: Transfer, load: TableLoad, pair: Pair, part: ChunkRange) -> Chunk | None:
    """Write one chunk and commit it; None where it has no row. StatementFailed: nothing of it stays."""
    try:
        chunk = write_chunk(transfer, load, pair, part)
        with blaming(transfer.target_endpoint, pair.target):
            pair.target.commit()
    except BaseException:
        roll_back(pair)
        raise
    return chunk


def write_chunk(transfer: Transfer, load: TableLoad, pair: Pair, part: ChunkRange) -> Chunk | None:
    """Write one chunk and its ledger line, and leave the transaction open; None where it has no row."""
    started = time.monotonic()
    if load.mode == "upsert":
        stage(transfer, load, pair)
    piped, total = _copied(transfer, load, pair, part, staged=load.mode == "upsert")
    if not piped.rows and part.chosen is None:
        return None
    with blaming(transfer.target_endpoint, pair.target):
        if load.mode == "upsert":
            pair.target.execute(copy.merge_statement(load.projection, load.arbiter))
        return _noted(transfer, load, pair, part, piped, total, started)


def mend_chunk(transfer: Transfer, load: TableLoad, pair: Pair, part: ChunkRange, known: Chunk) -> Chunk:
    """Make the rows of a chunk that was moved before what the source has by now, and commit it.

    Rows that the source no longer has are deleted where the chunk's own transactions wrote them.
    """
    try:
        chunk = rewrite_chunk(transfer, load, pair, part, known)
        with blaming(transfer.target_endpoint, pair.target):
            pair.target.commit()
    except BaseException:
        roll_back(pair)
        raise
    return chunk


def rewrite_chunk(transfer: Transfer, load: TableLoad, pair: Pair, part: ChunkRange, known: Chunk) -> Chunk:
    """Mend a chunk and its ledger line, and leave the transaction open."""
    started = time.monotonic()
    if load.arbiter:
        stage(transfer, load, pair)
    else:
        with blaming(transfer.target_endpoint, pair.target):
            pair.target.execute(copy.delete_written_statement(load.projection, known.transactions))
    piped, total = _copied(transfer, load, pair, part, staged=bool(load.arbiter))
    with blaming(transfer.target_endpoint, pair.target):
        if load.arbiter:
            stale = copy.delete_stale_statement(load.projection, load.arbiter, known.transactions)
            pair.target.execute(stale)
            pair.target.execute(copy.merge_statement(load.projection, load.arbiter))
        chunk = _noted(transfer, load, pair, part, piped, total, started)
    return chunk.model_copy(update={"bytes": known.bytes + chunk.bytes, "seconds": known.seconds + chunk.seconds})


def _copied(
    transfer: Transfer, load: TableLoad, pair: Pair, part: ChunkRange, *, staged: bool
) -> tuple[Piped, tuple[int, int] | None]:
    """The rows of a chunk piped into the table, or where they are staged; with the sum of their hashes.

    Without it where rows are upserted: what of them is stored alike already is not written, and has other transactions,
    so that the target's could not be summed by chunks. A rerun moves such a chunk again, and writes what has changed.
    """
    piped = pipe_chunk(transfer, load, pair, part, staged=staged)
    return piped, sum_of(transfer, load, pair, part) if load.mode == "copy" else None


def sum_of(transfer: Transfer, load: TableLoad, pair: Pair, part: ChunkRange) -> tuple[int, int]:
    """The rows of a chunk on the source, and the sum of their hashes."""
    comparison = load.comparison
    # A savepoint: an error must not cost the others the snapshot.
    with blaming(transfer.source_endpoint, pair.source), pair.source.transaction():
        return source_sum(comparison.source, pair.source, comparison.projection, load.order, part)


def pipe_chunk(transfer: Transfer, load: TableLoad, pair: Pair, part: ChunkRange, *, staged: bool) -> Piped:
    """The rows of a chunk piped into the table, or where they are staged; the transaction is left open."""
    source, target = (pair.source, transfer.source_endpoint), (pair.target, transfer.target_endpoint)
    into = load.projection.target
    table = copy.STAGING if staged else table_name(into.schema, into.name)
    with blaming(transfer.target_endpoint, pair.target):
        # The transaction begins here: what is relayed below the driver would be one of its own.
        pair.target.execute("SELECT pg_catalog.pg_current_xact_id()")
    # A savepoint: an error, or a COPY that is cancelled halfway, must not cost the others the snapshot.
    with blaming(transfer.source_endpoint, pair.source), pair.source.transaction():
        try:
            return pipe(
                source,
                target,
                copy.source_statement(load.projection, load.order, part, binary=load.binary),
                copy.target_statement(table, load.projection.loaded, binary=load.binary),
                stopped=transfer.crew.stop.now.is_set,
                told=lambda size: transfer.sent(size, load.name),
            )
        except Stopped:
            raise stopped() from None


def _noted(
    transfer: Transfer,
    load: TableLoad,
    pair: Pair,
    part: ChunkRange,
    piped: Piped,
    total: tuple[int, int] | None,
    started: float,
) -> Chunk:
    chunk = Chunk(
        table=load.name,
        ordinal=part.ordinal,
        lower=part.lower,
        upper=part.upper,
        rows=piped.rows,
        bytes=piped.bytes,
        seconds=round(time.monotonic() - started, 6),
        snapshot=transfer.snapshot,
        checksum_source=str(total[1]) if total is not None else None,
    )
    return ledger.add_chunk(pair.target, transfer.migration, chunk)


def stage(transfer: Transfer, load: TableLoad, pair: Pair) -> None:
    """A temporary table in the session, emptied by every commit; made once for all chunks of a table."""
    if pair.staged == load.name:
        return
    with blaming(transfer.target_endpoint, pair.target):
        copy.create_staging(pair.target, load.projection)
    pair.staged = load.name


def roll_back(pair: Pair) -> None:
    """End what the session of the target has begun; nothing of it stays."""
    pair.staged = None
    if not pair.target.closed:
        pair.target.rollback()
