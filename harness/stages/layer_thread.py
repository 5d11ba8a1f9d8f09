"""The thread that a side's data layers live in: nothing that one of them does there can keep the run waiting."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import ctypes
import inspect
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Self

_GRACE_SECONDS = 1.0
"""What a call gets to end after its connections were cut, and once more after it was interrupted"""
_END_SECONDS = 2.0
"""What the event loop gets to end its own threads"""


class DidNotReturn(TimeoutError):
    """A data layer was asked for something and did not come back; it was given up."""


class _GivenUp(BaseException):
    """Ends what a thread is doing; no `except Exception` keeps it."""


class _Lowered(BaseException):
    """Raised where `_lower_the_flag` waits for it, and nowhere else."""


def _raise_in(ident: int, kind: type[BaseException] | None) -> None:
    """Have Python raise an exception in a thread as soon as that executes Python; None takes one back."""
    raised = None if kind is None else ctypes.py_object(kind)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), raised)


def _lower_the_flag() -> None:
    """Stop every thread of the process from looking, at each step, for an exception that is another one's.

    Python raises a flag for all of them, which the one that is interrupted lowers; a thread that never executes Python
    again leaves it up. Under a profiler CPython 3.11 does not get past it. It is lowered by interrupting this thread;
    what waits for the other one waits on.
    """
    here = threading.get_ident()
    try:
        _raise_in(here, _Lowered)
        while True:
            pass
    except _Lowered:
        pass
    except BaseException:
        _raise_in(here, None)
        raise


class LayerThread:
    """One thread with an event loop, for everything that is asked of the data layers of a side.

    All of it happens in one thread, as it would in an application: connections, event loops and what belongs to a
    thread are met by those who made them. A thread that is not left alone by what it was asked for is `lost`: it can
    not be ended from outside, and is not asked for anything any more.
    """

    def __init__(self, cut: Callable[[], object] | None = None) -> None:
        """`cut` closes the connections that a call may wait on."""
        self.lost = False
        """Whether the next data layer needs another thread"""
        self._cut = cut
        self._asked: SimpleQueue[Callable[[], Any] | None] = SimpleQueue()
        self._answered: SimpleQueue[tuple[Any, BaseException | None]] = SimpleQueue()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None
        # What the importing of a data layer set in its context holds in the thread too.
        context = contextvars.copy_context()
        self._thread = threading.Thread(target=context.run, args=(self._serve,), name="data layer", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def running(self) -> bool:
        """Whether the thread is there: a lost one may end later, or never."""
        return self._thread.is_alive()

    def run(self, function: Callable[[], Any], seconds: float) -> Any:
        """What the function returns or raises there.

        DidNotReturn where that takes longer than `seconds`, whatever it comes to after its connections were cut.
        """
        if self.lost:
            raise DidNotReturn
        self._asked.put(function)
        try:
            answer, failed = self._answered.get(timeout=seconds)
        except Empty:
            self._give_up(min(seconds, _GRACE_SECONDS))
            raise DidNotReturn from None
        except BaseException:
            # Ctrl-C, which reaches the thread that waits: the data layer is left where it is.
            self._leave()
            raise
        if failed is not None:
            raise failed
        return answer

    def _give_up(self, grace: float) -> None:
        """Take away what the call may be waiting for; then interrupt it; then leave it."""
        for interrupt in (self._cancel, self._interrupt):
            if self._cut is not None:
                self._cut()
            interrupt()
            with contextlib.suppress(Empty):
                self._answered.get(timeout=grace)
                return
        _lower_the_flag()

    def _cancel(self) -> None:
        loop, task = self._loop, self._task
        if loop is not None and task is not None:
            with contextlib.suppress(RuntimeError):  # the loop was closed in the meantime
                loop.call_soon_threadsafe(task.cancel)

    def _interrupt(self) -> None:
        """Raise an exception in the thread, as soon as it executes Python; it is of no use afterwards."""
        self._leave()
        ident = self._thread.ident
        if ident is not None:
            _raise_in(ident, _GivenUp)

    def _leave(self) -> None:
        self.lost = True
        self._asked.put(None)

    def close(self) -> None:
        """End the thread and its event loop, in so far as they end; a second call does nothing."""
        if not self.lost:
            self._leave()
            self._thread.join(_END_SECONDS)

    def _serve(self) -> None:
        with contextlib.suppress(_GivenUp), asyncio.Runner() as self._runner:
            # Also set as the thread's own: code that is not asynchronous may ask for it.
            self._loop = self._runner.get_loop()
            while (function := self._asked.get()) is not None:
                outcome: tuple[Any, BaseException | None]
                try:
                    outcome = function(), None
                except BaseException as error:  # noqa: BLE001 - it is raised where the question came from
                    outcome = None, error
                self._answered.put(outcome)
                del function, outcome  # nothing of an answer is kept until the next one

    def settled(self, value: Any) -> Any:
        """What an awaitable or an iterator comes to; other values as they are. For functions that run in the thread."""
        if inspect.isawaitable(value) or isinstance(value, AsyncIterator):
            return self._runner.run(self._awaited(value))
        return list(value) if isinstance(value, Iterator) else value

    async def _awaited(self, value: Awaitable[Any] | AsyncIterator[Any]) -> Any:
        self._task = asyncio.current_task()
        try:
            answer = await value if inspect.isawaitable(value) else value
            return [each async for each in answer] if isinstance(answer, AsyncIterator) else answer
        finally:
            self._task = None
