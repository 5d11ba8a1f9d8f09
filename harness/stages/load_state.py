"""The state of a migration's load: its sessions, how each table is loaded, and what has come of it so far."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from harness.core.ledger import Chunk, ChunkRange, LoadMode
from harness.core.projection import TableProjection
from harness.postgres import copy
from harness.postgres.connect import Connection, Endpoint
from harness.postgres.rejects import RejectedRows
from harness.stages.crew import Crew
from harness.stages.progress import Progress as Progress
from harness.stages.rejects_file import Rejects
from harness.stages.table_comparison import TableComparison
from harness.stages.throttle import Throttle


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
    rejects: Rejects | None = None
    """Where rows that the target refuses go; None: the first one stops its table"""
    throttle: Throttle | None = None

    @property
    def source(self) -> Connection:
        """The session that took the snapshot."""
        return self.crew.lead.source

    @property
    def target(self) -> Connection:
        """The session that holds the ledger's lock."""
        return self.crew.lead.target

    def sent(self, size: int, table: str = "") -> None:
        """So many bytes of a table's rows were sent on; returns when more of them may be."""
        self.progress.sent(size, table)
        if self.throttle is not None:
            self.throttle.sent(size, self.crew.stop.now.is_set)


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
    rejected: dict[int, RejectedRows] = field(default_factory=dict)
    """What the target refused of chunks, by ordinal"""
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

    def add(self, chunk: Chunk, part: ChunkRange, rejected: RejectedRows | None = None) -> None:
        """A chunk was committed, or is known from an earlier run; it takes the place of what it was before."""
        with self._lock:
            self.moved[chunk.ordinal] = (chunk, part)
            if rejected is not None:
                self.rejected[chunk.ordinal] = rejected
