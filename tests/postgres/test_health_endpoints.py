"""Health endpoints over a server that works, is slow, silent, down or used up: the right code, within the time."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from harness.core.health.judging import HealthLimits
from harness.datalayer.observation.metrics import QueryMetrics
from harness.datalayer.postgres.async_database import AsyncPooledDatabase
from harness.datalayer.postgres.database import PooledDatabase
from harness.datalayer.postgres.pool import PoolSettings
from harness.datalayer.postgres.statements import Statement
from harness.embedded.server import Server
from harness.reference.session_store import SessionStore
from harness.service.application import application
from harness.service.databases import DeployedServices, OfEventLoop
from harness.service.monitor import Observed
from tests.faults.migrate.proxy import Failure, Hearing, Proxy
from tests.server_versions import with_extension
from tests.serving import COMPANY, LIMIT_SECONDS, asked, opened, served, session_with

SECRET = "a-value-that-nobody-may-see"
SPARE_SECONDS = 1.5
"""On a machine that does other things too"""


def _state(answer: httpx.Response) -> dict[str, Any]:
    found: dict[str, Any] = answer.json()["databases"][0]
    return found


@contextlib.contextmanager
def _proxied(proxy: Proxy, *, seconds: float = LIMIT_SECONDS) -> Iterator[httpx.Client]:
    try:
        with served(proxy.through, seconds=seconds) as client:
            yield client
    finally:
        proxy.close()


def test_a_database_that_answers_is_ok_with_its_pool_and_what_the_server_has_left(database: str) -> None:
    with psycopg.connect(database), served(database) as client:
        answer = client.get("/health/database")
        state = _state(answer)
        pool = answer.json()["pools"][0]
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert 0 < state["round_trip_ms"] < 100
    assert state["connections"]["used_by_others"] >= 1
    budget = state["connections"]
    assert budget["left"] == budget["maximum"] - budget["reserved"] - budget["used_by_others"]
    assert (pool["name"], pool["max_size"], pool["open"], pool["in_use"], pool["use_percent"]) == ("target", 4, 1, 0, 0)


def test_one_database_can_be_asked_for_while_another_one_is_down(database: str) -> None:
    with (
        opened(database) as found,
        opened("postgresql://a@127.0.0.1:1/x") as down,
        asked(Observed(databases={"source": down, "target": found})) as client,
    ):
        assert client.get("/health/database").status_code == 503
        answer = client.get("/health/database?database=target")
        assert (answer.status_code, _state(answer)["name"], len(answer.json()["pools"])) == (200, "target", 1)
        assert client.get("/health/database?database=source").status_code == 503
        for wrong in ("other", "", "target&database=source"):
            assert client.get(f"/health/database?database={wrong}").status_code == 400


def test_what_looks_at_a_database_cannot_write_it(database: str) -> None:
    with opened(database) as found:
        rows = found.rows(Statement(sql.SQL("SELECT current_setting('transaction_read_only') AS setting"), ()))
    assert rows == [{"setting": "on"}]


@pytest.mark.parametrize(
    ("expired", "code", "status", "level"),
    [
        (0, 200, "ok", "healthy"),
        pytest.param(99, 200, "ok", "healthy", marks=pytest.mark.long),
        (100, 200, "warning", "warning"),
        pytest.param(500, 200, "warning", "warning", marks=pytest.mark.long),
        (501, 503, "critical", "critical"),
    ],
)
def test_expired_keys_of_a_session_decide_its_code(
    database: str, expired: int, code: int, status: str, level: str
) -> None:
    session_with(database, expired=expired, living=600)
    with served(database) as client:
        answer = client.get("/health/sessions")
    told = answer.json()
    assert (answer.status_code, told["status"], told["level"]) == (code, status, level)
    assert (told["company_id"], told["keys"], told["expired_keys"]) == (COMPANY, expired + 600, expired)


def test_a_company_without_a_session_is_critical_and_a_database_without_the_store_an_error(database: str) -> None:
    with served(database) as client:
        answer = client.get("/health/sessions")
        assert (answer.status_code, answer.json()["status"]) == (500, "error")
        assert "42P01" in answer.json()["error"]
        session_with(database, expired=0, living=20)
        other = client.get("/health/sessions?company_id=77")
        assert (other.status_code, other.json()["status"]) == (503, "critical")
        for wrong in ("x", "0", "-1", "1.5", "99999999999", "٣", "1&company_id=2"):
            assert client.get(f"/health/sessions?company_id={wrong}").status_code == 400, wrong


@pytest.mark.long
def test_a_round_trip_above_the_limit_is_degraded(database: str) -> None:
    def slow() -> Hearing:
        def hear(_: str, data: bytes) -> tuple[bytes, ...]:
            time.sleep(0.06)
            return (data,)

        return hear

    with _proxied(Proxy(database, hearing=slow)) as client:
        answer = client.get("/health/database")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert _state(answer)["round_trip_ms"] > 100
    assert "more than 100" in _state(answer)["reasons"][0]


@pytest.mark.long
@pytest.mark.parametrize("after", [1, 600], ids=["from the start", "in the middle"])
def test_a_server_that_never_answers_is_unavailable_in_time_until_it_answers_again(database: str, after: int) -> None:
    proxy = Proxy(database, failure=Failure("stall", "to the client", after))
    with _proxied(proxy, seconds=1.0) as client:
        for path, code in (("/health/database", 503), ("/health/sessions", 500)):
            began = time.monotonic()
            answer = client.get(path)
            assert time.monotonic() - began < 1.0 + SPARE_SECONDS, path
            assert answer.status_code == code, answer.text
        assert client.get("/health/live").status_code == 200
        text = client.get("/metrics").text
        proxy.drop()
        deadline = time.monotonic() + 10
        while client.get("/health/database").status_code != 200:
            assert time.monotonic() < deadline
            time.sleep(0.2)
    assert 'pgparity_database_up{database="target"} 0.0' in text


@pytest.mark.long
def test_a_server_that_goes_down_is_unavailable_in_time() -> None:
    with Server.start() as mortal, served(mortal.dsn()) as client:
        assert client.get("/health/database").status_code == 200
        mortal.stop()
        time.sleep(1.1)
        began = time.monotonic()
        answer = client.get("/health/database")
        assert time.monotonic() - began < LIMIT_SECONDS + SPARE_SECONDS
        assert (answer.status_code, answer.json()["status"]) == (503, "unavailable")
        assert str(mortal.port) not in answer.text
        assert (client.get("/health/live").status_code, client.get("/health/sessions").status_code) == (200, 500)


@pytest.mark.long
def test_a_database_that_is_down_from_the_start_is_found_when_it_is_there(server: Server, database: str) -> None:
    with opened(server.dsn("not_there_yet")) as found, asked(Observed(databases={"target": found})) as client:
        assert client.get("/health/database").status_code == 503
        with psycopg.connect(server.dsn(), autocommit=True) as admin:
            admin.execute("CREATE DATABASE not_there_yet")
            try:
                time.sleep(1.1)
                assert client.get("/health/database").status_code == 200
            finally:
                found.close()
                admin.execute("DROP DATABASE not_there_yet WITH (FORCE)")


def test_a_storm_of_probes_is_one_look(database: str) -> None:
    metrics = QueryMetrics()
    with (
        contextlib.closing(PooledDatabase(database, max_size=1, observer=metrics)) as pooled,
        asked(Observed(databases={"main": pooled}, metrics=metrics)) as client,
        ThreadPoolExecutor(40) as crowd,
    ):
        codes = [each.status_code for each in crowd.map(lambda _: client.get("/health/database"), range(80))]
        looks = metrics.snapshot().calls / 2
    assert codes == [200] * 80
    assert 1 <= looks <= 4


@pytest.mark.long
def test_an_application_whose_pool_is_used_up_is_unavailable_and_warned_of_before(database: str) -> None:
    settings = PoolSettings(max_size=6, connection_timeout=10)
    with contextlib.closing(PooledDatabase(database, settings=settings)) as pooled:
        observed = Observed(databases={"main": pooled}, limits=HealthLimits(seconds=1.0))
        with asked(observed) as client:
            taken = [pooled._pool.take() for _ in range(4)]
            assert client.get("/health/database").json()["pools"][0]["status"] == "ok"
            taken.append(pooled._pool.take())
            time.sleep(1.1)
            answer = client.get("/health/database")
            assert (answer.status_code, answer.json()["status"]) == (200, "warning")
            assert answer.json()["pools"][0]["use_percent"] == pytest.approx(83.3)
            taken.append(pooled._pool.take())
            time.sleep(1.1)
            began = time.monotonic()
            answer = client.get("/health/database")
            assert time.monotonic() - began < 1 + SPARE_SECONDS
            assert answer.status_code == 503
            assert "the pool is used up: 6 of 6 in use" in _state(answer)["reasons"][0]
            for connection in taken:
                pooled._pool.give(connection)
            deadline = time.monotonic() + 5
            while client.get("/health/database").status_code != 200:
                assert time.monotonic() < deadline
                time.sleep(0.1)


def test_an_asynchronous_application_shows_its_own_pool_in_its_own_loop(database: str) -> None:
    async def lifetime() -> httpx.Response:
        own = await AsyncPooledDatabase.open(database, settings=PoolSettings(max_size=2))
        try:
            served_here = application(Observed(databases={"main": OfEventLoop(own)}))
            async with httpx.AsyncClient(transport=httpx.ASGITransport(served_here), base_url="http://a") as client:
                return await client.get("/health/database")
        finally:
            await own.close()

    answer = asyncio.run(lifetime())
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert (_state(answer)["name"], answer.json()["pools"][0]["max_size"]) == ("main", 2)


def test_a_deployment_that_wants_more_connections_than_the_server_has_is_a_warning(database: str) -> None:
    with opened(database) as found:
        observed = Observed(databases={"target": found}, services=DeployedServices(number=7, pool_maximum=20))
        with asked(observed) as client:
            answer = client.get("/health/database")
    budget = _state(answer)["connections"]
    assert (budget["wanted"], budget["fits"], answer.json()["status"]) == (140, False, "warning")
    assert budget["most_per_service"] == budget["left"] // 7
    assert "want 140 connections" in _state(answer)["reasons"][0]


def test_slow_statements_are_told_without_their_values_and_targets_are_judged(database: str) -> None:
    metrics = QueryMetrics(slow_seconds=0.05)
    with contextlib.closing(PooledDatabase(database, max_size=2, observer=metrics)) as pooled:
        pooled.rows(Statement(sql.SQL("SELECT pg_sleep(0.1), %s AS a"), (SECRET,), "select", "clients"))
        observed = Observed(databases={"main": pooled}, metrics=metrics, sessions=SessionStore(pooled).health)
        with asked(observed) as client:
            told = client.get("/health/database/metrics")
    found = told.json()
    assert [(each["kind"], each["table"]) for each in found["slow"]] == [("select", "clients")]
    assert found["slow"][0]["ms"] > 100
    assert SECRET not in told.text
    met = {each["name"]: each["met"] for each in found["targets"]}
    assert (met["p99"], met["error rate"], met["pool use"]) == (False, True, True)
    assert found["servers"][0]["available"] is False


@pytest.mark.long
def test_no_value_of_pg_stat_statements_leaves() -> None:
    installation = with_extension("pg_stat_statements")
    settings = {"shared_preload_libraries": "pg_stat_statements", "pg_stat_statements.track_utility": "on"}
    with Server.start(installation=installation, settings=settings) as server:
        dsn = server.dsn()
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION pg_stat_statements")
            connection.execute(f"CREATE ROLE someone PASSWORD '{SECRET}'".encode())
            connection.execute(f"SELECT /* {SECRET} */ pg_sleep(0.2), '{SECRET}' AS told, 4711 -- {SECRET}".encode())
            connection.execute(f'SELECT 1 AS "{SECRET} {SECRET}"'.encode())
            connection.execute(f"DO $$ BEGIN PERFORM '{SECRET}'; END $$".encode())
        with served(dsn) as client:
            answer = client.get("/health/database/metrics")
    found = answer.json()["servers"][0]
    assert found["available"], found
    assert SECRET not in answer.text
    slowest = next(each for each in found["slowest"] if "pg_sleep" in (each["text"] or ""))
    assert slowest["text"] == "SELECT pg_sleep($1), $2 AS told, $3"
    assert slowest["mean_ms"] > 200
    assert {each["kind"] for each in found["slowest"]} >= {"SELECT", "utility"}
    assert all(each["text"] is None for each in found["slowest"] if each["kind"] == "utility")


def test_no_answer_repeats_a_password_or_an_address(server: Server) -> None:
    dsn = make_conninfo(server.dsn("missing_database"), password=SECRET)
    with served(dsn) as client:
        texts = [
            client.get(path).text
            for path in ("/health/database", "/health/sessions", "/health/database/metrics", "/metrics")
        ]
    for text in texts:
        assert SECRET not in text
        assert str(server.port) not in text
        assert "missing_database" not in text
