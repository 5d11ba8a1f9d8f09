"""Relay: stands on 127.0.0.1 between a data layer and one server, and keeps what the data layer asks of it."""

from __future__ import annotations

from collections.abc import Callable

from harness.core.outcomes import Attestation
from harness.wire.forward import Connect, Forwarder, Inspector
from harness.wire.journal import Exchange, Journal, ServerIdentity, attestations, counted


class Relay:
    """Leads to one server. It knows which, so that what passes through it proves who was asked."""

    def __init__(self, server: ServerIdentity, connect: Connect, reader: Callable[[Relay], Inspector]) -> None:
        self.server = server
        self._journal = Journal()
        self.record: Callable[[Exchange], None] = self._journal.record
        """Keeps one exchange; readers do so before the server sees it"""
        self._forwarder = Forwarder(connect, lambda: reader(self))

    @property
    def port(self) -> int:
        """The port on 127.0.0.1 that it listens on."""
        return self._forwarder.port

    def marker(self) -> int:
        """A point in time, for `since` and `attest`."""
        return self._journal.marker()

    def since(self, marker: int) -> tuple[Exchange, ...]:
        """What passed after the marker was taken."""
        return self._journal.since(marker)

    def forget(self) -> None:
        """Drop what passed so far: a long run needs no more memory than a short one."""
        self._journal.forget(self._journal.marker())

    def asked(self, marker: int) -> tuple[tuple[Exchange, ...], tuple[Attestation, ...]]:
        """What the server was asked for after the marker was taken, and which databases of it; see `counted`."""
        passed = self._journal.since(marker)
        if not passed:
            return (), ()
        asking = counted(passed)
        return asking, attestations(self.server, asking)

    def attest(self, marker: int) -> tuple[Attestation, ...]:
        """Which databases of the server were asked after the marker was taken; none where nothing passed."""
        return self.asked(marker)[1]

    def cut(self) -> None:
        """Close every connection that passes, and return when that is done."""
        self._forwarder.cut()

    def close(self) -> None:
        """End the relay, its sockets and its threads; a second call does nothing."""
        self._forwarder.close()
