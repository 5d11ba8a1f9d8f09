"""The two ways to Sentry: a transport of the data layer's own, or the client that the application has initialised."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, Protocol

import sentry_sdk
from sentry_sdk.client import get_options
from sentry_sdk.consts import VERSION
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import HttpTransport
from sentry_sdk.types import Event, Hint
from sentry_sdk.utils import BadDsn

from harness.datalayer.observation.failure_events import scrubbed_event
from harness.errors import ConfigurationError

_QUEUE: Final = 100
_SEND_SECONDS: Final = 5
_SDK: Final = {"name": "sentry.python", "version": VERSION}


class SentryClient(Protocol):
    """What an error tracker needs of Sentry."""

    @property
    def lost(self) -> int:
        """How many events were not delivered."""
        ...

    def capture(self, event: Event) -> None:
        """Take an event, and send it in another thread."""
        ...

    def flush(self, timeout: float) -> None:
        """Wait until everything is sent, at most `timeout` seconds."""
        ...

    def close(self, timeout: float) -> None:
        """Send what waits, for at most `timeout` seconds, and end."""
        ...


class OwnSentry:
    """The SDK's transport by itself: a thread, and a queue of bounded length.

    It is no client of the SDK, since making one takes effect on the application's (its continuous profiler ends). No
    scope, no integration and no environment variable adds anything to an event. `queue_size` events wait at most; one
    is given up after `send_timeout` seconds. Nothing is sent when it is made, so Sentry may be down then. `cut` takes
    out of an event what may not leave the process. Raises ConfigurationError for a DSN that is none.
    """

    def __init__(
        self,
        dsn: str,
        *,
        environment: str = "production",
        release: str = "",
        queue_size: int = _QUEUE,
        send_timeout: int = _SEND_SECONDS,
        cut: Callable[[Event, Hint], Event] = scrubbed_event,
    ) -> None:
        # An empty DSN would have the SDK take one from the environment: perhaps another project's.
        if not dsn.strip():
            raise _malformed()
        self._lost = 0
        self._cut = cut
        self._lock = threading.Lock()
        self._facts = {"environment": environment, "release": release, "platform": "python", "sdk": _SDK}
        try:
            options = get_options(
                dsn=dsn,
                environment=environment,
                release=release,
                transport_queue_size=queue_size,
                send_client_reports=False,
            )
            self._transport = _transport(send_timeout, self._count_lost)(options)
        except BadDsn:
            raise _malformed() from None

    @property
    def lost(self) -> int:
        """How many events were not delivered: the queue was full, or Sentry was down, too slow, or refused."""
        return self._lost

    def capture(self, event: Event) -> None:
        """Put an event into the queue."""
        now = datetime.now(UTC).isoformat()
        complete: Any = {**event, **self._facts, "event_id": uuid.uuid4().hex, "timestamp": now}
        envelope = Envelope(headers={"event_id": complete["event_id"], "sent_at": now})
        envelope.add_event(self._cut(complete, {}))
        self._transport.capture_envelope(envelope)

    def flush(self, timeout: float) -> None:
        """Wait until everything is sent, at most `timeout` seconds."""
        self._transport.flush(timeout)

    def close(self, timeout: float) -> None:
        """Send what waits, for at most `timeout` seconds; what is left is sent only while the process lives on."""
        self._transport.flush(timeout)
        self._transport.kill()

    def _count_lost(self) -> None:
        with self._lock:
            self._lost += 1


class ApplicationSentry:
    """The Sentry that the application has initialised, with its DSN, release, limits and `before_send`.

    An event is cut down to the same parts as by a client of our own before the application's `before_send` sees it; of
    the application's scopes only the ids of the trace are kept. Raises ConfigurationError where none is initialised.
    """

    lost = 0
    """Not known here: the application's transport counts for itself"""

    def __init__(self) -> None:
        if not sentry_sdk.is_initialized():
            raise ConfigurationError(
                "The application has initialised no Sentry.", hint="Call sentry_sdk.init first, or use OwnSentry."
            )

    def capture(self, event: Event) -> None:
        """Hand an event to the application's client."""
        with sentry_sdk.new_scope() as scope:
            scope.add_event_processor(scrubbed_event)
            scope.capture_event(event)

    def flush(self, timeout: float) -> None:
        """Wait until everything of the application is sent, at most `timeout` seconds."""
        sentry_sdk.flush(timeout=timeout)

    def close(self, timeout: float) -> None:
        """Wait as `flush` does; the application's Sentry stays open."""
        self.flush(timeout)


def _transport(seconds: int, on_lost: Callable[[], None]) -> type[HttpTransport]:
    """The SDK's transport with a time limit of its own, that tells of every event that is lost."""

    class BoundedTransport(HttpTransport):
        TIMEOUT = seconds

        def on_dropped_event(self, _reason: str) -> None:
            on_lost()

    return BoundedTransport


def _malformed() -> ConfigurationError:
    return ConfigurationError(
        "The DSN of the error tracking is malformed.", hint="Copy it from the client keys of the Sentry project."
    )
