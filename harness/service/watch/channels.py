"""Who is told of alerts beside the log: each channel knows from the history what it was not told of yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from harness.core.watch.history import Told, moment_text
from harness.core.watch.notices import WatchNotice, notice_of, untold
from harness.stages.watch_history import HistoryFile

AGAIN_SECONDS: Final = 300.0
"""A channel that could not be told is tried again after so long, or with the next look"""


class NotDelivered(Exception):
    """A channel could not be told; the text says why, without the address."""

    def __init__(self, reason: str, attempts: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.attempts = attempts


class Channel(Protocol):
    """Somebody who is told."""

    name: str

    def tell(self, notice: WatchNotice, sleep: Callable[[float], None]) -> int:
        """Deliver a notice; how many attempts that took. NotDelivered: it could not be."""
        ...


@dataclass(slots=True)
class Channels:
    """All of them. What was delivered is written to the history at once: who is killed in between tells it again."""

    channels: Sequence[Channel]
    remind_hours: float
    say: Callable[[str], None]
    _failing: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """By channel, the looks that it could not be told of"""

    def tell(self, file: HistoryFile, clock: Callable[[], float], sleep: Callable[[float], None]) -> bool:
        """Tell every channel what it does not know; whether all of them know all now."""
        told = [self._told(channel, file, clock, sleep) for channel in self.channels]
        return all(told)

    def _told(
        self, channel: Channel, file: HistoryFile, clock: Callable[[], float], sleep: Callable[[float], None]
    ) -> bool:
        since = moment_text(clock() - self.remind_hours * 3600)
        looks = untold(file.history, channel.name, new_channel_since=since)
        if not looks:
            return True
        notice = notice_of(looks, len(file.history.open_alerts))
        try:
            attempts = channel.tell(notice, sleep)
        except NotDelivered as failure:
            self.say(f"{channel.name}: not told: {failure.reason}; tried again within {AGAIN_SECONDS / 60:g} minutes")
            # Once for the same looks: a channel that is down for weeks would fill the history.
            if self._failing.get(channel.name) != notice.looks:
                self._failing[channel.name] = notice.looks
                file.append(_line(channel, notice, clock, failure.attempts, failure.reason))
            return False
        self._failing.pop(channel.name, None)
        file.append(_line(channel, notice, clock, attempts))
        return True


def _line(channel: Channel, notice: WatchNotice, clock: Callable[[], float], attempts: int, reason: str = "") -> Told:
    return Told(
        at=moment_text(clock()),
        channel=channel.name,
        looks=notice.looks,
        delivered=not reason,
        attempts=attempts,
        reason=reason,
    )
