"""The last looks of a watch as gauges for Prometheus: rows of each table, alerts, bytes received; no values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from harness.core.watch.history import KINDS, History, moment

TABLES_AT_MOST: Final = 1000
"""Tables with gauges of their own, by name; how many there are is always told"""
ALERT_KINDS: Final = ("counts", "digests", "schema", "look")


def watch_gauges(history: History) -> tuple[Metric, ...]:
    """What the history says now; nothing where no look was taken.

    pgparity_watch_rows{table,side}, pgparity_watch_difference_rows{table} (target less source),
    pgparity_watch_tables, pgparity_watch_alerts_open{kind}, pgparity_watch_last_look_timestamp_seconds{kind} and
    pgparity_watch_gaps: a watch that has ended, or cannot see, is to be noticed, too.
    """
    last = history.last
    if last is None:
        return ()
    counts = history.last_counts
    shown = counts[:TABLES_AT_MOST]
    kinds = [each.key.split(" ", 1)[0] for each in history.open_alerts]
    done = {kind: history.last_done(kind) for kind in KINDS if history.last_of(kind) is not None}
    times = [(kind, 0.0 if look is None else moment(look.at).timestamp()) for kind, look in done.items()]
    received = [
        (side, amount)
        for side, amount in (("source", last.received.source), ("target", last.received.target))
        if amount is not None
    ]
    return (
        _gauge(
            "pgparity_watch_rows",
            "Rows of a table when they were counted last.",
            ("table", "side"),
            [
                ((each.table, side), rows)
                for each in shown
                for side, rows in (("source", each.source), ("target", each.target))
            ],
        ),
        _gauge(
            "pgparity_watch_difference_rows",
            "Rows of the target less those of the source, when they were counted last.",
            ("table",),
            [((each.table,), each.difference) for each in shown],
        ),
        _gauge("pgparity_watch_tables", "Tables that were counted last.", (), [((), len(counts))]),
        _gauge(
            "pgparity_watch_alerts_open",
            "Alerts that have begun and not ended, by what they are about.",
            ("kind",),
            [((kind,), kinds.count(kind)) for kind in ALERT_KINDS],
        ),
        _gauge(
            "pgparity_watch_last_look_timestamp_seconds",
            "When the last look at this was begun that came to its end; 0: none has.",
            ("kind",),
            [((kind,), seconds) for kind, seconds in times],
        ),
        _gauge(
            "pgparity_watch_gaps",
            "What was not looked at when it was due last.",
            (),
            [((), len(history.gaps))],
        ),
        _gauge(
            "pgparity_watch_received_bytes",
            "Bytes that the last look received from a side.",
            ("side",),
            [((side,), amount) for side, amount in received],
        ),
    )


def gauges_text(history: History) -> str:
    """The same in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Made(watch_gauges(history)))
    return generate_latest(registry).decode()


class _Made(Collector):
    """Families that were made beforehand."""

    def __init__(self, families: tuple[Metric, ...]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _gauge(
    name: str, help_text: str, labels: tuple[str, ...], values: Iterable[tuple[tuple[str, ...], float | None]]
) -> Metric:
    family = GaugeMetricFamily(name, help_text, labels=labels)
    for of_labels, value in values:
        if value is not None:
            family.add_metric(of_labels, value)
    return family
