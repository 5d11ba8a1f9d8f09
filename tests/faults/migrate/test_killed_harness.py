"""The command killed with SIGKILL at random moments of its run, and run again: every row is there once."""

from __future__ import annotations

import random

import pytest

from tests.faults.migrate.measured import Measured, through_proxy
from tests.faults.migrate.proxy import Failure
from tests.faults.migrate.sharp import SMALL_CHUNKS
from tests.faults.migrate.trial import Trial, chance


def kill_at_a_moment(trial: Trial, chosen: random.Random, seconds: float, *arguments: str) -> None:
    """By the clock, anywhere in a run's length."""
    with trial.running(*arguments) as running:
        running.ended_within(chosen.uniform(0, seconds))
        running.kill()


def kill_at_a_byte(trial: Trial, chosen: random.Random, sent: int, *arguments: str) -> None:
    """By what the target has got: nothing that the command sends after that byte arrives."""
    with through_proxy(trial, "target") as proxy:
        proxy.failure = Failure("stall", "to the server", chosen.randint(1, sent))
        with trial.running(*arguments) as running:
            while not proxy.happened.is_set() and not running.ended_within(0.02):
                pass
            running.kill()


@pytest.mark.long
def test_a_run_that_nothing_happens_to_moves_every_row_once_and_again_none(trial: Trial) -> None:
    trial.finish()
    trial.finish()


@pytest.mark.long
@pytest.mark.parametrize("number", range(20))
def test_killed_once_at_any_moment(number: int, trial: Trial, undisturbed: Measured) -> None:
    kill_at_a_moment(trial, chance("killed once", number), undisturbed.seconds)
    trial.finish()


@pytest.mark.long
@pytest.mark.parametrize("number", range(20))
def test_killed_once_at_any_byte(number: int, trial: Trial, undisturbed: Measured) -> None:
    sent = undisturbed.sent["target"]["to the server"]
    kill_at_a_byte(trial, chance("killed at a byte", number), sent, *SMALL_CHUNKS)
    trial.finish(*SMALL_CHUNKS)


@pytest.mark.long
@pytest.mark.parametrize("number", range(4))
def test_killed_again_and_again(number: int, trial: Trial, undisturbed: Measured) -> None:
    chosen = chance("killed again and again", number)
    for _ in range(2):
        kill_at_a_moment(trial, chosen, undisturbed.seconds, *SMALL_CHUNKS)
        kill_at_a_byte(trial, chosen, undisturbed.sent["target"]["to the server"], *SMALL_CHUNKS)
    trial.finish(*SMALL_CHUNKS)
