"""Error tracking: what a real HTTP server in place of Sentry receives of failed calls, and what the caller notices."""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
import pytest
import sentry_sdk

from harness.datalayer.envelope import CallFailed, InvalidInput, answered, answered_async, failure
from harness.datalayer.filters import Filter, and_, eq, ilike, in_, is_null, not_, or_
from harness.datalayer.observation.error_tracking import ErrorTracker
from harness.datalayer.observation.sentry_clients import ApplicationSentry, OwnSentry
from harness.datalayer.postgres.database import PooledDatabase
from harness.datalayer.postgres.repository import Repository, Table
from harness.errors import ConfigurationError
from harness.reference.repository_layer import RepositoryLayer
from tests.datalayer.planted import Planted, digits, surviving
from tests.datalayer.planted_failures import EVERY_KIND, planted_error, planted_filters
from tests.datalayer.sentry_sink import Sink, sentry_sink

DRAWN = re.compile(r"[0-9a-f]{16}|[0-9a-f]{32}|[0-9a-f-]{36}|\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)?")


class Layer:
    """A data layer of two methods: one on a real repository, one that fails as it is told."""

    def __init__(self, clients: Repository | None = None) -> None:
        self._clients = clients

    @answered
    def get_client(self, where: Sequence[Filter]) -> object:
        assert self._clients is not None
        return self._clients.find_one(where)

    @answered
    def fail(self, error: Exception, *_arguments: object) -> object:
        raise error

    @answered_async
    async def fail_later(self, error: Exception) -> object:
        await asyncio.sleep(0)
        raise error


@pytest.fixture
def sink(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with sentry_sink() as running:
        yield running


@pytest.fixture
def tracker(sink: Sink) -> Iterator[ErrorTracker]:
    found = ErrorTracker(OwnSentry(sink.dsn, environment="test", release="1.2.3"))
    yield found
    found.close()


@pytest.fixture
def clients(database: str) -> Iterator[Repository]:
    with psycopg.connect(database, autocommit=True) as admin:
        admin.execute("CREATE TABLE clients (company_id integer, phone text, name text, email text, rating int)")
    pooled = PooledDatabase(database)
    yield Repository(pooled, Table("clients", ("company_id", "phone")))
    pooled.close()


def test_a_failed_call_arrives_with_its_tags_its_duration_and_its_filters(
    sink: Sink, tracker: ErrorTracker, clients: Repository
) -> None:
    layer = tracker.track(Layer(clients), backend="postgresql")
    where = [
        eq("fired", True),
        or_(eq("phone", "80005550101"), and_(ilike("name", "Анна%"), not_(is_null("email")))),
        in_("company_id", [900100, 900200]),
    ]
    assert layer.get_client(where)["error"] == {
        "kind": "internal",
        "code": "42703",
        "message": 'column "fired" does not exist',
    }
    (event,) = sink.wait_for(1)
    assert event["tags"] == {
        "component": "datalayer",
        "operation": "get_client",
        "backend": "postgresql",
        "error_kind": "internal",
        "error_code": "42703",
        "table": "clients",
    }
    assert event["extra"]["filters"] == [
        "fired =",
        "OR(phone =, AND(name ILIKE, NOT(email IS NULL)))",
        "company_id IN (2)",
    ]
    assert 0 < event["extra"]["duration_ms"] < 5000
    assert event["fingerprint"] == ["get_client", "42703"]
    assert (event["level"], event["environment"], event["release"]) == ("error", "test", "1.2.3")
    (error,) = event["exception"]["values"]
    assert (error["type"], error["value"]) == ("CallFailed", 'column "fired" does not exist')


def test_an_event_shows_where_in_the_code_a_call_failed_and_no_variable_no_path_and_no_source(
    sink: Sink, tracker: ErrorTracker
) -> None:
    tracker.track(Layer(), backend="postgresql").fail(KeyError("phone"))
    (event,) = sink.wait_for(1)
    frames = event["exception"]["values"][0]["stacktrace"]["frames"]
    assert frames[-1]["function"] == "fail"
    assert frames[-1]["module"].endswith("test_error_tracking")
    assert {key for frame in frames for key in frame} == {"module", "filename", "function", "lineno", "in_app"}
    assert not any(frame["filename"].startswith("/") for frame in frames)


def test_a_layer_of_an_application_is_tracked_as_it_is(sink: Sink, tracker: ErrorTracker, database: str) -> None:
    layer = tracker.track(RepositoryLayer(PooledDatabase(database)), backend="postgresql")
    answer = layer.get_client_by_phone("+7 (000) 555-01-01")
    layer.close()
    assert answer["error"] is not None
    assert answer["error"]["code"] == "42P01"
    (event,) = sink.wait_for(1)
    assert (event["tags"]["operation"], event["tags"]["table"]) == ("get_client_by_phone", "clients")
    assert any(shape.startswith("phone") for shape in event["extra"]["filters"])


def test_the_name_of_a_refusing_constraint_is_a_tag(sink: Sink, tracker: ErrorTracker) -> None:
    message = 'duplicate key value violates unique constraint "clients_phone_key"'
    error = CallFailed("conflict", "23505", message, constraint="clients_phone_key")
    tracker.track(Layer(), backend="postgresql").fail(error)
    (event,) = sink.wait_for(1)
    assert event["tags"]["constraint"] == "clients_phone_key"
    assert event["exception"]["values"][0]["value"] == message


def test_a_failed_call_of_an_asynchronous_layer_arrives_as_well(sink: Sink, tracker: ErrorTracker) -> None:
    layer = tracker.track(Layer(), backend="supabase")
    answer = asyncio.run(layer.fail_later(failure("57014", None)))
    assert answer["error"] is not None
    assert answer["error"]["kind"] == "timeout"
    (event,) = sink.wait_for(1)
    assert (event["tags"]["operation"], event["tags"]["backend"]) == ("fail_later", "supabase")


def test_the_callers_own_fault_is_no_event_unless_it_is_asked_for(sink: Sink, tracker: ErrorTracker) -> None:
    tracker.track(Layer(), backend="postgresql").fail(InvalidInput("phone: is missing."))
    asked = ErrorTracker(OwnSentry(sink.dsn), reported=EVERY_KIND)
    asked.track(Layer(), backend="postgresql").fail(InvalidInput("phone: is missing."))
    asked.close()
    tracker.flush()
    (event,) = sink.events()
    assert event["tags"]["error_kind"] == "invalid_input"


def test_a_call_that_succeeds_and_a_layer_that_is_not_tracked_send_nothing(
    sink: Sink, tracker: ErrorTracker, clients: Repository
) -> None:
    layer = tracker.track(Layer(clients), backend="postgresql")
    assert layer.get_client([eq("phone", "80005550101")])["success"]
    assert not Layer().fail(KeyError("x"))["success"]
    tracker.flush()
    assert sink.bodies == []


def test_a_layer_that_takes_no_attribute_is_refused_at_start(tracker: ErrorTracker) -> None:
    class Slotted:
        __slots__ = ()

    with pytest.raises(ConfigurationError, match="Slotted"):
        tracker.track(Slotted(), backend="postgresql")


@pytest.mark.parametrize("dsn", ["", "  ", "no dsn", "http://127.0.0.1/1", "https://Secret55@"])
def test_a_malformed_dsn_is_refused_at_start_and_is_not_repeated(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENTRY_DSN", "http://public@127.0.0.1:9/9")
    with pytest.raises(ConfigurationError, match="DSN") as refused:
        OwnSentry(dsn)
    assert "Secret55" not in str(refused.value)


def test_nothing_personal_arrives_of_1000_failures_with_personal_data_in_every_place(
    sink: Sink, clients: Repository
) -> None:
    planted = Planted(random.Random(20250901))
    tracker = ErrorTracker(OwnSentry(sink.dsn, queue_size=2000), reported=EVERY_KIND, component=planted.any())
    layer = tracker.track(Layer(clients), backend=planted.any())
    for n in range(1000):
        secret = {planted.any(): [planted.any()]}
        if n % 4:
            assert not layer.fail(planted_error(planted), secret, planted.any())["success"]
        else:
            assert not layer.get_client(planted_filters(planted))["success"]
    tracker.close(timeout=20)
    assert tracker.lost == 0
    assert len(sink.wait_for(1000)) == 1000
    assert len(planted.texts) > 8000
    # Every text and key of every line of every envelope, once: some thousand, so that all can be looked for in all.
    shown = set(sink.headers)
    for body in sink.bodies:
        for line in body.splitlines():
            shown.update(_texts(json.loads(line)))
    assert [text for text in planted.texts if text in "\n".join(shown)] == []
    phones = {digits(text)[-10:] for text in planted.texts if "000" in text and "555" in text}
    # Identifiers that the client draws at random, and times, may hold the digits of a phone by chance.
    told = [digits(text) for text in shown if not DRAWN.fullmatch(text)]
    assert phones & {number[at : at + 10] for number in told for at in range(len(number) - 9)} == set()
    assert surviving(planted.texts, sink.bodies[0].decode()) == []


def _texts(value: Any) -> Iterator[str]:
    match value:
        case dict():
            for name, one in value.items():
                yield name
                yield from _texts(one)
        case list():
            for one in value:
                yield from _texts(one)
        case _:
            yield str(value)


def test_an_event_through_the_applications_sentry_takes_nothing_of_its_scopes_and_leaves_them_as_they_are(
    sink: Sink,
) -> None:
    planted = Planted(random.Random(7))
    seen: list[Any] = []

    def before_send(event: Any, _hint: Any) -> Any:
        seen.append(event)
        return event

    with pytest.raises(ConfigurationError, match="initialised no Sentry"):
        ApplicationSentry()
    previous = sentry_sdk.get_client()
    sentry_sdk.init(sink.dsn, default_integrations=False, before_send=before_send, server_name="app-1")
    try:
        sentry_sdk.set_user({"email": planted.email(), "username": planted.name()})
        sentry_sdk.set_tag("caller", planted.phone())
        sentry_sdk.set_extra("query", planted.any())
        sentry_sdk.set_context("request", {"body": planted.any()})
        sentry_sdk.add_breadcrumb(message=planted.any())
        tracker = ErrorTracker(ApplicationSentry())
        tracker.track(Layer(), backend="postgresql").fail(ValueError(planted.any()), planted.any())
        tracker.close()
        (event,) = sink.wait_for(1)
        assert event["tags"]["error_code"] == "ValueError"
        assert seen[0]["tags"] == event["tags"]
        assert surviving(planted.texts, sink.bodies[0].decode()) == []
        sentry_sdk.capture_message("the application's own")
        sentry_sdk.flush()
        own = sink.wait_for(2)[1]
        assert (own["message"], own["tags"]["caller"]) == ("the application's own", planted.texts[2])
        assert "operation" not in own["tags"]
    finally:
        sentry_sdk.get_client().close()
        sentry_sdk.get_isolation_scope().clear()
        sentry_sdk.get_global_scope().set_client(previous)


def test_a_tracker_of_its_own_leaves_the_applications_sentry_uninitialised(sink: Sink, tracker: ErrorTracker) -> None:
    tracker.track(Layer(), backend="postgresql").fail(KeyError("x"))
    sink.wait_for(1)
    assert not sentry_sdk.is_initialized()
