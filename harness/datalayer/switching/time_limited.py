"""Calls a function in a thread of its own and waits for it no longer than it may take, whatever it does."""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

CalledAs = Literal["answered", "raised", "timed_out", "stuck"]
"""stuck: not called, because too many calls before it have not come back"""


@dataclass(frozen=True, slots=True)
class Called:
    """What came of a call."""

    outcome: CalledAs
    answer: object = None
    error: str = ""
    """The name of the exception's type: its text may hold values"""
    seconds: float = 0.0


class _Job:
    __slots__ = ("called", "done", "function")

    def __init__(self, function: Callable[[], object]) -> None:
        self.function = function
        self.done = threading.Event()
        self.called: Called | None = None

    def run(self) -> None:
        started = time.perf_counter()
        try:
            answer = self.function()
        except BaseException as error:  # noqa: BLE001 - the secondary may raise anything; its thread has to live on
            self.called = Called("raised", error=type(error).__name__, seconds=time.perf_counter() - started)
        else:
            self.called = Called("answered", answer, seconds=time.perf_counter() - started)
        self.done.set()


class TimeLimited:
    """One thread that calls functions one after the other; used by one caller at a time.

    Python cannot end a thread: one whose call takes too long is left behind and another takes its place, `most_left`
    times at once. Beyond that nothing is called until one of them comes back.
    """

    def __init__(self, *, most_left: int = 4) -> None:
        self._most_left = most_left
        self._left: list[_Job] = []
        self._jobs: queue.SimpleQueue[_Job | None] | None = None

    def call(self, function: Callable[[], object], seconds: float) -> Called:
        """Call a function and wait at most `seconds` for it."""
        self._left = [job for job in self._left if not job.done.is_set()]
        if len(self._left) >= self._most_left:
            return Called("stuck")
        job = _Job(function)
        if self._jobs is None:
            self._jobs = _worker()
        self._jobs.put(job)
        if job.done.wait(seconds) and job.called is not None:
            return job.called
        self._left.append(job)
        self.close()
        return Called("timed_out", seconds=seconds)

    def close(self) -> None:
        """Let the thread end once it is free."""
        if self._jobs is not None:
            self._jobs.put(None)
            self._jobs = None


def _worker() -> queue.SimpleQueue[_Job | None]:
    jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()

    def work() -> None:
        while (job := jobs.get()) is not None:
            job.run()
            del job  # the arguments of the last call are not kept until the next one

    threading.Thread(target=work, name="datalayer-secondary", daemon=True).start()
    return jobs


async def awaited(function: Callable[[], Awaitable[object]], seconds: float) -> Called:
    """Await what a function gives, at most `seconds`; a task that takes longer is cancelled and not waited for."""
    started = time.perf_counter()

    async def guarded() -> Called:
        try:
            answer = await function()
        except BaseException as error:  # SystemExit that leaves a task ends the event loop
            if isinstance(error, asyncio.CancelledError) and task.cancelling():
                raise
            return Called("raised", error=type(error).__name__, seconds=time.perf_counter() - started)
        return Called("answered", answer, seconds=time.perf_counter() - started)

    task = asyncio.ensure_future(guarded())
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
    except asyncio.CancelledError:
        task.cancel()
        raise
    if not done:
        task.cancel()
        return Called("timed_out", seconds=seconds)
    return task.result()
