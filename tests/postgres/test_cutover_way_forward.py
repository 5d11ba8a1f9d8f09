"""The way forward of a cutover: what somebody does meanwhile whom nobody asked, and what no fence is around."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import conninfo

from harness.core.cutover.record import CutoverRecord
from harness.core.record import Side
from harness.errors import CutoverFailed
from harness.postgres import worked_on
from harness.postgres.connect import Endpoint
from harness.postgres.fence import unfence
from harness.stages.cutover import engine, final, opening, sequences
from harness.stages.cutover.engine import cut_over, never
from harness.stages.cutover.request import CutoverRequest, Outcome, Situation, failed
from harness.stages.cutover.rollback import roll_back
from tests.postgres.cutover_pair import APPLICATION, Morning, morning, validated

DEFINER = (
    "CREATE FUNCTION add_client(n text) RETURNS void LANGUAGE sql SECURITY DEFINER"
    " AS $$ INSERT INTO public.clients (name) VALUES (n) $$"
)
FUNCTION = "public.add_client(text)"
OWNER = "c1_owner"


@pytest.fixture
def salon(database: str, newer_database: str, tmp_path: Path) -> Morning:
    return morning(database, newer_database, tmp_path)


def failing(record: CutoverRecord) -> list[str]:
    return [check.name for check in record.failed]


def texts(record: CutoverRecord, name: str) -> list[str]:
    return [check.text for step in record.steps for check in step.checks if check.name == name]


def asked(salon: Morning, **section: object) -> CutoverRecord:
    return cut_over(salon.request(**section), never)


def after(monkeypatch: pytest.MonkeyPatch, step: str, work: Callable[[], object]) -> None:
    """Somebody does this once a step has ended."""
    real = getattr(engine, step)

    def followed(situation: Situation) -> Outcome:
        outcome: Outcome = real(situation)
        work()
        return outcome

    monkeypatch.setattr(engine, step, followed)


@contextlib.contextmanager
def elsewhere(salon: Morning, dsn: str, statement: str) -> Iterator[tuple[threading.Thread, list[str]]]:
    """Somebody's statement, in a session that may have to wait; what came of it."""
    came: list[str] = []

    def work() -> None:
        try:
            salon.execute(dsn, statement)
            came.append("committed")
        except psycopg.Error as error:
            came.append(error.sqlstate or "lost")

    thread = threading.Thread(target=work)
    try:
        yield thread, came
    finally:
        if thread.ident:
            thread.join(30)


def begun(thread: threading.Thread) -> None:
    """It has come to its lock by then."""
    thread.start()
    time.sleep(0.5)


def test_a_table_and_a_column_made_on_the_source_during_the_warm_up_are_not_overlooked(
    salon: Morning, monkeypatch: pytest.MonkeyPatch
) -> None:
    after(
        monkeypatch,
        "warm_up",
        lambda: salon.execute(
            salon.source,
            f"ALTER TABLE clients ADD note text; CREATE TABLE orders (id int PRIMARY KEY);"
            f"GRANT ALL ON orders TO {APPLICATION}",
        ),
    )
    record = salon.cut_over()
    assert (record.state, record.exit_code, failing(record)) == ("stopped", 1, ["schemas unchanged"]), record
    assert "column public.clients.note is new on the source" in record.failed[0].text
    assert salon.may_write(Side.SOURCE)


@pytest.mark.long
def test_a_table_made_while_the_source_is_held_stops_the_switch(
    salon: Morning, monkeypatch: pytest.MonkeyPatch
) -> None:
    after(monkeypatch, "compare", lambda: salon.execute(salon.source, "CREATE TABLE orders (id int PRIMARY KEY)"))
    record = salon.cut_over()
    assert (record.state, failing(record)) == ("stopped", ["schemas unchanged"]), record
    assert salon.switches.read_text(encoding="utf-8") == "PRIMARY=source\nOTHER=stays\n"


@pytest.mark.long
def test_a_table_made_between_a_kill_and_the_next_process_is_seen_by_that(
    salon: Morning, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def killed(*_: object) -> Outcome:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(engine, "catch_up", killed)
        patch.setattr(engine, "_interrupted", killed)
        with pytest.raises(Killed):
            salon.cut_over()
    salon.execute(salon.source, "CREATE TABLE orders (id int PRIMARY KEY)")
    record = salon.cut_over()
    assert (record.state, failing(record)) == ("stopped", ["schemas unchanged"]), record


@pytest.mark.long
def test_a_function_that_runs_as_its_owner_is_refused_or_decided_by_name_and_what_waits_in_it_is_ended(
    salon: Morning, monkeypatch: pytest.MonkeyPatch
) -> None:
    for dsn in (salon.source, salon.target):
        salon.execute(dsn, DEFINER)
    validated(salon)
    plan = asked(salon)
    assert failing(plan) == ["definers' functions of the source", "definers' functions of the target"]
    assert FUNCTION in plan.failed[0].text
    decision = {"keep_functions": {FUNCTION: "only the nightly job calls it"}}
    with elsewhere(salon, salon.application(Side.SOURCE), "SELECT add_client('by the function')") as (thread, came):
        after(monkeypatch, "compare", lambda: begun(thread))
        record = salon.cut_over(**decision)
    assert (record.state, record.exit_code) == ("open", 0), record
    assert came == ["57014"]
    assert any("only the nightly job" in each and "nothing keeps it" in each for each in record.exceptions)
    assert salon.execute(salon.source, "SELECT count(*) FROM clients") == [(200,)]


@pytest.mark.long
def test_a_superuser_who_waited_at_the_lock_does_not_write_to_the_source_once_it_goes(
    salon: Morning, monkeypatch: pytest.MonkeyPatch
) -> None:
    with elsewhere(salon, salon.source, "UPDATE clients SET name = 'late' WHERE id = 7") as (thread, came):
        after(monkeypatch, "sequences", lambda: begun(thread))
        record = salon.cut_over()
    assert (record.state, came) == ("open", ["57014"]), record
    assert texts(record, "writes that waited on the source") == ["1 were cancelled"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE clients SET name = 'late' WHERE id = 7", "public.clients: 1 rows were written"),
        ("DELETE FROM visits WHERE id = 7", "public.visits: 1 rows were deleted"),
    ],
)
def test_what_is_written_to_the_source_right_after_the_opening_is_named(
    salon: Morning, monkeypatch: pytest.MonkeyPatch, statement: str, told: str
) -> None:
    real = opening._source_fenced

    def written(situation: Situation) -> object:
        salon.execute(salon.source, statement)
        return real(situation)

    monkeypatch.setattr(opening, "_source_fenced", written)
    record = salon.cut_over()
    assert (record.state, record.exit_code) == ("incomplete", 3), record
    assert [each.text.startswith(told) for each in record.failed] == [True], record.failed
    assert (salon.may_write(Side.SOURCE), salon.may_write(Side.TARGET)) == (False, True)


@pytest.mark.long
def test_the_role_of_pgparity_itself_has_to_be_decided_where_it_is_no_superuser(salon: Morning) -> None:
    name = conninfo.conninfo_to_dict(salon.source)["dbname"]
    salon.execute(
        salon.source,
        f"DO $$ BEGIN CREATE ROLE {OWNER} LOGIN PASSWORD 'c1'; EXCEPTION WHEN duplicate_object THEN END $$",
    )
    try:
        salon.execute(
            salon.source,
            f'ALTER DATABASE "{name}" OWNER TO {OWNER}; ALTER SCHEMA public OWNER TO {OWNER};'
            f"ALTER TABLE clients OWNER TO {OWNER}; ALTER TABLE visits OWNER TO {OWNER};"
            f"ALTER SEQUENCE tickets OWNER TO {OWNER}",
        )
        own = conninfo.make_conninfo(salon.source, user=OWNER, password="c1")
        theirs = dataclasses.replace(salon, source=own)
        plan = asked(theirs)
        assert "other writers on the source" in failing(plan)
        assert any("pgparity's own role" in each for each in texts(plan, "other writers on the source"))
        plan = asked(theirs, keep_roles={OWNER: "nobody else logs in as it"})
        assert "other writers on the source" not in failing(plan)
        assert f"{OWNER} on the source: nobody else logs in as it" in plan.exceptions
    finally:
        salon.execute(salon.source, f'REASSIGN OWNED BY {OWNER} TO postgres; ALTER DATABASE "{name}" OWNER TO postgres')
        salon.execute(salon.source, f"DROP OWNED BY {OWNER}; DROP ROLE {OWNER}")


@pytest.mark.long
def test_nobody_changes_a_row_of_the_target_between_the_comparison_and_the_opening(
    salon: Morning, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[str] = []

    def meanwhile() -> None:
        """A superuser, who waits no longer than this."""
        with psycopg.connect(salon.target, options="-c lock_timeout=300ms") as connection:
            try:
                connection.execute("UPDATE clients SET name = 'spoilt' WHERE id = 7")
            except psycopg.errors.LockNotAvailable:
                held.append("waits")

    after(monkeypatch, "sequences", meanwhile)
    record = salon.cut_over()
    assert (record.state, held) == ("open", ["waits"]), record
    assert salon.execute(salon.target, "SELECT name FROM clients WHERE id = 7") == [("client 7",)]


@pytest.mark.long
def test_what_a_function_waits_to_write_on_the_target_is_not_written_where_the_cutover_goes_back(
    salon: Morning, monkeypatch: pytest.MonkeyPatch
) -> None:
    for dsn in (salon.source, salon.target):
        salon.execute(dsn, DEFINER)
    validated(salon)
    with elsewhere(salon, salon.application(Side.TARGET), "SELECT add_client('on the target')") as (thread, came):

        def unlike(_: Situation) -> Outcome:
            begun(thread)
            return Outcome(checks=(failed("case x", "differs"),))

        monkeypatch.setattr(engine, "smoke", unlike)
        record = salon.cut_over(keep_functions={FUNCTION: "only the nightly job calls it"})
    assert (record.state, record.exit_code, came) == ("stopped", 1, ["57014"]), record
    assert salon.execute(salon.target, "SELECT count(*) FROM clients") == [(200,)]


@pytest.mark.long
@pytest.mark.parametrize("statement", ["UPDATE clients SET name = 'spoilt' WHERE id = 7", "DELETE FROM visits"])
def test_a_row_of_the_target_that_changes_after_its_table_was_found_alike_is_found(
    salon: Morning, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    after(monkeypatch, "catch_up", lambda: salon.execute(salon.target, statement))
    record = salon.cut_over()
    assert (record.state, record.exit_code) == ("stopped", 1), record
    assert "rows" in failing(record)


@pytest.mark.long
def test_while_one_machine_works_another_one_is_told_so(salon: Morning, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worked_on, "WAIT_SECONDS", 0.2)
    other = dataclasses.replace(salon.request(), state=salon.folder / "other" / "cutover.jsonl")
    refused: list[str] = []

    def tried() -> None:
        command: Callable[[CutoverRequest, Callable[[CutoverRecord], bool]], CutoverRecord]
        for command in (cut_over, roll_back):
            with pytest.raises(CutoverFailed) as raised:
                command(other, lambda _: True)
            refused.append(raised.value.message)

    after(monkeypatch, "sequences", tried)
    assert salon.cut_over().state == "open"
    assert len(refused) == 2
    assert all("another process works on a cutover of the source: session " in each for each in refused)
    assert roll_back(other, lambda _: True).state == "rolled back"


@pytest.mark.long
@pytest.mark.parametrize("side", list(Side))
def test_a_fence_that_somebody_took_down_stops_the_switch(
    salon: Morning, monkeypatch: pytest.MonkeyPatch, side: Side
) -> None:
    endpoint = Endpoint(side, salon.source if side is Side.SOURCE else salon.target)
    identity: list[str] = []
    real = sequences.sequences

    def taken_down(situation: Situation) -> Outcome:
        identity.append(situation.cutover)
        unfence(endpoint, situation.cutover, consent=True)
        return real(situation)

    monkeypatch.setattr(engine, "sequences", taken_down)
    record = salon.cut_over()
    assert (record.state, failing(record)) == ("stopped", [f"fence of the {side}"]), record
    assert salon.switches.read_text(encoding="utf-8") == "PRIMARY=source\nOTHER=stays\n"
    assert (salon.may_write(Side.SOURCE), salon.may_write(Side.TARGET)) == (True, True)


@pytest.mark.long
def test_a_right_that_is_granted_under_the_fence_stops_the_switch(
    salon: Morning, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant = f"GRANT INSERT ON clients TO {APPLICATION}"
    after(monkeypatch, "sequences", lambda: salon.execute(salon.source, grant))
    record = salon.cut_over()
    assert (record.state, failing(record)) == ("stopped", ["fence of the source"]), record
    assert "INSERT on public.clients" in record.failed[0].text


@pytest.mark.long
def test_a_role_that_is_made_under_the_fence_stops_the_switch(salon: Morning, monkeypatch: pytest.MonkeyPatch) -> None:
    made = "CREATE ROLE c1_new LOGIN; GRANT INSERT ON clients TO c1_new"
    try:
        after(monkeypatch, "sequences", lambda: salon.execute(salon.source, made))
        record = salon.cut_over()
        assert (record.state, failing(record)) == ("stopped", ["other writers on the source"]), record
        assert "c1_new" in record.failed[0].text
    finally:
        salon.execute(salon.source, "DROP OWNED BY c1_new; DROP ROLE c1_new")


@pytest.mark.long
def test_large_objects_are_decided_by_name_and_compared_last(salon: Morning, monkeypatch: pytest.MonkeyPatch) -> None:
    salon.execute(salon.source, "SELECT lo_from_bytea(4711, 'as it was')")
    plan = asked(salon)
    assert "large objects" in failing(plan)
    validated(salon)
    decision = {"large_objects": "nothing uploads today"}
    after(monkeypatch, "catch_up", lambda: salon.execute(salon.source, "SELECT lo_put(4711, 0, 'changed..')"))
    record = salon.cut_over(**decision)
    assert (record.state, record.exit_code) == ("stopped", 1), record
    assert "rows" in failing(record)
    monkeypatch.setattr(engine, "catch_up", final.catch_up)
    record = salon.cut_over(**decision)
    assert (record.state, record.exit_code) == ("open", 0), record
    assert any(each.startswith("large objects: nothing uploads today") for each in record.exceptions)


@pytest.mark.long
def test_after_a_rollback_a_run_from_before_is_no_verdict(salon: Morning) -> None:
    assert salon.cut_over().state == "open"
    assert salon.roll_back().state == "rolled back"
    record = salon.cut_over()
    assert (record.state, record.exit_code, failing(record)) == ("planned", 1, ["verdict since the rollback"]), record
    validated(salon)
    assert salon.cut_over().state == "open"
