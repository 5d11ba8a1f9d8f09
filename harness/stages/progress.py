"""Progress of a migration: rows that were committed, and bytes on their way, told to whoever watches."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

from harness.core.event_line import TableProgress
from harness.core.model.relations import Table
from harness.postgres.connect import Connection, Endpoint
from harness.postgres.table_pieces import parts_of
from harness.stages.events import Events, TableEvents


@dataclass(slots=True)
class _TableSoFar:
    size: int = 0
    rows: int = 0
    done: int = 0
    """Bytes of the source's pages whose rows were committed"""
    under_way: int = 0
    """Bytes of COPY data that were sent since, about"""
    finished: bool = False

    @property
    def bytes(self) -> int:
        """All of them only when it is finished: COPY data may be more than the pages that it is read from."""
        return self.size if self.finished else min(self.done + self.under_way, max(self.size - 1, 0))


@dataclass(slots=True)
class Progress:
    """How far the tables are, told to whoever watches."""

    events: Events
    total: int = 0
    """Rows, as the source's statistics have them"""
    done: int = 0
    _tables: dict[str, _TableSoFar] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def sized(self, sizes: dict[str, int]) -> None:
        """How large each table is on the source, in bytes."""
        self._tables = {table: _TableSoFar(size) for table, size in sizes.items()}

    def moved(self, rows: int, table: str, *, read: int = 0, sent: int = 0) -> None:
        """Some rows of a table are committed: `read` bytes of the source's pages, which were `sent` as COPY data."""
        with self._lock:
            self.done += rows
            self.events.progress("migrate", min(self.done, self.total), self.total, table)
            if (found := self._tables.get(table)) is not None:
                found.rows += rows
                found.done += read or sent
                found.under_way = max(found.under_way - sent, 0)
        self._tell(table)

    def sent(self, size: int, table: str) -> None:
        """Some bytes of a table's rows are on their way."""
        with self._lock:
            if (found := self._tables.get(table)) is not None:
                found.under_way += size
        self._tell(table)

    def finished(self, table: str) -> None:
        """All rows of a table are there, however well its size was guessed."""
        with self._lock:
            if (found := self._tables.get(table)) is not None:
                found.finished = True
        self._tell(table)

    def _tell(self, table: str) -> None:
        found = self._tables.get(table)
        if found is None or not isinstance(self.events, TableEvents):
            return
        self.events.transferred(
            TableProgress(
                table=table,
                rows=found.rows,
                bytes=found.bytes,
                of_bytes=found.size,
                total_bytes=sum(each.bytes for each in self._tables.values()),
                of_total_bytes=sum(each.size for each in self._tables.values()),
            )
        )


def table_sizes(connection: Connection, endpoint: Endpoint, tables: Iterable[Table]) -> dict[str, int]:
    """Bytes of the pages of each table and its TOAST, with those of its partitions, by identity."""
    found = {}
    for table in tables:
        found[table.identity] = sum(part.bytes for part in parts_of(connection, endpoint, table))
    return found
