"""Writes of one row by several users: kept in order where they can be, and on record where they cannot."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.datalayer.switching.dual_write_records import DualWriteSettings
from harness.datalayer.switching.ramp import calls_of, share_of
from harness.datalayer.switching.recording import JsonLinesFile
from harness.embedded.server import Server
from tests.datalayer.salons import client, layer, recorded, rows, salon
from tests.datalayer.test_dual_write import opened, written

SLOW = """
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN IF new.name = ''first'' THEN PERFORM pg_sleep(0.5); END IF; RETURN new; END';
CREATE TRIGGER slow BEFORE INSERT OR UPDATE ON clients FOR EACH ROW EXECUTE FUNCTION slow()
"""


@pytest.fixture(scope="module")
def dsns(server: Server, newer_server: Server) -> Iterator[tuple[str, str]]:
    with salon(server) as source, salon(newer_server) as target:
        for statement in SLOW.strip().split(";\nCREATE TRIGGER"):
            rows(target, statement if statement.startswith("CREATE FUNCTION") else f"CREATE TRIGGER{statement}")
        yield source, target


def _users(sides: int, parts: int) -> list[str]:
    """One user for each part of the shares, or for each remainder of them."""
    found: dict[int, str] = {}
    for number in range(1000):
        share = share_of(f"user {number}")
        found.setdefault(share * parts // 10_000 if sides else share % parts, f"user {number}")
    return [found[part] for part in range(parts)]


def test_two_users_who_write_one_row_are_written_in_their_order(dsns: tuple[str, str], tmp_path: Path) -> None:
    source, target = dsns
    file, (one, other) = tmp_path / "divergences.jsonl", _users(0, 2)
    sink, settings = JsonLinesFile(file), DualWriteSettings(workers=2)
    with opened(lambda: layer(source), lambda: layer(target), sink, settings=settings) as facade:
        for user, name in ((one, "first"), (other, "second")):
            with calls_of(user):
                assert facade.layer.upsert_client(client(801, name=name))["success"]
    assert written(source, 801) == written(target, 801) == ["second"]
    assert recorded(file) == []


def test_a_row_that_users_of_both_backends_write_has_no_known_order(dsns: tuple[str, str], tmp_path: Path) -> None:
    source, target = dsns
    file, (on_target, on_source) = tmp_path / "divergences.jsonl", _users(1, 2)
    sink = JsonLinesFile(file)
    with opened(
        lambda: layer(source), lambda: layer(target), sink, target_is_primary=True, target_percent=50
    ) as facade:
        for user, name in ((on_source, "first"), (on_target, "second")):
            with calls_of(user):
                assert facade.layer.upsert_client(client(802, name=name))["success"]
    assert [each["kind"] for each in recorded(file)] == ["order_unknown"]


def test_a_divergence_holds_no_number_and_no_date_of_a_row(dsns: tuple[str, str], tmp_path: Path) -> None:
    source, target = dsns
    file = tmp_path / "divergences.jsonl"
    rows(target, "ALTER TABLE clients ADD CONSTRAINT refuses CHECK (total_spent <> 4711)")
    with opened(lambda: layer(source), lambda: layer(target), JsonLinesFile(file)) as facade:
        facade.layer.upsert_client(client(803, total_spent=4711, birth_date="1980-05-17"))
    (record,) = recorded(file)
    assert record["kind"] == "secondary_failed"
    assert record["arguments"]["data"]["total_spent"] == "int"
    assert "4711" not in file.read_text(encoding="utf-8")


def test_a_close_that_is_interrupted_leaves_what_was_queued_on_record(dsns: tuple[str, str], tmp_path: Path) -> None:
    source, target = dsns
    file = tmp_path / "divergences.jsonl"
    with opened(lambda: layer(source), lambda: layer(target), JsonLinesFile(file)) as facade:
        for number in range(4):
            assert facade.layer.upsert_client(client(810 + number, name="first"))["success"]
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            facade.close()
    kept = len([number for number in range(4) if written(target, 810 + number)])
    kinds = [each["kind"] for each in recorded(file)]
    assert len(kinds) + kept >= 4
    assert "not_written" in kinds


def test_a_forked_process_gets_no_rows_of_another_ones_connection(dsns: tuple[str, str]) -> None:
    of_parent = layer(dsns[0])
    child = os.fork()
    if child == 0:
        answer = of_parent.get_company(900100)
        os._exit(0 if answer["error"] is not None and answer["error"]["code"] == "forked" else 1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert of_parent.get_company(900100)["success"]
    of_parent.close()
