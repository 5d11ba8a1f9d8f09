"""The way back of a cutover where something would be lost without a word: it is carried, or refused and named."""

from __future__ import annotations

import dataclasses
import shutil
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from psycopg import conninfo

from harness.core.configuration import Configuration
from harness.core.cutover.record import CutoverRecord
from harness.core.record import Side
from harness.errors import CutoverFailed
from harness.postgres import unfence as unfencing
from harness.postgres.connect import Endpoint
from harness.stages.cutover import back, carrying, engine, final
from harness.stages.cutover.request import CutoverRequest, Outcome, Situation, failed, ok
from harness.stages.cutover.rollback import roll_back, status
from tests.postgres.cutover_pair import APPLICATION, Morning, morning

pytestmark = pytest.mark.long


@pytest.fixture
def salon(database: str, newer_database: str, tmp_path: Path) -> Morning:
    return morning(database, newer_database, tmp_path)


def told(record: CutoverRecord) -> str:
    return "; ".join(f"{check.name}: {check.text}" for check in record.failed)


def configured(request: CutoverRequest, **sections: object) -> CutoverRequest:
    """The same, with other sections in the file."""
    data = request.configuration.model_dump(mode="python", exclude_unset=True) | sections
    return dataclasses.replace(
        request, run=dataclasses.replace(request.run, configuration=Configuration.model_validate(data))
    )


def killed_at(salon: Morning, patch: pytest.MonkeyPatch, step: str) -> None:
    """As after kill -9: nobody goes back."""
    with patch.context() as killing:
        killing.setattr(engine, step, lambda *_: (_ for _ in ()).throw(SystemExit))
        killing.setattr(engine, "_interrupted", lambda *_: CutoverRecord(id="", state="incomplete"))
        salon.cut_over()


def names(salon: Morning, dsn: str) -> list[object]:
    return [name for (name,) in salon.execute(dsn, "SELECT name FROM clients WHERE id > 200 ORDER BY name")]


def test_rows_that_a_superuser_wrote_to_the_source_survive_every_rollback(salon: Morning) -> None:
    assert salon.cut_over().state == "open"
    salon.execute(salon.application(Side.TARGET), "INSERT INTO clients (name) VALUES ('on the target')")
    salon.execute(salon.source, "UPDATE visits SET at = '2031-01-01' WHERE id = 9")
    for _ in range(2):
        record = salon.roll_back()
        assert (record.state, record.exit_code, record.fenced) == ("incomplete", 3, ("source", "target"))
        assert "public.visits: 1 rows differ: 1 rows were written on the source" in told(record)
        assert salon.execute(salon.source, "SELECT at::text FROM visits WHERE id = 9") == [("2031-01-01",)]
    # Once somebody has made both alike, it ends.
    salon.execute(salon.target, "UPDATE visits SET at = '2031-01-01' WHERE id = 9")
    record = salon.roll_back()
    assert (record.state, record.exit_code) == ("rolled back", 0), record
    assert names(salon, salon.source) == ["on the target"]


def test_an_old_copy_of_the_journal_does_not_give_the_source_back_without_the_targets_rows(
    salon: Morning, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy, real = salon.folder / "copy.jsonl", final.compare

    def copying(situation: Situation) -> Outcome:
        shutil.copy(salon.state, copy)
        return real(situation)

    monkeypatch.setattr(engine, "compare", copying)
    assert salon.cut_over().state == "open"
    salon.execute(salon.application(Side.TARGET), "INSERT INTO clients (name) VALUES ('on the target')")
    shutil.copy(copy, salon.state)
    # Neither does the command that would go on: it stops, and the target is open.
    record = salon.cut_over()
    assert (record.exit_code, salon.may_write(Side.SOURCE)) == (3, False), record
    shutil.copy(copy, salon.state)
    assert "the target was opened" in status(salon.request()).message
    record = salon.roll_back()
    assert (record.state, record.exit_code) == ("rolled back", 0), record
    assert names(salon, salon.source) == ["on the target"]


def test_an_old_journal_of_a_cutover_that_was_rolled_back_elsewhere_closes_nothing(salon: Morning) -> None:
    assert salon.cut_over().state == "open"
    text = salon.state.read_bytes()
    assert salon.roll_back().state == "rolled back"
    salon.state.write_bytes(text)
    with pytest.raises(CutoverFailed, match="knows nothing of the cutover"):
        salon.roll_back()
    assert salon.may_write(Side.TARGET)
    assert salon.may_write(Side.SOURCE)


def test_a_rollback_about_other_tables_or_another_mapping_is_refused(salon: Morning) -> None:
    assert salon.cut_over().state == "open"
    salon.execute(salon.application(Side.TARGET), "INSERT INTO visits (client, at) VALUES (1, '2032-01-01')")
    for sections, words in (
        ({"scope": {"exclude": {"public.visits": "changed since"}}}, "leaves out now: public.visits"),
        ({"mapping": {"tables": {"public.visits": {"drop": {"at": "changed since"}}}}}, "mapping"),
    ):
        with pytest.raises(CutoverFailed, match=words):
            roll_back(configured(salon.request(), **sections), lambda _: True)
        assert not salon.may_write(Side.SOURCE)
    assert salon.roll_back().state == "rolled back"
    assert salon.execute(salon.source, "SELECT count(*) FROM visits WHERE at = '2032-01-01'") == [(1,)]


def test_a_call_that_waited_for_the_lock_and_wrote_as_somebody_else_is_carried_too(
    salon: Morning, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert salon.cut_over(keep_roles={"postgres": "owns the function"}).state == "open"
    salon.execute(
        salon.target,
        "CREATE FUNCTION add_client(n text) RETURNS void LANGUAGE sql SECURITY DEFINER AS"
        " $$ INSERT INTO public.clients (name) VALUES (n) $$",
    )
    real, calling = carrying.Carrying.carried, []

    def carried(self: Any) -> Outcome:
        outcome = real(self)
        calling.append(
            threading.Thread(
                target=salon.execute, args=(salon.application(Side.TARGET), "SELECT add_client('rpc on the target')")
            )
        )
        calling[0].start()
        time.sleep(0.5)
        return outcome

    monkeypatch.setattr(carrying.Carrying, "carried", carried)
    record = salon.roll_back()
    calling[0].join(20)
    assert (record.state, record.exit_code) == ("rolled back", 0), told(record)
    assert names(salon, salon.target) == names(salon, salon.source) == ["rpc on the target"]


def test_a_row_that_comes_to_the_target_after_the_last_look_is_named(
    salon: Morning, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert salon.cut_over().state == "open"
    real = carrying.Carrying.let_go

    def let_go(self: Any) -> Any:
        checks = real(self)
        salon.execute(salon.target, "INSERT INTO clients (name) VALUES ('behind everything')")
        return checks

    monkeypatch.setattr(carrying.Carrying, "let_go", let_go)
    record = salon.roll_back()
    assert (record.exit_code, salon.may_write(Side.SOURCE)) == (3, True), record
    assert "public.clients: 1 rows were written after its rows were carried back" in told(record)
    record = salon.roll_back()
    assert (record.state, record.fenced) == ("rolled back", ()), record
    assert "is there alone" in record.message


def test_a_role_that_can_write_to_the_target_since_is_named_before_anything_is_carried(salon: Morning) -> None:
    assert salon.cut_over().state == "open"
    salon.execute(salon.target, "DROP ROLE IF EXISTS ma_worker")
    salon.execute(salon.target, "CREATE ROLE ma_worker LOGIN; GRANT INSERT ON clients TO ma_worker")
    try:
        record = salon.roll_back()
        assert (record.state, record.exit_code, record.fenced) == ("incomplete", 3, ("source",)), record
        assert "other writers on the target: these can write past the fence: ma_worker" in told(record)
        assert salon.may_write(Side.TARGET)
        assert salon.roll_back(target_roles=[APPLICATION, "ma_worker"]).state == "rolled back"
    finally:
        salon.execute(salon.target, "DROP OWNED BY ma_worker; DROP ROLE ma_worker")


@pytest.mark.parametrize("step", ["warm_up", "compare"])
def test_the_source_is_given_back_where_the_target_died_before_it_was_opened(
    salon: Morning, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    killed_at(salon, monkeypatch, step)
    dead = conninfo.make_conninfo(salon.target, host="127.0.0.1", port="1", connect_timeout="2")
    request = salon.request()
    request = dataclasses.replace(request, run=dataclasses.replace(request.run, target=Endpoint(Side.TARGET, dead)))
    assert "never opened" in status(request).message
    record = roll_back(request, lambda _: True)
    assert (record.state, record.exit_code) == ("incomplete", 3), record
    assert "rights of the target: the target cannot be reached" in told(record)
    assert salon.may_write(Side.SOURCE)
    assert "the source was given back" in status(request).message
    record = salon.roll_back()
    assert (record.state, record.fenced) == ("stopped", ()), record


def test_a_target_that_dies_under_the_fence_does_not_keep_the_source_and_the_application(
    salon: Morning, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The very process that fenced goes back: the application is led back, and the source given back."""

    def dying(situation: Situation) -> Outcome:
        assert salon.switches.read_text(encoding="utf-8").startswith("PRIMARY=target")
        dead = conninfo.make_conninfo(salon.target, host="127.0.0.1", port="1", connect_timeout="2")
        run = dataclasses.replace(situation.request.run, target=Endpoint(Side.TARGET, dead))
        situation.request = dataclasses.replace(situation.request, run=run)
        return Outcome(checks=(failed("case x", "the server is gone"),))

    monkeypatch.setattr(engine, "smoke", dying)
    monkeypatch.setattr(back, "_PAUSE_SECONDS", 0.0)
    record = salon.cut_over()
    assert (record.state, record.exit_code) == ("incomplete", 3), record
    assert salon.switches.read_text(encoding="utf-8").startswith("PRIMARY=source")
    assert salon.may_write(Side.SOURCE)
    record = salon.roll_back()
    assert (record.state, record.fenced) == ("stopped", ()), record


def test_the_source_is_not_given_back_where_a_target_that_died_was_open(salon: Morning) -> None:
    assert salon.cut_over().state == "open"
    dead = conninfo.make_conninfo(salon.target, host="127.0.0.1", port="1", connect_timeout="2")
    request = salon.request()
    request = dataclasses.replace(request, run=dataclasses.replace(request.run, target=Endpoint(Side.TARGET, dead)))
    assert status(request).exit_code == 3
    with pytest.raises(CutoverFailed, match="may have been opened"):
        roll_back(request, lambda _: True)
    # What the source does not say is not taken for good news.
    text = salon.state.read_text(encoding="utf-8")
    salon.state.write_text(text[: text.index('"event":"started","step":"open"')].rpartition("\n")[0] + "\n")
    salon.execute(salon.source, "DROP TABLE pgparity.sentinel")
    with pytest.raises(CutoverFailed, match="may have been opened"):
        roll_back(request, lambda _: True)
    assert not salon.may_write(Side.SOURCE)


def test_a_role_that_was_dropped_meanwhile_is_told_and_stops_nothing(
    salon: Morning, monkeypatch: pytest.MonkeyPatch
) -> None:
    salon.execute(salon.source, "DROP ROLE IF EXISTS ma_gone")
    salon.execute(salon.source, "CREATE ROLE ma_gone LOGIN; GRANT INSERT ON clients TO ma_gone")

    def dropping(_: Situation) -> Outcome:
        salon.execute(salon.source, "DROP ROLE ma_gone")
        return Outcome(checks=(failed("case x", "differs"),))

    monkeypatch.setattr(engine, "smoke", dropping)
    monkeypatch.setattr("harness.stages.cutover.preflight.catalog_check", lambda *_: ok("catalogs", "a role was made"))
    record = salon.cut_over(source_roles=[APPLICATION, "ma_gone"])
    assert (record.state, record.exit_code, record.fenced) == ("stopped", 1, ()), record
    given = next(check for check in record.checks if check.name == "rights of the source")
    assert "1 were of what somebody dropped" in given.text
    assert salon.may_write(Side.TARGET)


def test_a_fence_that_gave_back_only_some_rights_is_not_taken_for_one_that_nobody_wrote_behind(
    salon: Morning, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, refusing = unfencing._granted, ["INSERT"]

    def granted(connection: Any, found: Any, grant: Any) -> str | None:
        if refusing and any(right.privilege in refusing for right in grant.rights):
            return "refused by a test"
        return real(connection, found, grant)

    monkeypatch.setattr(unfencing, "_granted", granted)
    record = salon.cut_over()
    assert (record.state, record.exit_code, "rights of the target" in told(record)) == ("incomplete", 3, True), record
    salon.execute(salon.application(Side.TARGET), "UPDATE clients SET name = 'on the target' WHERE id = 3")
    refusing.clear()
    record = salon.roll_back()
    assert (record.state, record.fenced) == ("rolled back", ()), record
    assert salon.execute(salon.source, "SELECT name FROM clients WHERE id = 3") == [("on the target",)]
