"""A queue between threads that never makes its producer wait: what does not fit is refused."""

from __future__ import annotations

import threading
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class BoundedQueue(Generic[T]):
    """First in, first out, at most `size` items."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._items: deque[T] = deque()
        self._changed = threading.Condition(threading.Lock())
        self._closed = False

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: T) -> bool:
        """Add an item; False where the queue is full or closed."""
        with self._changed:
            if self._closed or len(self._items) >= self._size:
                return False
            self._items.append(item)
            self._changed.notify()
            return True

    def take(self, most: int = 1) -> list[T]:
        """Wait for items and take up to `most`; none where the queue is closed and empty."""
        with self._changed:
            while not self._items and not self._closed:
                self._changed.wait()
            return self._popped(most)

    def close(self) -> None:
        """Take no more items; those that are in it can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def remove_all(self) -> list[T]:
        """Take what is there at once."""
        with self._changed:
            return self._popped(len(self._items))

    def _popped(self, most: int) -> list[T]:
        return [self._items.popleft() for _ in range(min(most, len(self._items)))]
