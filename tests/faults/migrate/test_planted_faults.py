"""Faults planted in a copy of the package: the kills of this folder, or its other tests, have to catch each of them."""

from __future__ import annotations

import itertools
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.migrate.planted import PLANTED, planted_in
from tests.faults.migrate.sharp import SMALL_CHUNKS, any_point, end_at
from tests.faults.migrate.statements import Phase, Point, Statement
from tests.faults.migrate.test_killed_at_statements import mended_after_a_kill, read_in_one_snapshot
from tests.faults.migrate.test_large_objects import killed_and_changed
from tests.faults.migrate.trial import Office, Trial, chance

pytestmark = pytest.mark.long
MOST_KILLS = 12
BY_ANOTHER_TEST: dict[str, Callable[[Trial], None]] = {
    "rows that the source no longer has stay": lambda trial: mended_after_a_kill(trial, 5),
    "sessions that join read a snapshot of their own": read_in_one_snapshot,
    "what an interrupted run wrote of a large object is taken for what the source has by now": killed_and_changed,
    "large objects are committed before their ledger lines": killed_and_changed,
}
AT_A_STATEMENT: dict[str, Point] = {
    "rows are committed before their ledger line": Point("ledger line", "before", 5),
    "the ledger line is committed before its rows": Point("commit of a chunk", "before", 5),
    "a rerun takes the chunk after the last one for done": Point("rows", "before", 5, about="visit"),
    "a rerun loads the last chunk that is done again": Point("rows", "before", 5, about="visit"),
}
"""One kill that has to do"""


def caught(check: Callable[[Trial], None], trial: Trial) -> bool:
    """Whether a check fails; that a command says so by an exit code that is not expected counts as well."""
    try:
        check(trial)
    except AssertionError as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        print(f"caught in {last.name}: {last.line}: {str(error)[:200]}")
        return True
    return False


def end_there(point: Point) -> Callable[[Trial], None]:
    """One kill, and what it left brought to an end."""

    def check(trial: Trial) -> None:
        end_at(trial, point, "kill", *SMALL_CHUNKS)
        trial.finish(*SMALL_CHUNKS)

    return check


@pytest.mark.parametrize("name", PLANTED)
def test_random_kills_at_statements_or_another_test_catch_it(
    name: str, small_office: Office, passing: Counter[tuple[Statement, Phase]], tmp_path: Path
) -> None:
    code = planted_in(tmp_path, name)
    chosen = chance("planted", name)
    other = BY_ANOTHER_TEST.get(name)
    for kills in itertools.count(1):
        check = other or end_there(any_point(chosen, passing))
        with small_office.trial(own_source=other is not None) as trial:
            trial.code = code
            if caught(check, trial):
                print(f"{name}: caught by {'its own test' if other else f'kill {kills}'}")
                return
        assert kills < (MOST_KILLS if other is None else 1), f"{name}: not caught"


@pytest.mark.parametrize("name", AT_A_STATEMENT)
def test_one_kill_at_the_right_statement_catches_it(name: str, small_trial: Trial, tmp_path: Path) -> None:
    small_trial.code = planted_in(tmp_path, name)
    assert caught(end_there(AT_A_STATEMENT[name]), small_trial)


@pytest.mark.parametrize("name", AT_A_STATEMENT)
def test_the_same_kill_without_the_fault_is_outlived(name: str, small_trial: Trial) -> None:
    end_there(AT_A_STATEMENT[name])(small_trial)
