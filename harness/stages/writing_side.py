"""Writing side: what the ends of all migrations have in common, whatever their source is."""

from __future__ import annotations

from typing import Protocol

from harness.postgres.connect import Connection, Endpoint


class WritingSide(Protocol):
    """A migration as its target sees it."""

    @property
    def migration(self) -> str:
        """Its name in the ledger."""
        ...

    @property
    def snapshot(self) -> str | None:
        """Of the source, that all rows are read in; None: there is none."""
        ...

    @property
    def target(self) -> Connection:
        """The session that holds the ledger's lock."""
        ...

    @property
    def target_endpoint(self) -> Endpoint:
        """Whose session that is."""
        ...
