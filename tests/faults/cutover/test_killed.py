"""`pgparity cutover` and its rollback killed with SIGKILL at random moments, then gone on with or gone back."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from tests.faults.cutover.kills import ARGUMENTS, Undisturbed, Way, kill_somewhere
from tests.faults.cutover.town import Town
from tests.faults.cutover.trial import Trial, trial_of
from tests.faults.migrate.trial import chance

ALL = os.environ.get("PGPARITY_FAULTS") == "all"
TRIALS = 50 if ALL else 2
FIGURES = os.environ.get("PGPARITY_CUTOVER_FIGURES")
"""File that gets a line of JSON of each trial: where it was killed, how it ended, how long that took"""


@pytest.mark.long
@pytest.mark.parametrize("number", range(TRIALS))
def test_killed_at_random_and_gone_on_or_back_no_write_is_lost_or_doubled(
    number: int, salon: Town, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    chosen = chance("cutover killed", number)
    with trial_of(salon, tmp_path, f"killed {number}") as trial:
        way: Way = "cutover" if chosen.random() < 0.6 else "rollback"
        if way == "rollback":
            assert trial.cutover().exit_code == 0
            trial.load.wait_for_writes(10)
        for _ in range(chosen.choice((1, 1, 1, 2, 3))):
            trial.kills.append(kill_somewhere(trial, way, chosen, undisturbed))
            said = trial.status()
        # Where it was killed before it began anything there is nothing to go back from, and rollback says so with 2.
        if way == "cutover" and chosen.random() < 0.5 and said["state"] != "planned":
            way = "rollback"
        started = time.monotonic()
        ended = trial.finish(way)
        note(trial, way, ended.record, time.monotonic() - started)
        assert ended.exit_code == 0, str(ended)


def note(trial: Trial, way: Way, record: dict[str, object], seconds: float) -> None:
    """Keep what the figures are made of."""
    if FIGURES:
        figures = trial.load.figures()
        told = {"kills": trial.kills, "way": way, "state": record["state"], "seconds": seconds}
        told |= {"downtime": record["downtime_seconds"], "rollback": record["rollback_seconds"]}
        told |= {"felt": figures.downtime_seconds, "writes": figures.writes, "errors": figures.errors}
        with open(FIGURES, "a", encoding="utf-8") as file:
            file.write(json.dumps(told) + "\n")


@pytest.mark.long
@pytest.mark.parametrize("way", ARGUMENTS)
def test_a_way_that_nothing_happens_to_comes_by_every_kind_of_statement(way: Way, undisturbed: Undisturbed) -> None:
    passed = {statement for _, statement in undisturbed[way].passed}
    needed = {"cutover": {"revoke", "lock", "sentinel", "arrival", "grant", "commit"}, "rollback": {"revoke", "grant"}}
    assert needed[way] <= passed
