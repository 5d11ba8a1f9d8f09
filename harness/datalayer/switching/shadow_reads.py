"""Asks the secondary a sample of what the primary has answered, in threads beside the caller's, and compares.

The model is GitHub's scientist (https://github.com/github/scientist): the primary's answer is the caller's, whatever
the other one does. Rows may change between the two reads: a difference that is seen once proves little.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable

from harness.datalayer.switching.bounded_queue import BoundedQueue
from harness.datalayer.switching.breaker import State
from harness.datalayer.switching.recording import Recorder, until
from harness.datalayer.switching.secondary_call import SecondaryCall
from harness.datalayer.switching.shadow_records import ShadowRead, ShadowRecords, ShadowSettings
from harness.datalayer.switching.time_limited import TimeLimited


class ShadowReads:
    """Shadow reads of data layers whose methods are plain functions."""

    def __init__(
        self,
        recorder: Recorder,
        settings: ShadowSettings | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.records = ShadowRecords(recorder, settings or ShadowSettings(), clock=clock, chance=chance)
        self._queue: BoundedQueue[ShadowRead] = BoundedQueue(self.records.settings.queue_size)
        self._lock = threading.Lock()
        self._under_way = 0
        self._threads = [
            threading.Thread(target=self._work, name="datalayer-shadow-read", daemon=True)
            for _ in range(self.records.settings.workers)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def state(self) -> State:
        """Whether shadow reads are made (closed), not made (open), or probed (half_open)."""
        return self.records.breaker.state

    @property
    def counts(self) -> dict[str, int]:
        """How many came to each outcome: equal, different, failed, timed_out, skipped."""
        return self.records.counts

    @property
    def busy(self) -> bool:
        """Whether shadow reads are under way."""
        return self._under_way > 0

    def set_rate(self, rate: float, module: str | None = None) -> None:
        """Change the share of reads, 0 to 1, of a module or of all that have none of their own."""
        self.records.set_rate(rate, module)

    def rate(self, module: str) -> float:
        """The share of a module's reads."""
        return self.records.rate(module)

    def answered(
        self,
        name: str,
        module: str,
        make: Callable[[], SecondaryCall],
        answer: object,
        seconds: float,
        *,
        beside: bool,
        behind: bool,
    ) -> None:
        """The primary answered a read; see ShadowRecords.wanted. It enqueues at the most, and never waits or raises."""
        read = self.records.wanted(name, module, make, answer, seconds, beside=beside, behind=behind)
        if read is not None and not self._queue.put(read):
            self.records.no_room(read)

    def close(self, seconds: float = 2.0) -> None:
        """Make no more shadow reads, and wait at most `seconds` for those under way; what is queued is skipped."""
        deadline = time.monotonic() + seconds
        self._queue.close()
        self.records.ended(self._queue.remove_all())
        for thread in self._threads:
            thread.join(until(deadline))
        self.records.flush()

    def _work(self) -> None:
        caller = TimeLimited()
        while reads := self._queue.take():
            for read in reads:
                self._count(1)
                called = caller.call(read.call.ask, self.records.settings.time_limit)
                self._count(-1)
                self.records.settled(read, called)
        caller.close()

    def _count(self, more: int) -> None:
        with self._lock:
            self._under_way += more
