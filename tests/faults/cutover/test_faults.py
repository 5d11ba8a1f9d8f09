"""A cutover to which something happens that is no kill: somebody in the way, something that breaks or was not so."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.faults.cutover import witness
from tests.faults.cutover.command import Running
from tests.faults.cutover.moments import Moment
from tests.faults.cutover.town import BOTH, Which
from tests.faults.cutover.trial import Trial

pytestmark = pytest.mark.long
UNDER_THE_FENCE = Moment("target", "arrival", "before", 1)
"""The source is fenced and held, its rows have arrived"""


@contextlib.contextmanager
def owner(trial: Trial, which: Which) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(trial.town.dsn(which, "postgres"), autocommit=True) as connection:
        yield connection


# Who is in the way


def test_a_transaction_that_does_not_end_stops_the_cutover_and_the_next_one_comes_through(trial: Trial) -> None:
    trial.configure(drain_seconds=1.5)
    with psycopg.connect(trial.town.dsn("source", "authenticator")) as slow:
        slow.execute("SET ROLE service_role; SET statement_timeout = 0")
        slow.execute("UPDATE public.companies SET city = city")
        ended = trial.cutover()
        slow.rollback()
    assert ended.exit_code == 1
    assert ended.record["state"] == "stopped"
    assert ended.failed == ["running transactions"]
    trial.status()
    assert trial.fenced() == []
    trial.configure()
    trial.finish("cutover")


def test_a_superuser_cannot_write_while_the_source_is_fenced(trial: Trial) -> None:
    superuser_is_held_back(trial)


def superuser_is_held_back(trial: Trial) -> None:
    """No privilege binds it; the lock does."""
    tried = []

    def write(running: Running) -> bool:
        tried.append(witness.intruded(trial.town.dsn("source", "postgres"), 9_900_001))
        return True

    assert trial.happens_at(UNDER_THE_FENCE, write, "--yes")
    assert tried == [False]
    trial.assert_open()


def test_a_role_that_can_write_and_that_nobody_named_is_refused(trial: Trial) -> None:
    with owner(trial, "source") as connection:
        connection.execute("DROP ROLE IF EXISTS intruder")
        connection.execute("CREATE ROLE intruder LOGIN")
        connection.execute("GRANT INSERT ON public.bookings TO intruder")
    try:
        trial.rights["source"] = witness.rights(trial.town.dsn("source", "postgres"))
        ended = trial.cutover()
        assert ended.exit_code == 1
        assert "other writers on the source" in ended.failed
        trial.assert_done(ended)
    finally:
        with owner(trial, "source") as connection:
            connection.execute("DROP OWNED BY intruder")
            connection.execute("DROP ROLE intruder")


def test_a_second_cutover_at_the_same_time_is_kept_out(trial: Trial) -> None:
    second: list[int] = []

    def another(running: Running) -> bool:
        second.append(trial.run("--yes").exit_code)
        second.append(trial.run("rollback", "--yes").exit_code)
        return True

    assert trial.happens_at(UNDER_THE_FENCE, another, "--yes")
    assert second == [2, 2]
    trial.assert_open()


def test_a_transaction_that_ends_in_time_is_waited_for_and_its_row_arrives(trial: Trial) -> None:
    slow_transaction_arrives(trial)


def slow_transaction_arrives(trial: Trial) -> None:
    """It writes before the fence, and commits a second after it: by then its row is in nobody's snapshot."""
    with psycopg.connect(trial.town.dsn("source", "authenticator")) as slow:
        slow.execute("SET ROLE service_role; SET statement_timeout = 0")
        slow.execute(SLOW_ROW)

        def commit_later(running: Running) -> bool:
            threading.Timer(1.0, slow.commit).start()
            return True

        assert trial.happens_at(Moment("source", "note of a fence", "before", 1), commit_later, "--yes")
    counts = []
    for which in BOTH:
        with owner(trial, which) as connection:
            counts.append(connection.execute("SELECT count(*) FROM clients WHERE yclients_id = 9900002").fetchone())
    assert counts == [(1,), (1,)]
    trial.assert_open()


SLOW_ROW = """INSERT INTO public.clients (yclients_id, company_id, name, phone)
VALUES (9900002, 900100, 'Медленный клиент', '70005550002')"""


def test_a_row_of_the_target_that_somebody_changes_under_the_fence_stops_the_cutover(trial: Trial) -> None:
    changed_row_stops(trial)


def changed_row_stops(trial: Trial) -> None:
    """Clients are written to all the time: the last catch-up cannot have found them alike before it moved some."""
    before: list[Any] = []

    def change(running: Running) -> bool:
        with owner(trial, "target") as connection:
            before.extend(
                connection.execute(
                    "UPDATE public.clients SET discount = discount + 1 WHERE id = (SELECT min(id) FROM public.clients)"
                    " RETURNING id, discount - 1"
                ).fetchall()
            )
        return True

    assert trial.happens_at(UNDER_THE_FENCE, change, "--yes")
    assert trial.status()["state"] == "stopped"
    with owner(trial, "target") as connection:
        connection.execute("UPDATE public.clients SET discount = %s WHERE id = %s", (before[0][1], before[0][0]))
    trial.assert_on_source()


def test_a_lock_that_is_lost_stops_the_cutover_for_somebody_may_have_written(trial: Trial) -> None:
    lost_lock_stops(trial)


def lost_lock_stops(trial: Trial) -> None:
    """An administrator ends the session that holds the source, and a superuser writes to a table that the last
    catch-up has found alike: nobody reads that again."""
    changed = "UPDATE public.services SET comment = %s WHERE id = (SELECT min(id) FROM public.services)"
    before: list[Any] = []

    def intrude(running: Running) -> bool:
        with owner(trial, "source") as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM (SELECT DISTINCT pid FROM pg_locks WHERE mode = 'ShareLock'"
                " AND relation = 'public.clients'::regclass AND granted) AS holders"
            )
            before.extend(connection.execute("SELECT comment FROM public.services ORDER BY id LIMIT 1").fetchall())
            connection.execute(changed, ("intruded",))
        return True

    assert trial.happens_at(UNDER_THE_FENCE, intrude, "--yes")
    assert trial.status()["state"] == "stopped"
    with owner(trial, "source") as connection:
        connection.execute(changed, before[0])
    trial.assert_on_source()


def test_a_target_that_is_open_is_not_called_so_once_the_source_can_be_written(trial: Trial) -> None:
    open_is_looked_at_again(trial)


def open_is_looked_at_again(trial: Trial) -> None:
    """Somebody gave the source its writes back after the cutover."""
    assert trial.cutover().exit_code == 0
    assert trial.cutover().exit_code == 0
    with owner(trial, "source") as connection:
        connection.execute("GRANT INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO service_role")
    assert trial.cutover().exit_code == 3


def test_a_write_that_waits_on_the_target_while_its_rows_are_carried_back_is_refused_and_not_lost(trial: Trial) -> None:
    """Every writer of the load waits for the lock then; once it is let go, none may write there."""
    assert trial.cutover().exit_code == 0
    trial.load.wait_for_writes(15)
    ended = trial.finish("rollback")
    assert ended.record["state"] == "rolled back"
    assert trial.load.figures().errors.get("target: permission 42501", 0) > 0


# What was not as it had to be


@pytest.mark.parametrize("which", BOTH)
def test_a_table_that_was_changed_since_the_verdict_is_refused(which: Which, trial: Trial) -> None:
    with owner(trial, which) as connection:
        connection.execute("ALTER TABLE public.clients ALTER COLUMN name SET DEFAULT 'new'")
    ended = trial.cutover()
    assert ended.exit_code == 1
    assert "catalogs unchanged" in ended.failed
    trial.assert_done(ended)


def test_a_verdict_that_is_too_old_is_refused(trial: Trial) -> None:
    trial.configure(max_age_hours=1e-7)
    ended = trial.cutover()
    assert ended.exit_code == 1
    assert ended.failed == ["verdict age"]
    trial.assert_done(ended)


def test_a_verdict_that_is_no_go_is_refused(trial: Trial) -> None:
    document = json.loads(trial.town.run.read_text(encoding="utf-8"))
    document["verdict"] |= {"status": "NO-GO", "reasons": ["1 row differs"]}
    (trial.folder / "no-go.json").write_text(json.dumps(document), encoding="utf-8")
    trial.configure(run=str(trial.folder / "no-go.json"))
    ended = trial.cutover()
    assert ended.exit_code == 1
    assert ended.failed == ["verdict"]
    trial.assert_done(ended)


def test_no_backup_where_one_is_asked_for_is_refused(trial: Trial) -> None:
    (trial.folder / "backups").mkdir()
    trial.configure(backup="backups", no_backup=None)
    ended = trial.cutover()
    assert ended.exit_code == 1
    assert ended.failed == ["backup"]
    trial.assert_done(ended)
