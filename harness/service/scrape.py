"""`/metrics`: what a scrape reads, in Prometheus's text format; labels are names of ours, never a value.

    pgparity_build_info{version}                         1
    pgparity_database_up{database}                       1 where it answered in time
    pgparity_database_status{database,status}            1 for the status that holds, 0 for the others
    pgparity_database_round_trip_seconds{database}       SELECT 1 on an open connection
    pgparity_database_max_connections{database}          max_connections of the server
    pgparity_database_connections_left{database}         what the server leaves the services
    pgparity_session_keys, pgparity_session_expired_keys of [serve] company_id
    pgparity_session_status{status}                      1 for the status that holds
    pgparity_verdict{status}                             1 for that of the last run, 0 for all where it cannot be read
    pgparity_verdict_timestamp_seconds                   when that run began
    pgparity_verdict_age_seconds                         how long ago
    pgparity_watch_history_problem                       1 where the history of the watch cannot be read

Those of the data layer (statements, pools) and of the process are in a registry; those of the watch, from its
history, are made in render/watch_gauges.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final, get_args

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from harness.core.health.documents import DatabaseHealth, SessionsHealth, Standing
from harness.core.verdict import Status
from harness.datalayer.observation.prometheus import CONTENT_TYPE as CONTENT_TYPE
from harness.datalayer.observation.prometheus import PrometheusMetrics
from harness.render.watch_gauges import watch_gauges
from harness.service.kept_records import SeenHistory, SeenRun
from harness.service.monitor import Monitor
from harness.service.page_facts import configured_session
from harness.version import __version__

_SESSION_STATUSES: Final = ("ok", "warning", "critical", "error")


class _Found(Collector):
    """Families that were made beforehand."""

    def __init__(self, families: Sequence[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def registry_of(monitor: Monitor) -> CollectorRegistry:
    """The registry that was given, else one with the pools."""
    if monitor.observed.registry is not None:
        return monitor.observed.registry
    metrics = PrometheusMetrics(tables=())
    for name, statistics in monitor.pool_statistics().items():
        metrics.watch_pool(statistics, pool=name)
    return metrics.registry


async def scraped(monitor: Monitor, registry: CollectorRegistry) -> bytes:
    """All metrics of this moment."""
    databases, sessions, runs, history = await asyncio.gather(
        monitor.database_health(), configured_session(monitor), monitor.records.runs(), monitor.records.history()
    )
    families = [
        _gauge("pgparity_build_info", "The version that serves this.", ("version",), [((__version__,), 1)]),
        *_databases(databases),
        *(_of_sessions(sessions) if sessions is not None else ()),
        *_of_runs(runs),
        *of_watch(history),
    ]
    own = CollectorRegistry(auto_describe=False)
    own.register(_Found(families))
    return generate_latest(own) + generate_latest(registry)


def of_watch(seen: SeenHistory) -> tuple[Metric, ...]:
    """Of the last looks of the watch; where its history cannot be read, that alone."""
    unreadable = _gauge(
        "pgparity_watch_history_problem",
        "1 where the history of the watch cannot be read: then nothing else of it is told.",
        (),
        [((), bool(seen.problem))],
    )
    return (unreadable, *watch_gauges(seen.history))


def _gauge(
    name: str, help_text: str, labels: tuple[str, ...], values: Iterable[tuple[tuple[str, ...], float | None]]
) -> Metric:
    family = GaugeMetricFamily(name, help_text, labels=labels)
    for of_labels, value in values:
        if value is not None:
            family.add_metric(of_labels, value)
    return family


def _databases(health: DatabaseHealth) -> list[Metric]:
    found = health.databases
    statuses = get_args(Standing)
    budgets = [(each.name, each.connections) for each in found if each.connections is not None]
    return [
        _gauge(
            "pgparity_database_up",
            "Whether the database answered in time.",
            ("database",),
            [((each.name,), each.status != "unavailable") for each in found],
        ),
        _gauge(
            "pgparity_database_status",
            "1 for the status of the database.",
            ("database", "status"),
            [((each.name, status), each.status == status) for each in found for status in statuses],
        ),
        _gauge(
            "pgparity_database_round_trip_seconds",
            "SELECT 1 on an open connection.",
            ("database",),
            [((each.name,), each.round_trip_ms / 1000) for each in found if each.round_trip_ms is not None],
        ),
        _gauge(
            "pgparity_database_max_connections",
            "The connections that the server allows.",
            ("database",),
            [((name,), each.maximum) for name, each in budgets],
        ),
        _gauge(
            "pgparity_database_connections_left",
            "The connections that the server leaves the services.",
            ("database",),
            [((name,), each.left) for name, each in budgets],
        ),
    ]


def _of_sessions(health: SessionsHealth) -> list[Metric]:
    return [
        _gauge("pgparity_session_keys", "Keys of the company's session.", (), [((), health.keys)]),
        _gauge("pgparity_session_expired_keys", "Keys that are expired.", (), [((), health.expired_keys)]),
        _gauge(
            "pgparity_session_status",
            "1 for the status of the company's session.",
            ("status",),
            [((status,), health.status == status) for status in _SESSION_STATUSES],
        ),
    ]


def _of_runs(runs: Sequence[SeenRun]) -> list[Metric]:
    """Of the last run; where that cannot be read, no verdict holds."""
    if not runs:
        return []
    last, now = runs[0], datetime.now(UTC)
    status = last.summary.status if last.summary is not None else None
    age = last.age(now)
    verdict = _gauge(
        "pgparity_verdict",
        "1 for the verdict of the last run.",
        ("status",),
        [((each.value,), each is status) for each in Status],
    )
    if age is None:
        return [verdict]
    return [
        verdict,
        _gauge("pgparity_verdict_age_seconds", "Since the last run began.", (), [((), age)]),
        _gauge("pgparity_verdict_timestamp_seconds", "When the last run began.", (), [((), now.timestamp() - age)]),
    ]
