"""What passed a relay, in order, and the attestation that follows from it."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterable
from dataclasses import dataclass

from harness.core.outcomes import Attestation
from harness.core.record import Side
from harness.core.statements import RestRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerIdentity:
    """The server that a relay leads to."""

    side: Side
    address: str
    """host:port, without credentials"""
    database: str
    system_identifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One statement or one request. Parameters, bodies and keys are never kept."""

    database: str = ""
    """The one that the connection asked for; of a request, the one behind the gateway"""
    sql: str | None = None
    """As sent, with $1, $2, … where parameters are bound; a driver that binds none writes values into the text"""
    types: tuple[int, ...] = ()
    """OIDs that the driver declares for the parameters, the first ones; 0 leaves one to the server"""
    request: RestRequest | None = None
    executed: bool = True
    """False: prepared only"""
    control: bool = False
    """BEGIN, COMMIT, SET and their like: traffic that asks for no data"""


class Journal:
    """Exchanges in the order in which they passed; safe to write and read from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._exchanges: list[Exchange] = []
        self._forgotten = 0

    def record(self, exchange: Exchange) -> None:
        """Add one; relays do so before the server sees it, so that no answer is older than its record."""
        with self._lock:
            self._exchanges.append(exchange)

    def marker(self) -> int:
        """A point in time, for `since`."""
        with self._lock:
            return self._forgotten + len(self._exchanges)

    def since(self, marker: int) -> tuple[Exchange, ...]:
        """What passed after the marker was taken."""
        with self._lock:
            return tuple(self._exchanges[max(0, marker - self._forgotten) :])

    def forget(self, marker: int) -> None:
        """Drop what passed before the marker: a long run needs no more memory than a short one."""
        with self._lock:
            keep = max(0, marker - self._forgotten)
            self._forgotten += len(self._exchanges[:keep])
            del self._exchanges[:keep]


def counted(exchanges: Iterable[Exchange]) -> tuple[Exchange, ...]:
    """Those that asked the server for something: executed ones, else (a failed prepare) those that were prepared."""
    asking = [exchange for exchange in exchanges if not exchange.control]
    return tuple([each for each in asking if each.executed] or asking)


def attestations(server: ServerIdentity, asking: Iterable[Exchange]) -> tuple[Attestation, ...]:
    """One for each database of the server that `asking`, the counted exchanges, asked; none where nothing passed."""
    numbers: dict[str, int] = {}
    for exchange in asking:
        database = exchange.database or server.database
        numbers[database] = numbers.get(database, 0) + 1
    return tuple([_attestation(server, database, number) for database, number in sorted(numbers.items())])


@functools.lru_cache(maxsize=256)
def _attestation(server: ServerIdentity, database: str, number: int) -> Attestation:
    """Nearly every call is attested by the same ones."""
    return Attestation(
        side=server.side,
        address=server.address,
        database=database,
        system_identifier=server.system_identifier,
        exchanges=number,
    )
