"""The command killed at a statement of a chunk (its rows, their end, its ledger line, its commit), and run again."""

from __future__ import annotations

from collections import Counter
from typing import get_args

import pytest

from tests.faults.migrate import witness
from tests.faults.migrate.sharp import SMALL_CHUNKS, End, any_point, end_at, one_session, overheard
from tests.faults.migrate.statements import Phase, Point, Statement
from tests.faults.migrate.trial import Trial, chance

Passing = Counter[tuple[Statement, Phase]]


@pytest.mark.long
def test_killed_around_the_ledger_line_and_the_commit_every_row_is_there_once(small_trial: Trial) -> None:
    """Each in a run of its own, one after the other in one migration; the last one loses its connections instead."""
    chosen = chance("killed around the ledger line")
    places: list[tuple[Statement, Phase, End]] = [
        ("ledger line", "before", "kill"),
        ("commit of a chunk", "before", "kill"),
        ("commit of a chunk", "answered", "kill"),
        ("end of rows", "answered", "reset"),
    ]
    for statement, phase, end in places:
        end_at(small_trial, Point(statement, phase, chosen.randint(2, 9)), end, *SMALL_CHUNKS)
    small_trial.finish(*SMALL_CHUNKS)


@pytest.mark.long
@pytest.mark.parametrize("phase", get_args(Phase))
@pytest.mark.parametrize("statement", get_args(Statement))
def test_killed_and_cut_off_at_each_statement(
    statement: Statement, phase: Phase, small_trial: Trial, passing: Passing
) -> None:
    chosen = chance("killed at each statement", statement, phase)
    most = passing[statement, phase]
    assert most, "no run comes by it"
    first: End = chosen.choice(get_args(End))
    assert end_at(small_trial, Point(statement, phase, chosen.randint(1, most)), first, *SMALL_CHUNKS)
    end_at(small_trial, Point(statement, phase, chosen.randint(1, 3)), "kill", *SMALL_CHUNKS, *one_session(small_trial))
    small_trial.finish(*SMALL_CHUNKS)


@pytest.mark.long
@pytest.mark.parametrize("number", range(10))
def test_killed_at_five_statements_of_one_migration(number: int, small_trial: Trial, passing: Passing) -> None:
    chosen = chance("killed at five statements", number)
    for _ in range(5):
        point = any_point(chosen, passing)
        sessions = () if chosen.random() < 0.5 else one_session(small_trial)
        end_at(
            small_trial, Point(point.statement, point.phase, 1 + point.number // 5), "kill", *SMALL_CHUNKS, *sessions
        )
    small_trial.finish(*SMALL_CHUNKS)


def change_what_was_moved(trial: Trial) -> None:
    """Rows of the first chunk of visits deleted, updated and added on the trial's own source."""
    with witness.connect(trial.source) as connection:
        connection.execute("DELETE FROM public.visit WHERE id IN (5, 8)")
        connection.execute("UPDATE public.visit SET note = 'changed since' WHERE id IN (7, 9)")
        connection.execute(
            "INSERT INTO public.visit (id, person, code, at) VALUES (11, 1, 'added since', '2027-01-01')"
        )


@pytest.mark.long
def test_what_the_source_changed_in_chunks_that_a_killed_run_moved_is_mended(own_small_trial: Trial) -> None:
    mended_after_a_kill(own_small_trial, chance("mended").randint(4, 9))


def mended_after_a_kill(trial: Trial, chunk: int) -> None:
    """A table that is unfinished is brought to what the source has by now, deletions with it."""
    point = Point("rows", "before", chunk, about="visit")
    assert end_at(trial, point, "kill", *SMALL_CHUNKS, *one_session(trial))
    change_what_was_moved(trial)
    trial.settle()
    trial.finish(*SMALL_CHUNKS)


@pytest.mark.long
def test_all_sessions_read_what_was_there_when_the_first_one_began(own_small_trial: Trial) -> None:
    read_in_one_snapshot(own_small_trial)


def read_in_one_snapshot(trial: Trial) -> None:
    """The source is written to when the first rows are about to go to the target, and never again."""
    before = witness.rows_of(trial.source)

    def write() -> bool:
        with witness.connect(trial.source) as connection, connection.transaction():
            connection.execute("UPDATE public.visit SET note = 'changed since' WHERE id % 3 = 0")
            connection.execute("DELETE FROM public.booking WHERE slot = 3")
            connection.execute("UPDATE public.tick SET n = n + 1")
        return True

    with overheard(trial, Point("rows", "before", 1)) as (heard, _), trial.running(*SMALL_CHUNKS) as running:
        heard.arm(write)
        ended = running.end()
    assert heard.happened.is_set()
    assert ended.exit_code in (0, 1), ended
    assert witness.differing(before, witness.rows_of(trial.target)) == {}
