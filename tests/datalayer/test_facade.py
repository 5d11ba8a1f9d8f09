"""The facade: the unmodified Supabase client on one side, psycopg on the other, and switches that pick between them."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from harness.datalayer.switching.assembly import Beside, open_facade
from harness.datalayer.switching.attestation import Answered, last_answered
from harness.datalayer.switching.breaker import BreakerSettings
from harness.datalayer.switching.facade import Facade
from harness.datalayer.switching.ramp import Ramp, calls_of, share_of
from harness.datalayer.switching.recording import JsonLinesFile
from harness.datalayer.switching.shadow_records import ShadowSettings
from harness.embedded.stack import LocalStack, local_stack
from harness.errors import ConfigurationError
from harness.reference import supabase_layer
from harness.reference.cases import cases
from harness.reference.data_set import COMPANY_ID, data_set
from harness.reference.methods import METHODS, TRANSACTIONAL_METHODS
from harness.reference.repository_layer import RepositoryLayer
from harness.reference.seed import seed
from harness.reference.supabase_layer import SupabaseLayer
from harness.reference.transactional_layer import TransactionalLayer
from tests.datalayer.salons import ALIGNED, Context, layer, recorded, switches, until

SOURCE_TITLE, TARGET_TITLE = "Салон источника", "Салон цели"
UNBREAKABLE = BreakerSettings(p95_limit=20, error_rate=1, primary_slowdown=1000, least_slowdown=60)
TARGET_ONLY = {"use_legacy_supabase": False, "target_is_primary": True}


@pytest.fixture(scope="module")
def stack() -> Iterator[LocalStack]:
    """Both servers and the gateway; one company with another title on each side, so that an answer shows its origin."""
    with local_stack(memory=2 * 1024**3) as running:
        for side, schema, title in (
            (running.source, "source", SOURCE_TITLE),
            (running.target, "aligned", TARGET_TITLE),
        ):
            with psycopg.connect(side.dsn) as connection:
                connection.execute(ALIGNED.with_name(f"{schema}.sql").read_bytes())
                seed(connection, data_set())
                connection.execute("UPDATE companies SET title = %s", (title,))
        running.gateway.reload_schema_cache()
        yield running


@pytest.fixture(scope="module")
def source(stack: LocalStack) -> Iterator[SupabaseLayer]:
    built = supabase_layer.create(Context(rest_url=stack.gateway.url, api_key=stack.keys.service_role_key))
    yield built
    built.close()


@pytest.fixture(scope="module")
def target(stack: LocalStack) -> Iterator[RepositoryLayer]:
    built = layer(stack.target.dsn)
    yield built
    built.close()


def title(facade: Facade[Any]) -> str:
    return str(facade.layer.get_company(COMPANY_ID)["data"]["title"])


def test_through_the_supabase_client_and_psycopg_every_written_case_agrees_and_what_is_planted_is_seen(
    stack: LocalStack, tmp_path: Path
) -> None:
    """The companies' titles differ on purpose, and stay. Reads come first: writes give new rows other numbers."""
    divergences, outcomes = tmp_path / "divergences.jsonl", tmp_path / "shadow.jsonl"
    opened: Any = open_facade(
        switches(enable_dual_write=True, shadow_read_rate=1.0),
        source=lambda: supabase_layer.create(Context(rest_url=stack.gateway.url, api_key=stack.keys.service_role_key)),
        target=lambda: layer(stack.target.dsn),
        methods=METHODS,
        beside=Beside(
            divergences=JsonLinesFile(divergences),
            shadow_outcomes=JsonLinesFile(outcomes),
            shadow_reads=ShadowSettings(queue_size=1000, time_limit=20, breaker=UNBREAKABLE),
        ),
    )
    all_cases = cases()
    read = [case for case in all_cases if not METHODS[case["method"]].writes]
    for case in read:
        getattr(opened.layer, case["method"])(**case["kwargs"])
    assert until(lambda: sum(opened.shadow_reads.counts.values()) == len(read), 20)
    written = [case for case in all_cases if METHODS[case["method"]].writes and case["method"] != "upsert_company"]
    succeeded = sum(getattr(opened.layer, case["method"])(**case["kwargs"])["success"] for case in written)
    opened.close()
    assert succeeded > 15
    seen = {(one["method"], one["outcome"], *one.get("paths", [])) for one in recorded(outcomes)}
    different = {one for one in seen if one[1] != "equal"}
    assert different == {("get_company", "different", "data.title")}
    assert {one["method"] for one in recorded(outcomes)} == {case["method"] for case in read}
    assert recorded(divergences) == []


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ({"use_repository_pattern": False}, SOURCE_TITLE),
        ({}, SOURCE_TITLE),
        ({"target_is_primary": True}, TARGET_TITLE),
        (TARGET_ONLY, TARGET_TITLE),
        ({"target_is_primary": True, "repository_modules": "clients"}, SOURCE_TITLE),
        ({"target_is_primary": True, "repository_modules": "clients,companies"}, TARGET_TITLE),
        ({"target_is_primary": True, "target_percent": 0}, SOURCE_TITLE),
    ],
)
def test_the_backend_that_the_switches_name_answers(
    on: dict[str, Any], expected: str, source: SupabaseLayer, target: RepositoryLayer
) -> None:
    chosen = switches(**on)
    facade: Facade[Any] = Facade(
        switches=chosen,
        source=source if chosen.use_legacy_supabase else None,
        target=target if chosen.use_repository_pattern else None,
        methods=METHODS,
    )
    assert title(facade) == expected
    told = last_answered()
    assert told is not None
    assert (told.method, told.module) == ("get_company", "companies")
    assert told.backend == ("source" if expected == SOURCE_TITLE else "target")
    assert facade.attestations.counts == {("get_company", told.backend): 1}


def test_the_reference_methods_are_declared_all_of_them(source: SupabaseLayer, target: RepositoryLayer) -> None:
    facade: Facade[Any] = Facade(switches=switches(), source=source, target=target, methods=METHODS)
    assert facade.methods == METHODS
    assert {name for name, method in METHODS.items() if method.writes} == {
        name for name in METHODS if name.startswith(("upsert", "create", "reschedule", "sync"))
    }


def test_the_envelope_of_the_facade_is_that_of_the_backend(source: SupabaseLayer, target: RepositoryLayer) -> None:
    facade: Facade[Any] = Facade(switches=switches(), source=source, target=target, methods=METHODS)
    assert facade.layer.get_staff(company_id=COMPANY_ID) == source.get_staff(COMPANY_ID)
    assert facade.layer.get_staff(0) == source.get_staff(0)
    assert facade.layer.get_staff(0)["error"]["kind"] == "invalid_input"


def test_a_user_stays_on_one_backend_whatever_methods_he_calls(source: SupabaseLayer, target: RepositoryLayer) -> None:
    facade: Facade[Any] = Facade(
        switches=switches(target_is_primary=True), source=source, target=target, methods=METHODS, ramp=Ramp(50)
    )
    users = [f"user {number}" for number in range(10)]
    assert len({share_of(user) < 5000 for user in users}) == 2
    for user in users:
        with calls_of(user):
            titles = {title(facade) for _ in range(3)}
            facade.layer.get_staff(COMPANY_ID)
            told = last_answered()
        on_target = share_of(user) < 5000
        assert titles == {TARGET_TITLE if on_target else SOURCE_TITLE}
        assert told is not None
        assert told.backend == ("target" if on_target else "source")


def test_the_ramp_moves_a_company_at_run_time(source: SupabaseLayer, target: RepositoryLayer) -> None:
    facade: Facade[Any] = Facade(
        switches=switches(target_is_primary=True), source=source, target=target, methods=METHODS, ramp=Ramp(0)
    )
    edge = (share_of(COMPANY_ID) + 1) / 100
    seen = []
    for percent in (0, edge - 0.01, edge, 100):
        facade.set_percent(percent, "companies")
        seen.append(title(facade))
    assert seen == [SOURCE_TITLE, SOURCE_TITLE, TARGET_TITLE, TARGET_TITLE]
    with pytest.raises(ConfigurationError, match="No method belongs to the module company"):
        facade.set_percent(100, "company")


def test_a_primary_that_fails_is_not_replaced_by_the_other_backend(target: RepositoryLayer) -> None:
    dead = supabase_layer.create(Context(rest_url="http://127.0.0.1:1", api_key="key"))
    facade: Facade[Any] = Facade(switches=switches(), source=dead, target=target, methods=METHODS)
    answer = facade.layer.get_company(COMPANY_ID)
    dead.close()
    assert answer["error"]["kind"] == "connection"
    assert facade.attestations.counts == {("get_company", "source"): 1}


def test_a_call_is_logged_with_its_backend_and_without_its_arguments(
    source: SupabaseLayer, target: RepositoryLayer, caplog: pytest.LogCaptureFixture
) -> None:
    facade: Facade[Any] = Facade(
        switches=switches(log_database_calls=True), source=source, target=target, methods=METHODS
    )
    with caplog.at_level(logging.INFO, "harness.datalayer.calls"):
        facade.layer.get_client_by_phone("80005550001")
        facade.layer.get_client_by_phone("555")
    lines = [record.getMessage() for record in caplog.records]
    assert [line.split()[:3] for line in lines] == [["get_client_by_phone", "clients", "source"]] * 2
    assert lines[1].endswith("invalid_input invalid_input")
    assert "555" not in "".join(lines)


def test_an_observer_that_raises_fails_no_call(source: SupabaseLayer, target: RepositoryLayer) -> None:
    seen: list[Answered] = []

    def observe(answered_call: Answered) -> None:
        seen.append(answered_call)
        raise RuntimeError

    facade: Facade[Any] = Facade(switches=switches(), source=source, target=target, methods=METHODS, observe=observe)
    assert title(facade) == SOURCE_TITLE
    assert [each.backend for each in seen] == ["source"]


def test_the_facades_layer_has_the_signatures_of_the_backends(source: SupabaseLayer, target: RepositoryLayer) -> None:
    facade: Facade[Any] = Facade(switches=switches(), source=source, target=target, methods=METHODS)
    for name in METHODS:
        assert inspect.signature(getattr(facade.layer, name)) == inspect.signature(getattr(target, name))


def test_transactions_are_called_once_the_source_is_off_and_not_before(
    stack: LocalStack, source: SupabaseLayer
) -> None:
    methods = {**METHODS, **TRANSACTIONAL_METHODS}
    transactional: Any = layer(stack.target.dsn, TransactionalLayer)
    with pytest.raises(ConfigurationError, match="create_booking_with_client: the source has no such method"):
        Facade(switches=switches(), source=source, target=transactional, methods=methods)
    facade: Facade[Any] = Facade(switches=switches(**TARGET_ONLY), target=transactional, methods=methods)
    answer = facade.layer.reschedule_booking(9_999_999, COMPANY_ID, {})
    transactional.close()
    assert answer["error"]["kind"] == "invalid_input"
    assert facade.attestations.counts == {("reschedule_booking", "target"): 1}
