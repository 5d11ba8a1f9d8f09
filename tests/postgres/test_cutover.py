"""A cutover on two small databases: what it leaves on both sides, and what stops it before anybody is led over."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest

from harness.core.cutover.record import CutoverRecord
from harness.core.record import Side
from harness.errors import CutoverFailed, PlanRefused
from harness.stages.cutover import back, carrying, engine, fencing, final, opening, preflight
from harness.stages.cutover.engine import cut_over, never
from harness.stages.cutover.request import Outcome, Situation, failed
from harness.stages.cutover.rollback import status
from harness.stages.events import Silent
from harness.stages.journal import Journal
from harness.stages.migrate import migrate_stage
from harness.stages.structure import learn_structure
from tests.postgres.cutover_pair import Morning, morning, validated


@pytest.fixture
def salon(database: str, newer_database: str, tmp_path: Path) -> Morning:
    return morning(database, newer_database, tmp_path)


def failing(record: CutoverRecord) -> list[str]:
    return [check.name for check in record.failed]


def test_after_a_cutover_the_target_has_everything_and_the_application_writes_there_alone(salon: Morning) -> None:
    salon.execute(salon.application(Side.SOURCE), "DELETE FROM visits WHERE id = 3")
    salon.execute(salon.application(Side.SOURCE), "INSERT INTO clients (name) VALUES ('late')")
    plan = cut_over(salon.request(), never)
    assert (plan.state, plan.exit_code, failing(plan)) == ("planned", 0, [])
    assert not salon.state.exists()
    record = salon.cut_over()
    assert (record.state, record.exit_code, record.fenced) == ("open", 0, ("source",)), record
    assert salon.execute(salon.target, "SELECT count(*), max(id), sum(length(name)) FROM clients") == salon.execute(
        salon.source, "SELECT count(*), max(id), sum(length(name)) FROM clients"
    )
    assert salon.execute(salon.target, "SELECT count(*) FROM visits") == [(199,)]
    assert salon.execute(salon.target, "SELECT nextval('tickets')") == [(42,)]
    assert salon.switches.read_text(encoding="utf-8") == "PRIMARY=target\nOTHER=stays\n"
    assert (salon.may_write(Side.SOURCE), salon.may_write(Side.TARGET)) == (False, True)
    again = salon.cut_over()
    assert (again.state, again.exit_code) == ("open", 0)
    assert status(salon.request()).state == "open"


@pytest.mark.long
def test_a_row_that_differs_stops_the_cutover_and_everything_is_as_it_was(
    salon: Morning, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = salon.rights(Side.SOURCE), salon.rights(Side.TARGET)
    real = final.catch_up

    def spoilt(situation: Situation) -> Outcome:
        outcome = real(situation)
        salon.execute(salon.target, "UPDATE clients SET name = 'spoilt' WHERE id = 7")
        situation.ledger = None
        return outcome

    monkeypatch.setattr(engine, "catch_up", spoilt)
    record = salon.cut_over()
    assert (record.state, record.exit_code, record.fenced) == ("stopped", 1, ()), record
    assert "rows" in failing(record)
    assert (salon.rights(Side.SOURCE), salon.rights(Side.TARGET)) == before
    assert salon.switches.read_text(encoding="utf-8") == "PRIMARY=source\nOTHER=stays\n"
    assert salon.execute(salon.source, "SELECT count(*) FROM pg_namespace WHERE nspname = 'pgparity'") == [(0,)]
    assert salon.may_write(Side.SOURCE)


@pytest.mark.long
def test_methods_that_answer_otherwise_lead_the_application_back_before_the_source_is_unfenced(
    salon: Morning, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def unlike(_: Situation) -> Outcome:
        seen.append(salon.switches.read_text(encoding="utf-8"))
        return Outcome(checks=(failed("case x", "differs"),))

    monkeypatch.setattr(engine, "smoke", unlike)
    record = salon.cut_over()
    assert (record.state, [each.status for each in record.back]) == ("stopped", ["passed", "passed"]), record
    assert seen == ["PRIMARY=target\nOTHER=stays\n"]
    assert salon.switches.read_text(encoding="utf-8") == "PRIMARY=source\nOTHER=stays\n"
    assert not list(salon.folder.glob(".*before-cutover"))


@pytest.mark.long
@pytest.mark.parametrize("step", ["fence", "catch-up", "switch", "smoke"])
def test_a_defect_in_any_step_leaves_nobody_fenced(salon: Morning, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    def broken(*_: object) -> Outcome:
        raise ZeroDivisionError

    monkeypatch.setattr(engine, {"fence": "put_up", "catch-up": "catch_up"}.get(step, step), broken)
    with pytest.raises(ZeroDivisionError):
        salon.cut_over()
    assert status(salon.request()).state == "stopped"
    assert salon.may_write(Side.SOURCE)
    assert salon.may_write(Side.TARGET)


@pytest.mark.long
@pytest.mark.parametrize("step", ["catch-up", "switch", "smoke"])
def test_ctrl_c_goes_back_and_says_so(salon: Morning, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    def interrupted(*_: object) -> Outcome:
        raise KeyboardInterrupt

    monkeypatch.setattr(engine, {"catch-up": "catch_up"}.get(step, step), interrupted)
    record = salon.cut_over()
    assert (record.state, record.exit_code, record.fenced) == ("stopped", 1, ())
    assert salon.may_write(Side.SOURCE)


@pytest.mark.long
def test_a_schema_that_changed_since_the_verdict_is_refused(salon: Morning) -> None:
    salon.execute(salon.target, "ALTER TABLE clients ADD note text")
    record = salon.cut_over()
    assert (record.state, record.exit_code) == ("planned", 1)
    assert failing(record) == ["catalogs unchanged"]
    assert not salon.state.exists()


@pytest.mark.long
def test_a_verdict_that_is_not_go_or_too_old_or_of_fewer_stages_is_refused(salon: Morning) -> None:
    file = salon.folder / "run.json"
    document = json.loads(file.read_text(encoding="utf-8"))
    for change, name in (
        ({"verdict": document["verdict"] | {"status": "NO-GO"}}, "verdict"),
        ({"finished_at": "2020-01-01T00:00:00+00:00"}, "verdict age"),
        ({"stages": [each for each in document["stages"] if each["name"] != "rows"]}, "verdict coverage"),
        ({"scope": document["scope"][1:]}, "verdict coverage"),
    ):
        file.write_text(json.dumps(document | change), encoding="utf-8")
        assert failing(salon.cut_over()) == [name]


@pytest.mark.long
def test_what_is_not_checked_is_incomplete_and_writes_nothing(salon: Morning) -> None:
    record = salon.cut_over(no_smoke=None)
    assert (record.state, record.exit_code) == ("planned", 3)
    assert [each.name for each in record.unchecked] == ["smoke comparison"]
    assert salon.may_write(Side.SOURCE)


@pytest.mark.long
def test_a_process_that_is_gone_is_gone_on_with_and_nothing_it_saw_is_believed(
    salon: Morning, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> Outcome:
        raise SystemExit

    with monkeypatch.context() as patch:
        # As after kill -9: nobody goes back.
        patch.setattr(engine, "compare", gone)
        patch.setattr(engine, "_interrupted", lambda *_: CutoverRecord(id="", state="incomplete"))
        salon.cut_over()
    assert not salon.may_write(Side.SOURCE)
    assert status(salon.request()).exit_code == 3
    # Somebody whom no privilege binds writes while the lock is gone.
    salon.execute(salon.source, "INSERT INTO clients (name) VALUES ('between')")
    with pytest.raises(CutoverFailed, match="configuration has changed"):
        salon.cut_over(target_roles=[])
    record = salon.cut_over()
    assert (record.state, record.attempts) == ("open", 2), record
    assert salon.events().count(("started", "compare")) == 2
    assert salon.execute(salon.target, "SELECT count(*) FROM clients WHERE name = 'between'") == [(1,)]


@pytest.mark.long
def test_a_lost_journal_is_told_and_the_way_back_needs_none(salon: Morning, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(engine, "smoke", lambda *_: (_ for _ in ()).throw(SystemExit))
        patch.setattr(engine, "_interrupted", lambda *_: CutoverRecord(id="", state="incomplete"))
        salon.cut_over()
    salon.state.unlink()
    told = salon.cut_over()
    assert (told.state, told.exit_code) == ("incomplete", 3)
    assert "journal" in told.message
    record = salon.roll_back()
    assert (record.state, record.fenced) == ("stopped", ()), record
    assert salon.switches.read_text(encoding="utf-8") == "PRIMARY=source\nOTHER=stays\n"
    assert salon.may_write(Side.SOURCE)
    salon.state.unlink()
    with pytest.raises(CutoverFailed, match="nothing to roll back"):
        salon.roll_back()


@pytest.mark.long
def test_nothing_is_moved_over_a_target_that_was_opened(salon: Morning) -> None:
    assert salon.cut_over().state == "open"
    assert salon.may_write(Side.TARGET)
    salon.state.unlink()
    # The fence of the source is taken away by hand as well: only the target remembers.
    salon.execute(salon.source, "DROP SCHEMA pgparity CASCADE")
    record = salon.cut_over()
    assert record.state == "planned"
    assert "target not opened" in failing(record)
    request = salon.request().run
    with pytest.raises(PlanRefused, match="opened by the cutover"):
        migrate_stage(
            request.source,
            request.target,
            *learn_structure(request, Journal(request.configuration, Silent())).catalogs,
            ("public.clients", "public.visits"),
            request.configuration,
            catch_up=True,
        )


@pytest.mark.long
def test_programs_lead_the_application_over_and_are_told_which_cutover_it_is(salon: Morning) -> None:
    led = salon.folder / "led"
    section: dict[str, object] = {
        "switches_file": None,
        "switch_command": [salon.program("switch", f'echo "$PGPARITY_CUTOVER_ID $PGPARITY_CUTOVER_STEP" > {led}')],
        "switch_back_command": [salon.program("back", f"rm -f {led}")],
        "switched_command": [salon.program("ask", f"test -e {led}")],
        "open_command": [salon.program("open", "echo password=geheim; exit 3")],
    }
    record = salon.cut_over(**section)
    # What comes after the opening cannot be taken back: it is told, and gone on with.
    assert (record.state, record.exit_code) == ("incomplete", 3)
    assert led.read_text(encoding="utf-8") == f"{record.id} switch\n"
    assert "geheim" not in salon.state.read_text(encoding="utf-8")
    section["open_command"] = [salon.program("open", "exit 0")]
    assert salon.cut_over(**section).state == "open"


@pytest.mark.long
def test_a_program_that_fails_or_hangs_stops_the_cutover(salon: Morning) -> None:
    section: dict[str, object] = {
        "switches_file": None,
        "switch_back_command": [salon.program("back", "exit 0")],
        "switched_command": [salon.program("ask", "exit 1")],
        "hook_seconds": 1,
    }
    for text in ("exit 1", "sleep 60", "exit 0"):
        record = salon.cut_over(**section | {"switch_command": [salon.program("switch", text)]})
        assert (record.state, record.exit_code) == ("stopped", 1), text
        assert salon.may_write(Side.SOURCE)


@pytest.mark.long
def test_a_reader_that_writes_all_the_same_is_seen_by_nobody(salon: Morning) -> None:
    """The lock holds whoever no privilege binds: a superuser waits until the source is let go."""
    waited: list[str] = []
    real = final.compare

    def looking(situation: Situation) -> Outcome:
        with psycopg.connect(salon.source, options="-c lock_timeout=200ms") as connection:
            with pytest.raises(psycopg.errors.LockNotAvailable):
                connection.execute("INSERT INTO clients (name) VALUES ('from a superuser')")
            waited.append("held")
        return real(situation)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "compare", looking)
        assert salon.cut_over().state == "open"
    assert waited == ["held"]


@pytest.mark.long
def test_a_dsn_of_another_pair_does_not_go_on_with_this_journal(salon: Morning) -> None:
    assert salon.cut_over().state == "open"
    lines = salon.state.read_text(encoding="utf-8").splitlines()
    first = json.loads(lines[0])
    first["target"]["database"] = "another"
    salon.state.write_text("\n".join([json.dumps(first), *lines[1:]]) + "\n", encoding="utf-8")
    with pytest.raises(CutoverFailed, match="another target database"):
        salon.cut_over()


@pytest.mark.long
def test_a_rollback_brings_back_what_the_target_was_given_and_another_cutover_comes_through(salon: Morning) -> None:
    before = salon.rights(Side.SOURCE), salon.rights(Side.TARGET)
    assert salon.cut_over().state == "open"
    for statement in (
        "INSERT INTO clients (name) VALUES ('new on the target')",
        "UPDATE clients SET name = 'renamed on the target' WHERE id = 5",
        "DELETE FROM visits WHERE id = 6",
    ):
        salon.execute(salon.application(Side.TARGET), statement)
    record = salon.roll_back()
    assert (record.state, record.fenced) == ("rolled back", ()), record
    for dsn in (salon.source, salon.target):
        names = salon.execute(dsn, "SELECT name FROM clients WHERE name LIKE '%on the target' ORDER BY 1")
        assert names == [("new on the target",), ("renamed on the target",)]
        assert salon.execute(dsn, "SELECT count(*) FROM visits") == [(199,)]
    assert (salon.rights(Side.SOURCE), salon.rights(Side.TARGET)) == before
    assert salon.switches.read_text(encoding="utf-8") == "PRIMARY=source\nOTHER=stays\n"
    validated(salon)
    salon.execute(salon.application(Side.SOURCE), "INSERT INTO clients (name) VALUES ('after')")
    again = salon.cut_over()
    assert (again.state, again.id == record.id) == ("open", False), again
    assert salon.execute(salon.target, "SELECT count(*) FROM clients") == [(202,)]


@pytest.mark.long
@pytest.mark.parametrize("step", ["close", "carry back", "switch back", "unfence"])
def test_a_rollback_that_was_interrupted_is_ended_and_never_writes_over_what_the_source_was_given_since(
    salon: Morning, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    assert salon.cut_over().state == "open"
    salon.execute(salon.application(Side.TARGET), "INSERT INTO clients (name) VALUES ('new on the target')")

    def interrupted(*_: object) -> Outcome:
        raise KeyboardInterrupt

    names = {"close": "_closed", "switch back": "_led_back", "unfence": "forget_switches"}
    with monkeypatch.context() as patch:
        if step == "carry back":
            patch.setattr(carrying.Carrying, "carried", interrupted)
        else:
            patch.setattr(back, names[step], interrupted)
        record = salon.roll_back()
    assert (record.state, record.exit_code) == ("incomplete", 3), record
    # Where the rights were given back already, the application writes to the source again.
    written = salon.may_write(Side.SOURCE)
    assert written is (step == "unfence")
    record = salon.roll_back()
    assert (record.state, record.fenced) == ("rolled back", ()), record
    names_there = [name for (name,) in salon.execute(salon.source, "SELECT name FROM clients WHERE id > 200")]
    assert sorted(map(str, names_there)) == ["new on the target", *(["written by a test"] if written else [])]


@pytest.mark.long
def test_a_fence_of_ones_own_is_put_up_and_taken_down_and_the_lock_holds_all_the_same(salon: Morning) -> None:
    up = salon.folder / "up"
    section: dict[str, object] = {
        "fence": "hook",
        "source_roles": [],
        "no_fence_check": "the program stops the application",
        "fence_command": [salon.program("fence", f"touch {up}")],
        "unfence_command": [salon.program("unfence", f"rm -f {up}")],
    }
    record = salon.cut_over(**section)
    assert (record.state, record.exit_code, up.exists()) == ("open", 0, True), record
    assert salon.may_write(Side.TARGET)
    assert salon.cut_over(**section).exit_code == 0
    record = salon.roll_back(**section)
    assert (record.state, up.exists()) == ("rolled back", False), record
    assert salon.execute(salon.source, "SELECT count(*) FROM clients") == [(201,)]
    assert salon.execute(salon.source, "SELECT count(*) FROM pg_namespace WHERE nspname = 'pgparity'") == [(0,)]
    section["fence_command"] = [salon.program("fence", "exit 1")]
    validated(salon)
    record = salon.cut_over(**section)
    assert (record.state, failing(record)) == ("stopped", ["fence command"]), record


@pytest.mark.long
@pytest.mark.parametrize("written", [False, True])
def test_an_opening_that_was_interrupted_before_anybody_could_write_compares_again(
    salon: Morning, monkeypatch: pytest.MonkeyPatch, written: bool
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(opening, "restored", lambda *_, **__: (_ for _ in ()).throw(SystemExit))
        patch.setattr(engine, "_interrupted", lambda *_: CutoverRecord(id="", state="incomplete"))
        salon.cut_over()
    if written:
        salon.execute(salon.source, "INSERT INTO clients (name) VALUES ('by a superuser, past the fence')")
    record = salon.cut_over()
    assert (record.state, record.exit_code) == (("incomplete", 3) if written else ("open", 0)), record
    assert ("rows" in failing(record)) is written
    assert salon.may_write(Side.TARGET) is not written
    if written:
        record = salon.roll_back()
        assert (record.state, record.fenced) == ("rolled back", ()), record
        assert salon.may_write(Side.SOURCE)
        assert salon.execute(salon.source, "SELECT count(*) FROM clients WHERE name LIKE 'by a %'") == [(1,)]


@pytest.mark.long
def test_a_transaction_that_has_been_writing_for_long_is_refused_before_anybody_is_fenced(
    salon: Morning, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preflight, "_LONG_SECONDS", 0.1)
    with psycopg.connect(salon.source, application_name="nightly import") as connection:
        connection.execute("UPDATE visits SET at = at WHERE id = 1")
        time.sleep(0.3)
        record = salon.cut_over(drain_seconds=0.2)
        assert (record.state, failing(record)) == ("planned", ["long transactions on the source"]), record
        assert "nightly import" in record.failed[0].text
        assert "UPDATE" not in record.to_json()
        connection.rollback()
    assert salon.cut_over(drain_seconds=0.2).state == "open"


@pytest.mark.long
def test_two_cutovers_from_two_machines_do_not_undo_each_other(salon: Morning, monkeypatch: pytest.MonkeyPatch) -> None:
    real = fencing.put_up
    first: list[CutoverRecord] = []
    # The sessions that keep other machines out were lost.
    monkeypatch.setattr(engine, "worked_on", lambda _: contextlib.nullcontext())

    def late(*given: Any) -> Outcome:
        """The other machine is faster: it has cut over by now."""
        with monkeypatch.context() as patch:
            patch.setattr(engine, "put_up", real)
            other = dataclasses.replace(salon.request(), state=salon.folder / "other" / "cutover.jsonl")
            first.append(cut_over(other, lambda _: True))
        return real(*given)

    monkeypatch.setattr(engine, "put_up", late)
    second = salon.cut_over()
    assert [each.state for each in first] == ["open"]
    assert (second.state, second.exit_code) == ("stopped", 1), second
    assert failing(second) == ["fence of the source", "target not opened"]
    assert "fenced by the cutover" in second.message
    assert salon.switches.read_text(encoding="utf-8") == "PRIMARY=target\nOTHER=stays\n"
    assert (salon.may_write(Side.SOURCE), salon.may_write(Side.TARGET)) == (False, True)
