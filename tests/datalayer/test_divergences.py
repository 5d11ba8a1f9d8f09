"""Where divergences are kept: a table or a file, and what cannot be kept is counted and fails nobody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.datalayer.envelope import Envelope, answered
from harness.datalayer.methods import writes
from harness.datalayer.switching.assembly import Beside, open_facade
from harness.datalayer.switching.divergences import Divergence, DivergenceTable, now
from harness.datalayer.switching.recording import JsonLinesFile, Recorder, Sink
from harness.errors import DataLayerFailed
from tests.datalayer.salons import recorded, rows, switches, until


class Notes:
    """A backend of one method."""

    @writes("notes", key="phone")
    @answered
    def put(self, phone: str) -> object:
        return len(phone)


class Exits(Notes):
    def put(self, phone: str) -> Envelope:
        raise SystemExit(3)


def facade_with(sink: Sink) -> Any:
    """A facade whose secondary always fails."""
    return open_facade(switches(enable_dual_write=True), source=Notes, target=Exits, beside=Beside(divergences=sink))


def test_divergences_are_kept_in_a_table_that_is_made_only_when_asked_for(database: str) -> None:
    exists = "SELECT to_regclass('pgparity.divergences') IS NOT NULL"
    table = DivergenceTable(database)
    assert rows(database, exists) == [(False,)]
    table.create()
    table.create()
    facade = facade_with(table)
    facade.layer.put("80005550120")
    facade.close()
    assert facade.divergences.lost == 0
    columns = "kind, method, module, primary_backend, error_kind, error_code, paths, at > now() - interval '1 minute'"
    assert rows(database, f"SELECT {columns} FROM pgparity.divergences") == [
        ("secondary_failed", "put", "notes", "source", "internal", "SystemExit", [], True)
    ]
    ((text,),) = rows(database, "SELECT t::text FROM pgparity.divergences AS t")
    assert "80005550120" not in text


def test_a_table_that_was_not_made_loses_the_records_by_count_and_fails_no_call(database: str) -> None:
    facade = facade_with(DivergenceTable(database))
    answers = [facade.layer.put("80005550120") for _ in range(2)]
    facade.close()
    assert all(answer["success"] for answer in answers)
    assert (facade.divergences.lost, facade.divergences.counts) == (2, {"secondary_failed": 2})


def test_a_table_whose_server_is_gone_cannot_be_made_and_tells_no_password() -> None:
    with pytest.raises(DataLayerFailed) as failed:
        DivergenceTable("postgresql://salon:hunter2@127.0.0.1:1/salon").create()
    assert "hunter2" not in failed.value.message


def test_a_connection_of_the_table_that_broke_is_made_again(database: str) -> None:
    table = DivergenceTable(database)
    table.create()
    recorder = Recorder(table)
    divergence = Divergence(at=now(), kind="dropped", method="m", module="m", primary="source", arguments={})
    held = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'datalayer-divergences'"
    count = "SELECT count(*) FROM pgparity.divergences"
    recorder.record("dropped", divergence.record)
    assert until(lambda: rows(database, count) == [(1,)])
    rows(database, held)
    recorder.record("dropped", divergence.record)
    assert until(lambda: recorder.lost == 1)
    recorder.record("dropped", divergence.record)
    assert until(lambda: rows(database, count) == [(2,)])
    recorder.close()


def test_a_full_file_loses_records_by_count(tmp_path: Path) -> None:
    file = tmp_path / "records.jsonl"
    recorder = Recorder(JsonLinesFile(file, most_bytes=30))
    recorder.record("dropped", lambda: {"kind": "dropped"})
    assert until(lambda: file.stat().st_size > 0)
    recorder.record("dropped", lambda: {"kind": "dropped"})
    recorder.close()
    assert recorder.lost == 1
    assert recorded(file) == [{"kind": "dropped"}]
    assert file.stat().st_mode & 0o077 == 0


def test_a_recorder_whose_sink_fails_counts_what_it_lost() -> None:
    class Refusing:
        def write(self, records: object) -> None:
            raise OSError

        def close(self) -> None:
            raise OSError

    recorder = Recorder(Refusing())
    recorder.record("equal", dict)
    recorder.record("equal", lambda: 1 / 0)  # type: ignore[arg-type,return-value]
    recorder.close()
    recorder.record("equal", dict)
    assert (recorder.lost, recorder.counts) == (3, {"equal": 3})
