"""The monitor: all that the endpoints and the page tell, each look shared by those who ask within a second."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry

from harness.core.health.documents import (
    DatabaseHealth,
    DatabaseState,
    MetricsHealth,
    PoolHealth,
    ServerStatements,
)
from harness.core.health.judging import HealthLimits, pool_health, worst
from harness.datalayer.envelope import Envelope
from harness.datalayer.observation.metrics import QueryMetrics
from harness.datalayer.postgres.pool import PoolStatistics
from harness.service.databases import DeployedServices, LookedAt, look, no_answer
from harness.service.figures_of_calls import metrics_health
from harness.service.kept_records import KeptRecords
from harness.service.session_look import SeenSessions, session_error, session_health
from harness.service.shared_look import SharedLook
from harness.service.statement_statistics import server_statements

_STATEMENTS_FRESH_SECONDS: Final = 15.0
"""pg_stat_statements reads all its texts from a file each time that it is asked"""
_COMPANIES: Final = 64
"""Companies whose sessions are remembered for a second"""
_COMPANIES_AT_ONCE: Final = 2
"""Looks at sessions of different companies that may go on at the same time"""

OWN_LOOKS: Final = "the looks of pgparity serve itself"
APPLICATION: Final = "the application that these endpoints are part of"

AskSessions = Callable[[int], Envelope]
"""`SessionStore.health`, or what answers like it"""


class TooManyCompanies(Exception):
    """Sessions of more companies were asked for at once than are looked at."""


@dataclass(frozen=True)
class Observed:
    """What is observed: databases by name, and what the application counts of its own.

    `pools` are those of the databases where none are given. `services` are the processes of the deployment, for the
    budget of connections.
    """

    databases: Mapping[str, LookedAt] = field(default_factory=dict)
    pools: Mapping[str, Callable[[], PoolStatistics]] | None = None
    metrics: QueryMetrics | None = None
    statements_of: str = APPLICATION
    sessions: AskSessions | None = None
    company_id: int | None = None
    runs: Path | None = None
    history: Path | None = None
    """Of `pgparity watch`"""
    limits: HealthLimits = field(default_factory=HealthLimits)
    services: DeployedServices | None = None
    registry: CollectorRegistry | None = None
    """Of `PrometheusMetrics`, with the pools that it watches; without one a scrape has the pools alone"""


class Monitor:
    """Looks at what is observed; every answer is there within the limit, whatever a server does."""

    def __init__(self, observed: Observed) -> None:
        self.observed = observed
        self.records = KeptRecords(observed.runs, observed.history)
        self._databases = {
            name: SharedLook(partial(look, name, each, observed.limits, observed.services))
            for name, each in observed.databases.items()
        }
        self._statements = {
            name: SharedLook(partial(server_statements, name, each), fresh_seconds=_STATEMENTS_FRESH_SECONDS)
            for name, each in observed.databases.items()
        }
        self._sessions: dict[int, SharedLook[SeenSessions]] = {}

    async def database_health(self, only: str | None = None) -> DatabaseHealth:
        """Every database and every pool; or `only` one of them, by its name."""
        names = [name for name in self._databases if only in (None, name)]
        states = tuple(await asyncio.gather(*(self._state(name) for name in names)))
        pools = tuple(each for each in self.pools() if only in (None, each.name))
        return DatabaseHealth(
            status=worst([*(each.status for each in states), *(each.status for each in pools)]),
            looked_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
            databases=states,
            pools=pools,
        )

    def pools(self) -> tuple[PoolHealth, ...]:
        """The pools as they are now: this asks no server. One that cannot tell, because it is closed, is left out."""
        found = []
        for name, statistics in self.pool_statistics().items():
            with contextlib.suppress(Exception):
                now = statistics()
                found.append(
                    pool_health(
                        name,
                        max_size=now.max_size,
                        total=now.total,
                        idle=now.idle,
                        in_use=now.in_use,
                        waiting=now.waiting,
                    )
                )
        return tuple(found)

    def pool_statistics(self) -> dict[str, Callable[[], PoolStatistics]]:
        """What each pool is asked with."""
        if self.observed.pools is not None:
            return dict(self.observed.pools)
        return {name: each.statistics for name, each in self.observed.databases.items()}

    async def metrics_health(self) -> MetricsHealth:
        """How long statements took, and what the servers themselves have of them."""
        servers = await asyncio.gather(*(self._server_statements(name) for name in self._statements))
        use = max((each.use_percent for each in self.pools()), default=None)
        metrics = self.observed.metrics or QueryMetrics()
        return metrics_health(metrics.snapshot(), self.observed.statements_of, use, tuple(servers))

    async def sessions_health(self, company_id: int) -> SeenSessions:
        """The chat session of a company; TooManyCompanies where too many are being looked at."""
        if self.observed.sessions is None:
            return session_error(company_id, "no database with a chat-session store is observed")
        try:
            return await self._session_look(company_id, self.observed.sessions).within(self.observed.limits.seconds)
        except TimeoutError:
            return session_error(company_id, f"no answer within {self.observed.limits.seconds:g} s")

    def _session_look(self, company_id: int, ask: AskSessions) -> SharedLook[SeenSessions]:
        known = self._sessions.get(company_id)
        if known is not None:
            return known
        if sum(each.under_way for each in self._sessions.values()) >= _COMPANIES_AT_ONCE:
            raise TooManyCompanies
        if len(self._sessions) >= _COMPANIES:
            self._sessions = {key: each for key, each in self._sessions.items() if each.under_way}
        found = self._sessions[company_id] = SharedLook(partial(session_health, company_id, ask))
        return found

    async def _state(self, name: str) -> DatabaseState:
        try:
            return await self._databases[name].within(self.observed.limits.seconds)
        except TimeoutError:
            return no_answer(name, self.observed.databases[name], self.observed.limits.seconds)

    async def _server_statements(self, name: str) -> ServerStatements:
        try:
            return await self._statements[name].within(self.observed.limits.seconds)
        except TimeoutError:
            seconds = self.observed.limits.seconds
            return ServerStatements(database=name, available=False, reason=f"no answer within {seconds:g} s")
