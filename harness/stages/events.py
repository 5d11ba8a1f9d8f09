"""Progress: what a running stage tells whoever watches; stages never print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from harness.core.event_line import TableProgress


class Events(Protocol):
    """A watcher of a run."""

    def stage_started(self, stage: str) -> None:
        """A stage begins."""

    def progress(self, stage: str, done: int, total: int, what: str) -> None:
        """`done` of `total` units are finished; `what` is being worked on."""

    def stage_finished(self, stage: str, status: str, seconds: float, summary: str) -> None:
        """A stage ended."""


@runtime_checkable
class TableEvents(Protocol):
    """A watcher that wants to know of rows while they are on their way, from whatever thread sends them."""

    def transferred(self, progress: TableProgress) -> None:
        """How far the rows of a table are."""


class Silent:
    """Watches nothing."""

    def stage_started(self, stage: str) -> None:
        """Say nothing."""

    def progress(self, stage: str, done: int, total: int, what: str) -> None:
        """Say nothing."""

    def stage_finished(self, stage: str, status: str, seconds: float, summary: str) -> None:
        """Say nothing."""
