"""Writes to the secondary what the primary has written, in threads beside the caller's."""

from __future__ import annotations

import threading
import time

from harness.datalayer.switching.bounded_queue import BoundedQueue
from harness.datalayer.switching.dual_write_records import DualWrite, DualWriteRecords, DualWriteSettings
from harness.datalayer.switching.ramp import share_of
from harness.datalayer.switching.recording import Recorder, until
from harness.datalayer.switching.secondary_call import SecondaryCall
from harness.datalayer.switching.time_limited import TimeLimited


class DualWriter:
    """The secondary of data layers whose methods are plain functions.

    Writes of one key reach the secondary in the order in which the primary answered them. Two that overlapped have no
    such order, in this process or in two; those of this process are recorded as order_unknown.
    """

    def __init__(self, recorder: Recorder, settings: DualWriteSettings | None = None) -> None:
        self._records = DualWriteRecords(recorder, settings or DualWriteSettings())
        self._lanes = [_Lane(self._records) for _ in range(self._records.settings.workers)]

    @property
    def queued(self) -> int:
        """How many writes the secondary has not made yet."""
        return sum(len(lane.queue) + lane.at_work for lane in self._lanes)

    def begin(self, call: SecondaryCall) -> None:
        """Call it before the primary is written."""
        self._records.begin(call)

    def finish(self, call: SecondaryCall, answer: object) -> None:
        """Call it with the primary's answer, None where it raised. It enqueues, and never waits or raises."""
        write = self._records.admitted(call, answer)
        if write is None:
            return
        lane = self._lanes[share_of(call.key) % len(self._lanes) if len(self._lanes) > 1 else 0]
        if not lane.queue.put(write):
            self._records.dropped(write)

    def close(self, seconds: float | None = None) -> None:
        """Write what is queued, for at most `seconds` (the settings' drain_seconds); record what is left then."""
        deadline = time.monotonic() + (self._records.settings.drain_seconds if seconds is None else seconds)
        for lane in self._lanes:
            lane.queue.close()
        for lane in self._lanes:
            lane.end(deadline)


class _Lane:
    """A thread and the writes that it makes one after the other."""

    def __init__(self, records: DualWriteRecords) -> None:
        self._records = records
        self.queue: BoundedQueue[DualWrite] = BoundedQueue(records.settings.queue_size)
        self._lock = threading.Lock()
        self._in_hand: DualWrite | None = None
        self._thread = threading.Thread(target=self._work, name="datalayer-dual-write", daemon=True)
        self._thread.start()

    @property
    def at_work(self) -> bool:
        return self._in_hand is not None

    def _work(self) -> None:
        caller = TimeLimited()
        while taken := self._take():
            called = caller.call(taken.call.ask, self._records.settings.time_limit)
            if self._put_down():
                self._records.settled(taken, called)
        caller.close()

    def _take(self) -> DualWrite | None:
        for write in self.queue.take():
            with self._lock:
                self._in_hand = write
            return write
        return None

    def _put_down(self) -> DualWrite | None:
        """The write in hand, to whoever asks first: the thread that made it, or a shutdown that gave up on it."""
        with self._lock:
            write, self._in_hand = self._in_hand, None
            return write

    def end(self, deadline: float) -> None:
        self._thread.join(until(deadline))
        # A process that was forked has the queue, and no thread.
        for write in self.queue.remove_all():
            self._records.not_written(write)
        unfinished = self._put_down()
        if unfinished is not None:
            self._records.unfinished(unfinished)
