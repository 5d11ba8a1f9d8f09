"""Prometheus: the text as the official parser reads it, and its values after calls on a real server."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator

import psycopg
import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from harness.datalayer.envelope import CallFailed
from harness.datalayer.filters import eq
from harness.datalayer.observation.observing import CallRecord
from harness.datalayer.observation.prometheus import BUCKETS, PrometheusMetrics
from harness.datalayer.postgres.database import PooledDatabase
from harness.datalayer.postgres.pool import PoolSettings, PoolStatistics
from harness.datalayer.postgres.repository import Repository, Table


class Scraped:
    """The metrics of one scrape, through the official parser."""

    def __init__(self, metrics: PrometheusMetrics) -> None:
        text = metrics.text()
        self.families = {family.name: family for family in text_string_to_metric_families(text)}
        self.types = re.findall(r"^# TYPE (\S+)", text, re.MULTILINE)
        self.samples = [sample for family in self.families.values() for sample in family.samples]

    def value(self, name: str, **labels: str) -> float:
        """The one sample with this name and these labels."""
        (found,) = [sample.value for sample in self.samples if sample.name == name and sample.labels == labels]
        return float(found)

    def labels(self, name: str) -> list[dict[str, str]]:
        """The labels of all samples of this name."""
        return [dict(sample.labels) for sample in self.samples if sample.name == name]


@pytest.fixture
def metrics() -> PrometheusMetrics:
    return PrometheusMetrics(tables=["clients", "bookings"])


@pytest.fixture
def pooled(database: str, metrics: PrometheusMetrics) -> Iterator[PooledDatabase]:
    with psycopg.connect(database, autocommit=True) as admin:
        admin.execute("CREATE TABLE clients (id integer PRIMARY KEY, phone text)")
        admin.execute("CREATE TABLE notes (id integer PRIMARY KEY)")
    found = PooledDatabase(database, settings=PoolSettings(max_size=4), observer=metrics)
    yield found
    found.close()


def test_after_calls_on_a_server_each_series_has_its_value(metrics: PrometheusMetrics, pooled: PooledDatabase) -> None:
    clients = Repository(pooled, Table("clients", ("id",), has_updated_at=False))
    clients.bulk_upsert([{"id": n, "phone": f"8000555{n:04}"} for n in range(5)])
    for _ in range(7):
        clients.find_one([eq("phone", "80005550001")])
    for _ in range(2):
        with pytest.raises(CallFailed):
            clients.find_one([eq("fired", True)])
    clients.count([])
    scraped = Scraped(metrics)
    calls = "datalayer_calls_total"
    assert scraped.value(calls, kind="select", table="clients", error_kind="none") == 7
    assert scraped.value(calls, kind="select", table="clients", error_kind="internal") == 2
    assert scraped.value(calls, kind="upsert", table="clients", error_kind="none") == 1
    assert scraped.value(calls, kind="count", table="clients", error_kind="none") == 1
    seconds = "datalayer_call_duration_seconds"
    assert scraped.value(f"{seconds}_count", kind="select", table="clients") == 9
    assert scraped.value(f"{seconds}_bucket", kind="select", table="clients", le="+Inf") == 9
    assert 0 < scraped.value(f"{seconds}_sum", kind="select", table="clients") < 60


def test_a_histogram_has_a_bucket_for_each_time_from_1_ms_to_60_s(metrics: PrometheusMetrics) -> None:
    for seconds in (0.0005, 0.02, 29.0, 45.0, 300.0):
        metrics(CallRecord("select", "clients", seconds, 1, None))
    scraped = Scraped(metrics)
    found = {
        le: scraped.value("datalayer_call_duration_seconds_bucket", kind="select", table="clients", le=le)
        for le in ("0.001", "0.01", "0.025", "10.0", "30.0", "60.0", "+Inf")
    }
    assert list(found.values()) == [1, 1, 2, 2, 3, 4, 5]
    assert (BUCKETS[0], BUCKETS[-1], sorted(BUCKETS)) == (0.001, 60.0, list(BUCKETS))


def test_a_table_that_was_not_named_at_the_start_makes_no_series_of_its_own(
    metrics: PrometheusMetrics, pooled: PooledDatabase
) -> None:
    Repository(pooled, Table("notes", ("id",))).find_many([])
    for n in range(100):
        metrics(CallRecord("select", f"invented_{n}", 0.01, 1, None))
    metrics(CallRecord("transaction", "", 0.01, 0, None))
    scraped = Scraped(metrics)
    assert {labels["table"] for labels in scraped.labels("datalayer_calls_total")} == {"other", "none"}
    assert scraped.value("datalayer_calls_total", kind="select", table="other", error_kind="none") == 101


def test_the_gauges_of_a_pool_are_what_the_pool_says_at_the_scrape(
    metrics: PrometheusMetrics, pooled: PooledDatabase
) -> None:
    metrics.watch_pool(pooled.statistics)
    metrics.watch_pool(lambda: PoolStatistics(total=9, idle=2, in_use=7, waiting=5, max_size=20), pool="heavy")

    def gauges(pool: str) -> dict[str, float]:
        scraped = Scraped(metrics)
        names = ("connections", "idle_connections", "in_use_connections", "max_connections", "waiting_calls")
        return {name: scraped.value(f"datalayer_pool_{name}", pool=pool) for name in names}

    assert gauges("heavy") == {
        "connections": 9,
        "idle_connections": 2,
        "in_use_connections": 7,
        "max_connections": 20,
        "waiting_calls": 5,
    }
    with pooled.transaction():
        during = gauges("main")
    assert (during["in_use_connections"], during["max_connections"]) == (1, 4)
    assert during["connections"] >= 1
    assert gauges("main")["in_use_connections"] == 0


def test_a_pool_that_cannot_tell_fails_no_scrape(metrics: PrometheusMetrics) -> None:
    def closed() -> PoolStatistics:
        raise RuntimeError

    metrics.watch_pool(closed)
    metrics(CallRecord("select", "clients", 0.01, 1, None))
    scraped = Scraped(metrics)
    assert scraped.labels("datalayer_pool_connections") == []
    assert scraped.value("datalayer_calls_total", kind="select", table="clients", error_kind="none") == 1


def test_divergences_and_shadow_reads_are_counted_by_kind_and_outcome(metrics: PrometheusMetrics) -> None:
    divergences = {"different_answer": 2}
    metrics.watch_divergences(lambda: divergences)
    metrics.watch_shadow_reads(lambda: {"equal": 90, "timed_out": 3})
    divergences["secondary_failed"] = 1
    scraped = Scraped(metrics)
    assert scraped.value("datalayer_divergences_total", kind="different_answer") == 2
    assert scraped.value("datalayer_divergences_total", kind="secondary_failed") == 1
    assert scraped.value("datalayer_shadow_reads_total", outcome="equal") == 90
    with pytest.raises(ValueError, match="Duplicated"):
        metrics.watch_divergences(lambda: divergences)


def test_names_keep_the_conventions_and_no_family_is_told_twice(metrics: PrometheusMetrics) -> None:
    metrics.watch_pool(lambda: PoolStatistics(1, 1, 0, 0, 3))
    metrics.watch_pool(lambda: PoolStatistics(1, 1, 0, 0, 3), pool="second")
    metrics.watch_divergences(dict)
    metrics.watch_shadow_reads(dict)
    metrics(CallRecord("select", "clients", 0.01, 1, None))
    scraped = Scraped(metrics)
    assert len(scraped.types) == len(set(scraped.types))
    for name, family in scraped.families.items():
        assert name.startswith("datalayer_")
        assert family.documentation.endswith(".")
        if family.type == "counter":
            assert all(sample.name == f"{name}_total" for sample in family.samples)
        if family.type == "histogram":
            assert name.endswith("_seconds")


def test_two_metrics_in_one_process_share_nothing_and_one_may_use_the_applications_registry() -> None:
    registry = CollectorRegistry()
    first, second = PrometheusMetrics(tables=[]), PrometheusMetrics(tables=[], registry=registry)
    first(CallRecord("select", "", 0.01, 1, None))
    assert Scraped(second).labels("datalayer_calls_total") == []
    assert second.registry is registry


def test_no_call_of_eight_threads_is_lost(metrics: PrometheusMetrics) -> None:
    def work() -> None:
        for _ in range(2000):
            metrics(CallRecord("select", "clients", 0.01, 1, None))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Scraped(metrics).value("datalayer_calls_total", kind="select", table="clients", error_kind="none") == 16_000
