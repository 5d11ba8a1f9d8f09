"""How long the stages of a request took, for the header Server-Timing."""

from __future__ import annotations

import time


class ServerTiming:
    """Measures one stage after another, from its creation on.

    See https://docs.postgrest.org/en/v16/references/observability.html#server-timing-header.
    """

    __slots__ = ("_began", "_stages")

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._stages: list[tuple[str, float]] = []

    def ends(self, stage: str) -> None:
        """The stage that ran since the one before it ends now."""
        now = time.perf_counter()
        self._stages.append((stage, now - self._began))
        self._began = now

    def header(self) -> tuple[str, str]:
        """The header, with durations in milliseconds."""
        return "Server-Timing", ", ".join(f"{name};dur={1000 * seconds:.1f}" for name, seconds in self._stages)
