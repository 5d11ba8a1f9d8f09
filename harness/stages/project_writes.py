"""Cases that write to a real project: whether one may, and what is done around its call, so that no row is left."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.core.marked_rows import MarkedRow, marked_rows
from harness.core.observations import Observation
from harness.core.statements import RestRequest
from harness.stages.project_rows import ProjectRows
from harness.wire.guard import READS, Guard
from harness.wire.relay import Relay


@dataclass(frozen=True, slots=True)
class Writable:
    """A case that may write: the rows that it inserts, and the requests (verb, path) by which it does."""

    rows: tuple[MarkedRow, ...]
    requests: frozenset[tuple[str, str]]


class ProjectWrites:
    """What cases write to a project, within marked rows alone; what was removed, and what may be left."""

    def __init__(
        self, rows: ProjectRows, guard: Guard, relay: Relay, *, path: str, test_ids: tuple[int, int], allowed: bool
    ) -> None:
        """`path` stands before the REST path of the project's URL."""
        self._rows = rows
        self._guard = guard
        self._relay = relay
        self._path = path
        self._test_ids = test_ids
        self._allowed = allowed
        self.removed: dict[str, int] = {}
        """Table to rows"""
        self.remaining: dict[str, str] = {}
        """Table in which rows may be left to the case that wrote them"""

    def judged(self, seen: Observation, requests: Sequence[RestRequest]) -> Writable | str:
        """What of a case may be written, by what the copy has seen of it; or why nothing."""
        if not self._allowed:
            return "it writes, and --allow-writes was not given"
        rows, reason = marked_rows(seen.effects, self._test_ids)
        writes = {(each.verb, each.path) for each in requests if each.verb not in READS}
        if not reason and (not writes or any(verb != "POST" or "/rpc/" in path for verb, path in writes)):
            reason = "it writes by other means than inserting rows"
        if not reason and (there := self._rows.there(rows)):
            reason = f"{there[0]} of the project may hold rows with its test ids already"
        if reason:
            return f"it writes, and {reason}"
        return Writable(rows, frozenset((verb, self._path + path) for verb, path in writes))

    @contextlib.contextmanager
    def around(self, case: str, writable: Writable) -> Iterator[None]:
        """Let the requests of a case pass for as long as the block runs, and remove its rows after."""
        self._guard.allow(writable.requests)
        try:
            yield
        finally:
            self._guard.allow(())
            self._relay.cut()
            for table, number in self._rows.remove(writable.rows).items():
                self.removed[table] = self.removed.get(table, 0) + number
            for table in self._rows.there(writable.rows):
                self.remaining[table] = case
