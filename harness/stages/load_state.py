"""The state of a migration's load: its sessions, how each table is loaded, and what has come of it so far."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from harness.core.ledger import Chunk, ChunkRange, LoadMode
from harness.core.projection import TableProjection
from harness.postgres import copy
from harness.postgres.connect import Connection, Endpoint
from harness.stages.crew import Crew
from harness.stages.events import Events
from harness.stages.table_comparison import TableComparison


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """What is the same for all tables of a migration."""

    migration: str
    snapshot: str
    crew: Crew
    source_endpoint: Endpoint
    target_endpoint: Endpoint
    batch_rows: int | None
    """Rows a chunk; None: chunks of `batch_bytes`"""
    batch_bytes: int
    progress: Progress

    @property
    def source(self) -> Connection:
        """The session that took the snapshot."""
        return self.crew.lead.source

    @property
    def target(self) -> Connection:
        """The session that holds the ledger's lock."""
        return self.crew.lead.target


@dataclass(slots=True)
class Progress:
    """Rows moved so far, told to whoever watches."""

    events: Events
    total: int = 0
    done: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def moved(self, rows: int, table: str) -> None:
        """Some rows of a table arrived."""
        with self._lock:
            self.done += rows
            self.events.progress("migrate", min(self.done, self.total), self.total, table)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLoad:
    """How one table is loaded, and how far an earlier run came."""

    projection: TableProjection
    mode: LoadMode
    order: copy.KeyOrder | None
    """None: rows have no order of their own"""
    arbiter: tuple[str, ...]
    """What ON CONFLICT names; empty where rows are only copied straight in"""
    binary: bool
    comparison: TableComparison
    """How its rows are hashed"""
    earlier: tuple[Chunk, ...] = ()
    planned: tuple[ChunkRange, ...] = ()
    """How an earlier run cut it"""
    finished: bool = False

    @property
    def name(self) -> str:
        """Identity of the source's table."""
        return self.projection.source.identity


@dataclass(slots=True)
class Loaded:
    """What has come of a table so far."""

    moved: dict[int, tuple[Chunk, ChunkRange]] = field(default_factory=dict)
    """By ordinal"""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def chunks(self) -> tuple[Chunk, ...]:
        """In their order."""
        return tuple(self.moved[ordinal][0] for ordinal in sorted(self.moved))

    @property
    def bytes(self) -> int:
        """Of COPY data."""
        return sum(each.bytes for each, _ in self.moved.values())

    @property
    def seconds(self) -> float:
        """Of all sessions together."""
        return sum(each.seconds for each, _ in self.moved.values())

    def add(self, chunk: Chunk, part: ChunkRange) -> None:
        """A chunk was committed, or is known from an earlier run; it takes the place of what it was before."""
        with self._lock:
            self.moved[chunk.ordinal] = (chunk, part)
