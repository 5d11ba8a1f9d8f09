"""Query metrics: counts, means, percentiles and slow statements, against lists that are simply sorted, and a server."""

from __future__ import annotations

import asyncio
import json
import math
import subprocess
import sys
import threading
from typing import get_args

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.datalayer.envelope import CallFailed, ErrorKind
from harness.datalayer.filters import eq
from harness.datalayer.observation.metrics import LAST_SLOW, LAST_TIMES, QueryMetrics, nearest_rank, percentiles
from harness.datalayer.observation.observers import Observers
from harness.datalayer.observation.observing import CallKind, CallRecord
from harness.datalayer.postgres.async_database import AsyncPooledDatabase
from harness.datalayer.postgres.async_repository import AsyncRepository
from harness.datalayer.postgres.database import PooledDatabase
from harness.datalayer.postgres.repository import Repository, Table

SECONDS = st.floats(0, 100, allow_nan=False)
RECORDS = st.lists(
    st.builds(
        CallRecord,
        kind=st.sampled_from(get_args(CallKind)),
        table=st.sampled_from(["clients", "bookings", ""]),
        seconds=SECONDS,
        rows=st.integers(0, 1000),
        error_kind=st.none() | st.sampled_from(get_args(ErrorKind)),
    ),
    max_size=60,
)
CLIENTS = Table("clients", ("id",), has_updated_at=False)


def call(seconds: float = 0.01, kind: CallKind = "select", error_kind: ErrorKind | None = None) -> CallRecord:
    return CallRecord(kind, "clients", seconds, 1, error_kind)


@settings(deadline=None)
@given(st.lists(SECONDS, min_size=1, max_size=300), st.integers(1, 100))
def test_a_percentile_is_the_smallest_value_that_so_many_values_do_not_exceed(times: list[float], percent: int) -> None:
    found = nearest_rank(sorted(times), percent)
    reached = [value for value in times if sum(other <= value for other in times) * 100 >= percent * len(times)]
    assert found == min(reached)


@pytest.mark.parametrize(("percent", "rank"), [(1, 1), (50, 5), (51, 6), (95, 10), (99, 10), (100, 10)])
def test_the_percentiles_of_ten_values_are_known(percent: int, rank: int) -> None:
    assert nearest_rank([float(n) for n in range(1, 11)], percent) == rank


def test_without_a_call_there_is_no_percentile_and_no_error_rate() -> None:
    snapshot = QueryMetrics().snapshot()
    assert (snapshot.percentiles.p50, snapshot.percentiles.p99, snapshot.error_rate, snapshot.calls) == (
        None,
        None,
        0,
        0,
    )


@settings(deadline=None)
@given(RECORDS)
def test_counts_means_rows_and_errors_are_those_of_the_list_of_all_records(records: list[CallRecord]) -> None:
    metrics = QueryMetrics()
    for record in records:
        metrics(record)
    snapshot = metrics.snapshot()
    assert set(snapshot.kinds) == {record.kind for record in records}
    for kind, found in snapshot.kinds.items():
        of_kind = [record for record in records if record.kind == kind]
        assert found.calls == len(of_kind)
        assert found.errors == sum(record.error_kind is not None for record in of_kind)
        assert found.rows == sum(record.rows for record in of_kind)
        assert math.isclose(found.mean_seconds, math.fsum(r.seconds for r in of_kind) / len(of_kind), abs_tol=1e-9)
    statements = [record for record in records if record.kind != "transaction"]
    assert snapshot.calls == len(statements)
    assert snapshot.errors == sum(snapshot.error_kinds.values()) == sum(r.error_kind is not None for r in statements)
    assert snapshot.percentiles == percentiles([record.seconds for record in statements])
    assert snapshot.slow_calls == sum(record.seconds > 1 for record in statements)


@settings(deadline=None)
@given(RECORDS)
def test_a_snapshot_is_json(records: list[CallRecord]) -> None:
    metrics = QueryMetrics()
    for record in records:
        metrics(record)
    shown = metrics.snapshot().as_json()
    assert json.loads(json.dumps(shown, allow_nan=False)) == shown


def test_percentiles_are_over_the_last_1000_calls() -> None:
    metrics = QueryMetrics()
    for n in range(3 * LAST_TIMES):
        metrics(call(n / 1e6))
    found = metrics.snapshot().percentiles
    assert (found.of_last, found.p50, found.p95, found.p99) == (1000, 2499 / 1e6, 2949 / 1e6, 2989 / 1e6)


def test_the_last_50_slow_calls_are_kept_with_kind_table_seconds_and_time() -> None:
    metrics = QueryMetrics()
    metrics(call(1.0))
    for n in range(70):
        metrics(call(2.0 + n, error_kind="timeout"))
        metrics(call(0.5))
    snapshot = metrics.snapshot()
    assert snapshot.slow_calls == 70
    assert [slow.seconds for slow in snapshot.last_slow] == [2.0 + n for n in range(70 - LAST_SLOW, 70)]
    assert (snapshot.last_slow[0].kind, snapshot.last_slow[0].table) == ("select", "clients")
    assert snapshot.last_slow[0].ended_at.endswith("+00:00")


def test_what_counts_as_slow_can_be_set() -> None:
    metrics = QueryMetrics(slow_seconds=0.1)
    metrics(call(0.2))
    assert (metrics.snapshot().slow_calls, metrics.snapshot().slow_seconds) == (1, 0.1)


def test_no_call_of_eight_threads_is_lost() -> None:
    metrics = QueryMetrics(slow_seconds=0.005)

    def work() -> None:
        for _ in range(5000):
            metrics(call(error_kind="timeout"))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(50):
        metrics.snapshot()
    for thread in threads:
        thread.join()
    snapshot = metrics.snapshot()
    assert (snapshot.calls, snapshot.errors, snapshot.slow_calls) == (40_000, 40_000, 40_000)


def test_an_observer_that_raises_keeps_no_record_from_the_next() -> None:
    def broken(_: CallRecord, /) -> None:
        raise RuntimeError

    metrics = QueryMetrics()
    Observers(broken, metrics, broken)(call())
    assert metrics.snapshot().calls == 1


def _table(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as admin:
        admin.execute("CREATE TABLE clients (id integer PRIMARY KEY, name text)")


def test_calls_on_a_server_are_counted_by_kind_with_their_rows_and_errors(database: str) -> None:
    _table(database)
    metrics = QueryMetrics(slow_seconds=0.0)
    pooled = PooledDatabase(database, observer=metrics)
    clients = Repository(pooled, CLIENTS)
    clients.bulk_upsert([{"id": n, "name": "x"} for n in range(3)])
    clients.find_many([])
    clients.count([])
    clients.delete([eq("id", 1)])
    with pytest.raises(CallFailed):
        clients.find_one([eq("fired", True)])
    with pooled.transaction() as bound:
        Repository(bound, CLIENTS).find_one([eq("id", 2)])
    pooled.close()
    snapshot = metrics.snapshot()
    assert {kind: (found.calls, found.errors) for kind, found in snapshot.kinds.items()} == {
        "count": (1, 0),
        "delete": (1, 0),
        "select": (3, 1),
        "transaction": (1, 0),
        "upsert": (1, 0),
    }
    assert (snapshot.kinds["upsert"].rows, snapshot.kinds["select"].rows) == (3, 4)
    assert snapshot.error_kinds == {"internal": 1}
    assert {slow.table for slow in snapshot.last_slow} == {"clients"}


def test_calls_of_an_asynchronous_database_are_counted_as_well(database: str) -> None:
    _table(database)
    metrics = QueryMetrics()

    async def work() -> None:
        pooled = await AsyncPooledDatabase.open(database, observer=metrics)
        await AsyncRepository(pooled, CLIENTS).find_many([])
        await pooled.close()

    asyncio.run(work())
    assert metrics.snapshot().kinds["select"].calls == 1


@pytest.mark.parametrize(
    "module",
    [
        "envelope",
        "observation.failed_calls",
        "observation.failure_context",
        "observation.masking",
        "observation.metrics",
        "postgres.connection_budget",
        "postgres.repository",
    ],
)
def test_a_module_imports_neither_sentry_nor_prometheus_nor_supabase(module: str) -> None:
    program = f"import sys, harness.datalayer.{module}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert not {"sentry_sdk", "prometheus_client", "supabase"} & set(loaded)
