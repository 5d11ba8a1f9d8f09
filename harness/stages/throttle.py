"""Throttle: so many bytes a second over all sessions together, kept by waiting where data is sent on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from harness.core.configuration import MigrateSection

_NAP_SECONDS: Final = 0.2
"""How soon a wait ends that is asked to stop"""
_CHUNK_SECONDS: Final = 10
"""That one session would need for a chunk; sessions share the rate"""
_SMALLEST_CHUNK: Final = 8192


@dataclass(slots=True)
class Throttle:
    """A bucket that every session fills and that leaks at one rate. `clock` in seconds, `sleep` for seconds."""

    bytes_a_second: int
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _free_at: float = 0.0
    """When all that was sent has passed at that rate"""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def sent(self, size: int, stopped: Callable[[], bool]) -> None:
        """Wait until so many bytes that were sent on have passed, or `stopped` says that nobody waits for them."""
        with self._lock:
            self._free_at = until = max(self._free_at, self.clock()) + size / self.bytes_a_second
        while (left := until - self.clock()) > 0 and not stopped():
            self.sleep(min(left, _NAP_SECONDS))


def chunk_bytes(section: MigrateSection) -> int:
    """About how many bytes a chunk has: it is one statement on either side, which must not take long."""
    if section.throttle is None:
        return section.batch_bytes
    return max(min(section.batch_bytes, section.throttle * _CHUNK_SECONDS), _SMALLEST_CHUNK)
