"""Asks the secondary a sample of what the primary has answered, in tasks: the twin of shadow_reads."""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable

from harness.datalayer.switching.breaker import State
from harness.datalayer.switching.recording import Recorder, until
from harness.datalayer.switching.secondary_call import SecondaryCall
from harness.datalayer.switching.shadow_records import ShadowRead, ShadowRecords, ShadowSettings
from harness.datalayer.switching.time_limited import awaited


class AsyncShadowReads:
    """Shadow reads of data layers whose methods are coroutines; used within one event loop."""

    def __init__(
        self,
        recorder: Recorder,
        settings: ShadowSettings | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.records = ShadowRecords(recorder, settings or ShadowSettings(), clock=clock, chance=chance)
        self._waiting: deque[ShadowRead] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._under_way = 0
        self._ended = False

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
        if read is None:
            return
        if self._ended or len(self._waiting) >= self.records.settings.queue_size:
            self.records.no_room(read)
            return
        self._waiting.append(read)
        if len(self._tasks) < self.records.settings.workers:
            task = asyncio.get_running_loop().create_task(self._work(), name="datalayer-shadow-read")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def aclose(self, seconds: float = 2.0) -> None:
        """Make no more shadow reads, and wait at most `seconds` for those under way; what is queued is skipped."""
        deadline = time.monotonic() + seconds
        self._ended = True
        queued = list(self._waiting)
        self._waiting.clear()
        self.records.ended(queued)
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=until(deadline))
            for task in late:
                task.cancel()
        self.records.flush()

    async def _work(self) -> None:
        while self._waiting:
            read = self._waiting.popleft()
            self._under_way += 1
            try:
                called = await awaited(read.call.ask, self.records.settings.time_limit)
            finally:
                self._under_way -= 1
            self.records.settled(read, called)
