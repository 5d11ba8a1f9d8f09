"""A target that others use, or that its owner has limited: the run waits or says why not, and its rerun ends."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import conninfo, sql

from tests.faults.migrate import witness
from tests.faults.migrate.mortal_server import wait_for
from tests.faults.migrate.trial import Running, Trial

WAITING = """SELECT count(*) FROM pg_stat_activity
WHERE application_name LIKE 'pgparity%' AND wait_event_type = 'Lock' AND datname = current_database()"""


@contextlib.contextmanager
def holding(dsn: str, *statements: str) -> Iterator[psycopg.Connection[Any]]:
    """Somebody else's transaction on the target, open for the block, and rolled back."""
    with psycopg.connect(dsn, options="-c deadlock_timeout=1h -c lock_timeout=120s") as connection:
        try:
            for statement in statements:
                connection.execute(sql.SQL(statement))
            yield connection
        finally:
            connection.rollback()


def wait_until_blocked(running: Running) -> None:
    """Until a session of the command waits for a lock of the target."""
    with witness.connect(running.trial.target) as connection:

        def blocked() -> bool:
            assert not running.ended_within(0), running.end()
            return connection.execute(WAITING).fetchone() != (0,)

        wait_for(blocked, "the command never came to the lock")


def set_for_database(dsn: str, setting: str, value: str | None) -> None:
    """What the target's owner sets for every session of the database."""
    name = sql.Identifier(str(conninfo.conninfo_to_dict(dsn)["dbname"]))
    change = (
        sql.SQL("ALTER DATABASE {} RESET {}").format(name, sql.Identifier(setting))
        if value is None
        else sql.SQL("ALTER DATABASE {} SET {} = {}").format(name, sql.Identifier(setting), value)
    )
    with witness.connect(dsn) as connection:
        connection.execute(change)


def test_a_lock_that_is_given_back_is_waited_for(trial: Trial) -> None:
    with trial.running() as running:
        with holding(trial.target, "LOCK TABLE public.visit IN SHARE ROW EXCLUSIVE MODE"):
            wait_until_blocked(running)
        ended = running.end()
    assert ended.exit_code == 0, ended
    trial.assert_complete(ended)


@pytest.mark.long
@pytest.mark.parametrize("mode", ["SHARE ROW EXCLUSIVE", "ACCESS EXCLUSIVE"])
def test_a_lock_that_is_kept_is_said_and_the_rerun_ends(mode: str, trial: Trial) -> None:
    with holding(trial.target, f"LOCK TABLE public.visit IN {mode} MODE"):
        ended = trial.run()
    assert ended.exit_code in (1, 2), ended
    assert "lock" in ended.stdout + ended.stderr
    if ended.exit_code == 1:
        assert "public.visit" in ended.findings
    trial.finish()


@pytest.mark.long
def test_a_deadlock_with_a_writer_is_said_or_outlived(trial: Trial) -> None:
    """Whom PostgreSQL ends is its choice, made after deadlock_timeout: here the command, unless it holds nothing."""
    set_for_database(trial.target, "deadlock_timeout", "3s")
    with trial.running() as running:
        with holding(trial.target, "UPDATE public.price SET value = -2 WHERE id = 75") as writer:
            wait_until_blocked(running)
            crossing = threading.Thread(target=cross, args=(writer,))
            crossing.start()
            crossing.join()
        ended = running.end()
    assert ended.exit_code in (0, 1, 2), ended
    if ended.exit_code == 1:
        assert list(ended.findings) == ["public.price"], ended
        assert set(trial.differing()) == {"public.price"}
        assert "40P01" in ended.stdout or "55P03" in ended.stdout
    set_for_database(trial.target, "deadlock_timeout", None)
    trial.finish()


def cross(writer: psycopg.Connection[Any]) -> None:
    """Ask for what the command holds, while it waits for what the writer holds."""
    with contextlib.suppress(psycopg.OperationalError):
        writer.execute("UPDATE public.price SET value = -3 WHERE id < 75 OR id > 75")


@pytest.mark.long
def test_a_statement_timeout_of_the_target_ends_a_run_and_not_its_rerun(trial: Trial) -> None:
    """The command has a limit of its own, which the configuration sets, whatever the database's is."""
    set_for_database(trial.target, "statement_timeout", "30ms")
    ended = trial.run()
    assert ended.exit_code in (0, 1, 2), ended
    if ended.exit_code:
        assert "timeout" in ended.stdout + ended.stderr
    set_for_database(trial.target, "statement_timeout", None)
    trial.finish()


@pytest.mark.long
def test_a_statement_past_the_limit_is_said_and_the_rerun_ends(trial: Trial) -> None:
    config = trial.folder / "limited.toml"
    config.write_text("[run]\nstatement_timeout = 2\n", encoding="utf-8")
    with witness.connect(trial.target) as connection:
        connection.execute(
            "CREATE FUNCTION public.slow() RETURNS trigger LANGUAGE plpgsql AS "
            "'BEGIN PERFORM pg_sleep(30); RETURN NEW; END'"
        )
        connection.execute(
            "CREATE TRIGGER slow BEFORE INSERT ON public.visit FOR EACH ROW WHEN (NEW.id = 1777) "
            "EXECUTE FUNCTION public.slow()"
        )
    ended = trial.run("--config", str(config))
    assert ended.exit_code in (1, 2), ended
    assert "57014" in ended.stdout + ended.stderr
    if ended.exit_code == 1:
        assert list(ended.findings) == ["public.visit"]
    with witness.connect(trial.target) as connection:
        connection.execute("DROP TRIGGER slow ON public.visit")
        connection.execute("DROP FUNCTION public.slow")
    trial.finish()


@pytest.mark.long
def test_a_target_that_is_read_only_by_default_is_written_or_refused_whole(trial: Trial) -> None:
    set_for_database(trial.target, "default_transaction_read_only", "on")
    ended = trial.run()
    assert ended.exit_code in (0, 2), ended
    if ended.exit_code == 2:
        assert "read-only" in ended.stderr or "read only" in ended.stderr
    set_for_database(trial.target, "default_transaction_read_only", None)
    trial.finish()


@pytest.mark.long
def test_a_role_that_may_not_write_one_table_is_told_before_anything_moves(trial: Trial) -> None:
    known = conninfo.conninfo_to_dict(trial.target)
    with witness.connect(trial.target) as connection:
        connection.execute("CREATE ROLE office_clerk LOGIN PASSWORD 'clerk-of-the-office'")
        try:
            connection.execute(f"GRANT CREATE ON DATABASE {known['dbname']} TO office_clerk")
            connection.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO office_clerk")
            connection.execute("REVOKE INSERT ON public.booking FROM office_clerk")
            direct = trial.through_target
            trial.through_target = conninfo.make_conninfo(
                trial.target, user="office_clerk", password="clerk-of-the-office"
            )
            trial.secrets += ("clerk-of-the-office",)
            ended = trial.run()
            assert ended.exit_code == 2, ended
            assert "booking" in ended.stderr
            trial.through_target = direct
        finally:
            connection.execute("DROP OWNED BY office_clerk CASCADE")
            connection.execute("DROP ROLE office_clerk")
    assert witness.rows_of(trial.target)["public.visit"].total() == 0
    trial.finish()
