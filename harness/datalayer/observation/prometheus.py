"""Metrics of a data layer for Prometheus, in a registry of their own: statements, pools, divergences, shadow reads.

    datalayer_calls_total{kind, table, error_kind}      statements that ended; error_kind is "none" for a success
    datalayer_call_duration_seconds{kind, table}        histogram, 1 ms to 60 s, the wait for a connection included
    datalayer_pool_connections{pool}                    connections that are open
    datalayer_pool_idle_connections{pool}               of those, the ones that wait for a call
    datalayer_pool_in_use_connections{pool}             of those, the ones that are with a call
    datalayer_pool_max_connections{pool}                the most that there may be
    datalayer_pool_waiting_calls{pool}                  calls that wait for a connection
    datalayer_divergences_total{kind}                   records of dual writes
    datalayer_shadow_reads_total{outcome}               shadow reads

Names and units: https://prometheus.io/docs/practices/naming/. Labels hold words of this library, and tables and pools
that are named at the start, never a value: so the number of series is bounded.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from harness.datalayer.observation.observing import CallRecord
from harness.datalayer.postgres.pool import PoolStatistics

BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Seconds. 30 is the statement timeout and 60 that of heavy reads, so that what was cut off can be told."""
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_NO_TABLE: Final = "none"
_NO_ERROR: Final = "none"
_UNKNOWN: Final = "other"

_POOL_GAUGES: Final[Mapping[str, tuple[str, Callable[[PoolStatistics], int]]]] = {
    "datalayer_pool_connections": ("Connections of the pool that are open.", lambda pool: pool.total),
    "datalayer_pool_idle_connections": ("Connections of the pool that wait for a call.", lambda pool: pool.idle),
    "datalayer_pool_in_use_connections": ("Connections of the pool that are with a call.", lambda pool: pool.in_use),
    "datalayer_pool_max_connections": ("The most connections that the pool may have.", lambda pool: pool.max_size),
    "datalayer_pool_waiting_calls": ("Calls that wait for a connection of the pool.", lambda pool: pool.waiting),
}


class PrometheusMetrics:
    """An observer that counts for Prometheus, and the registry that a scrape reads.

    `tables` are the tables that have series of their own; statements on others are counted as "other". A registry of
    the application may be given: then no second one of these may be registered with it (ValueError of the client).
    """

    def __init__(self, *, tables: Collection[str], registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        self._tables = frozenset(tables)
        self._calls = Counter(
            "datalayer_calls",
            "Statements of the data layer that ended.",
            ("kind", "table", "error_kind"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "datalayer_call_duration_seconds",
            "Seconds that statements of the data layer took, the wait for a connection included.",
            ("kind", "table"),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self._pools = _Pools()
        self.registry.register(self._pools)
        # The client looks up labels under a lock at every call; these are its own objects, looked up once.
        self._of_labels: dict[tuple[str, str, str | None], tuple[Counter, Histogram]] = {}

    def __call__(self, record: CallRecord, /) -> None:
        """Count a statement."""
        labels = (record.kind, record.table, record.error_kind)
        found = self._of_labels.get(labels)
        if found is None:
            found = self._series(*labels)
        counter, histogram = found
        counter.inc()
        histogram.observe(record.seconds)

    def watch_pool(self, statistics: Callable[[], PoolStatistics], *, pool: str = "main") -> None:
        """Have a scrape read a pool: `metrics.watch_pool(database.statistics)`. A pool that is closed has no gauges."""
        self._pools.statistics[pool] = statistics

    def watch_divergences(self, counts: Callable[[], Mapping[str, int]]) -> None:
        """Have a scrape read how many divergences of each kind were recorded: `lambda: recorder.counts`."""
        help_text = "Divergences of the secondary in dual writes."
        self.registry.register(_Counts("datalayer_divergences", help_text, "kind", counts))

    def watch_shadow_reads(self, counts: Callable[[], Mapping[str, int]]) -> None:
        """Have a scrape read how many shadow reads came to each outcome: `lambda: shadow_reads.counts`."""
        self.registry.register(_Counts("datalayer_shadow_reads", "Shadow reads.", "outcome", counts))

    def text(self) -> str:
        """All metrics in Prometheus's text format, to be served with `CONTENT_TYPE`."""
        return generate_latest(self.registry).decode()

    def _series(self, kind: str, table: str, error_kind: str | None) -> tuple[Counter, Histogram]:
        known = table in self._tables
        shown = table if known else _UNKNOWN if table else _NO_TABLE
        found = (self._calls.labels(kind, shown, error_kind or _NO_ERROR), self._seconds.labels(kind, shown))
        if known or not table:
            self._of_labels[kind, table, error_kind] = found
        return found


class _Pools(Collector):
    """The gauges of all pools, read when a scrape asks."""

    def __init__(self) -> None:
        self.statistics: dict[str, Callable[[], PoolStatistics]] = {}

    def describe(self) -> Iterable[Metric]:
        return _pool_gauges()

    def collect(self) -> Iterable[Metric]:
        gauges = _pool_gauges()
        for pool, statistics in list(self.statistics.items()):
            # A pool that cannot tell has no gauges, and fails no scrape.
            with contextlib.suppress(Exception):
                found = statistics()
                for gauge in gauges:
                    gauge.add_metric((pool,), _POOL_GAUGES[gauge.name][1](found))
        return gauges


class _Counts(Collector):
    """A counter with one label, whose values something else counts."""

    def __init__(self, name: str, help_text: str, label: str, counts: Callable[[], Mapping[str, int]]) -> None:
        self._name = name
        self._help = help_text
        self._label = label
        self._counts = counts

    def describe(self) -> Iterable[Metric]:
        return [self._family()]

    def collect(self) -> Iterable[Metric]:
        counter = self._family()
        with contextlib.suppress(Exception):
            for word, count in sorted(self._counts().items()):
                counter.add_metric((word,), count)
        return [counter]

    def _family(self) -> CounterMetricFamily:
        return CounterMetricFamily(self._name, self._help, labels=(self._label,))


def _pool_gauges() -> list[GaugeMetricFamily]:
    return [GaugeMetricFamily(name, help_text, labels=("pool",)) for name, (help_text, _) in _POOL_GAUGES.items()]
