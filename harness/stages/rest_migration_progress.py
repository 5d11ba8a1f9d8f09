"""How far a migration through REST is, told to whoever watches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.core.event_line import TableProgress
from harness.core.ledger import Chunk
from harness.stages.events import Events, TableEvents


@dataclass(slots=True, kw_only=True)
class RowsRead:
    """Rows that arrived so far, and the bytes of their JSON."""

    events: Events
    rows: Mapping[str, int]
    """Of each table, as count=exact gave it before the first page"""
    _moved: dict[str, tuple[int, int]] = field(default_factory=dict)

    def moved(self, chunk: Chunk) -> None:
        """A page was committed, or is known from an earlier run. How many bytes are to come REST does not tell: as many
        as the rows that are left would have.
        """
        rows, size = self._moved.get(chunk.table, (0, 0))
        rows, size = rows + chunk.rows, size + chunk.bytes
        self._moved[chunk.table] = rows, size
        all_rows, all_size = (sum(numbers) for numbers in zip(*self._moved.values(), strict=True))
        total = sum(self.rows.values())
        self.events.progress("migrate", min(all_rows, total), total, chunk.table)
        if isinstance(self.events, TableEvents):
            progress = TableProgress(
                table=chunk.table,
                rows=rows,
                bytes=size,
                of_bytes=_expected(size, rows, self.rows.get(chunk.table, 0)),
                total_bytes=all_size,
                of_total_bytes=_expected(all_size, all_rows, total),
            )
            self.events.transferred(progress)


def _expected(size: int, rows: int, of_rows: int) -> int:
    return size * of_rows // rows if 0 < rows < of_rows else size
