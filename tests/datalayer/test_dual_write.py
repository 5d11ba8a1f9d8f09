"""Dual write: whatever the secondary does, the caller does not notice, and the divergence is on record."""

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

from harness.datalayer.envelope import Envelope, answered
from harness.datalayer.methods import writes
from harness.datalayer.postgres.database import Database
from harness.datalayer.switching.assembly import Beside, open_facade
from harness.datalayer.switching.dual_write_records import DualWriteSettings
from harness.datalayer.switching.recording import JsonLinesFile, Sink
from harness.embedded.server import Server
from harness.errors import ConfigurationError
from harness.reference.data_set import COMPANY_ID
from harness.reference.methods import METHODS
from harness.reference.repository_layer import RepositoryLayer
from tests.datalayer.salons import client, drop, layer, recorded, rows, salon, switches, until

NAMES = b"SELECT name FROM clients WHERE yclients_id = %s"


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
    sink: Sink,
    *,
    settings: DualWriteSettings | None = None,
    **on: Any,
) -> Iterator[Any]:
    facade = open_facade(
        switches(enable_dual_write=True, **on),
        source=source,
        target=target,
        methods=METHODS,
        beside=Beside(divergences=sink, dual_write=settings or DualWriteSettings()),
    )
    try:
        yield facade
    finally:
        facade.close()


def written(dsn: str, number: int) -> list[str]:
    return [name for (name,) in rows(dsn, NAMES.decode(), 9_900_000 + number)]


@pytest.mark.parametrize("target_is_primary", [False, True])
def test_a_write_reaches_both_backends_and_nothing_is_recorded_when_they_agree(
    target_is_primary: bool, source_dsn: str, target_dsn: str, tmp_path: Path
) -> None:
    file, number = tmp_path / "divergences.jsonl", 10 + target_is_primary
    with opened(
        lambda: layer(source_dsn),
        lambda: layer(target_dsn),
        JsonLinesFile(file),
        target_is_primary=target_is_primary,
    ) as facade:
        answer = facade.layer.upsert_client(client(number))
        told = facade.layer.get_client_by_id(9_900_000 + number, COMPANY_ID)
    assert answer["success"]
    assert told["data"]["name"] == f"Тест {number}"
    assert written(source_dsn, number) == written(target_dsn, number) == [f"Тест {number}"]
    assert recorded(file) == []


def test_what_the_primary_refuses_is_not_written_to_the_secondary(
    source_dsn: str, target_dsn: str, tmp_path: Path
) -> None:
    file = tmp_path / "divergences.jsonl"
    with opened(lambda: layer(source_dsn), lambda: layer(target_dsn), JsonLinesFile(file)) as facade:
        refused = [
            facade.layer.upsert_client({**client(20), "company_id": 900_999}),
            facade.layer.upsert_client(client(20, name="")),
        ]
    assert [answer["error"]["kind"] for answer in refused] == ["constraint", "invalid_input"]
    assert written(target_dsn, 20) == []
    assert recorded(file) == []


def test_a_secondary_that_waits_for_a_lock_costs_the_caller_nothing_and_times_out_on_record(
    source_dsn: str, target_dsn: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "divergences.jsonl"
    alone = layer(source_dsn)
    settings = DualWriteSettings(time_limit=0.3, drain_seconds=0.1)
    taken: dict[str, list[float]] = {"alone": [], "dual": []}
    with psycopg.connect(target_dsn) as other:
        other.execute("LOCK TABLE clients IN ACCESS EXCLUSIVE MODE")
        with opened(
            lambda: layer(source_dsn), lambda: layer(target_dsn), JsonLinesFile(file), settings=settings
        ) as facade:
            for round_number in range(40):
                for word, of in (("alone", alone), ("dual", facade.layer)):
                    began = time.perf_counter()
                    assert of.upsert_client(client(30 + round_number % 3))["success"]
                    taken[word].append(time.perf_counter() - began)
            assert until(lambda: facade.divergences.counts.get("secondary_failed", 0) >= 1)
        other.rollback()
    alone.close()
    medians = {word: statistics.median(of) * 1000 for word, of in taken.items()}
    with capsys.disabled():
        print(f"\na write alone {medians['alone']:.3f} ms, with a locked secondary {medians['dual']:.3f} ms (medians)")
    assert sorted(taken["dual"])[-2] < 0.3
    assert medians["dual"] < medians["alone"] * 2 + 2
    first = recorded(file)[0]
    assert (first["kind"], first["error_kind"], first["method"]) == ("secondary_failed", "timeout", "upsert_client")
    assert len(recorded(file)) == 40


def test_a_secondary_whose_database_is_gone_fails_on_record_alone(
    source_dsn: str, newer_server: Server, tmp_path: Path
) -> None:
    file = tmp_path / "divergences.jsonl"
    with salon(newer_server) as dead:
        settings = DualWriteSettings(time_limit=0.5)
        with opened(lambda: layer(source_dsn), lambda: layer(dead), JsonLinesFile(file), settings=settings) as facade:
            drop(dead)
            answers = [facade.layer.upsert_client(client(40 + number)) for number in range(3)]
    assert all(answer["success"] for answer in answers)
    found = recorded(file)
    assert [one["kind"] for one in found] == ["secondary_failed"] * 3
    assert {one["error_kind"] for one in found} <= {"connection", "timeout"}


class Exits(RepositoryLayer):
    def upsert_client(self, data: Any) -> Envelope:
        raise SystemExit(3)


class Interrupts(RepositoryLayer):
    def upsert_client(self, data: Any) -> Envelope:
        raise KeyboardInterrupt("80005550001")


class Garbage(RepositoryLayer):
    def upsert_client(self, data: Any) -> Envelope:
        return 42  # type: ignore[return-value]


class Incomparable(RepositoryLayer):
    class Row(dict[str, Any]):
        def get(self, *_: object) -> Any:
            raise SystemExit("80005550001")

    def upsert_client(self, data: Any) -> Envelope:
        return {"success": True, "data": self.Row(), "error": None}


class TellsTales(RepositoryLayer):
    def upsert_client(self, data: Any) -> Envelope:
        error: Any = {"kind": "8000555 0001", "code": "key 80005550001 is taken", "message": "80005550001"}
        return {"success": False, "data": None, "error": error}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Exits, ("secondary_failed", "it raised", "internal", "SystemExit")),
        (Interrupts, ("secondary_failed", "it raised", "internal", "KeyboardInterrupt")),
        (Garbage, ("secondary_failed", "its answer is no envelope", "internal", "not_an_envelope")),
        (
            Incomparable,
            ("different_answer", "the answers cannot be compared (SystemExit)", None, None),
        ),
        (TellsTales, ("secondary_failed", None, "other", "other")),
    ],
)
def test_a_secondary_that_misbehaves_is_on_record_and_the_next_write_reaches_it(
    kind: type[RepositoryLayer], expected: tuple[Any, ...], source_dsn: str, target_dsn: str, tmp_path: Path
) -> None:
    file = tmp_path / "divergences.jsonl"

    with opened(lambda: layer(source_dsn), lambda: layer(target_dsn, kind), JsonLinesFile(file)) as facade:
        assert facade.layer.upsert_client(client(50, phone="80005550001"))["success"]
        assert facade.layer.upsert_clients([client(51)])["success"]
    (found,) = recorded(file)
    assert (found["kind"], found["reason"], found["error_kind"], found["error_code"]) == expected
    assert written(target_dsn, 51) == ["Тест 51"]
    assert "8000555" not in file.read_text()


def test_a_secondary_that_writes_something_else_is_recorded_with_the_field_and_no_value(
    source_dsn: str, newer_server: Server, tmp_path: Path
) -> None:
    file = tmp_path / "divergences.jsonl"
    with salon(newer_server) as other:
        rows(
            other,
            "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.comment := ''x''; RETURN NEW; END'",
        )
        rows(other, "CREATE TRIGGER t BEFORE INSERT ON clients FOR EACH ROW EXECUTE FUNCTION f()")
        with opened(lambda: layer(source_dsn), lambda: layer(other), JsonLinesFile(file)) as facade:
            facade.layer.upsert_client(client(60, phone="80005550060", name="Анна Тайная"))
            facade.layer.upsert_clients([client(61), client(62, comment="x")])
    first, second = recorded(file)
    assert (first["kind"], first["paths"], first["module"]) == ("different_answer", ["data.comment"], "clients")
    assert second["paths"] == ["data[0].comment"]
    assert first["primary"] == "source"
    text = file.read_text()
    assert "80005550060" not in text
    assert "Тайная" not in text
    assert str(COMPANY_ID) not in str(first["key"])
    assert first["key"].startswith("#")


class Gate(RepositoryLayer):
    """Holds its first write back until the test lets it go."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.entered = threading.Event()
        self.open = threading.Event()

    def upsert_client(self, data: Any) -> Envelope:
        self.entered.set()
        self.open.wait(10)
        return super().upsert_client(data)


def gated(dsn: str) -> Gate:
    built = layer(dsn, Gate)
    assert isinstance(built, Gate)
    return built


def test_a_write_that_finds_the_queue_full_is_counted_and_recorded_as_dropped(
    source_dsn: str, target_dsn: str, tmp_path: Path
) -> None:
    file = tmp_path / "divergences.jsonl"
    gate = gated(target_dsn)
    settings = DualWriteSettings(queue_size=2)
    with opened(lambda: layer(source_dsn), lambda: gate, JsonLinesFile(file), settings=settings) as facade:
        facade.layer.upsert_client(client(70))
        assert gate.entered.wait(5)
        answers = [facade.layer.upsert_client(client(70 + number)) for number in range(1, 6)]
        assert facade.dual_write.queued == 3
        gate.open.set()
    assert all(answer["success"] for answer in answers)
    assert [one["reason"] for one in recorded(file)] == ["the queue is full"] * 3
    assert facade.divergences.counts == {"dropped": 3}
    assert [bool(written(target_dsn, 70 + number)) for number in range(6)] == [True] * 3 + [False] * 3


@pytest.mark.parametrize("workers", [1, 3])
def test_writes_of_one_key_reach_the_secondary_in_their_order(
    workers: int, source_dsn: str, target_dsn: str, tmp_path: Path
) -> None:
    file = tmp_path / "divergences.jsonl"
    settings = DualWriteSettings(workers=workers)
    users = [f"dual {workers} {number}" for number in range(4)]
    with opened(lambda: layer(source_dsn), lambda: layer(target_dsn), JsonLinesFile(file), settings=settings) as facade:
        for step in range(25):
            for user in users:
                facade.layer.upsert_dialog_context(user, {"data": {"step": step}})
    last = "SELECT data ->> 'step' FROM dialog_contexts WHERE user_id LIKE %s"
    assert rows(target_dsn, last, f"dual {workers} %") == [("24",)] * 4
    assert recorded(file) == []


def test_several_workers_need_a_key_of_every_write(source_dsn: str, target_dsn: str, tmp_path: Path) -> None:
    class Keyless:
        @writes("things")
        @answered
        def put(self, number: int) -> object:
            return number

    with pytest.raises(ConfigurationError, match="need a key of every write: put"):
        open_facade(
            switches(enable_dual_write=True),
            source=Keyless,
            target=Keyless,
            beside=Beside(
                divergences=JsonLinesFile(tmp_path / "divergences.jsonl"), dual_write=DualWriteSettings(workers=2)
            ),
        )


def test_two_writes_of_one_key_that_overlap_are_recorded_because_nobody_knows_their_order(
    source_dsn: str, target_dsn: str, tmp_path: Path
) -> None:
    file = tmp_path / "divergences.jsonl"
    gate = gated(source_dsn)
    with opened(lambda: gate, lambda: layer(target_dsn), JsonLinesFile(file)) as facade:
        both = [
            threading.Thread(target=facade.layer.upsert_client, args=(client(80, name=name),)) for name in ("А", "Б")
        ]
        for thread in both:
            thread.start()
        assert gate.entered.wait(5)
        assert until(lambda: facade.facade.dual_write._records._overlaps._running != {})
        assert until(lambda: max(map(max, facade.facade.dual_write._records._overlaps._running.values())) == 2)
        gate.open.set()
        for thread in both:
            thread.join(10)
        facade.layer.upsert_client(client(80, name="В"))
    found = recorded(file)
    assert [one["kind"] for one in found] == ["order_unknown"] * 2
    assert written(target_dsn, 80) == ["В"]


def test_a_shutdown_drains_the_queue_within_its_time_and_records_what_is_left(
    source_dsn: str, target_dsn: str, tmp_path: Path
) -> None:
    file = tmp_path / "divergences.jsonl"
    gate = gated(target_dsn)
    settings = DualWriteSettings()
    facade = open_facade(
        switches(enable_dual_write=True),
        source=lambda: layer(source_dsn),
        target=lambda: gate,
        methods=METHODS,
        beside=Beside(divergences=JsonLinesFile(file), dual_write=settings),
    )
    for number in range(3):
        facade.layer.upsert_client(client(90 + number))
    assert gate.entered.wait(5)
    began = time.monotonic()
    facade.close(1.3)
    assert time.monotonic() - began < 3
    gate.open.set()
    found = recorded(file)
    assert [(one["kind"], one["reason"]) for one in found] == [
        ("not_written", "the program ended"),
        ("not_written", "the program ended"),
        ("secondary_failed", "the program ended"),
    ]


def test_a_caller_that_is_interrupted_leaves_a_record_because_nobody_knows_whether_the_primary_wrote(
    source_dsn: str, target_dsn: str, tmp_path: Path
) -> None:
    file = tmp_path / "divergences.jsonl"
    interrupts = lambda: layer(source_dsn, Interrupts)  # noqa: E731
    with (
        opened(interrupts, lambda: layer(target_dsn), JsonLinesFile(file)) as facade,
        pytest.raises(KeyboardInterrupt),
    ):
        facade.layer.upsert_client(client(100))
    (found,) = recorded(file)
    assert (found["kind"], found["reason"]) == ("not_written", "nobody knows whether the primary wrote")
    assert written(target_dsn, 100) == []


def test_arguments_that_the_caller_changes_afterwards_are_written_as_they_were(
    source_dsn: str, target_dsn: str, tmp_path: Path
) -> None:
    file = tmp_path / "divergences.jsonl"
    gate = gated(target_dsn)
    with opened(lambda: layer(source_dsn), lambda: gate, JsonLinesFile(file)) as facade:
        row = client(110)
        answer = facade.layer.upsert_client(row)
        row["name"] = answer["data"]["name"] = "changed"
        gate.open.set()
    assert written(target_dsn, 110) == ["Тест 110"]
    assert recorded(file) == []
