"""Load: the rows of one table, or of a cycle of tables, chunk by chunk; a chunk and its ledger line commit as one."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from harness.core.ledger import Chunk, LoadMode
from harness.core.load_order import LoadGroup
from harness.core.projection import TableProjection
from harness.errors import MigrationFailed
from harness.postgres import copy, ledger
from harness.postgres.connect import Connection, Endpoint, table_name
from harness.postgres.failures import blaming
from harness.stages.events import Events

CHUNKS_A_STREAM: Final = 200
"""Chunks that one COPY of the source feeds: bounds are planned for so many at once, and no more are kept in memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """The two sessions of a migration, and what is the same for all of its tables."""

    migration: str
    snapshot: str
    source: Connection
    source_endpoint: Endpoint
    target: Connection
    target_endpoint: Endpoint
    batch_rows: int
    progress: Progress


@dataclass(slots=True)
class Progress:
    """Rows moved so far, told to whoever watches."""

    events: Events
    total: int = 0
    done: int = 0

    def moved(self, rows: int, table: str) -> None:
        """Some rows of a table arrived."""
        self.done += rows
        self.events.progress("migrate", min(self.done, self.total), self.total, table)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLoad:
    """How one table is loaded, and how far an earlier run came."""

    projection: TableProjection
    mode: LoadMode
    order: copy.KeyOrder | None
    """None: rows have no order of their own, the table is one chunk"""
    arbiter: tuple[str, ...]
    """What ON CONFLICT names; empty when rows are copied straight in"""
    binary: bool
    earlier: tuple[ledger.RecordedChunk, ...] = ()
    finished: bool = False

    @property
    def name(self) -> str:
        """Identity of the source's table."""
        return self.projection.source.identity


@dataclass(slots=True)
class Loaded:
    """What has come of a table so far."""

    chunks: list[Chunk] = field(default_factory=list)
    bytes: int = 0
    seconds: float = 0.0


def load_group(transfer: Transfer, group: LoadGroup, loads: Sequence[TableLoad], loaded: dict[str, Loaded]) -> None:
    """Load the tables of a group; `loaded` is filled as chunks commit, so that it is right also after an error.

    StatementFailed: a statement of either side failed; the chunk that it belonged to is rolled back.
    """
    for load in loads:
        found = loaded.setdefault(load.name, Loaded())
        found.chunks.extend(each.chunk for each in load.earlier)
        found.bytes += sum(each.bytes for each in load.earlier)
        transfer.progress.moved(sum(each.chunk.rows for each in load.earlier), load.name)
    waiting = [load for load in loads if not load.finished]
    if not waiting:
        return
    # A savepoint: an error, or a COPY that is cancelled halfway, must not cost the other tables the snapshot.
    with transfer.source.transaction():
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
    _prepare(transfer, load)
    lower = _last_bound(load)
    at_end = bool(load.earlier) and lower is None
    while not at_end:
        bounds = _bounds(transfer, load, lower, whole=whole)
        at_end = len(bounds) < CHUNKS_A_STREAM
        ends: list[copy.Bound | None] = [*bounds, None] if at_end else [*bounds]
        with _stream(transfer, load, lower, ends[-1]) as rows:
            for upper in ends:
                chunk = _load_chunk(transfer, load, rows, loaded, lower, upper)
                if chunk is not None:
                    _commit(transfer)
                    loaded.chunks.append(chunk)
                    transfer.progress.moved(chunk.rows, load.name)
                lower = upper
            _expect_end(rows, load)
    with blaming(transfer.target_endpoint, transfer.target):
        ledger.begin_table(transfer.target, *_names(transfer, load), load.mode)
        ledger.finish_table(transfer.target, transfer.migration, load.name)
        copy.drop_staging(transfer.target)
    _commit(transfer)


def _load_together(transfer: Transfer, loads: Sequence[TableLoad], loaded: dict[str, Loaded]) -> None:
    """All tables of a cycle in one transaction, which checks its foreign keys at the end."""
    with blaming(transfer.target_endpoint, transfer.target):
        transfer.target.execute("SET CONSTRAINTS ALL DEFERRED")
    chunks: list[Chunk] = []
    for load in loads:
        _prepare(transfer, load)
        with _stream(transfer, load, None, None) as rows:
            chunk = _load_chunk(transfer, load, rows, loaded[load.name], None, None)
            _expect_end(rows, load)
        with blaming(transfer.target_endpoint, transfer.target):
            ledger.begin_table(transfer.target, *_names(transfer, load), load.mode)
            ledger.finish_table(transfer.target, transfer.migration, load.name)
            copy.drop_staging(transfer.target)
        chunks += [chunk] if chunk else []
    _commit(transfer)
    for chunk in chunks:
        loaded[chunk.table].chunks.append(chunk)
        transfer.progress.moved(chunk.rows, chunk.table)


def _load_chunk(
    transfer: Transfer,
    load: TableLoad,
    rows: Iterator[bytes],
    loaded: Loaded,
    lower: copy.Bound | None,
    upper: copy.Bound | None,
) -> Chunk | None:
    """Write one chunk and its ledger line, and leave the transaction open; None where the range has no row."""
    started = time.monotonic()
    projection, limit = load.projection, None if upper is None else transfer.batch_rows
    table = table_name(projection.target.schema, projection.target.name) if load.mode == "copy" else copy.STAGING
    statement = copy.target_statement(table, projection.loaded, binary=load.binary)
    with blaming(transfer.target_endpoint, transfer.target):
        count, size = copy.copy_rows(transfer.target, statement, rows, limit, binary=load.binary)
        if not count:
            return None
        if limit is not None and count != limit:
            raise MigrationFailed(
                f"{load.name}: the source gave {count} rows for a range of {limit}",
                hint="This is a defect of pgparity: please report it. Nothing of the range was written.",
            )
        if load.mode == "upsert":
            transfer.target.execute(copy.merge_statement(projection, load.arbiter))
        seconds = time.monotonic() - started
        chunk = Chunk(
            table=load.name,
            ordinal=len(loaded.chunks),
            lower=lower,
            upper=upper,
            rows=count,
            seconds=round(seconds, 6),
        )
        ledger.begin_table(transfer.target, *_names(transfer, load), load.mode)
        finished = ledger.add_chunk(transfer.target, transfer.migration, chunk, size=size, snapshot=transfer.snapshot)
    loaded.bytes += size
    loaded.seconds += seconds
    return chunk.model_copy(update={"finished_at": finished})


def _last_bound(load: TableLoad) -> copy.Bound | None:
    upper = load.earlier[-1].chunk.upper if load.earlier else None
    return None if upper is None else tuple(str(value) for value in upper)


def _bounds(transfer: Transfer, load: TableLoad, lower: copy.Bound | None, *, whole: bool) -> list[copy.Bound]:
    if whole or load.order is None:
        return []
    with blaming(transfer.source_endpoint, transfer.source):
        return copy.upper_bounds(
            transfer.source,
            load.projection.source,
            load.order,
            lower,
            rows=transfer.batch_rows,
            chunks=CHUNKS_A_STREAM,
        )


@contextlib.contextmanager
def _stream(
    transfer: Transfer, load: TableLoad, lower: copy.Bound | None, upper: copy.Bound | None
) -> Iterator[Iterator[bytes]]:
    statement = copy.source_statement(load.projection, load.order, lower, upper, binary=load.binary)
    with (
        blaming(transfer.source_endpoint, transfer.source),
        copy.row_stream(transfer.source, transfer.source_endpoint, statement, binary=load.binary) as rows,
    ):
        yield rows


def _expect_end(rows: Iterator[bytes], load: TableLoad) -> None:
    """Read the stream to its end, which the connection needs before it takes another statement."""
    if sum(1 for _ in rows):
        raise MigrationFailed(
            f"{load.name}: the source gave more rows than its ranges hold",
            hint="This is a defect of pgparity: please report it.",
        )


def _prepare(transfer: Transfer, load: TableLoad) -> None:
    if load.mode == "upsert":
        with blaming(transfer.target_endpoint, transfer.target):
            copy.create_staging(transfer.target, load.projection)


def _names(transfer: Transfer, load: TableLoad) -> tuple[str, str, str]:
    return transfer.migration, load.name, load.projection.target.identity


def _commit(transfer: Transfer) -> None:
    with blaming(transfer.target_endpoint, transfer.target):
        transfer.target.commit()
