"""Loading: modules that will be needed soon are imported while servers answer."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from importlib import import_module


@contextlib.contextmanager
def loading(*modules: str) -> Iterator[None]:
    """Import these in another thread; whoever imports one meanwhile waits for it, as always, and sees what fails."""

    def load() -> None:
        for name in modules:
            # Whoever needs it is told.
            with contextlib.suppress(Exception):
                import_module(name)

    thread = threading.Thread(target=load, name="loading")
    thread.start()
    try:
        yield
    finally:
        thread.join()
