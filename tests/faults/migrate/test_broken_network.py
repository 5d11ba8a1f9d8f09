"""A network before a server that cuts, resets or stalls: the run ends or is ended, and the rerun is whole."""

from __future__ import annotations

from typing import get_args

import pytest

from tests.faults.migrate import witness
from tests.faults.migrate.measured import Measured, Which, through_proxy
from tests.faults.migrate.proxy import Failure, How, Way
from tests.faults.migrate.trial import Trial, chance

BROKEN = [(which, way, how) for which in get_args(Which) for way in get_args(Way) for how in ("cut", "reset")]


@pytest.mark.long
@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize(("which", "way", "how"), BROKEN)
def test_connections_end_after_any_byte(
    which: Which, way: Way, how: How, number: int, trial: Trial, undisturbed: Measured
) -> None:
    after = chance("network", which, way, how, number).randint(1, undisturbed.sent[which][way])
    with through_proxy(trial, which) as proxy:
        proxy.failure = Failure(how, way, after)
        ended = trial.run()
        assert ended.exit_code == 0 or (ended.exit_code == 2 and proxy.happened.is_set()), ended
        trial.finish()


@pytest.mark.long
@pytest.mark.parametrize("number", range(2))
@pytest.mark.parametrize(("which", "way"), [(which, way) for which in get_args(Which) for way in get_args(Way)])
def test_a_network_that_stalls_keeps_neither_the_rerun_nor_its_rows_from_being_whole(
    which: Which, way: Way, number: int, trial: Trial, undisturbed: Measured
) -> None:
    """Nobody can tell a stalled network from a slow server: the command waits until it is killed.

    The server's side of a stalled connection stands on as after a router's death. A rerun then waits for its
    transaction or says that it could not; once these connections are gone it ends.
    """
    chosen = chance("stall", which, way, number)
    with through_proxy(trial, which) as proxy:
        proxy.failure = Failure("stall", way, chosen.randint(1, undisturbed.sent[which][way]))
        with trial.running() as running:
            while not proxy.happened.is_set() and not running.ended_within(0.02):
                pass
            running.ended_within(chosen.uniform(0, undisturbed.seconds))
            running.kill()
        direct = Trial(trial.office, trial.source, trial.target, trial.source, trial.target, trial.folder)
        ended = direct.run()
        assert ended.exit_code in (0, 2), ended
        proxy.drop()
        for dsn in (trial.source, trial.target):
            witness.wait_until_alone(dsn)
        trial.finish()


@pytest.mark.long
@pytest.mark.parametrize("which", get_args(Which))
def test_a_server_that_never_answers_is_given_up(which: Which, trial: Trial) -> None:
    """Here the command's own time limit for a connection ends it."""
    with through_proxy(trial, which) as proxy:
        proxy.failure = Failure("stall", "to the client", 1)
        ended = trial.run()
        assert ended.exit_code == 2, ended
        assert which in ended.stderr
        proxy.drop()
        trial.finish()
