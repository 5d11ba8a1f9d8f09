"""Sends every call of a data layer that failed to Sentry, without personal data, and at no risk to the call.

A Sentry that is down, slow or refuses loses events, which are counted; no call waits for it or fails with it.
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from functools import partial
from typing import Final, TypeVar, get_args

from harness.datalayer.envelope import ErrorKind, as_failure
from harness.datalayer.observation.failed_calls import FailedCall, observe_failed_calls
from harness.datalayer.observation.failure_events import failure_event
from harness.datalayer.observation.sentry_clients import SentryClient

L = TypeVar("L")

CALLERS_FAULT: Final[frozenset[ErrorKind]] = frozenset({"invalid_input", "not_found"})
"""Kinds that say something about an argument, not about the data layer: no events unless they are asked for"""
REPORTED: Final[frozenset[ErrorKind]] = frozenset(get_args(ErrorKind)) - CALLERS_FAULT

_FLUSH_SECONDS: Final = 2.0


class ErrorTracker:
    """Reports failed calls: `tracker.track(layer, backend="postgresql")` once a layer, `close()` at the end.

    `component` is the application's word for where the layer is. `reported` are the kinds of errors that become events.
    """

    def __init__(
        self, sentry: SentryClient, *, component: str = "datalayer", reported: Collection[ErrorKind] = REPORTED
    ) -> None:
        self._sentry = sentry
        self._component = component
        self._reported = frozenset(reported)
        self._failures = 0
        self._lock = threading.Lock()

    @property
    def lost(self) -> int:
        """How many failed calls Sentry does not know of, since an event could not be made, queued or delivered."""
        return self._sentry.lost + self._failures

    def track(self, layer: L, *, backend: str) -> L:
        """Report every failed call of a layer from now on; returns the layer. `backend` is the value of the tag."""
        return observe_failed_calls(layer, partial(self.report, backend=backend))

    def report(self, failed: FailedCall, /, *, backend: str) -> None:
        """Report one failed call, unless it is the caller's own fault; raises nothing."""
        try:
            if as_failure(failed.error).kind in self._reported:
                self._sentry.capture(failure_event(failed, component=self._component, backend=backend))
        except Exception:  # noqa: BLE001 - what watches a call does not fail it
            with self._lock:
                self._failures += 1

    def flush(self, timeout: float = _FLUSH_SECONDS) -> None:
        """Wait until everything is sent, at most `timeout` seconds."""
        self._sentry.flush(timeout)

    def close(self, timeout: float = _FLUSH_SECONDS) -> None:
        """Send what waits, for at most `timeout` seconds, and end."""
        self._sentry.close(timeout)
