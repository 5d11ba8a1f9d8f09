"""The primary by percentage and by module: a key stays where it is, and a higher percentage never moves one back."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from types import MappingProxyType
from typing import Final

from harness.errors import ConfigurationError

SHARES: Final = 10_000
"""A percentage counts in hundredths: 12.34 % are the keys of the first 1,234 shares"""

_CALLER: Final[ContextVar[object]] = ContextVar("datalayer_caller", default=None)


def share_of(key: object, *, salt: str = "") -> int:
    """The share from 0 to 9,999 that a key falls into: the same in every process, and for 1 and "1"."""
    digest = hashlib.blake2b(f"{salt}\x00{key}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") % SHARES


@contextlib.contextmanager
def calls_of(key: object) -> Iterator[None]:
    """Key every call within by `key` (a user, a company) whatever its arguments are: no user sees two backends.

    It holds for the thread or the task that entered it.
    """
    token = _CALLER.set(key)
    try:
        yield
    finally:
        _CALLER.reset(token)


def caller() -> object:
    """The key that `calls_of` gives, None outside of it."""
    return _CALLER.get()


class Ramp:
    """Which share of the keys the target answers. It may be changed at run time; a change holds for this process."""

    def __init__(
        self,
        percent: float = 100,
        modules: Mapping[str, float] | None = None,
        *,
        salt: str = "",
        partial: bool = True,
    ) -> None:
        """`modules` have percentages of their own. `partial` False allows 0 and 100 alone: with no dual write, a key
        that moves leaves its rows behind."""
        self._salt = salt
        self._partial = partial
        self._lock = threading.Lock()
        self._percent = self._checked(percent)
        self._modules: Mapping[str, float] = MappingProxyType(
            {module: self._checked(each) for module, each in (modules or {}).items()}
        )

    def set(self, percent: float, module: str | None = None) -> None:
        """Change the percentage of one module, or that of all modules which have none of their own."""
        wanted = self._checked(percent)
        with self._lock:
            if module is None:
                self._percent = wanted
            else:
                self._modules = MappingProxyType({**self._modules, module: wanted})

    def percent(self, module: str) -> float:
        """The percentage of a module."""
        return self._modules.get(module, self._percent)

    @property
    def modules(self) -> frozenset[str]:
        """The modules that have a percentage of their own."""
        return frozenset(self._modules)

    def on_target(self, module: str, key: object) -> bool:
        """Whether the target answers. A call with no key is on the target only at 100 %."""
        percent = self.percent(module)
        if percent >= 100:
            return True
        if percent <= 0 or key is None:
            return False
        return share_of(key, salt=self._salt) < round(percent * SHARES / 100)

    def _checked(self, percent: float) -> float:
        if isinstance(percent, bool) or not isinstance(percent, int | float) or not 0 <= percent <= 100:
            raise ConfigurationError("The percentage of a ramp has to be a number from 0 to 100.")
        if 0 < percent < 100 and not self._partial:
            raise ConfigurationError(
                "A ramp between 0 and 100 % needs ENABLE_DUAL_WRITE: a key that moves would leave its rows behind.",
                hint="Set ENABLE_DUAL_WRITE=true, or go from 0 to 100 at once.",
            )
        return percent
