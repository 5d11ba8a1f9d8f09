"""Sentry: an event for each change of an alert, through a transport of the watch's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sentry_sdk.types import Event, Hint

from harness.core.watch.history import AlertChange
from harness.core.watch.notices import WatchNotice
from harness.datalayer.observation.sentry_clients import OwnSentry
from harness.service.watch.channels import NotDelivered
from harness.version import __version__

_SECONDS: Final = 5
_LEVELS: Final = {"begun": "error", "reminded": "warning", "ended": "info"}
_KEPT: Final = (
    "environment", "event_id", "fingerprint", "level", "logger", "message", "platform", "release", "sdk", "tags",
    "timestamp",
)  # fmt: skip


@dataclass(slots=True)
class Sentry:
    """Sends to the project of one DSN, which is never shown. ConfigurationError: it is no DSN."""

    dsn: str = field(repr=False)
    environment: str = "production"
    name: str = "sentry"
    _client: OwnSentry = field(init=False)

    def __post_init__(self) -> None:
        self._client = OwnSentry(
            self.dsn, environment=self.environment, release=__version__, send_timeout=_SECONDS, cut=_cut
        )

    def tell(self, notice: WatchNotice, sleep: Callable[[float], None]) -> int:
        """Send the events of a notice; one attempt. NotDelivered: some were lost, or are still on their way."""
        del sleep  # what is lost is sent again with the next look
        lost = self._client.lost
        for change in notice.changes:
            self._client.capture(_event(change, notice))
        self._client.flush(_SECONDS * 2)
        missing = self._client.lost - lost
        if missing:
            raise NotDelivered(f"{missing} of {len(notice.changes)} events were not taken", 1)
        return 1


def _event(change: AlertChange, notice: WatchNotice) -> Event:
    kind = change.key.split(" ", 1)[0]
    event: Any = {
        "level": _LEVELS[change.change],
        "logger": "pgparity.watch",
        "message": f"{change.change}: {change.title}",
        "tags": {
            "component": "watch",
            "alert": kind,
            "change": change.change,
            "alert_id": change.id,
            "source": notice.source,
            "target": notice.target,
        },
        # One issue for all that is told of one subject.
        "fingerprint": ["pgparity watch", change.key],
    }
    made: Event = event
    return made


def _cut(event: Event, _hint: Hint) -> Event:
    """What was put into the event above, and nothing that the SDK or the environment adds."""
    given: Mapping[str, Any] = event
    kept: Any = {name: given[name] for name in _KEPT if given.get(name)}
    made: Event = kept
    return made
