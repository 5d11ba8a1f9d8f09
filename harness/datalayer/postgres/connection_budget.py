"""The budget of connections: what all services together may open, against what the server has left for them.

Seven services with pools of 20 are 140 connections, and a server that allows 30, of which 5 are reserved, refuses them
(53300) at the busiest moment of the day, not at start. So it is computed at start.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from importlib import resources
from typing import Final

from harness.datalayer.postgres.async_database import AsyncDatabase
from harness.datalayer.postgres.database import Database
from harness.datalayer.postgres.statements import Statement
from harness.datalayer.rows import Row
from harness.errors import ConfigurationError

OWN_NAMES: Final = ("datalayer", "datalayer-divergences")
"""The values of application_name that this library's connections have, unless a DSN says another"""


class BudgetExceeded(ConfigurationError):
    """The services can open more connections than the server leaves them."""


@dataclass(frozen=True, slots=True)
class ServerConnections:
    """What a server has: all connections, those reserved for superusers and for other roles, those that others use.

    `limit` is the smaller of the role's and the database's CONNECTION LIMIT, None where neither has one.
    """

    maximum: int
    superuser_reserved: int
    reserved: int
    used_by_others: int
    limit: int | None = None

    @property
    def left(self) -> int:
        """How many connections the services may have together, 0 or more."""
        free = max(self.maximum - self.superuser_reserved - self.reserved - self.used_by_others, 0)
        return free if self.limit is None else min(free, self.limit)


@dataclass(frozen=True, slots=True)
class ConnectionBudget:
    """Services with a pool of at most `pool_maximum` connections each, and what the server leaves all of them.

    Every process of a service counts as one: two workers have two pools.
    """

    services: int
    pool_maximum: int
    left: int

    @property
    def wanted(self) -> int:
        """How many connections the services open when all pools are full."""
        return self.services * self.pool_maximum

    @property
    def fits(self) -> bool:
        """Whether the server takes them all."""
        return self.wanted <= self.left

    @property
    def most_per_service(self) -> int:
        """The largest pool that fits; 0 where there is not one connection for each service."""
        return self.left // self.services

    def __str__(self) -> str:
        sum_up = f"{self.services} services x {self.pool_maximum} = {self.wanted} connections"
        return f"{sum_up}, the server leaves {self.left}; at most {self.most_per_service} a service"


def connection_budget(services: int, pool_maximum: int, server: ServerConnections) -> ConnectionBudget:
    """The budget of so many equal services; ConfigurationError for less than one of either."""
    if services < 1 or pool_maximum < 1:
        raise ConfigurationError(
            "A connection budget is of at least one service with a pool of at least one connection.",
            hint="Count every process that has a pool of its own.",
        )
    return ConnectionBudget(services, pool_maximum, server.left)


def checked_budget(services: int, pool_maximum: int, server: ServerConnections) -> ConnectionBudget:
    """The budget; BudgetExceeded where it does not fit."""
    budget = connection_budget(services, pool_maximum, server)
    if not budget.fits:
        raise BudgetExceeded(
            f"The connection budget is exceeded: {budget}.",
            hint="Make the pools smaller, run fewer services, or put a pooler in front of the server.",
        )
    return budget


def server_connections(database: Database, *, own: Collection[str] = OWN_NAMES) -> ServerConnections:
    """Ask the server; CallFailed where it does not answer.

    `own` are the values of application_name of the services: what they have open already is part of their budget, and
    is not counted as used by others.
    """
    return _of_row(database.rows(_statement(own))[0])


async def server_connections_async(database: AsyncDatabase, *, own: Collection[str] = OWN_NAMES) -> ServerConnections:
    """`server_connections` through an asynchronous database."""
    return _of_row((await database.rows(_statement(own)))[0])


def _statement(own: Collection[str]) -> Statement:
    text = resources.files("harness.datalayer.postgres").joinpath("sql", "server_connections.sql").read_bytes()
    return Statement(text, (list(own),))


def _of_row(row: Row) -> ServerConnections:
    return ServerConnections(
        maximum=row["max_connections"],
        superuser_reserved=row["superuser_reserved"],
        reserved=row["reserved"],
        used_by_others=row["used_by_others"],
        limit=row["connection_limit"],
    )
