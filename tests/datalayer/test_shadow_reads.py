"""Shadow reads: the primary's answer is the caller's, whatever the secondary does; what it does is on record."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from harness.datalayer.envelope import Envelope
from harness.datalayer.methods import reads
from harness.datalayer.switching.assembly import Beside, open_facade
from harness.datalayer.switching.breaker import BreakerSettings
from harness.datalayer.switching.recording import JsonLinesFile
from harness.datalayer.switching.shadow_cases import recorded_cases
from harness.datalayer.switching.shadow_records import ShadowSettings
from harness.datalayer.switching.time_limited import TimeLimited
from harness.embedded.server import Server
from harness.errors import ConfigurationError
from harness.reference.data_set import COMPANY_ID
from harness.reference.methods import METHODS
from harness.reference.repository_layer import RepositoryLayer
from harness.stages.cases import load_cases
from harness.stages.layers import hosting
from tests.datalayer.salons import drop, layer, recorded, rows, salon, switches, until

USER = "70005550500@c.us"
"""Has a conversation on both sides, with one number"""


@pytest.fixture(scope="module")
def source_dsn(server: Server) -> Iterator[str]:
    with salon(server) as dsn:
        yield dsn


@pytest.fixture(scope="module")
def target_dsn(newer_server: Server) -> Iterator[str]:
    with salon(newer_server) as dsn:
        yield dsn


@contextmanager
def opened(
    source: Callable[[], Any],
    target: Callable[[], Any],
    file: Path,
    *,
    rate: float = 1.0,
    settings: ShadowSettings | None = None,
) -> Iterator[Any]:
    facade = open_facade(
        switches(shadow_read_rate=rate),
        source=source,
        target=target,
        methods=METHODS,
        beside=Beside(shadow_outcomes=JsonLinesFile(file), shadow_reads=settings or ShadowSettings()),
    )
    try:
        yield facade
    finally:
        facade.close()


def outcomes(file: Path) -> list[dict[str, Any]]:
    return [one for one in recorded(file) if one["outcome"] != "breaker"]


def settled(facade: Any, number: int) -> bool:
    return until(lambda: sum(facade.shadow_reads.counts.values()) >= number)


def test_reads_that_agree_are_recorded_as_equal_and_writes_are_not_repeated(
    source_dsn: str, target_dsn: str, tmp_path: Path
) -> None:
    file = tmp_path / "shadow.jsonl"
    with opened(lambda: layer(source_dsn), lambda: layer(target_dsn), file) as facade:
        facade.layer.get_services(COMPANY_ID)
        facade.layer.get_client_by_phone("80005550001")
        facade.layer.get_company(0)
        facade.layer.upsert_dialog_context("shadow", {"data": {"step": 1}})
        assert settled(facade, 3)
    found = outcomes(file)
    assert sorted(one["method"] for one in found) == ["get_client_by_phone", "get_company", "get_services"]
    assert {one["outcome"] for one in found} == {"equal"}
    assert all(one["primary"] == "source" and one["primary_ms"] > 0 and one["secondary_ms"] >= 0 for one in found)
    assert rows(target_dsn, "SELECT user_id FROM dialog_contexts WHERE user_id = 'shadow'") == []


def test_a_difference_is_recorded_with_its_fields_and_no_value_of_a_row_or_an_argument(
    source_dsn: str, newer_server: Server, tmp_path: Path
) -> None:
    file = tmp_path / "shadow.jsonl"
    with salon(newer_server) as other:
        rows(other, "UPDATE clients SET name = 'Анна Тайная', discount = 77 WHERE yclients_id = 1002")
        rows(other, "DELETE FROM staff_schedules WHERE staff_id = 2001 AND date = '2025-10-30'")
        with opened(lambda: layer(source_dsn), lambda: layer(other), file) as facade:
            facade.layer.get_client_by_id(1002, COMPANY_ID)
            facade.layer.get_staff_schedule(2001, "2025-10-30", COMPANY_ID)
            facade.layer.search_clients_by_name(COMPANY_ID, "Тайная")
            facade.layer.get_client_by_phone("+7 (000) 555-00-01")
            assert settled(facade, 4)
    found = {one["method"]: one for one in outcomes(file)}
    assert found["get_client_by_id"]["paths"] == ["data.name", "data.discount"]
    assert found["get_staff_schedule"]["paths"] == ["data"]
    assert found["search_clients_by_name"]["paths"] == ["data.length"]
    assert found["search_clients_by_name"]["arguments"]["name"] != "Тайная"
    text = file.read_text(encoding="utf-8")
    assert not [planted for planted in ("Тайная", "Анна", "000) 555", "0005550001") if planted in text]


def test_only_a_share_of_the_reads_is_repeated_and_a_module_may_have_its_own(
    source_dsn: str, target_dsn: str, tmp_path: Path
) -> None:
    file = tmp_path / "shadow.jsonl"
    settings = ShadowSettings(rates={"staff": 0.0, "companies": 1.0}, queue_size=1000)
    with opened(lambda: layer(source_dsn), lambda: layer(target_dsn), file, rate=0.3, settings=settings) as facade:
        for _ in range(300):
            facade.layer.get_service_by_id(3001, COMPANY_ID)
        for _ in range(5):
            facade.layer.get_staff_by_id(2001, COMPANY_ID)
            facade.layer.get_company(COMPANY_ID)
        facade.shadow_reads.set_rate(0.0, "companies")
        facade.layer.get_company(COMPANY_ID)
        assert until(lambda: not facade.shadow_reads.busy and not len(facade.shadow_reads._queue))
    by_module = [one["module"] for one in outcomes(file)]
    assert by_module.count("staff") == 0
    assert by_module.count("companies") == 5
    assert 40 < by_module.count("services") < 140


class Exits(RepositoryLayer):
    def get_company(self, company_id: int) -> Envelope:
        raise SystemExit(3)


class Interrupts(RepositoryLayer):
    def get_company(self, company_id: int) -> Envelope:
        raise KeyboardInterrupt("80005550001")


class Garbage(RepositoryLayer):
    def get_company(self, company_id: int) -> Envelope:
        return b"80005550001"  # type: ignore[return-value]


class Bottomless(RepositoryLayer):
    def get_company(self, company_id: int) -> Envelope:
        data: dict[str, Any] = {}
        data["company_id"] = [data]
        return {"success": True, "data": [[data] * 100] * 100, "error": None}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Exits, {"outcome": "failed", "error_code": "SystemExit"}),
        (Interrupts, {"outcome": "failed", "error_code": "KeyboardInterrupt"}),
        (Garbage, {"outcome": "failed", "reason": "its answer is no envelope"}),
        (Bottomless, {"outcome": "different", "paths": ["data"]}),
    ],
)
def test_a_secondary_that_misbehaves_changes_no_answer_and_the_next_read_is_made(
    kind: type[RepositoryLayer], expected: dict[str, Any], source_dsn: str, target_dsn: str, tmp_path: Path
) -> None:
    file = tmp_path / "shadow.jsonl"
    with opened(lambda: layer(source_dsn), lambda: layer(target_dsn, kind), file) as facade:
        assert facade.layer.get_company(COMPANY_ID)["data"]["company_id"] == COMPANY_ID
        assert settled(facade, 1)
        assert facade.layer.get_staff(COMPANY_ID)["data"]
        assert settled(facade, 2)
    first, second = outcomes(file)
    assert {name: first[name] for name in expected} == expected
    assert second["outcome"] == "equal"
    assert "8000555" not in file.read_text(encoding="utf-8")


def test_a_secondary_that_hangs_times_out_is_left_alone_and_the_caller_waits_for_none_of_it(
    source_dsn: str, target_dsn: str, tmp_path: Path
) -> None:
    file = tmp_path / "shadow.jsonl"
    # Room for every call: a queue that overflows first, on a busy machine, would open the breaker for another reason.
    breaker = BreakerSettings(least=5, window=20, cool_down=60)
    settings = ShadowSettings(time_limit=0.4, queue_size=10_000, breaker=breaker)
    taken = []
    with psycopg.connect(target_dsn) as other:
        other.execute("LOCK TABLE companies IN ACCESS EXCLUSIVE MODE")
        with opened(lambda: layer(source_dsn), lambda: layer(target_dsn), file, settings=settings) as facade:
            deadline = time.monotonic() + 15
            while facade.shadow_reads.state == "closed" and time.monotonic() < deadline:
                began = time.perf_counter()
                assert facade.layer.get_company(COMPANY_ID)["success"]
                taken.append(time.perf_counter() - began)
                time.sleep(0.01)
            assert facade.shadow_reads.state == "open"
            for _ in range(10):
                facade.layer.get_company(COMPANY_ID)
        other.rollback()
    assert sorted(taken)[-2] < 0.4
    found = recorded(file)
    assert "timed_out" in {one["outcome"] for one in found}
    (opening,) = [one for one in found if one["outcome"] == "breaker"]
    assert opening["state"] == "open"
    assert opening["reason"] == "the secondary fails too often"
    skipped = {one["reason"]: one["count"] for one in found if one["outcome"] == "skipped"}
    assert skipped["off: the secondary fails too often"] >= 10


def test_a_secondary_whose_database_is_gone_fails_on_record_alone(
    source_dsn: str, newer_server: Server, tmp_path: Path
) -> None:
    file = tmp_path / "shadow.jsonl"
    with salon(newer_server) as dead:
        settings = ShadowSettings(time_limit=0.5)
        with opened(lambda: layer(source_dsn), lambda: layer(dead), file, settings=settings) as facade:
            drop(dead)
            assert facade.layer.get_company(COMPANY_ID)["success"]
            assert settled(facade, 1)
    assert {one["outcome"] for one in outcomes(file)} <= {"failed", "timed_out"}


def test_a_read_that_the_primary_failed_is_not_repeated(target_dsn: str, newer_server: Server, tmp_path: Path) -> None:
    file = tmp_path / "shadow.jsonl"

    class Unreachable(RepositoryLayer):
        def get_company(self, company_id: int) -> Envelope:
            error: Any = {"kind": "connection", "code": "connection", "message": "lost"}
            return {"success": False, "data": None, "error": error}

    source = lambda: layer(target_dsn, Unreachable)  # noqa: E731
    with opened(source, lambda: layer(target_dsn), file) as facade:
        assert facade.layer.get_company(COMPANY_ID)["error"]["kind"] == "connection"
    (found,) = outcomes(file)
    assert (found["outcome"], found["reason"], found["count"]) == ("skipped", "the primary failed", 1)


def test_a_read_is_not_repeated_while_the_secondary_lags_behind_in_its_writes(
    source_dsn: str, target_dsn: str, tmp_path: Path
) -> None:
    file, gate = tmp_path / "shadow.jsonl", threading.Event()

    class Lags(RepositoryLayer):
        def upsert_dialog_context(self, user_id: str, context: dict[str, Any]) -> Envelope:
            gate.wait(10)
            return super().upsert_dialog_context(user_id, context)

    divergences = JsonLinesFile(tmp_path / "divergences.jsonl")
    facade: Any = open_facade(
        switches(shadow_read_rate=1.0, enable_dual_write=True),
        source=lambda: layer(source_dsn),
        target=lambda: layer(target_dsn, Lags),
        methods=METHODS,
        beside=Beside(shadow_outcomes=JsonLinesFile(file), divergences=divergences),
    )
    facade.layer.upsert_dialog_context(USER, {"data": {"step": 1}})
    facade.layer.get_dialog_context(USER)
    gate.set()
    assert until(lambda: facade.dual_write.queued == 0)
    facade.layer.get_dialog_context(USER)
    assert settled(facade, 2)
    facade.close()
    found = {one["outcome"]: one.get("reason") for one in outcomes(file)}
    assert found == {"skipped": "writes are queued", "equal": None}
    assert recorded(tmp_path / "divergences.jsonl") == []


def test_arguments_are_kept_only_where_asked_for_and_declared_plain_and_then_make_a_case(
    source_dsn: str, target_dsn: str, tmp_path: Path
) -> None:
    for keep in (False, True):
        file = tmp_path / f"shadow {keep}.jsonl"
        settings = ShadowSettings(keep_arguments=keep)
        with opened(lambda: layer(source_dsn), lambda: layer(target_dsn), file, settings=settings) as facade:
            facade.layer.get_staff(COMPANY_ID, include_inactive=True)
            facade.layer.get_client_by_phone("80005550001")
            facade.layer.get_staff(COMPANY_ID, True)
            facade.layer.get_services("Anna 80005550001")
            assert settled(facade, 4)
        cases = [(one["method"], one["case"]) for one in outcomes(file)]
        assert "Anna" not in file.read_text(encoding="utf-8")
        assert all(case is None for method, case in cases if not keep or method == "get_client_by_phone")
    assert len([case for _, case in cases if case is not None]) == 2


def test_recorded_reads_are_cases_of_the_method_comparison_each_once(
    source_dsn: str, target_dsn: str, tmp_path: Path
) -> None:
    file = tmp_path / "shadow.jsonl"
    settings = ShadowSettings(keep_arguments=True)
    with opened(lambda: layer(source_dsn), lambda: layer(target_dsn), file, settings=settings) as facade:
        facade.layer.get_staff(COMPANY_ID, include_inactive=True)
        facade.layer.get_staff(COMPANY_ID, True)
        facade.layer.get_services(COMPANY_ID)
        facade.layer.get_client_by_phone("80005550001")
        assert settled(facade, 4)
    with file.open("a") as unfinished:
        unfinished.write('{"format": "pgpar')
    (tmp_path / "application.py").write_text(
        "from pathlib import Path\n"
        "from harness.datalayer.switching.shadow_cases import recorded_cases\n"
        "def cases():\n"
        "    return recorded_cases(Path(__file__).with_name('shadow.jsonl'))\n"
    )
    with hosting([tmp_path]):
        made = load_cases("application:cases", tmp_path, [tmp_path])
    assert [(case.method, case.kwargs) for case in made] == [
        ("get_services", {"company_id": COMPANY_ID}),
        ("get_staff", {"company_id": COMPANY_ID, "include_inactive": True}),
    ]
    assert made[0].ignore == ("created_at", "updated_at")
    with pytest.raises(ConfigurationError, match="holds no shadow read that can be replayed"):
        recorded_cases(file, outcomes=["different"])


def test_an_unsampled_call_costs_microseconds(
    source_dsn: str, target_dsn: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The cost of the facade itself, on a method that answers at once; the limit leaves room for a busy machine."""

    class AtOnce:
        @reads("things", key="number")
        def get(self, number: int) -> Envelope:
            return {"success": True, "data": number, "error": None}

    facade = open_facade(
        switches(shadow_read_rate=0.000001),
        source=AtOnce,
        target=AtOnce,
        beside=Beside(shadow_outcomes=JsonLinesFile(tmp_path / "shadow.jsonl")),
    )
    bare, medians = AtOnce(), []
    for ask in (bare.get, facade.layer.get):
        taken = []
        for _ in range(5000):
            began = time.perf_counter()
            ask(1)
            taken.append(time.perf_counter() - began)
        medians.append(statistics.median(taken) * 1_000_000)
    facade.close()
    with capsys.disabled():
        print(f"\na call takes {medians[0]:.2f} µs, behind the facade {medians[1]:.2f} µs (medians)")
    assert medians[1] - medians[0] < 100


@pytest.mark.parametrize("bad", [{"rate": 1.1}, {"rates": {"staff": -0.1}}, {"time_limit": 0}, {"workers": 0}])
def test_settings_that_cannot_be_used_are_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        ShadowSettings(**bad)


def test_a_queue_that_is_full_switches_shadow_reads_off(source_dsn: str, target_dsn: str, tmp_path: Path) -> None:
    file = tmp_path / "shadow.jsonl"
    gate = threading.Event()

    class Waits(RepositoryLayer):
        def get_company(self, company_id: int) -> Envelope:
            gate.wait(10)
            return super().get_company(company_id)

    settings = ShadowSettings(queue_size=2, workers=1, time_limit=10)
    with opened(lambda: layer(source_dsn), lambda: layer(target_dsn, Waits), file, settings=settings) as facade:
        for _ in range(10):
            assert facade.layer.get_company(COMPANY_ID)["success"]
        state = facade.shadow_reads.state
        gate.set()
    assert state == "open"
    reasons = {one["reason"] for one in outcomes(file) if one["outcome"] == "skipped"}
    assert {"the queue is full", "off: the queue is full"} <= reasons


def test_calls_that_never_come_back_are_left_behind_up_to_a_number_and_then_none_is_made() -> None:
    gate, limited = threading.Event(), TimeLimited(most_left=2)
    outcomes_seen = [limited.call(lambda: gate.wait(10), 0.02).outcome for _ in range(4)]
    gate.set()
    assert outcomes_seen == ["timed_out", "timed_out", "stuck", "stuck"]
    assert until(lambda: limited.call(lambda: 1, 5).outcome == "answered")
    limited.close()
