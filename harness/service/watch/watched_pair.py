"""Which two databases are watched: a history is that of one pair, and its figures say nothing of another."""

from __future__ import annotations

from collections.abc import Mapping

from harness.core.history import same_database
from harness.core.record import Side
from harness.core.watch.history import WatchedDatabase, WatchedPair
from harness.errors import ConfigurationError
from harness.postgres.connect import Connection, Endpoint, system_identifier
from harness.postgres.endpoint import address

Met = Mapping[Side, WatchedDatabase]
"""The databases that have answered"""


def watched_database(connection: Connection, endpoint: Endpoint) -> WatchedDatabase:
    """Which database a session is in."""
    return WatchedDatabase(
        database=connection.info.dbname,
        address=address(endpoint),
        system_identifier=system_identifier(connection),
    )


def pair_of(met: Met, known: WatchedPair | None) -> WatchedPair | None:
    """The pair of a history after a look that these have answered."""
    if known is not None or Side.SOURCE not in met or Side.TARGET not in met:
        return known
    return WatchedPair(source=met[Side.SOURCE], target=met[Side.TARGET])


def others(met: Met, known: WatchedPair | None) -> dict[Side, str]:
    """The sides that are another database than that of the history, each with what it was and is."""
    if known is None:
        return {}
    before = {Side.SOURCE: known.source, Side.TARGET: known.target}
    return {side: _told(before[side], now) for side, now in met.items() if not same_database(before[side], now)}


def refuse(unlike: Mapping[Side, str]) -> None:
    """ConfigurationError where a side is another database."""
    for side, told in unlike.items():
        raise ConfigurationError(
            f"the history is that of another {side}: {told}",
            hint="Give this pair a --history of its own, or watch the databases that the history is of.",
        )


def _told(before: WatchedDatabase, now: WatchedDatabase) -> str:
    one, other = (f"{each.database} on {each.address}" for each in (before, now))
    if one == other:
        return f"{one} was on server {before.system_identifier}, and is on server {now.system_identifier}"
    return f"{one}, and this is {other}"
