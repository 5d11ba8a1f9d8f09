"""The load itself: it goes where its switches lead, and its judge says what a careless move loses."""

from __future__ import annotations

import pytest

from tests.faults.cutover.trial import Trial

pytestmark = pytest.mark.long


def test_switches_that_change_without_a_cutover_lose_what_was_written_and_the_judge_says_so(trial: Trial) -> None:
    trial.load.wait_for_writes(20)
    with trial.load.paused():
        assert trial.load.judged(trial.endpoint("source"), trial.endpoint("target")) == ()
    text = trial.switches.read_text(encoding="utf-8")
    text = text.replace("TARGET_IS_PRIMARY=false", "TARGET_IS_PRIMARY=true")
    trial.switches.write_text(text.replace("USE_REPOSITORY_PATTERN=false", "USE_REPOSITORY_PATTERN=true"))
    trial.load.wait_for_writes(8)
    trial.assert_application_writes("target")
    trial.load.stop()
    told = trial.load.judged(trial.endpoint("target"), trial.endpoint("source"))
    assert any("acknowledged" in each and "not there" in each for each in told)
    assert any("the secondary has it" in each for each in told)
    assert trial.load.figures().restarts == 2
