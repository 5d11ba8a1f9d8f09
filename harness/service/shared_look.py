"""A look that all who ask within a second share: a storm of probes does not become a storm of connections."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future
from time import monotonic
from typing import Final, Generic, TypeVar

T = TypeVar("T")

FRESH_SECONDS: Final = 1.0


class SharedLook(Generic[T]):
    """Runs `look`, which may block, in a thread of its own: one at a time, and no sooner than a second after the last.

    May be asked from several event loops. The thread is a daemon: a server that never answers keeps no process alive.
    """

    def __init__(self, look: Callable[[], T], *, fresh_seconds: float = FRESH_SECONDS) -> None:
        self._look = look
        self._fresh_seconds = fresh_seconds
        self._lock = threading.Lock()
        self._flight: Future[T] | None = None
        self._began = 0.0
        self._ended = 0.0

    @property
    def under_way(self) -> bool:
        """Whether a look goes on right now."""
        flight = self._flight
        return flight is not None and not flight.done()

    async def within(self, seconds: float) -> T:
        """The newest look; TimeoutError where it goes on for longer than so many seconds, since when it began."""
        flight, began = self._newest()
        if not flight.done():
            await _ended(flight, began + seconds - monotonic())
        return flight.result()

    def _newest(self) -> tuple[Future[T], float]:
        with self._lock:
            flight = self._flight
            stale = flight is not None and flight.done() and monotonic() - self._ended >= self._fresh_seconds
            if flight is None or stale:
                flight = self._flight = Future()
                self._began = monotonic()
                threading.Thread(target=self._run, args=(flight,), name="pgparity-look", daemon=True).start()
            return flight, self._began

    def _run(self, flight: Future[T]) -> None:
        try:
            found = self._look()
        except BaseException as error:  # noqa: BLE001 - it is raised where the look is asked for
            self._ended = monotonic()
            flight.set_exception(error)
        else:
            self._ended = monotonic()
            flight.set_result(found)


async def _ended(flight: Future[T], seconds: float) -> None:
    """Wait for a look, and leave it alone where it takes longer: others wait for it too."""
    if seconds <= 0:
        raise TimeoutError
    loop = asyncio.get_running_loop()
    waiter: asyncio.Future[None] = loop.create_future()

    def tell() -> None:
        if not waiter.done():
            waiter.set_result(None)

    def wake(_: Future[T]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(tell)

    flight.add_done_callback(wake)
    await asyncio.wait_for(waiter, seconds)
