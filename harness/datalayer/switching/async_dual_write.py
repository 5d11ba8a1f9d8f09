"""Writes to the secondary what the primary has written, in tasks beside the caller's: the twin of dual_write."""

from __future__ import annotations

import asyncio
import time
from collections import deque

from harness.datalayer.switching.dual_write_records import DualWrite, DualWriteRecords, DualWriteSettings
from harness.datalayer.switching.ramp import share_of
from harness.datalayer.switching.recording import Recorder, until
from harness.datalayer.switching.secondary_call import SecondaryCall
from harness.datalayer.switching.time_limited import awaited


class AsyncDualWriter:
    """The secondary of data layers whose methods are coroutines; used within one event loop.

    A secondary that blocks the event loop instead of awaiting holds up everything in it, and nothing here can help.
    """

    def __init__(self, recorder: Recorder, settings: DualWriteSettings | None = None) -> None:
        self._records = DualWriteRecords(recorder, settings or DualWriteSettings())
        self._lanes = [_Lane(self._records) for _ in range(self._records.settings.workers)]

    @property
    def queued(self) -> int:
        """How many writes the secondary has not made yet."""
        return sum(len(lane.waiting) + lane.at_work for lane in self._lanes)

    def begin(self, call: SecondaryCall) -> None:
        """Call it before the primary is written."""
        self._records.begin(call)

    def finish(self, call: SecondaryCall, answer: object) -> None:
        """Call it with the primary's answer, None where it raised. It enqueues, and never waits or raises."""
        write = self._records.admitted(call, answer)
        if write is not None:
            lane = self._lanes[share_of(call.key) % len(self._lanes) if len(self._lanes) > 1 else 0]
            lane.put(write)

    async def aclose(self, seconds: float | None = None) -> None:
        """Write what is queued, for at most `seconds` (the settings' drain_seconds); record what is left then."""
        deadline = time.monotonic() + (self._records.settings.drain_seconds if seconds is None else seconds)
        try:
            for lane in self._lanes:
                await lane.end(deadline)
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Record every write that is queued as not made: the event loop has ended before aclose was awaited."""
        for lane in self._lanes:
            lane.abandon()


class _Lane:
    """Writes that are made one after the other, by a task that lives while there are any."""

    def __init__(self, records: DualWriteRecords) -> None:
        self._records = records
        self.waiting: deque[DualWrite] = deque()
        self._in_hand: DualWrite | None = None
        self._task: asyncio.Task[None] | None = None
        self._ended = False

    def put(self, write: DualWrite) -> None:
        if self._ended or len(self.waiting) >= self._records.settings.queue_size:
            self._records.dropped(write)
            return
        self.waiting.append(write)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._work(), name="datalayer-dual-write")

    @property
    def at_work(self) -> bool:
        return self._in_hand is not None

    async def _work(self) -> None:
        while self.waiting:
            write = self._in_hand = self.waiting.popleft()
            try:
                called = await awaited(write.call.ask, self._records.settings.time_limit)
            except BaseException:
                if self._in_hand is write:
                    self._in_hand = None
                    self._records.unfinished(write)
                raise
            self._in_hand = None
            self._records.settled(write, called)

    async def end(self, deadline: float) -> None:
        self._ended = True
        if self._task is not None and not self._task.done():
            try:
                await asyncio.wait({self._task}, timeout=until(deadline))
            finally:
                self.abandon()
                self._task.cancel()
        self.abandon()

    def abandon(self) -> None:
        self._ended = True
        if self._in_hand is not None:
            self._records.unfinished(self._in_hand)
            self._in_hand = None
        while self.waiting:
            self._records.not_written(self.waiting.popleft())
