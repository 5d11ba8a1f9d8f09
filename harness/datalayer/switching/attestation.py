"""Who answered a call: kept beside the envelope, for whoever made the call, and counted."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections import Counter
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

from harness.datalayer.switching.answers import error_of
from harness.datalayer.switching.secondary_call import Backend

_LOG: Final = logging.getLogger("harness.datalayer.calls")
_LAST: Final[ContextVar[Answered | None]] = ContextVar("datalayer_answered", default=None)


@dataclass(frozen=True, slots=True)
class Answered:
    """One call, and the backend whose answer the caller got."""

    method: str
    module: str
    backend: Backend
    seconds: float


def last_answered() -> Answered | None:
    """Who answered the last call of this thread or task; None where it made none."""
    return _LAST.get()


class Attestations:
    """Notes who answered; counts it; writes a log line of each call where that is switched on.

    A line has method, module, backend, milliseconds and the kind and code of an error; no argument and no row.
    """

    def __init__(self, *, log_calls: bool, observe: Callable[[Answered], None] | None = None) -> None:
        """`observe` is called after every call, in its thread; it has to be quick, and what it raises is not seen."""
        self._log_calls = log_calls
        self._observe = observe
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, Backend]] = Counter()

    @property
    def counts(self) -> dict[tuple[str, Backend], int]:
        """How many calls of each method each backend has answered."""
        with self._lock:
            return dict(self._counts)

    def note(self, answered: Answered, answer: object) -> None:
        """A call was answered."""
        _LAST.set(answered)
        with self._lock:
            self._counts[answered.method, answered.backend] += 1
        if self._log_calls:
            kind, code = error_of(answer)
            outcome = "ok" if kind is None else f"{kind} {code}"
            milliseconds = answered.seconds * 1000
            _LOG.info("%s %s %s %.1f ms %s", answered.method, answered.module, answered.backend, milliseconds, outcome)
        if self._observe is not None:
            with contextlib.suppress(Exception):
                self._observe(answered)
