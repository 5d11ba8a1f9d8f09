"""A second session of the target: whether others wrote to large objects before this run's write took hold of them.

PostgreSQL has no lock of a large object that every role may take, and its writes see no snapshot: a check before a
write proves nothing of the moment of the write. So it is made after it. The pages that an open transaction wrote to or
removed are held until its end; a session beside it sees what is committed, and that cannot change there any more.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.postgres import large_objects
from harness.postgres import ledger_large_objects as ledger
from harness.postgres.connect import Connection, Endpoint, session
from harness.postgres.failures import blaming
from harness.postgres.ledger_large_objects import Line
from harness.stages.crew import Stop, stopped


@dataclass(slots=True)
class Witness:
    """What is committed on the target, for all sessions of a crew, one at a time; opened once it is asked."""

    endpoint: Endpoint
    stop: Stop
    _open: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _session: Connection | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def written_by_others(self, expected: Mapping[int, Line | None]) -> set[int]:
        """Those of these objects that are not as they were moved; without a line: not empty, or not there.

        To be asked by a session that wrote to them, or removed them, and did not commit that yet.
        """
        if not expected:
            return set()
        with self._lock:
            if self._session is None:
                self._session = self._open.enter_context(session(self.endpoint, purpose="migrate"))
            with blaming(self.endpoint, self._session), self._session.transaction():
                sizes = large_objects.sizes(self._session, list(expected))
                return {
                    oid
                    for oid, line in expected.items()
                    if not (
                        sizes.get(oid) == 0
                        if line is None
                        else ledger.as_moved(self._session, line, sizes.get(oid), self._check)
                    )
                }

    def _check(self) -> None:
        if self.stop.now.is_set():
            raise stopped()

    def leave(self) -> None:
        """Close its session."""
        self._session = None
        self._open.close()
