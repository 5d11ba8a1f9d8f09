"""What the sessions of both sides receive while a look is taken, and the time that all of them have together."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from harness.core.record import Side
from harness.core.watch.history import BytesReceived
from harness.postgres.connect import Endpoint
from harness.postgres.received import COUNTED, Received


@dataclass(slots=True)
class BothReceived:
    """What the sessions of both sides received."""

    source: Received = field(default_factory=Received)
    target: Received = field(default_factory=Received)

    def of(self, endpoint: Endpoint) -> Endpoint:
        """The endpoint, whose sessions are observed from now on."""
        observer = self.source if endpoint.side is Side.SOURCE else self.target
        return dataclasses.replace(endpoint.watched(), observer=observer)

    @property
    def amounts(self) -> tuple[int, int]:
        """Bytes so far."""
        return self.source.bytes, self.target.bytes

    def since(self, before: tuple[int, int]) -> BytesReceived:
        """What came since then; nothing is known where the system does not tell."""
        if not COUNTED:
            return BytesReceived()
        return BytesReceived(source=self.source.bytes - before[0], target=self.target.bytes - before[1])

    @contextlib.contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Sessions end once so much time has passed, whoever waits for what."""
        timers = [threading.Timer(seconds, each.cut_off) for each in (self.source, self.target)]
        for timer in timers:
            timer.daemon = True
            timer.start()
        try:
            yield
        finally:
            for timer in timers:
                timer.cancel()
            self.source.cut = self.target.cut = False

    def cut_off(self) -> None:
        """End all sessions, and those that begin until the look is over."""
        self.source.cut_off()
        self.target.cut_off()

    @property
    def cut(self) -> bool:
        """Whether the time has passed."""
        return self.source.cut or self.target.cut
